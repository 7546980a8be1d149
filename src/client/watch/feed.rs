//! A persistent watch: a stream of events. Dropping it forgets the watch, and tells the
//! server when it was the last of its kind on that znode.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

use super::super::shared::Shared;
use super::super::slot::lock;
use super::cell::client_path;
use super::{NodeEvent, Target, WatchEvent};
use crate::proto::{AddWatchMode, EventType, ZPath};

/// A watcher this far behind has its backlog replaced by one gap.
const BACKLOG: usize = 100_000;

/// Where the events of a persistent watch arrive.
pub(in crate::client) struct Feed {
    pub(super) mode: AddWatchMode,
    chroot: ZPath,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    events: VecDeque<WatchEvent>,
    waker: Option<Waker>,
    /// Nothing will follow, or nobody listens.
    over: bool,
}

impl Feed {
    pub(in crate::client) fn new(mode: AddWatchMode, chroot: &ZPath) -> Arc<Self> {
        Arc::new(Self {
            mode,
            chroot: chroot.clone(),
            state: Mutex::default(),
        })
    }

    pub(super) fn is_over(&self) -> bool {
        lock(&self.state).over
    }

    pub(super) fn fire(&self, kind: EventType, server_path: &str, zxid: Option<i64>) {
        self.tell(WatchEvent::Node(NodeEvent {
            kind,
            path: client_path(&self.chroot, server_path),
            zxid,
        }));
    }

    pub(super) fn tell(&self, event: WatchEvent) {
        let mut state = lock(&self.state);
        if state.over {
            return;
        }
        if state.events.len() >= BACKLOG {
            state.events.clear();
            state.events.push_back(WatchEvent::Gap);
        }
        // One gap says as much as two in a row.
        if event != WatchEvent::Gap || state.events.back() != Some(&WatchEvent::Gap) {
            state.events.push_back(event);
        }
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    pub(super) fn end(&self) {
        let mut state = lock(&self.state);
        state.over = true;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// The changes of one znode, or of it and all below it, until dropped (3.6+).
///
/// It stays through the znode's deletion and re-creation, through reconnects and through a
/// new session; where changes may have been missed it says [`WatchEvent::Gap`].
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
        std::future::poll_fn(|cx| {
            let mut state = lock(&self.feed.state);
            match state.events.pop_front() {
                Some(event) => Poll::Ready(Some(event)),
                None if state.over => Poll::Ready(None),
                None => {
                    state.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// The next event if it is there already.
    pub fn try_next(&mut self) -> Option<WatchEvent> {
        lock(&self.feed.state).events.pop_front()
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
