//! What may be sent to the server at hand: the version that a request needs, what stands in
//! for it at older servers, and who waits until the version is known. Sends nothing itself.

use std::sync::Arc;

use super::error::ErrorKind;
use super::shared::Shared;
use super::slot::lock;
use super::version::{Known, Version};
use super::watch::Outcome;
use crate::proto::{Decode as _, MultiHeader, OpCode, Reader, Request};

/// What a request asks of the server's version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gate {
    pub(super) needs: Version,
    pub(super) fallback: Option<OpCode>,
    /// Whether it is a transaction whose creates are to tell their Stats where they can.
    pub(super) wants_stats: bool,
}

pub(super) fn needed_for(request: &Request<'_>) -> Version {
    let own = Version::needed_for(request.op());
    match request {
        Request::Multi(parts) | Request::MultiRead(parts) => {
            parts.iter().map(needed_for).fold(own, Version::max)
        }
        _ => own,
    }
}

/// Has the creates of a transaction, `record`, tell their Stats: their operation is another,
/// with the same record.
fn ask_for_stats(record: &mut [u8]) {
    let mut places = Vec::new();
    let mut reader = Reader::new(record);
    loop {
        let place = record.len() - reader.rest().len();
        let header = MultiHeader::decode(&mut reader);
        let op = header.and_then(|header| OpCode::try_from(header.op));
        // The end is no operation.
        let Ok(op) = op else { break };
        if Request::decode(op, &mut reader).is_err() {
            break;
        }
        if op == OpCode::Create {
            places.push(place);
        }
    }
    for place in places {
        let code = OpCode::Create2.code().to_be_bytes();
        record[place..place + code.len()].copy_from_slice(&code);
    }
}

impl Shared {
    /// The operation to send for `op` to the server at hand; `None` while its version is not
    /// known.
    pub(super) fn allowed(&self, op: OpCode, gate: Gate) -> Option<Result<OpCode, ErrorKind>> {
        if gate.needs <= Version::needed_for(OpCode::GetData) && !gate.wants_stats {
            return Some(Ok(op));
        }
        let known = match *self.known.borrow() {
            Known::NotYet => return None,
            Known::Version(version) => version >= gate.needs,
            Known::Never => !self.has_refused(op),
        };
        Some(match gate.fallback {
            _ if known => Ok(op),
            Some(fallback) => Ok(fallback),
            None => Err(ErrorKind::Unsupported {
                needs: gate.needs,
                version: self.info.borrow().version.clone(),
            }),
        })
    }

    /// Makes a record what the server at hand can take of what is wanted.
    pub(super) fn suit(&self, gate: Gate, record: &mut [u8]) {
        // Where nothing is known, what all take is sent.
        let can = |version| version >= STAT_IN_MULTI;
        if gate.wants_stats && matches!(*self.known.borrow(), Known::Version(v) if can(v)) {
            ask_for_stats(record);
        }
    }

    /// What is known of the server from now on. Requests that had to wait for it can go, or
    /// fail.
    pub(super) fn learn(self: &Arc<Self>, known: Known) {
        self.known.send_replace(known);
        match known {
            Known::NotYet => return,
            // What it can do follows from that, and not from what it once refused.
            Known::Version(_) => {
                let server = self.server();
                lock(&self.refused).retain(|(other, _)| server.as_ref() != Some(other));
            }
            Known::Never => {}
        }
        let sure = |op, gate, record: &mut [u8]| {
            self.suit(gate, record);
            self.allowed(op, gate).unwrap_or(Ok(op))
        };
        let refused = lock(&self.outbox).decide(sure);
        if !refused.is_empty() {
            self.tell_room();
        }
        for (mut pending, kind) in refused {
            self.settle(pending.arm.take(), Outcome::Failed);
            pending.slot.fail(self.give_up(&pending, kind));
        }
    }

    /// A server said that it does not know an operation, and drops the connection for it:
    /// it is not asked again. It means something else if its version is known, or if it
    /// numbers the refusal: then it knows the operation, and has only switched it off.
    pub(super) fn remember_refusal(&self, server: &Arc<str>, op: OpCode, zxid: i64) {
        if zxid <= 0 && !matches!(*self.known.borrow(), Known::Version(_)) {
            lock(&self.refused).insert((server.clone(), op));
        }
    }

    /// Whether the server at hand is known not to know an operation.
    pub(super) fn has_refused(&self, op: OpCode) -> bool {
        let server = self.server();
        server.is_some_and(|server| lock(&self.refused).contains(&(server, op)))
    }

    pub(super) async fn wait_for_version(&self) {
        let mut known = self.known.subscribe();
        // The sender is ours: there is always one.
        let _ = known.wait_for(|known| *known != Known::NotYet).await;
    }
}

/// Before it, a create2 in a multi is answered without Stat, like a plain create.
const STAT_IN_MULTI: Version = Version::new(3, 9, 0);
