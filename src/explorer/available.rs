//! What commands need to be possible, and the words for when they are not.

use super::Explorer;
use super::dialog::Dialog;
use super::editor::Phase;
use super::message::SessionState;

type Answer = Result<(), &'static str>;

const fn must(holds: bool, why: &'static str) -> Answer {
    if holds { Ok(()) } else { Err(why) }
}

#[expect(clippy::unnecessary_wraps, reason = "the table wants one type for all")]
pub(super) const fn always(_: &Explorer) -> Answer {
    Ok(())
}

pub(super) fn connected(explorer: &Explorer) -> Answer {
    must(
        matches!(
            explorer.session().state,
            SessionState::Connected | SessionState::ReadOnly
        ),
        "there is no connection to a server",
    )
}

pub(super) fn in_tree(explorer: &Explorer) -> Answer {
    must(
        explorer.focus() == super::Focus::Tree,
        "the value's pane has nothing to open",
    )
}

/// Whether anything may be written here, connected or not.
fn may_write(explorer: &Explorer) -> Answer {
    must(
        !explorer.settings().read_only,
        "zooscope was started with --read-only",
    )?;
    must(
        explorer.session().state != SessionState::ReadOnly,
        "the server is read-only: it has lost its quorum",
    )
}

pub(super) fn writable(explorer: &Explorer) -> Answer {
    may_write(explorer)?;
    connected(explorer)
}

pub(super) fn value_here(explorer: &Explorer) -> Answer {
    must(
        explorer.selected_value().is_some(),
        "the znode's data is not here yet",
    )
}

pub(super) fn editable(explorer: &Explorer) -> Answer {
    may_write(explorer)?;
    value_here(explorer)?;
    let refusal = explorer.selected_value().and_then(|value| value.refusal);
    refusal.map_or(Ok(()), Err)
}

fn phase(explorer: &Explorer) -> Option<&Phase> {
    match explorer.dialogs().last() {
        Some(Dialog::Editor(editor)) => Some(editor.phase()),
        _ => None,
    }
}

pub(super) fn editor_open(explorer: &Explorer) -> Answer {
    must(phase(explorer).is_some(), "no editor is open")
}

pub(super) fn in_conflict(explorer: &Explorer) -> Answer {
    let conflict = matches!(phase(explorer), Some(Phase::Conflict(_)));
    must(conflict, "the editor shows no conflict")
}

pub(super) fn vanished(explorer: &Explorer) -> Answer {
    let vanished = matches!(phase(explorer), Some(Phase::Vanished));
    must(vanished, "the znode exists")
}
