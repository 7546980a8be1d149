//! What may be sent to the server at hand: the version that a request needs, what stands in
//! for it at older servers, and who waits until the version is known. Sends nothing itself.

use std::sync::Arc;

use super::error::ErrorKind;
use super::shared::Shared;
use super::slot::lock;
use super::version::{Known, Version};
use super::watch::Outcome;
use crate::proto::{OpCode, Request};

/// What a request asks of the server's version.
#[derive(Debug, Clone, Copy)]
pub(super) struct Gate {
    pub(super) needs: Version,
    pub(super) fallback: Option<OpCode>,
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

impl Shared {
    /// The operation to send for `op` to the server at hand; `None` while its version is not
    /// known.
    pub(super) fn allowed(&self, op: OpCode, gate: Gate) -> Option<Result<OpCode, ErrorKind>> {
        if gate.needs <= Version::needed_for(OpCode::GetData) {
            return Some(Ok(op));
        }
        let known = match *self.known.borrow() {
            Known::NotYet => return None,
            Known::Version(version) => version >= gate.needs,
            Known::Never => self
                .server()
                .is_none_or(|server| !lock(&self.refused).contains(&(server, op))),
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

    /// What is known of the server from now on. Requests that had to wait for it can go, or
    /// fail.
    pub(super) fn learn(self: &Arc<Self>, known: Known) {
        self.known.send_replace(known);
        if known == Known::NotYet {
            return;
        }
        let sure = |op, gate| self.allowed(op, gate).unwrap_or(Ok(op));
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
    /// it is not asked again. (A server of known version means something else by it.)
    pub(super) fn remember_refusal(&self, server: &Arc<str>, op: OpCode) {
        if *self.known.borrow() == Known::Never {
            lock(&self.refused).insert((server.clone(), op));
        }
    }

    pub(super) async fn wait_for_version(&self) {
        let mut known = self.known.subscribe();
        // The sender is ours: there is always one.
        let _ = known.wait_for(|known| *known != Known::NotYet).await;
    }
}
