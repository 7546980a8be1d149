//! `TreeWatch`: a subtree kept live. One recursive watch does it from 3.6 on, one-shot
//! watches on every znode before that; after a gap everything is read again and compared.

mod known;
mod oneshots;
mod recursive;
mod refusals;

use std::collections::VecDeque;

use self::known::Known;
use self::oneshots::Oneshots;
use self::recursive::Recursive;
use crate::client::Version;
use crate::client::{Client, Error};
use crate::proto::{DataReply, OpCode, Stat, ZPath};

/// What happened in a subtree.
#[derive(Debug, Clone)]
pub enum TreeEvent {
    /// A znode is there that was not known.
    Added(ZPath, DataReply),
    /// A known znode's data was set, or it was deleted and made again.
    Changed(ZPath, DataReply),
    /// A known znode is gone; children are told before their parents. Its last Stat.
    Removed(ZPath, Stat),
    /// All there was has been told. Comes once at first, and again each time after changes
    /// may have been missed and everything was read again.
    Synced,
    /// A znode can't be read; the rest is followed all the same.
    Failed(Error),
}

/// Follows a znode and all below it (kazoo: `TreeCache`, Curator: `CuratorCache`), without
/// keeping the data: what a listener was told is its own to keep.
///
/// - At first every znode is told as [`TreeEvent::Added`], then comes [`TreeEvent::Synced`].
/// - Changes in quick succession may be told as one, with the newest data.
/// - The subtree's root may be absent, and come and go.
/// - A lost connection or session costs no change: what differs afterwards is told. Where
///   everything had to be read again for it, [`TreeEvent::Synced`] comes again too.
/// - What can't be read is told as [`TreeEvent::Failed`] and tried again when the connection
///   or its identities change; before 3.6 also now and then, and the same is told once.
/// - Servers since 3.8.4 and 3.9.2 tell nothing of a znode while the session may not read it:
///   what was known of it stays known until everything is read again, even if it is deleted.
/// - Before 3.6 every znode takes two watches, so no more than [`TreeWatch::OLD_LIMIT`]
///   znodes are followed there. The client may move between servers of either kind.
#[must_use = "a tree is followed only as its events are asked for"]
pub struct TreeWatch {
    client: Client,
    root: ZPath,
    state: State,
    ready: VecDeque<TreeEvent>,
}

enum State {
    /// The server's version must be known first. What has been told by now goes on to whoever
    /// follows the tree next.
    Unknown(Known),
    Recursive(Box<Recursive>),
    Oneshots(Box<Oneshots>),
    /// The client is closed.
    Over,
}

impl TreeWatch {
    /// How many znodes are followed at servers before 3.6.
    pub const OLD_LIMIT: usize = 10_000;

    /// Follows `root` and all below it.
    pub fn new(client: &Client, root: &ZPath) -> Self {
        Self {
            client: client.clone(),
            root: root.clone(),
            state: State::Unknown(Known::default()),
            ready: VecDeque::new(),
        }
    }

    /// The next event; `None` once the client is closed. Safe to cancel.
    pub async fn next(&mut self) -> Option<TreeEvent> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let goes_on = match &mut self.state {
                State::Unknown(known) => {
                    let version = self.client.ask_version().await;
                    let known = std::mem::take(known);
                    self.state = self.choose(version, known);
                    true
                }
                State::Recursive(recursive) => recursive.step(&mut self.ready).await,
                State::Oneshots(oneshots) => oneshots.step(&mut self.ready).await,
                State::Over => return None,
            };
            if !goes_on {
                self.state = match std::mem::replace(&mut self.state, State::Over) {
                    _ if self.client.session().state.is_final() => State::Over,
                    // The server at hand can do less than the last one, or more.
                    State::Recursive(recursive) => State::Unknown(recursive.into_known()),
                    State::Oneshots(oneshots) => State::Unknown(oneshots.into_known()),
                    other => other,
                };
            }
        }
    }

    fn choose(&self, version: Option<Version>, known: Known) -> State {
        let (client, root) = (self.client.clone(), self.root.clone());
        if has_recursive_watches(version) {
            State::Recursive(Box::new(Recursive::new(client, root, known)))
        } else {
            State::Oneshots(Box::new(Oneshots::new(client, root, known)))
        }
    }
}

fn has_recursive_watches(version: Option<Version>) -> bool {
    version.is_some_and(|version| version >= Version::needed_for(OpCode::AddWatch))
}
