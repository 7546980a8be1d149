//! What is to be sent: callers encode straight into one buffer under a short lock, where
//! the xid is assigned too, so requests leave in the order in which they were made.
//! The session task takes it all at once, but for what can't be decided before the server
//! has told its version: that waits here, and so does all behind it. What comes alone, with
//! nothing unanswered before it, is sent from here.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

use super::error::{Error, ErrorKind};
use super::gate::Gate;
use super::line::Line;
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
    /// Those of the queue that wait for the server's version, by how many were queued before
    /// them since the beginning.
    undecided: VecDeque<(usize, Gate)>,
    /// Where a request that comes alone goes.
    pub(super) line: Line,
    /// How many have left the queue.
    taken: usize,
    next_xid: i32,
    limit: usize,
    /// Once set, every request is refused with it.
    shut: Option<ErrorKind>,
    closing: Option<Closing>,
    /// The session task.
    waker: Option<Waker>,
    /// Whether it waits for something to send. It looks there before it takes the lock.
    waits: Arc<AtomicBool>,
}

/// Why a request was not queued.
pub(super) enum Refused {
    /// There are too many: wait.
    Full,
    /// It never will be.
    Because(ErrorKind),
}

impl Outbox {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            bytes: Vec::new(),
            head: 0,
            queue: VecDeque::new(),
            undecided: VecDeque::new(),
            line: Line::default(),
            taken: 0,
            next_xid: 1,
            limit,
            shut: None,
            closing: None,
            waker: None,
            waits: Arc::default(),
        }
    }

    /// Queues a request, unless there are too many, or its frame would exceed `most` bytes. With
    /// a `gate` it is not sent before [`Self::decide`]. One that comes alone is sent.
    pub(super) fn push(
        &mut self,
        record: &dyn Fn(&mut Vec<u8>),
        mut pending: Pending,
        most: usize,
        gate: Option<Gate>,
    ) -> Result<(), Box<(Refused, Pending)>> {
        if self.shut.is_none() && self.is_full() {
            return Err(Box::new((Refused::Full, pending)));
        }
        if let Err(kind) = self.encode(record, &mut pending, most) {
            return Err(Box::new((Refused::Because(kind), pending)));
        }
        if let Some(gate) = gate {
            let position = self.taken.wrapping_add(self.queue.len());
            self.undecided.push_back((position, gate));
        } else if self.write_alone(&pending) {
            if !self.line.keep(pending) {
                self.wake();
            }
            return Ok(());
        }
        self.enqueue(pending);
        Ok(())
    }

    /// Queues a request, however many there are, unless its frame would exceed `most` bytes.
    pub(super) fn append(
        &mut self,
        record: &dyn Fn(&mut Vec<u8>),
        mut pending: Pending,
        most: usize,
    ) -> Result<(), ErrorKind> {
        self.encode(record, &mut pending, most)?;
        self.enqueue(pending);
        Ok(())
    }

    fn enqueue(&mut self, pending: Pending) {
        self.queue.push_back(pending);
        self.wake();
    }

    /// Puts a request's frame behind the others; its xid and length are filled in here.
    fn encode(
        &mut self,
        record: &dyn Fn(&mut Vec<u8>),
        pending: &mut Pending,
        most: usize,
    ) -> Result<(), ErrorKind> {
        if let Some(kind) = &self.shut {
            return Err(kind.clone());
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
            return Err(ErrorKind::RequestTooLarge { size, limit: most });
        };
        self.bytes[start..start + 4].copy_from_slice(&length.to_be_bytes());
        pending.len = size + 4;
        if pending.op != OpCode::Auth {
            self.take_xid();
        }
        Ok(())
    }

    /// Writes the frame that was just encoded, if it is the only one and none before it is
    /// unanswered. Long ones are left to the session, for the outbox is locked meanwhile, and
    /// auth packets, whose answers it sorts out.
    fn write_alone(&mut self, pending: &Pending) -> bool {
        let alone = self.queue.is_empty() && pending.len <= AT_ONCE;
        if !alone || pending.op == OpCode::Auth || !self.line.write(&self.bytes[self.head..]) {
            return false;
        }
        self.bytes.clear();
        self.head = 0;
        true
    }

    /// An ordinary xid: 1 to 2^31 - 1, round and round.
    pub(super) fn take_xid(&mut self) -> i32 {
        let xid = self.next_xid;
        self.next_xid = xid.checked_add(1).unwrap_or(1);
        xid
    }

    /// Whether another request could be queued.
    pub(super) fn has_room(&self) -> bool {
        self.shut.is_some() || !self.is_full()
    }

    fn is_full(&self) -> bool {
        self.queue.len() >= self.limit || self.bytes.len() - self.head >= MOST_BYTES
    }

    /// The server's version is known: `allowed` tells by which operation one that had to wait
    /// is sent, and suits its record to that. Takes out those that it refuses.
    pub(super) fn decide(
        &mut self,
        allowed: impl Fn(OpCode, Gate, &mut [u8]) -> Result<OpCode, ErrorKind>,
    ) -> Vec<(Pending, ErrorKind)> {
        if self.undecided.is_empty() {
            return Vec::new();
        }
        let mut refused = Vec::new();
        let frames = std::mem::take(&mut self.bytes);
        let mut rest = frames.get(self.head..).unwrap_or_default();
        self.head = 0;
        for (index, mut pending) in std::mem::take(&mut self.queue).into_iter().enumerate() {
            let (frame, behind) = rest.split_at(pending.len);
            rest = behind;
            let start = self.bytes.len();
            self.bytes.extend_from_slice(frame);
            if let Some(gate) = self.gate_of(index) {
                let (head, record) = self.bytes[start..].split_at_mut(OP_AT + 4);
                match allowed(pending.op, gate, record) {
                    Ok(op) => {
                        pending.op = op;
                        head[OP_AT..].copy_from_slice(&op.code().to_be_bytes());
                    }
                    Err(kind) => {
                        self.bytes.truncate(start);
                        refused.push((pending, kind));
                        continue;
                    }
                }
            }
            self.queue.push_back(pending);
        }
        self.wake();
        refused
    }

    /// The gate of the request at this place of the queue, once.
    fn gate_of(&mut self, index: usize) -> Option<Gate> {
        let position = self.taken.wrapping_add(index);
        let (at, gate) = *self.undecided.front()?;
        (at == position).then(|| self.undecided.pop_front())?;
        Some(gate)
    }

    /// Whether what is queued is so little, next to what the server has yet to answer, that it
    /// can wait for more: requests are answered in turn, so it would hardly be answered sooner,
    /// and whatever is sent costs both sides a system call.
    pub(super) fn can_wait(&self, unanswered: usize) -> bool {
        let little = self.queue.len() * LITTLE < unanswered;
        little && self.bytes.len() - self.head < MUCH_BYTES && self.closing.is_none()
    }

    /// Moves up to `most` requests into `out` and `sent`; what stays, stays in order.
    /// Answers whether a full queue got room.
    pub(super) fn pull(
        &mut self,
        most: usize,
        out: &mut Vec<u8>,
        sent: &mut VecDeque<Pending>,
    ) -> bool {
        let was_full = self.is_full();
        let undecided = self.undecided.front();
        let most = undecided.map_or(most, |(at, _)| most.min(at.wrapping_sub(self.taken)));
        self.taken = self.taken.wrapping_add(most.min(self.queue.len()));
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
        was_full && !self.is_full()
    }

    /// Takes every request that was not sent, to be failed.
    pub(super) fn drain(&mut self) -> VecDeque<Pending> {
        self.bytes = Vec::new();
        self.head = 0;
        self.undecided.clear();
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

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Has `waker` woken at the next request.
    pub(super) fn listen(&mut self, waker: &Waker) {
        self.waits.store(true, Ordering::Release);
        match &self.waker {
            Some(known) if known.will_wake(waker) => {}
            _ => self.waker = Some(waker.clone()),
        }
    }

    /// Whether the task that listens has not been woken since.
    pub(super) fn is_listened_to(&self) -> bool {
        self.waits.load(Ordering::Acquire)
    }

    /// The same, to be looked at without the lock.
    pub(super) fn waits(&self) -> Arc<AtomicBool> {
        self.waits.clone()
    }

    fn wake(&self) {
        if self.waits.swap(false, Ordering::AcqRel)
            && let Some(waker) = &self.waker
        {
            waker.wake_by_ref();
        }
    }
}

/// Beyond so many bytes nothing is queued, few as the requests may be.
const MOST_BYTES: usize = 64 << 20;

/// A frame this long takes a few microseconds to be written.
const AT_ONCE: usize = 16 << 10;

/// Less than a quarter of what is unanswered is little.
const LITTLE: usize = 4;

/// So many bytes are worth being sent, however few the requests.
const MUCH_BYTES: usize = 16 << 10;

/// Where the operation's code stands in a frame: behind its length and the xid.
const OP_AT: usize = 8;

#[cfg(test)]
mod tests;
