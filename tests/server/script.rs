//! A script: what is sent, to the byte, and in which order. It names connections by slot and
//! zxids by their distance from the script's start, so that it means the same to any server
//! and any part of it can be played again. It knows no replies.

use std::fmt;

use zooscope::proto::{OpCode, Reader, Request};

/// How many connections a script has at most.
pub const SLOTS: usize = 4;

/// One request, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Call {
    pub xid: i32,
    pub op: i32,
    pub body: Vec<u8>,
    /// The body starts with a zxid that counts from the script's start.
    pub relative: bool,
}

impl Call {
    /// A well-formed request.
    pub fn new(xid: i32, request: &Request<'_>) -> Self {
        use zooscope::proto::Encode as _;
        Self {
            xid,
            op: request.op().code(),
            body: request.to_bytes(),
            relative: matches!(request, Request::SetWatches(_) | Request::SetWatches2(_)),
        }
    }

    /// The operation, if it is one.
    pub fn op_code(&self) -> Option<OpCode> {
        OpCode::try_from(self.op).ok()
    }

    /// The frame's content for a server whose zxid was `base` at the script's start.
    pub fn frame(&self, base: i64) -> Vec<u8> {
        let mut frame = [self.xid.to_be_bytes(), self.op.to_be_bytes()].concat();
        match self.body.split_first_chunk::<8>() {
            Some((zxid, rest)) if self.relative => {
                let zxid = i64::from_be_bytes(*zxid).saturating_add(base);
                frame.extend_from_slice(&zxid.to_be_bytes());
                frame.extend_from_slice(rest);
            }
            _ => frame.extend_from_slice(&self.body),
        }
        frame
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{} ", self.xid)?;
        let request = self
            .op_code()
            .ok_or(())
            .and_then(|op| Request::decode(op, &mut Reader::new(&self.body)).map_err(drop));
        match request {
            Ok(request) => f.write_str(&without_data(&format!("{request:?}"))),
            Err(()) => write!(f, "op {} with {:02x?}", self.op, self.body),
        }
    }
}

/// What is tried on a connection of its own, which ends with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// A session with this timeout, closed at once.
    Timeout(i32),
    /// A session that never was.
    UnknownSession,
    /// The session of this slot with another password, while it has no connection: whether
    /// a real server closes an existing one depends on its threads.
    WrongPassword(usize),
    /// A client that has seen this many transactions more than there are.
    FromTheFuture(i64),
    /// Bytes that are no handshake.
    Garbage(Vec<u8>),
}

/// One step. A step for a slot that isn't in the state it needs does nothing, on both sides:
/// so a script can be shortened at will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A new session in an empty slot.
    Open {
        slot: usize,
        timeout_ms: i32,
        /// As clients of 3.3 do: without the byte for read-only.
        old_style: bool,
    },
    /// Requests in one go, answered in order.
    Batch { slot: usize, calls: Vec<Call> },
    /// One last request, after which the server ends the connection.
    Last { slot: usize, call: Call },
    /// Closes the session; what it causes elsewhere comes in no certain order.
    Close { slot: usize },
    /// Bytes that are no frame, after which the server ends the connection.
    Garbage { slot: usize, bytes: Vec<u8> },
    /// Drops the connection; the session lives on.
    Drop { slot: usize },
    /// Takes the session up again on a new connection, whether it has one or not.
    Resume { slot: usize },
    /// Something on a connection of its own.
    Probe(Probe),
}

impl Step {
    /// How many operations it is.
    pub fn operations(&self) -> usize {
        match self {
            Self::Batch { calls, .. } => calls.len(),
            _ => 1,
        }
    }
}

/// The text with long lists of bytes cut short.
fn without_data(text: &str) -> String {
    let mut parts = text.split("Some([");
    let mut short = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (bytes, rest) = part.split_once("])").unwrap_or((part, ""));
        let head: String = bytes.chars().take(12).collect();
        let more = if bytes.len() > 12 { "…" } else { "" };
        short.extend(["Some([", &head, more, "])", rest]);
    }
    short
}
