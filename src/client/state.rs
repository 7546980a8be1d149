//! What a session is at, as anyone may follow it: the state, the snapshot behind a status
//! bar, and a stream of states that never skips a loss.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use tokio::sync::Notify;

use super::slot::lock;

/// The state of a session (kazoo's `KazooState` and `KeeperState` in one).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum SessionState {
    /// No session yet.
    #[default]
    Connecting,
    /// Connected and authenticated to a server with a quorum.
    Connected,
    /// The same to a read-only server: it answers reads, perhaps old ones.
    ConnectedReadOnly,
    /// The connection is lost; the session may live.
    Suspended,
    /// The session has expired: its ephemeral znodes are gone. A new one is being made. (If
    /// no server was left to say so, it is by the client's clock, and an ensemble that was
    /// without a leader may keep them for one more session timeout.)
    Lost,
    /// The credentials were refused, or there are none. Final.
    AuthFailed,
    /// Closed by this client. Final.
    Closed,
}

impl SessionState {
    /// Whether requests are answered at the moment.
    pub const fn is_connected(self) -> bool {
        matches!(self, Self::Connected | Self::ConnectedReadOnly)
    }

    /// Whether nothing will follow.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::AuthFailed | Self::Closed)
    }
}

/// All that is known of a session at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionInfo {
    /// The state.
    pub state: SessionState,
    /// The server connected to, or tried last, as `host:port`.
    pub server: Option<Arc<str>>,
    /// That server's version in its own words, once known.
    pub version: Option<Arc<str>>,
    /// The session's id, 0 without one. Print it as unsigned hex.
    pub id: i64,
    /// The session timeout: negotiated, or as asked for before the first connection.
    pub timeout: Duration,
    /// How long the last ping took.
    pub round_trip: Option<Duration>,
    /// Why the last attempt to connect failed, or why the connection broke. Gone once
    /// connected.
    pub trouble: Option<String>,
    /// How many sessions of this client have expired.
    pub expired: u32,
    /// Counts connections and added credentials: when it moves, a read that was refused may
    /// succeed.
    pub epoch: u64,
}

/// Never more than this many states wait for a listener that does not listen.
const BACKLOG: usize = 64;

#[derive(Debug, Default)]
struct Mailbox {
    waiting: Mutex<VecDeque<SessionState>>,
    notify: Notify,
}

/// A stream of the states that follow, starting with the one at the time of the call.
///
/// Every state is delivered in order. A listener that falls 64 behind is spared them, but for
/// the newest and a [`SessionState::Lost`]: that it has to know.
#[derive(Debug)]
pub struct States {
    mailbox: Arc<Mailbox>,
    ended: bool,
}

impl States {
    /// The next state; `None` after a final one. Safe to cancel.
    pub async fn next(&mut self) -> Option<SessionState> {
        if self.ended {
            return None;
        }
        loop {
            let next = lock(&self.mailbox.waiting).pop_front();
            if let Some(state) = next {
                self.ended = state.is_final();
                return Some(state);
            }
            self.mailbox.notify.notified().await;
        }
    }
}

/// The sending side: every listener's mailbox.
#[derive(Debug, Default)]
pub(super) struct Announcer {
    listeners: Mutex<Vec<Weak<Mailbox>>>,
}

impl Announcer {
    pub(super) fn listen(&self, current: SessionState) -> States {
        let mailbox = Arc::new(Mailbox::default());
        lock(&mailbox.waiting).push_back(current);
        let mut listeners = lock(&self.listeners);
        listeners.retain(|listener| listener.strong_count() > 0);
        listeners.push(Arc::downgrade(&mailbox));
        States {
            mailbox,
            ended: false,
        }
    }

    pub(super) fn announce(&self, state: SessionState) {
        lock(&self.listeners).retain(|listener| {
            let Some(mailbox) = listener.upgrade() else {
                return false;
            };
            let mut waiting = lock(&mailbox.waiting);
            if waiting.len() >= BACKLOG {
                shorten(&mut waiting);
            }
            waiting.push_back(state);
            drop(waiting);
            mailbox.notify.notify_one();
            true
        });
    }
}

/// What a late listener must still know of a long backlog: that the session was lost.
fn shorten(waiting: &mut VecDeque<SessionState>) {
    let lost = waiting.contains(&SessionState::Lost);
    let newest = waiting.back().copied();
    waiting.clear();
    if lost {
        waiting.push_back(SessionState::Lost);
    }
    waiting.extend(newest.filter(|&state| !(lost && state == SessionState::Lost)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_late_listener_still_learns_of_a_loss() {
        let announcer = Announcer::default();
        let mut states = announcer.listen(SessionState::Connecting);
        announcer.announce(SessionState::Lost);
        for _ in 0..200 {
            announcer.announce(SessionState::Suspended);
            announcer.announce(SessionState::Connected);
        }
        announcer.announce(SessionState::Closed);
        let mut seen = Vec::new();
        while let Some(state) = states.next().await {
            seen.push(state);
        }
        assert!(seen.len() <= BACKLOG + 1);
        assert_eq!(seen.first(), Some(&SessionState::Lost));
        assert_eq!(seen.last(), Some(&SessionState::Closed));
    }
}
