//! What a received frame means: a reply to the request it is for, a watch that fired, a
//! pong, an answer to an auth packet. Here alone `last_zxid` moves.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::time::Instant;

use super::error::ErrorKind;
use super::outbox::Pending;
use super::slot::lock;
use super::watch::Outcome;
use super::wire::{End, Wire, nonsense};
use crate::proto::{
    Decode as _, DecodeError, ErrorCode, EventType, OpCode, Reader, ReplyHeader, xid,
};

impl Wire {
    pub(super) fn answer(&mut self, frame: &[u8]) -> Result<(), End> {
        let mut body = Reader::new(frame);
        let header = ReplyHeader::decode(&mut body).map_err(|error| nonsense(&error))?;
        match header.xid {
            xid::NOTIFICATION => self.notify(header, &mut body),
            xid::PING => self.pong(header),
            xid::AUTH => self.answer_auth(header),
            xid::SET_WATCHES => self.answer_watches(header),
            _ => {
                let Some(pending) = self.take_sent(header)? else {
                    return Ok(());
                };
                self.deliver(pending, header, &mut body)
            }
        }
    }

    /// The request that a reply is for: replies come strictly in order.
    fn take_sent(&mut self, header: ReplyHeader) -> Result<Option<Pending>, End> {
        if self.sent.is_empty() {
            self.take_over();
        }
        match self.sent.front() {
            Some(front) if front.xid == header.xid => Ok(self.sent.pop_front()),
            None if self.close_sent => Err(End::Closed),
            front => Err(End::Lost(format!(
                "the server answered request {} before {}",
                header.xid,
                front.map_or(0, |pending| pending.xid)
            ))),
        }
    }

    fn deliver(
        &mut self,
        mut pending: Pending,
        header: ReplyHeader,
        body: &mut Reader<'_>,
    ) -> Result<(), End> {
        self.advance(header);
        let error = header.error();
        let outcome = match error {
            None => Outcome::Done,
            Some(ErrorCode::NoNode) => Outcome::NoNode,
            Some(_) => Outcome::Failed,
        };
        // First the watch, then the reply: who has the reply may rely on the watch.
        self.shared.settle(pending.arm.take(), outcome);
        match error {
            None => {
                if let Err(why) = pending.slot.fill(body) {
                    pending.fail(ErrorKind::BadReply(why), Some(&self.server));
                }
                Ok(())
            }
            Some(code) => self.refuse(&pending, header, code),
        }
    }

    /// The reply to a request tells how far the server is. A notification's zxid does not: it
    /// may be one of which more is to come.
    fn advance(&self, header: ReplyHeader) {
        if header.zxid > 0 {
            self.shared.last_zxid.store(header.zxid, Ordering::Relaxed);
        }
    }

    fn refuse(
        &mut self,
        pending: &Pending,
        header: ReplyHeader,
        code: ErrorCode,
    ) -> Result<(), End> {
        if code == ErrorCode::Unimplemented {
            self.shared
                .remember_refusal(&self.server, pending.op, header.zxid);
        }
        pending.fail(ErrorKind::Server(code), Some(&self.server));
        match code {
            ErrorCode::SessionClosedRequireSaslAuth => Err(self.unwelcome(code)),
            _ => Ok(()),
        }
    }

    pub(super) fn answer_too_large(&mut self, header: ReplyHeader, size: usize) -> Result<(), End> {
        if header.xid < 0 {
            return Err(End::Lost(format!(
                "the server sent a frame of {size} bytes that no request asked for"
            )));
        }
        let Some(mut pending) = self.take_sent(header)? else {
            return Ok(());
        };
        self.advance(header);
        self.shared.settle(pending.arm.take(), Outcome::Done);
        let limit = self.shared.options.frame_limit;
        pending.fail(ErrorKind::ReplyTooLarge { size, limit }, Some(&self.server));
        Ok(())
    }

    fn notify(&mut self, header: ReplyHeader, body: &mut Reader<'_>) -> Result<(), End> {
        let mut event = || -> Result<_, DecodeError> {
            let kind = EventType::try_from(body.int("event type")?)?;
            body.int("event state")?;
            Ok((kind, body.string("event path")?))
        };
        let (kind, path) = event().map_err(|error| nonsense(&error))?;
        let zxid = (header.zxid > 0).then_some(header.zxid);
        lock(&self.shared.watches).fire(kind, &path, zxid);
        Ok(())
    }

    /// Auth packets are answered out of turn, so they wait in a queue of their own.
    pub(super) fn sort_out_auths(&mut self, from: usize) {
        if !self.sent.range(from..).any(|p| p.op == OpCode::Auth) {
            return;
        }
        let new = self.sent.split_off(from);
        for pending in new {
            if pending.op == OpCode::Auth {
                self.auths.push_back(pending);
            } else {
                self.sent.push_back(pending);
            }
        }
    }

    fn answer_auth(&mut self, header: ReplyHeader) -> Result<(), End> {
        let Some(pending) = self.auths.pop_front() else {
            return Err(End::Lost("an answer to no auth packet".to_owned()));
        };
        match header.error() {
            None => {
                self.shared.info.send_modify(|info| info.epoch += 1);
                let _ = pending.slot.fill(&mut Reader::new(&[]));
                Ok(())
            }
            Some(code) => {
                let why = Arc::from(code.to_string());
                pending.fail(ErrorKind::AuthFailed(why), Some(&self.server));
                Err(self.unwelcome(code))
            }
        }
    }

    fn unwelcome(&self, code: ErrorCode) -> End {
        End::AuthFailed(format!("{}: {code}", self.server))
    }

    /// A server that does not know how to set watches again has none: everyone reads again.
    /// With any other refusal it is tried again on another connection.
    fn answer_watches(&mut self, header: ReplyHeader) -> Result<(), End> {
        let op = self.setting.pop_front();
        match header.error() {
            None => Ok(()),
            Some(ErrorCode::Unimplemented) => {
                if let Some(op) = op {
                    self.shared.remember_refusal(&self.server, op, header.zxid);
                }
                lock(&self.shared.watches).not_set();
                Ok(())
            }
            Some(code) => Err(End::Lost(format!(
                "it did not set the watches again ({code})"
            ))),
        }
    }

    fn pong(&mut self, header: ReplyHeader) -> Result<(), End> {
        if header.error() == Some(ErrorCode::SessionClosedRequireSaslAuth) {
            return Err(self.unwelcome(ErrorCode::SessionClosedRequireSaslAuth));
        }
        if let Some(trip) = self.timers.pong(Instant::now()) {
            self.shared
                .info
                .send_modify(|info| info.round_trip = Some(trip));
        }
        Ok(())
    }
}
