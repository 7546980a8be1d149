//! What is to be sent: callers encode straight into one buffer under a short lock, where
//! the xid is assigned too, so requests leave in the order in which they were made.
//! The session task takes it all at once. Nothing here touches a socket.

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use super::error::{Error, ErrorKind};
use super::slot::Complete;
use super::watch::Arm;
use crate::proto::{Encode, OpCode, RequestHeader, ZPath, xid};

/// A request whose reply is awaited.
pub(super) struct Pending {
    pub(super) xid: i32,
    /// The frame's length on the wire.
    pub(super) len: usize,
    pub(super) op: OpCode,
    /// As the caller named it, for errors.
    pub(super) path: Option<ZPath>,
    pub(super) slot: Arc<dyn Complete>,
    /// The watch to register when the reply says that the server has set it.
    pub(super) arm: Option<Arm>,
}

impl Pending {
    pub(super) fn error(&self, kind: ErrorKind, server: Option<&Arc<str>>) -> Error {
        Error::of(kind, self.op, self.path.as_ref(), server)
    }

    pub(super) fn fail(&self, kind: ErrorKind, server: Option<&Arc<str>>) {
        self.slot.fail(self.error(kind, server));
    }
}

/// How a client ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closing {
    /// What is queued is sent, then the session is closed.
    Close,
    /// The connection is dropped, the session left alive.
    Detach,
}

pub(super) struct Outbox {
    bytes: Vec<u8>,
    /// Where the frames begin that were not taken yet.
    head: usize,
    queue: VecDeque<Pending>,
    next_xid: i32,
    limit: usize,
    /// Once set, every request is refused with it.
    shut: Option<ErrorKind>,
    closing: Option<Closing>,
    /// The session task, when it waits for something to send.
    waker: Option<Waker>,
}

/// Why a request was not queued.
pub(super) enum Refused {
    /// There are too many: wait.
    Full,
    /// It must be known first whether the server can do it: wait.
    VersionUnknown,
    /// It never will be.
    Because(ErrorKind),
}

impl Outbox {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            bytes: Vec::new(),
            head: 0,
            queue: VecDeque::new(),
            next_xid: 1,
            limit,
            shut: None,
            closing: None,
            waker: None,
        }
    }

    /// Queues a request, unless its frame would exceed `most` bytes. `pending`'s xid and
    /// length are filled in here.
    pub(super) fn push(
        &mut self,
        record: &dyn Fn(&mut Vec<u8>),
        mut pending: Pending,
        most: usize,
    ) -> Result<(), (Refused, Pending)> {
        if let Some(kind) = &self.shut {
            return Err((Refused::Because(kind.clone()), pending));
        }
        if self.queue.len() >= self.limit {
            return Err((Refused::Full, pending));
        }
        let start = self.bytes.len();
        pending.xid = match pending.op {
            OpCode::Auth => xid::AUTH,
            _ => self.next_xid,
        };
        self.bytes.extend_from_slice(&[0; 4]);
        RequestHeader {
            xid: pending.xid,
            op: pending.op.code(),
        }
        .encode(&mut self.bytes);
        record(&mut self.bytes);
        let size = self.bytes.len() - start - 4;
        let Some(length) = i32::try_from(size).ok().filter(|_| size <= most) else {
            self.bytes.truncate(start);
            let kind = ErrorKind::RequestTooLarge { size, limit: most };
            return Err((Refused::Because(kind), pending));
        };
        self.bytes[start..start + 4].copy_from_slice(&length.to_be_bytes());
        pending.len = size + 4;
        if pending.op != OpCode::Auth {
            self.take_xid();
        }
        self.queue.push_back(pending);
        self.wake();
        Ok(())
    }

    /// An ordinary xid: 1 to 2^31 - 1, round and round.
    pub(super) fn take_xid(&mut self) -> i32 {
        let xid = self.next_xid;
        self.next_xid = xid.checked_add(1).unwrap_or(1);
        xid
    }

    /// Whether another request could be queued.
    pub(super) fn has_room(&self) -> bool {
        self.shut.is_some() || self.queue.len() < self.limit
    }

    /// Moves up to `most` requests into `out` and `sent`; what stays, stays in order.
    /// Answers whether a full queue got room.
    pub(super) fn pull(
        &mut self,
        most: usize,
        out: &mut Vec<u8>,
        sent: &mut VecDeque<Pending>,
    ) -> bool {
        let was_full = self.queue.len() >= self.limit;
        if self.queue.len() <= most {
            sent.append(&mut self.queue);
            if self.head == 0 && out.is_empty() {
                std::mem::swap(&mut self.bytes, out);
            } else {
                out.extend_from_slice(&self.bytes[self.head..]);
                self.bytes.clear();
            }
            self.head = 0;
        } else if most > 0 {
            let cut: usize = self.queue.iter().take(most).map(|p| p.len).sum();
            out.extend_from_slice(&self.bytes[self.head..self.head + cut]);
            sent.extend(self.queue.drain(..most));
            self.head += cut;
            if self.head > self.bytes.len() / 2 {
                self.bytes.drain(..self.head);
                self.head = 0;
            }
        }
        was_full && self.queue.len() < self.limit
    }

    /// Takes every request that was not sent, to be failed.
    pub(super) fn drain(&mut self) -> VecDeque<Pending> {
        self.bytes = Vec::new();
        self.head = 0;
        std::mem::take(&mut self.queue)
    }

    /// Refuses all requests from now on.
    pub(super) fn shut(&mut self, kind: ErrorKind) -> VecDeque<Pending> {
        self.shut = Some(kind);
        self.drain()
    }

    /// Asks the session task to end; the first wish counts. Requests are refused from now on.
    pub(super) fn close(&mut self, closing: Closing) {
        self.closing.get_or_insert(closing);
        self.shut.get_or_insert(ErrorKind::Closed);
        self.wake();
    }

    pub(super) fn closing(&self) -> Option<Closing> {
        self.closing
    }

    pub(super) const fn is_shut(&self) -> bool {
        self.shut.is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Has `waker` woken at the next request.
    pub(super) fn listen(&mut self, waker: &Waker) {
        match &self.waker {
            Some(known) if known.will_wake(waker) => {}
            _ => self.waker = Some(waker.clone()),
        }
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::slot::Slot;
    use super::*;

    fn pending() -> Pending {
        Pending {
            xid: 0,
            len: 0,
            op: OpCode::GetData,
            path: None,
            slot: Slot::new(|_| Ok(())),
            arm: None,
        }
    }

    fn push(outbox: &mut Outbox, body: &[u8]) -> bool {
        outbox
            .push(&|out| out.extend_from_slice(body), pending(), 100)
            .is_ok()
    }

    #[test]
    fn frames_leave_in_order_and_in_the_portions_asked_for() {
        let mut outbox = Outbox::new(3);
        assert!(push(&mut outbox, b"a"));
        assert!(push(&mut outbox, b"bb"));
        assert!(!push(&mut outbox, &[0; 200]), "too large");
        assert!(push(&mut outbox, b"ccc"));
        assert!(!push(&mut outbox, b"d"), "full");
        let (mut out, mut sent) = (Vec::new(), VecDeque::new());
        assert!(outbox.pull(1, &mut out, &mut sent));
        assert_eq!(
            out,
            [&9i32.to_be_bytes()[..], &[0, 0, 0, 1, 0, 0, 0, 4], b"a"].concat()
        );
        out.clear();
        assert!(!outbox.pull(9, &mut out, &mut sent));
        assert_eq!(out.len(), 14 + 15);
        assert!(out.ends_with(b"ccc"));
        assert_eq!(sent.iter().map(|p| p.xid).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn xids_wrap_to_one_and_never_meet_the_reserved_ones() {
        let mut outbox = Outbox::new(9);
        outbox.next_xid = i32::MAX;
        assert_eq!(outbox.take_xid(), i32::MAX);
        assert_eq!(outbox.take_xid(), 1);
    }
}
