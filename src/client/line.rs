//! A request that comes alone is written by its caller: to wake the session's task for it would
//! take longer than to write it. While everything is answered, the session lends the outbox the
//! half of its connection that is written to. Whoever holds that half may write, nobody else, so
//! frames never mix. The timers hear nothing of it, nor need they: whether a server is silent is
//! judged from the next ping as soon as it would be from such a request.

use tokio::net::tcp::OwnedWriteHalf;

use super::outbox::{Outbox, Pending};
use super::slot::lock;
use super::wire::Wire;

/// The outbox's end of it. Empty while the session has the half, and on TLS always.
#[derive(Default)]
pub(super) struct Line {
    half: Option<OwnedWriteHalf>,
    /// The request that was written. There is no second before the session has seen the first.
    gone: Option<Pending>,
    /// What of its frame the server did not take yet.
    rest: Vec<u8>,
}

impl Line {
    /// Writes a frame, or its beginning. Whatever is wrong with the connection is for the
    /// session to find out.
    pub(super) fn write(&mut self, frame: &[u8]) -> bool {
        let Some(half) = self.half.as_ref().filter(|_| self.gone.is_none()) else {
            return false;
        };
        let Ok(written @ 1..) = half.try_write(frame) else {
            return false;
        };
        self.rest.extend_from_slice(&frame[written..]);
        true
    }

    /// The request whose frame that was. Answers whether all of it has left.
    pub(super) fn keep(&mut self, pending: Pending) -> bool {
        self.gone = Some(pending);
        self.rest.is_empty()
    }
}

impl Outbox {
    /// Takes the half, unless the session was woken meanwhile, to have something sent.
    fn borrow(&mut self, half: OwnedWriteHalf) -> Result<(), OwnedWriteHalf> {
        if !self.is_listened_to() {
            return Err(half);
        }
        self.line.half = Some(half);
        Ok(())
    }
}

impl Wire {
    /// Lends the half while nothing is unanswered or waits to be sent, and only then.
    pub(super) fn lend(&mut self) {
        let begun = self.written < self.out.len();
        let quiet = self.sent.is_empty() && !begun && !self.left && !self.close_sent;
        if !quiet {
            self.recall();
        } else if let Some(half) = self.stream.lend()
            && let Err(half) = lock(&self.shared.outbox).borrow(half)
        {
            self.stream.give_back(half);
        }
    }

    /// Takes over the request that was written, if there is one.
    pub(super) fn take_over(&mut self) {
        if self.stream.is_lent() {
            self.sent.extend(lock(&self.shared.outbox).line.gone.take());
        }
    }

    /// Takes the half back, and the request that was written. What did not fit goes before
    /// anything else.
    pub(super) fn recall(&mut self) {
        if !self.stream.is_lent() {
            return;
        }
        let line = std::mem::take(&mut lock(&self.shared.outbox).line);
        self.sent.extend(line.gone);
        self.out.splice(self.written..self.written, line.rest);
        if let Some(half) = line.half {
            self.stream.give_back(half);
        }
    }
}

#[cfg(test)]
mod tests;
