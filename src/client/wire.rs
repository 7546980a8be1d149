//! A live connection: everything that waits to be sent goes out in one write, every complete
//! frame of a read is answered before the next read, pings keep it alive, silence ends it.
//! One poll function does it all, so no request waits for another task; what comes alone does
//! not even wait for this one (see `line`).

use std::collections::VecDeque;
use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::error::ErrorKind;
use super::outbox::{Closing, Pending};
use super::shared::Shared;
use super::slot::lock;
use super::stream::Stream;
use super::timers::{Due, Timers};
use crate::proto::{DecodeError, Encode, Frames, NextFrame, OpCode, Request, RequestHeader, xid};

/// Why a connection ended.
#[derive(Debug)]
pub(super) enum End {
    /// It broke.
    Lost(String),
    /// The server refused the credentials.
    AuthFailed(String),
    /// We closed it.
    Closed,
}

pub(super) struct Wire {
    pub(super) shared: Arc<Shared>,
    pub(super) stream: Stream,
    pub(super) server: Arc<str>,
    frames: Frames,
    pub(super) out: Vec<u8>,
    pub(super) written: usize,
    unflushed: bool,
    /// Whether the outbox has nothing new.
    idle: Arc<AtomicBool>,
    /// Something was left in it, until there are answers.
    pub(super) left: bool,
    /// Sent, in the order the replies will come.
    pub(super) sent: VecDeque<Pending>,
    /// The same for auth packets, whose replies overtake the others.
    pub(super) auths: VecDeque<Pending>,
    /// By which operations the watches are being set again.
    pub(super) setting: VecDeque<OpCode>,
    pub(super) timers: Timers,
    sleep: Pin<Box<Sleep>>,
    /// When it ends: no need to ask it before.
    wake_at: Instant,
    pub(super) close_sent: bool,
}

impl Wire {
    pub(super) fn new(
        shared: Arc<Shared>,
        stream: Stream,
        server: Arc<str>,
        timeout: Duration,
    ) -> Self {
        let limit = shared.options.frame_limit.max(SMALLEST_LIMIT);
        let now = Instant::now();
        let idle = lock(&shared.outbox).waits();
        Self {
            stream,
            server,
            frames: Frames::new(limit),
            out: Vec::new(),
            written: 0,
            unflushed: false,
            idle,
            // Whoever had the last connection may have left something.
            left: true,
            sent: VecDeque::new(),
            auths: VecDeque::new(),
            setting: VecDeque::new(),
            timers: Timers::new(timeout, now),
            // Due at once: what comes next is found out then.
            sleep: Box::pin(tokio::time::sleep_until(now)),
            wake_at: now,
            close_sent: false,
            shared,
        }
    }

    /// Puts a request of the session's own in front of the callers'.
    pub(super) fn put(&mut self, xid: i32, request: &Request<'_>) {
        let start = self.out.len();
        self.out.extend_from_slice(&[0; 4]);
        RequestHeader {
            xid,
            op: request.op().code(),
        }
        .encode(&mut self.out);
        request.encode(&mut self.out);
        let length = i32::try_from(self.out.len() - start - 4).unwrap_or(i32::MAX);
        self.out[start..start + 4].copy_from_slice(&length.to_be_bytes());
    }

    /// When the server was last heard of.
    pub(super) const fn last_heard(&self) -> Instant {
        self.timers.last_heard()
    }

    /// Runs the connection until it ends.
    pub(super) async fn run(&mut self) -> End {
        std::future::poll_fn(|cx| self.poll(cx)).await
    }

    /// Fails what was sent and not answered.
    pub(super) fn fail_unanswered(&mut self, reason: &Arc<str>) {
        self.recall();
        let (reason, sent) = (reason.clone(), true);
        let kind = ErrorKind::ConnectionLost { reason, sent };
        let sent = std::mem::take(&mut self.sent);
        let unanswered = sent.into_iter().chain(std::mem::take(&mut self.auths));
        self.shared.fail(unanswered, &kind, Some(&self.server));
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        let now = Instant::now();
        if let Some(end) = self.poll_timers(cx, now) {
            return Poll::Ready(end);
        }
        if self.has_to_send()
            && let Err(end) = self.poll_send(cx, now)
        {
            return Poll::Ready(end);
        }
        let answered = match self.poll_receive(cx, now) {
            Poll::Ready(Err(end)) => return Poll::Ready(end),
            received => received.is_ready(),
        };
        self.lend();
        if !answered {
            return self.poll_blocked(cx);
        }
        // First come those that were answered: they may have more to ask.
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Nothing can be done. If that is because the server takes no more data, nobody looks
    /// into the outbox: the wish to end must be seen here.
    fn poll_blocked(&mut self, cx: &mut Context<'_>) -> Poll<End> {
        if self.written == self.out.len() {
            return Poll::Pending;
        }
        let mut outbox = lock(&self.shared.outbox);
        outbox.listen(cx.waker());
        let closing = outbox.closing();
        drop(outbox);
        match closing {
            None => return Poll::Pending,
            Some(Closing::Detach) => return Poll::Ready(End::Closed),
            Some(Closing::Close) => self.close_soon(),
        }
        self.poll_timers(cx, Instant::now())
            .map_or(Poll::Pending, Poll::Ready)
    }

    /// Whether there is anything to be sent, as far as can be told without a lock.
    fn has_to_send(&self) -> bool {
        let begun = self.written < self.out.len() || self.unflushed;
        begun || self.left || !self.idle.load(Ordering::Acquire)
    }

    /// Sends what there is, or as much as the server takes.
    fn poll_send(&mut self, cx: &mut Context<'_>, now: Instant) -> Result<(), End> {
        self.recall();
        let mut refilled = false;
        loop {
            if self.written == self.out.len() {
                // What was queued since then has told so.
                if !refilled {
                    self.refill(cx)?;
                }
                if refilled || self.out.is_empty() {
                    break;
                }
                refilled = true;
            }
            let bytes = &self.out[self.written..];
            match Pin::new(&mut self.stream).poll_write(cx, bytes) {
                Poll::Ready(Ok(0)) => return Err(End::Lost("it accepts no more data".to_owned())),
                Poll::Ready(Ok(count)) => {
                    self.written += count;
                    self.timers.sent(now);
                    self.unflushed = matches!(self.stream, Stream::Tls(_));
                }
                Poll::Ready(Err(error)) => return Err(lost(&error)),
                Poll::Pending => break,
            }
        }
        if self.unflushed {
            match Pin::new(&mut self.stream).poll_flush(cx) {
                Poll::Ready(Ok(())) => self.unflushed = false,
                Poll::Ready(Err(error)) => return Err(lost(&error)),
                Poll::Pending => {}
            }
        }
        Ok(())
    }

    /// Takes the next requests from the callers, as many as may be in flight, and has itself
    /// told of the one after them. At a server near by a few may have to wait behind many.
    fn refill(&mut self, cx: &mut Context<'_>) -> Result<(), End> {
        if self.out.capacity() > KEEP {
            self.out = Vec::new();
        }
        self.out.clear();
        self.written = 0;
        let limit = self.shared.options.max_in_flight;
        let room = limit.saturating_sub(self.sent.len());
        let near = self.timers.is_near();
        let before = self.sent.len();
        let mut outbox = lock(&self.shared.outbox);
        outbox.listen(cx.waker());
        if near && outbox.can_wait(before) {
            self.left = !outbox.is_empty();
            return Ok(());
        }
        let got_room = outbox.pull(room, &mut self.out, &mut self.sent);
        let closing = outbox.closing();
        let all_taken = outbox.is_empty();
        drop(outbox);
        self.left = !all_taken;
        if got_room {
            self.shared.tell_room();
        }
        self.sort_out_auths(before);
        match closing {
            Some(Closing::Detach) => return Err(End::Closed),
            Some(Closing::Close) if all_taken && !self.close_sent => self.put_close(),
            Some(Closing::Close) => self.close_soon(),
            None => {}
        }
        Ok(())
    }

    fn put_close(&mut self) {
        self.close_sent = true;
        let by = self.timers.close(Instant::now());
        self.sleep_until(by);
        let xid = lock(&self.shared.outbox).take_xid();
        self.put(xid, &Request::CloseSession);
    }

    /// From here on there is only so much time to end in good order.
    fn close_soon(&mut self) {
        if !self.timers.is_closing() {
            let by = self.timers.close(Instant::now());
            self.sleep_until(by);
        }
    }

    fn sleep_until(&mut self, at: Instant) {
        self.wake_at = at;
        self.sleep.as_mut().reset(at);
    }

    /// The time to end in good order is over. What was not sent is given up, so that the
    /// server can be told that the session ends; if it can't be told either, that is that.
    fn hurry(&mut self) -> Option<End> {
        self.recall();
        if self.close_sent || self.written < self.out.len() {
            return Some(End::Closed);
        }
        let queued = lock(&self.shared.outbox).drain();
        self.shared
            .fail(queued, &ErrorKind::Closed, Some(&self.server));
        self.put_close();
        None
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>, now: Instant) -> Poll<Result<(), End>> {
        let mut space = ReadBuf::new(self.frames.space());
        let read = Pin::new(&mut self.stream).poll_read(cx, &mut space);
        match ready!(read) {
            Err(error) => return Poll::Ready(Err(lost(&error))),
            Ok(()) if space.filled().is_empty() => {
                let end = if self.close_sent {
                    End::Closed
                } else {
                    End::Lost("the server closed the connection".to_owned())
                };
                return Poll::Ready(Err(end));
            }
            Ok(()) => {}
        }
        let count = space.filled().len();
        self.frames.filled(count);
        self.timers.heard(now);
        Poll::Ready(self.answer_all())
    }

    fn answer_all(&mut self) -> Result<(), End> {
        // The frames lend out their buffer while everything else of the wire is at work.
        let mut frames = std::mem::replace(&mut self.frames, Frames::none());
        let result = loop {
            match frames.next() {
                Ok(NextFrame::More) => break Ok(()),
                Ok(NextFrame::Frame(frame)) => {
                    if let Err(end) = self.answer(frame) {
                        break Err(end);
                    }
                }
                Ok(NextFrame::TooLarge(header, size)) => {
                    if let Err(end) = self.answer_too_large(header, size) {
                        break Err(end);
                    }
                }
                Err(error) => break Err(nonsense(&error)),
            }
        };
        self.frames = frames;
        result
    }

    /// Does what is due. The timer is set again only when it fires: that nothing happened
    /// meanwhile is found out then.
    fn poll_timers(&mut self, cx: &mut Context<'_>, now: Instant) -> Option<End> {
        if now < self.wake_at {
            return None;
        }
        while self.sleep.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            match self.timers.due(now) {
                Due::Later(at) => self.sleep_until(at),
                Due::Ping => self.ping(now),
                Due::Closing => {
                    if let Some(end) = self.hurry() {
                        return Some(end);
                    }
                }
                // A process that was stopped finds the answers waiting.
                Due::Silence => match self.poll_receive(cx, now) {
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(end)) => return Some(end),
                    Poll::Pending if self.timers.doubt(now) => {}
                    Poll::Pending => {
                        let silence = self.timers.silence();
                        let why = format!("nothing was heard of the server for {silence:.1?}");
                        return Some(End::Lost(why));
                    }
                },
            }
        }
        None
    }

    /// Sends a ping; the first one goes out at once, to learn the round trip.
    pub(super) fn ping(&mut self, now: Instant) {
        self.timers.ping(now);
        self.put(xid::PING, &Request::Ping);
    }
}

/// The connection may be dropped with its runtime: its callers are told.
impl Drop for Wire {
    fn drop(&mut self) {
        self.fail_unanswered(&Arc::from("the client's task was ended"));
    }
}

/// Replies have headers, and errors are short: no limit makes sense below this.
const SMALLEST_LIMIT: usize = 1024;

/// A buffer that grew beyond this for a burst is given back.
const KEEP: usize = 1 << 20;

fn lost(error: &std::io::Error) -> End {
    End::Lost(super::connect::text(error))
}

pub(super) fn nonsense(error: &DecodeError) -> End {
    End::Lost(format!("the server's frame makes no sense ({error})"))
}
