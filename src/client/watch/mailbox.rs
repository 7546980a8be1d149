//! Where a watcher's events arrive: the session task puts them in, the watcher's future or
//! stream takes them out. Knows how both sides meet, and nothing of what an event means.

use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use super::super::handle::client_path;
use super::super::slot::lock;
use super::{NodeEvent, WatchEvent};
use crate::proto::{EventType, ZPath};

/// `Q` holds what has arrived and was not taken yet.
pub(super) struct Mailbox<Q> {
    chroot: ZPath,
    state: Mutex<State<Q>>,
}

#[derive(Default)]
struct State<Q> {
    events: Q,
    waker: Option<Waker>,
    /// Nothing will follow, or nobody waits any more.
    over: bool,
}

impl<Q: Default> Mailbox<Q> {
    pub(super) fn new(chroot: &ZPath) -> Self {
        Self {
            chroot: chroot.clone(),
            state: Mutex::default(),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        lock(&self.state).over
    }

    /// An event of the server's as the watcher is told it.
    pub(super) fn node_event(
        &self,
        kind: EventType,
        server_path: &str,
        zxid: Option<i64>,
    ) -> WatchEvent {
        WatchEvent::Node(NodeEvent {
            kind,
            path: client_path(&self.chroot, server_path),
            zxid,
        })
    }

    /// Puts something in, unless it is over. `put` answers whether it is with that.
    pub(super) fn put(&self, put: impl FnOnce(&mut Q) -> bool) {
        let mut state = lock(&self.state);
        if state.over {
            return;
        }
        state.over = put(&mut state.events);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Lets nothing more in. Answers whether it was so before.
    pub(super) fn end(&self) -> bool {
        let mut state = lock(&self.state);
        let before = std::mem::replace(&mut state.over, true);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        before
    }

    /// What is there already.
    pub(super) fn take<T>(&self, take: impl FnOnce(&mut Q) -> Option<T>) -> Option<T> {
        take(&mut lock(&self.state).events)
    }

    /// The same, or waits for it; `None` once it is empty and over.
    pub(super) fn poll<T>(
        &self,
        cx: &Context<'_>,
        take: impl FnOnce(&mut Q) -> Option<T>,
    ) -> Poll<Option<T>> {
        let mut state = lock(&self.state);
        match take(&mut state.events) {
            Some(event) => Poll::Ready(Some(event)),
            None if state.over => Poll::Ready(None),
            None => {
                state.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}
