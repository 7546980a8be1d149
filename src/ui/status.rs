//! The status bar: the session's state in a word and a colour, then what there is room for of
//! the server, what troubles the connection, and the session's numbers.

use ratatui::layout::Rect;

use super::pen::Pen;
use super::theme::Role;
use super::units;
use crate::explorer::{Explorer, Session, SessionState};

/// What `--read-only` looks like. Not "read-only": that is a state of a server.
const WRITES_OFF: &str = " WRITES OFF ";

/// Draws the bar into one row.
pub(super) fn draw(pen: &mut Pen, area: Rect, explorer: &Explorer) {
    let session = explorer.session();
    let writes_off = explorer.settings().read_only;
    let dot = pen.glyphs().dot;
    let (word, role) = state(session.state);
    let mut row = pen.row(area);
    row.put(&format!(" {word} "), role);
    if writes_off && row.room() > WRITES_OFF.len() {
        row.skip(1).put(WRITES_OFF, Role::ReadOnly);
    }
    let trouble = session.trouble.as_deref().unwrap_or_default();
    // A trouble mostly begins with the server it is about.
    if let Some(server) = session
        .server
        .as_deref()
        .filter(|server| !trouble.starts_with(server))
    {
        row.skip(2).put(server, Role::Text);
    }
    if !trouble.is_empty() {
        row.skip(2).put(trouble, Role::Caution);
    }
    if let Some(next) = next(session.state) {
        row.put(&format!(" {dot} "), Role::Dim).put(next, Role::Dim);
    }
    if !explorer.is_connected() {
        return;
    }
    for (label, value) in numbers(session) {
        let cells = 3 + label.len() + value.len();
        if row.room() <= cells {
            break;
        }
        row.put(&format!(" {dot} {label}"), Role::Dim)
            .put(&value, Role::Text);
    }
}

/// The state's word and look.
pub(super) const fn state(state: SessionState) -> (&'static str, Role) {
    match state {
        SessionState::Connecting => ("CONNECTING", Role::Connecting),
        SessionState::Connected => ("CONNECTED", Role::Connected),
        SessionState::ReadOnly => ("READ-ONLY", Role::ReadOnly),
        SessionState::Suspended => ("SUSPENDED", Role::Suspended),
        SessionState::Lost => ("LOST", Role::Lost),
        SessionState::AuthFailed => ("AUTH FAILED", Role::AuthFailed),
        SessionState::Closed => ("CLOSED", Role::Closed),
    }
}

/// What is being done about it while no server answers.
const fn next(state: SessionState) -> Option<&'static str> {
    match state {
        SessionState::Connecting => Some("still trying"),
        SessionState::Suspended => Some("reconnecting; the session may still live"),
        SessionState::Lost => Some("the session has expired; starting a new one"),
        SessionState::AuthFailed => Some("it is not tried again"),
        SessionState::Connected | SessionState::ReadOnly | SessionState::Closed => None,
    }
}

/// What to tell of a living session, the most wanted first.
fn numbers(session: &Session) -> Vec<(&'static str, String)> {
    let mut numbers = Vec::new();
    if let Some(version) = &session.version {
        numbers.push(("ZooKeeper ", version.clone()));
    }
    numbers.push(("session ", units::hex(session.id)));
    numbers.push(("timeout ", units::short(session.timeout)));
    if let Some(round_trip) = session.round_trip {
        numbers.push(("ping ", units::short(round_trip)));
    }
    if session.expired > 0 {
        numbers.push(("expired before ", session.expired.to_string()));
    }
    numbers
}
