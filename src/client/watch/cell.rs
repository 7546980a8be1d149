//! A one-shot watch: a future of one event. Dropping it forgets the watch, and tells the
//! server when nobody else waits for the same.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::super::shared::Shared;
use super::mailbox::Mailbox;
use super::{NodeEvent, Target, WatchEvent};
use crate::proto::{EventType, ZPath};

/// Where the event of a one-shot watch arrives.
pub(in crate::client) struct Cell {
    /// The znode, as the watcher names it.
    path: ZPath,
    pub(super) mail: Mailbox<Option<WatchEvent>>,
}

impl Cell {
    pub(in crate::client) fn new(path: ZPath) -> Arc<Self> {
        let mail = Mailbox::default();
        Arc::new(Self { path, mail })
    }

    pub(super) fn is_over(&self) -> bool {
        self.mail.is_over()
    }

    pub(super) fn fire(&self, kind: EventType, zxid: Option<i64>) {
        let path = self.path.clone();
        self.tell(WatchEvent::Node(NodeEvent { kind, path, zxid }));
    }

    /// The first event is the last.
    pub(super) fn tell(&self, event: WatchEvent) {
        self.mail.put(|place| {
            *place = Some(event);
            true
        });
    }
}

/// The next change of one znode, told once.
///
/// It is set by the same request that read the znode, so no change can fall between the two.
/// It survives reconnects: what changed meanwhile is told after them, unless it is that a
/// znode that was absent came and went. When the session expires it answers
/// [`WatchEvent::Gap`].
///
/// Servers since 3.8.4 and 3.9.2 tell nothing of a znode that the session may not read, and
/// take the watch for used all the same: if its ACL was changed to that effect, this waits in
/// vain until the next connection.
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
        self.cell.mail.take(Option::take)
    }

    /// Waits for the event. The future may be dropped and asked for again until it has
    /// answered; after that nothing more comes.
    pub async fn changed(&mut self) -> WatchEvent {
        self.await
    }
}

impl Future for OneshotWatch {
    type Output = WatchEvent;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<WatchEvent> {
        match self.cell.mail.poll(cx, Option::take) {
            Poll::Ready(Some(event)) => Poll::Ready(event),
            Poll::Ready(None) | Poll::Pending => Poll::Pending,
        }
    }
}

impl Drop for OneshotWatch {
    fn drop(&mut self) {
        let fired = self.cell.mail.end();
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
