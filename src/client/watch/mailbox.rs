//! Where a watcher's events arrive: the session task puts them in, the watcher's future or
//! stream takes them out. Knows how both sides meet, and nothing of what an event means.

use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use super::super::slot::lock;

/// `Q` holds what has arrived and was not taken yet.
#[derive(Default)]
pub(super) struct Mailbox<Q>(Mutex<State<Q>>);

#[derive(Default)]
struct State<Q> {
    events: Q,
    waker: Option<Waker>,
    /// Nothing will follow, or nobody waits any more.
    over: bool,
}

impl<Q> Mailbox<Q> {
    pub(super) fn is_over(&self) -> bool {
        lock(&self.0).over
    }

    /// Puts something in, unless it is over. `put` answers whether it is with that.
    pub(super) fn put(&self, put: impl FnOnce(&mut Q) -> bool) {
        let mut state = lock(&self.0);
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
        let mut state = lock(&self.0);
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
        take(&mut lock(&self.0).events)
    }

    /// The same, or waits for it; `None` once it is empty and over.
    pub(super) fn poll<T>(
        &self,
        cx: &Context<'_>,
        take: impl FnOnce(&mut Q) -> Option<T>,
    ) -> Poll<Option<T>> {
        let mut state = lock(&self.0);
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
