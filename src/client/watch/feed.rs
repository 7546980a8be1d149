//! A persistent watch: a stream of events. Dropping it forgets the watch, and tells the
//! server when it was the last of its kind on that znode.

use std::collections::VecDeque;
use std::sync::Arc;

use super::super::handle::client_path;
use super::super::shared::Shared;
use super::mailbox::Mailbox;
use super::{NodeEvent, Target, WatchEvent};
use crate::proto::{AddWatchMode, EventType, ZPath};

/// A watcher this far behind has its backlog replaced by one gap.
const BACKLOG: usize = 100_000;

/// Where the events of a persistent watch arrive.
pub(in crate::client) struct Feed {
    pub(super) mode: AddWatchMode,
    chroot: ZPath,
    pub(super) mail: Mailbox<VecDeque<WatchEvent>>,
}

impl Feed {
    pub(in crate::client) fn new(mode: AddWatchMode, chroot: &ZPath) -> Arc<Self> {
        Arc::new(Self {
            mode,
            chroot: chroot.clone(),
            mail: Mailbox::default(),
        })
    }

    pub(super) fn is_over(&self) -> bool {
        self.mail.is_over()
    }

    pub(super) fn fire(&self, kind: EventType, server_path: &str, zxid: Option<i64>) {
        let path = client_path(&self.chroot, server_path);
        self.tell(WatchEvent::Node(NodeEvent { kind, path, zxid }));
    }

    pub(super) fn tell(&self, event: WatchEvent) {
        self.mail.put(|events| {
            if events.len() >= BACKLOG {
                events.clear();
                events.push_back(WatchEvent::Gap);
            }
            // One gap says as much as two in a row.
            if event != WatchEvent::Gap || events.back() != Some(&WatchEvent::Gap) {
                events.push_back(event);
            }
            false
        });
    }

    pub(super) fn end(&self) {
        self.mail.end();
    }
}

/// The changes of one znode, or of it and all below it, until dropped (3.6+).
///
/// It stays through the znode's deletion and re-creation, through reconnects and through a
/// new session; where changes may have been missed it says [`WatchEvent::Gap`].
///
/// Since 3.8.4 and 3.9.2 a server tells nothing of znodes that the session may not read. A
/// watch of one znode is told nevertheless that such a child came or went, but not before 3.9
/// while the same client watches the same znode with all below it.
#[must_use = "a watch ends when it is dropped"]
pub struct PersistentWatch {
    shared: Arc<Shared>,
    key: ZPath,
    feed: Arc<Feed>,
}

impl PersistentWatch {
    pub(in crate::client) fn new(shared: Arc<Shared>, key: ZPath, feed: Arc<Feed>) -> Self {
        Self { shared, key, feed }
    }

    /// The next event; `None` once nothing will follow: the client is closed, the watch was
    /// taken away ([`Client::remove_watches`](crate::client::Client::remove_watches)), or the
    /// client has moved to a server that has no persistent watches. Safe to cancel.
    pub async fn next(&mut self) -> Option<WatchEvent> {
        std::future::poll_fn(|cx| self.feed.mail.poll(cx, VecDeque::pop_front)).await
    }

    /// The next event if it is there already.
    pub fn try_next(&mut self) -> Option<WatchEvent> {
        self.feed.mail.take(VecDeque::pop_front)
    }
}

impl Drop for PersistentWatch {
    fn drop(&mut self) {
        self.feed.end();
        self.shared
            .forget(&self.key, &Target::Feed(self.feed.clone()));
    }
}

impl std::fmt::Debug for PersistentWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersistentWatch")
            .field("path", &self.key)
            .field("mode", &self.feed.mode)
            .finish_non_exhaustive()
    }
}
