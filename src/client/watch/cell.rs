//! A one-shot watch: a future of one event. Dropping it forgets the watch, and tells the
//! server when nobody else waits for the same.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use super::super::shared::Shared;
use super::super::slot::lock;
use super::{NodeEvent, Target, WatchEvent};
use crate::proto::{EventType, ZPath};

/// Where the event of a one-shot watch arrives.
pub(in crate::client) struct Cell {
    chroot: ZPath,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    event: Option<WatchEvent>,
    waker: Option<Waker>,
    /// The event came, or nobody waits any more.
    over: bool,
    /// The server was not asked for it, as a persistent watch stood there: which one.
    leans: Option<u32>,
}

impl Cell {
    pub(in crate::client) fn new(chroot: &ZPath) -> Arc<Self> {
        Arc::new(Self {
            chroot: chroot.clone(),
            state: Mutex::default(),
        })
    }

    pub(super) fn is_over(&self) -> bool {
        lock(&self.state).over
    }

    /// Before 3.9: a persistent watch, counted as those of one znode come and go, stands for
    /// this one too.
    pub(super) fn lean_on(&self, feed: u32) {
        lock(&self.state).leans = Some(feed);
    }

    pub(super) fn leans(&self) -> Option<u32> {
        lock(&self.state).leans
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
        state.over = true;
        state.event = Some(event);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// A server's path as the client with this chroot names it.
pub(super) fn client_path(chroot: &ZPath, server_path: &str) -> ZPath {
    chroot
        .unchroot(server_path)
        .unwrap_or_else(|| ZPath::from_server(server_path))
}

/// The next change of one znode, told once.
///
/// It is set by the same request that read the znode, so no change can fall between the two.
/// It survives reconnects: what changed meanwhile is told after them. When the session
/// expires it answers [`WatchEvent::Gap`].
#[must_use = "a watch ends when it is dropped"]
pub struct OneshotWatch {
    shared: Arc<Shared>,
    key: ZPath,
    target: Target,
    cell: Arc<Cell>,
}

impl OneshotWatch {
    pub(in crate::client) fn new(
        shared: Arc<Shared>,
        key: ZPath,
        target: Target,
        cell: Arc<Cell>,
    ) -> Self {
        Self {
            shared,
            key,
            target,
            cell,
        }
    }

    /// The event, if it has come already.
    pub fn try_event(&mut self) -> Option<WatchEvent> {
        lock(&self.cell.state).event.take()
    }

    /// Waits for the event. The future may be dropped and asked for again.
    pub async fn changed(&mut self) -> WatchEvent {
        self.await
    }
}

impl Future for OneshotWatch {
    type Output = WatchEvent;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<WatchEvent> {
        let mut state = lock(&self.cell.state);
        if let Some(event) = state.event.take() {
            return Poll::Ready(event);
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for OneshotWatch {
    fn drop(&mut self) {
        let fired = {
            let mut state = lock(&self.cell.state);
            std::mem::replace(&mut state.over, true)
        };
        if !fired {
            self.shared.forget(&self.key, &self.target);
        }
    }
}

impl std::fmt::Debug for OneshotWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OneshotWatch")
            .field("path", &self.key)
            .finish_non_exhaustive()
    }
}
