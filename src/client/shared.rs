//! What the handles and the session task share, and the one gate every request passes:
//! the read-only guard, the server's version, the limits. Owns no socket.

use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::{Notify, watch};

use super::error::{Error, ErrorKind};
use super::gate::{Gate, needed_for};
use super::hosts::Host;
use super::options::{Auth, Credentials, Options, Secret};
use super::outbox::{Closing, Outbox, Pending, Refused};
use super::reply::{Parked, Reply};
use super::slot::{Complete, Decoder, Slot, lock};
use super::state::{Announcer, SessionInfo, SessionState, States};
use super::version::{Known, Version};
use super::watch::{Arm, Change, Outcome, Target, WatchTable};
use crate::proto::{DecodeError, Encode, OpCode, Reader, Request, WatcherType, ZPath};

pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) outbox: Mutex<Outbox>,
    pub(super) watches: Mutex<WatchTable>,
    pub(super) auths: Mutex<Vec<Auth>>,
    /// Servers to try from the next connection on.
    pub(super) new_hosts: Mutex<Option<Vec<Host>>>,
    pub(super) info: watch::Sender<SessionInfo>,
    pub(super) known: watch::Sender<Known>,
    /// The session's password; empty without a session.
    pub(super) password: Mutex<Vec<u8>>,
    pub(super) last_zxid: AtomicI64,
    states: Announcer,
    /// Operations that a server of unknown version has refused to know.
    pub(super) refused: Mutex<HashSet<(Arc<str>, OpCode)>>,
    room: Notify,
    closing: Notify,
    /// Whose turn it is to call the Kerberos library, which may be waiting for a KDC still.
    #[cfg(feature = "gssapi")]
    pub(super) kerberos: Arc<tokio::sync::Semaphore>,
}

/// A request on its way in.
pub(super) struct Call<'a, T> {
    op: OpCode,
    /// The oldest server that knows all of it.
    needs: Version,
    record: &'a dyn Encode,
    /// As the caller named it, for errors.
    pub(super) path: Option<&'a ZPath>,
    pub(super) decode: Decoder<T>,
    pub(super) arm: Option<Arm>,
    /// The operation that does the same on servers that don't know the request's, with the
    /// same record.
    pub(super) fallback: Option<OpCode>,
    /// Whether it is a transaction whose creates are to tell their Stats where they can.
    pub(super) wants_stats: bool,
}

impl<'a, T> Call<'a, T> {
    pub(super) fn new(
        request: &'a Request<'a>,
        path: Option<&'a ZPath>,
        decode: Decoder<T>,
    ) -> Self {
        Self::of(request.op(), needed_for(request), request, path, decode)
    }

    /// A request that is encoded by something else than a [`Request`].
    pub(super) fn of(
        op: OpCode,
        needs: Version,
        record: &'a dyn Encode,
        path: Option<&'a ZPath>,
        decode: Decoder<T>,
    ) -> Self {
        Self {
            op,
            needs,
            record,
            path,
            decode,
            arm: None,
            fallback: None,
            wants_stats: false,
        }
    }
}

impl Shared {
    pub(super) fn new(options: Options) -> Self {
        let info = SessionInfo {
            timeout: options.session_timeout,
            ..SessionInfo::default()
        };
        Self {
            outbox: Mutex::new(Outbox::new(options.max_queued)),
            watches: Mutex::default(),
            auths: Mutex::new(options.auth.clone()),
            new_hosts: Mutex::default(),
            info: watch::Sender::new(info),
            known: watch::Sender::new(Known::NotYet),
            password: Mutex::default(),
            last_zxid: AtomicI64::new(0),
            states: Announcer::default(),
            refused: Mutex::default(),
            room: Notify::new(),
            closing: Notify::new(),
            #[cfg(feature = "gssapi")]
            kerberos: Arc::new(tokio::sync::Semaphore::new(1)),
            options,
        }
    }

    /// Queues a request, now if at all possible.
    pub(super) fn send<T: Send + 'static>(self: &Arc<Self>, call: Call<'_, T>) -> Reply<T> {
        let slot = Slot::new(call.decode);
        let pending = Pending {
            xid: 0,
            len: 0,
            op: call.op,
            path: call.path.cloned(),
            slot: slot.clone(),
            arm: call.arm,
        };
        let gate = Gate {
            needs: call.needs,
            fallback: call.fallback,
            wants_stats: call.wants_stats,
        };
        let (refused, pending) = match self.push(&|out| call.record.encode(out), pending, gate) {
            Ok(()) => return Reply::queued(slot),
            Err(refused) => *refused,
        };
        let wait: Pin<Box<dyn Future<Output = ()> + Send>> = match refused {
            Refused::Because(kind) => return Reply::refused(self.give_up(&pending, kind)),
            Refused::Full => self.wait_for_room(),
        };
        let parked = Parked {
            shared: self.clone(),
            body: call.record.to_bytes(),
            pending: Some(pending),
            gate,
            wait,
        };
        Reply::parked(slot, parked)
    }

    /// Fails a request that was never queued.
    pub(super) fn give_up(&self, pending: &Pending, kind: ErrorKind) -> Error {
        let server = match kind {
            ErrorKind::Unsupported { .. } | ErrorKind::RequestTooLarge { .. } => self.server(),
            _ => None,
        };
        pending.error(kind, server.as_ref())
    }

    /// Fails requests that have no hope left.
    pub(super) fn fail(
        self: &Arc<Self>,
        requests: impl IntoIterator<Item = Pending>,
        kind: &ErrorKind,
        server: Option<&Arc<str>>,
    ) {
        for mut pending in requests {
            self.settle(pending.arm.take(), Outcome::Failed);
            pending.fail(kind.clone(), server);
        }
    }

    pub(super) fn push(
        &self,
        record: &dyn Fn(&mut Vec<u8>),
        mut pending: Pending,
        gate: Gate,
    ) -> Result<(), Box<(Refused, Pending)>> {
        if self.options.read_only && pending.op.is_write() {
            let kind = ErrorKind::ReadOnlyClient;
            return Err(Box::new((Refused::Because(kind), pending)));
        }
        let Some(arm) = &mut pending.arm else {
            return self.push_gated(record, pending, gate);
        };
        // What it asks for depends on what was queued before it.
        let mut watches = lock(&self.watches);
        let asks = watches.begin(arm);
        let record = |out: &mut Vec<u8>| {
            record(out);
            if let Some(last) = out.last_mut() {
                *last = asks;
            }
        };
        let pushed = self.push_gated(&record, pending, gate);
        if let Err(refused) = &pushed
            && let Some(arm) = &refused.1.arm
        {
            watches.cancel(arm);
        }
        pushed
    }

    fn push_gated(
        &self,
        record: &dyn Fn(&mut Vec<u8>),
        mut pending: Pending,
        gate: Gate,
    ) -> Result<(), Box<(Refused, Pending)>> {
        let most = self.options.server_frame_limit;
        // Whether the version is known is looked up under the same lock as it is told.
        let mut outbox = lock(&self.outbox);
        match self.allowed(pending.op, gate) {
            None => return outbox.push(record, pending, most, Some(gate)),
            Some(Ok(op)) => pending.op = op,
            Some(Err(kind)) => return Err(Box::new((Refused::Because(kind), pending))),
        }
        let suited = |out: &mut Vec<u8>| {
            let start = out.len();
            record(out);
            self.suit(gate, &mut out[start..]);
        };
        outbox.push(&suited, pending, most, None)
    }

    pub(super) fn wait_for_room(self: &Arc<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let shared = self.clone();
        Box::pin(async move {
            loop {
                let room = shared.room.notified();
                if lock(&shared.outbox).has_room() {
                    return;
                }
                room.await;
            }
        })
    }

    pub(super) fn tell_room(&self) {
        self.room.notify_waiters();
    }

    /// The reply of a request that was to set a watch has come.
    pub(super) fn settle(self: &Arc<Self>, arm: Option<Arm>, outcome: Outcome) {
        if let Some(arm) = arm {
            lock(&self.watches).settle(&arm, outcome, &mut |change| self.tell(change));
        }
    }

    /// A watcher goes.
    pub(super) fn forget(self: &Arc<Self>, key: &ZPath, target: &Target) {
        lock(&self.watches).forget(key, target, &mut |change| self.tell(change));
    }

    /// Ends every watch of a kind on a znode.
    pub(super) fn remove_watches(self: &Arc<Self>, key: &ZPath, kind: WatcherType) -> usize {
        let mut watches = lock(&self.watches);
        let targets = watches.targets(key, kind);
        for target in &targets {
            target.close();
            watches.forget(key, target, &mut |change| self.tell(change));
        }
        targets.len()
    }

    /// Tells the server that somebody waits no more. The watch table is still locked, so no
    /// later request can set the watch again before this one is queued.
    fn tell(self: &Arc<Self>, change: Change<'_>) {
        let (request, slot): (_, Arc<dyn Complete>) = match change {
            Change::Remove(path, kind) => {
                let (path, kind) = (path.as_str().into(), kind.code());
                (Request::RemoveWatches { path, kind }, Arc::new(Ignore))
            }
            Change::Set(key, mode) => {
                let (path, mode) = (key.as_str().into(), mode.code());
                let (shared, key) = (self.clone(), key.clone());
                let slot = Arc::new(Instead { shared, key });
                (Request::AddWatch { path, mode }, slot)
            }
        };
        // Only a server that surely knows the operation is told, or one that knew persistent
        // watches and has not refused it yet.
        let op = request.op();
        let knows = match *self.known.borrow() {
            Known::Version(version) => version >= Version::needed_for(op),
            Known::NotYet | Known::Never => change.is_of_feeds() && !self.has_refused(op),
        };
        if !knows {
            return;
        }
        let pending = Pending {
            xid: 0,
            len: 0,
            op,
            path: None,
            slot,
            arm: None,
        };
        // However full the queue is: there are no more of these than there were watches.
        let record = |out: &mut Vec<u8>| request.encode(out);
        let most = self.options.server_frame_limit;
        let _ = lock(&self.outbox).append(&record, pending, most);
    }

    /// The connection is gone: takes all that was not sent, to be failed. What is queued from
    /// now on is for the next.
    pub(super) fn disconnect(&self) -> VecDeque<Pending> {
        let mut watches = lock(&self.watches);
        watches.disconnected();
        lock(&self.outbox).drain()
    }

    pub(super) fn server(&self) -> Option<Arc<str>> {
        self.info.borrow().server.clone()
    }

    pub(super) fn states(&self) -> States {
        // Under the lock of the snapshot, so that no change falls between the two.
        let info = self.info.borrow();
        self.states.listen(info.state)
    }

    /// Changes the state, in the snapshot and for every listener.
    pub(super) fn set_state(&self, state: SessionState, change: impl FnOnce(&mut SessionInfo)) {
        self.info.send_modify(|info| {
            let new = info.state != state;
            info.state = state;
            change(info);
            if new {
                self.states.announce(state);
            }
        });
    }

    pub(super) fn credentials(&self) -> Option<Credentials> {
        let id = self.info.borrow().id;
        let password = lock(&self.password).clone();
        (id != 0).then(|| Credentials {
            id,
            password: Secret::new(password),
            last_zxid: self.last_zxid.load(Ordering::Relaxed),
        })
    }

    /// Asks the session task to end.
    pub(super) fn close(&self, closing: Closing) {
        lock(&self.outbox).close(closing);
        self.closing.notify_waiters();
        self.room.notify_waiters();
        self.known.send_modify(|_| {});
    }

    /// Until the session task is asked to end.
    pub(super) async fn closing(&self) -> Closing {
        loop {
            let mut asked = std::pin::pin!(self.closing.notified());
            asked.as_mut().enable();
            if let Some(closing) = lock(&self.outbox).closing() {
                return closing;
            }
            asked.await;
        }
    }
}

/// The slot of a request whose reply nobody waits for.
pub(super) struct Ignore;

impl Complete for Ignore {
    fn fill(&self, _body: &mut Reader<'_>) -> Result<(), DecodeError> {
        Ok(())
    }

    fn fail(&self, _error: Error) {}
}

/// The slot of a request that sets a persistent watch in place of another. Nobody waits for
/// the reply, but its watchers must not be left waiting if the server refuses.
struct Instead {
    shared: Arc<Shared>,
    key: ZPath,
}

impl Complete for Instead {
    fn fill(&self, _body: &mut Reader<'_>) -> Result<(), DecodeError> {
        Ok(())
    }

    fn fail(&self, error: Error) {
        if matches!(error.kind(), ErrorKind::Server(_)) {
            let mut watches = lock(&self.shared.watches);
            watches.end_feeds_of(&self.key, &mut |change| self.shared.tell(change));
        }
    }
}
