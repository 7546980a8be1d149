//! The loop under `ChildrenWatch` and `DataWatch`: read and set a watch in one request, tell
//! what was read, wait for the watch, begin again. Whatever stage it is in is kept in the
//! value, so the caller may cancel `next` at any time and lose nothing.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Sleep;

use crate::client::{Client, Error, ErrorKind, OneshotWatch, SessionInfo, WatchEvent};
use crate::proto::{ErrorCode, Stat, ZPath};

type Reading<T> = Pin<Box<dyn Future<Output = Result<(T, OneshotWatch), Error>> + Send>>;
type Looking = Reading<Option<Stat>>;

/// What kind of thing is followed.
pub(super) trait Follow: Send + 'static {
    /// What a read answers.
    type Reply: Send + 'static;
    /// What tells one reply from the next.
    type Mark: PartialEq + Send;

    /// Whether every change is told, even one that left the same behind.
    const EVERY_CHANGE: bool;

    /// Reads and watches.
    fn read(client: &Client, path: &ZPath) -> Reading<Self::Reply>;

    /// The Stat in a reply.
    fn stat(reply: &Self::Reply) -> &Stat;

    /// The mark of what has this Stat.
    fn mark(stat: &Stat) -> Self::Mark;
}

/// Where the loop stands.
enum Stage<T> {
    /// To read as soon as asked.
    Start,
    /// The read is on its way.
    Reading(Reading<T>),
    /// There is no such znode: a watch for its creation is on its way.
    Looking(Looking, Error),
    /// Waiting for a change.
    Armed(OneshotWatch),
    /// The read was refused or its reply too large: waiting for a new connection or identity,
    /// or for a while, as no watch tells of a new ACL.
    Refused(Pin<Box<Sleep>>),
    /// Whether a reply that was too large would be another now.
    Measuring(Pin<Box<dyn Future<Output = Result<Option<Stat>, Error>> + Send>>),
    /// Waiting to ask an overloaded server again.
    Pausing(Pin<Box<Sleep>>),
    /// Nothing will follow.
    Over,
}

/// What was told last.
#[derive(PartialEq)]
enum Told<M> {
    Nothing,
    Value(M),
    Error(ErrorKind),
}

pub(super) struct Follower<F: Follow> {
    client: Client,
    path: ZPath,
    info: watch::Receiver<SessionInfo>,
    /// The connection or identity that the last read was made with.
    epoch: u64,
    stage: Stage<F::Reply>,
    told: Told<F::Mark>,
    /// A change was seen, so the next value is told whatever it is.
    changed: bool,
    /// Reads in a row that were refused or too large.
    refusals: u32,
    /// The last one was too large.
    too_large: bool,
    /// The mark of what was found too large.
    oversized: Option<F::Mark>,
}

impl<F: Follow> Follower<F> {
    pub(super) fn new(client: &Client, path: &ZPath) -> Self {
        let mut follower = Self {
            client: client.clone(),
            path: path.clone(),
            info: client.watch_session(),
            epoch: 0,
            stage: Stage::Start,
            told: Told::Nothing,
            changed: false,
            refusals: 0,
            too_large: false,
            oversized: None,
        };
        // The first read is queued by the call, like any other request.
        follower.read();
        follower
    }

    pub(super) async fn next(&mut self) -> Option<Result<F::Reply, Error>> {
        loop {
            match &mut self.stage {
                Stage::Start => self.read(),
                Stage::Reading(reading) => {
                    let result = reading.await;
                    if let Some(item) = self.on_read(result) {
                        return Some(item);
                    }
                }
                Stage::Looking(looking, _) => {
                    let result = looking.await;
                    if let Some(item) = self.on_looked(result) {
                        return Some(item);
                    }
                }
                Stage::Armed(watch) => {
                    let event = watch.changed().await;
                    self.on_event(&event);
                }
                Stage::Refused(sleep) => {
                    let epoch = self.epoch;
                    let other = |info: &SessionInfo| {
                        info.state.is_final() || (info.state.is_connected() && info.epoch != epoch)
                    };
                    let goes_on = tokio::select! {
                        info = self.info.wait_for(other) => {
                            self.too_large = false;
                            info.is_ok_and(|info| !info.state.is_final())
                        }
                        () = sleep => true,
                    };
                    self.stage = match (goes_on, self.too_large) {
                        (false, _) => Stage::Over,
                        (true, false) => Stage::Start,
                        (true, true) => Stage::Measuring(Box::pin(self.client.exists(&self.path))),
                    };
                }
                Stage::Measuring(exists) => {
                    let result = exists.await;
                    if let Some(item) = self.on_measured(result) {
                        return Some(item);
                    }
                }
                Stage::Pausing(sleep) => {
                    sleep.await;
                    self.stage = Stage::Start;
                }
                Stage::Over => return None,
            }
        }
    }

    /// Whether what was read last is true as far as is known, and watched.
    pub(super) const fn is_armed(&self) -> bool {
        matches!(self.stage, Stage::Armed(_))
    }

    fn read(&mut self) {
        self.epoch = self.info.borrow().epoch;
        self.stage = Stage::Reading(F::read(&self.client, &self.path));
    }

    fn on_event(&mut self, event: &WatchEvent) {
        self.changed |= F::EVERY_CHANGE && matches!(event, WatchEvent::Node(_));
        self.stage = match event {
            WatchEvent::Closed if self.info.borrow().state.is_final() => Stage::Over,
            // Closed: another handle has taken the watch away.
            WatchEvent::Node(_) | WatchEvent::Gap | WatchEvent::Closed => Stage::Start,
        };
    }

    fn on_read(
        &mut self,
        result: Result<(F::Reply, OneshotWatch), Error>,
    ) -> Option<Result<F::Reply, Error>> {
        match result {
            Ok((reply, watch)) => {
                self.stage = Stage::Armed(watch);
                self.refusals = 0;
                self.oversized = None;
                let told = Told::Value(F::mark(F::stat(&reply)));
                let news = std::mem::take(&mut self.changed) || told != self.told;
                self.told = told;
                news.then_some(Ok(reply))
            }
            Err(error) if error.is(ErrorCode::NoNode) => {
                let (client, path) = (self.client.clone(), self.path.clone());
                let looking = Box::pin(client.exists_watch(&path));
                self.stage = Stage::Looking(looking, error);
                None
            }
            Err(error) => self.on_error(error),
        }
    }

    fn on_looked(
        &mut self,
        result: Result<(Option<Stat>, OneshotWatch), Error>,
    ) -> Option<Result<F::Reply, Error>> {
        let stage = std::mem::replace(&mut self.stage, Stage::Start);
        match (result, stage) {
            (Ok((None, watch)), Stage::Looking(_, absent)) => {
                self.stage = Stage::Armed(watch);
                self.changed = false;
                self.tell_error(absent)
            }
            (Err(error), _) => self.on_error(error),
            // It has been created in between.
            (Ok(_), _) => None,
        }
    }

    fn on_measured(
        &mut self,
        result: Result<Option<Stat>, Error>,
    ) -> Option<Result<F::Reply, Error>> {
        let mark = match result {
            Ok(stat) => stat.map(|stat| F::mark(&stat)),
            Err(error) => return self.on_error(error),
        };
        self.stage = if mark.is_some() && mark == self.oversized {
            self.refuse()
        } else {
            Stage::Start
        };
        self.oversized = mark;
        None
    }

    fn on_error(&mut self, error: Error) -> Option<Result<F::Reply, Error>> {
        if error.is_connection_loss() && !self.info.borrow().state.is_final() {
            // Nobody was told anything: the next connection answers.
            self.stage = Stage::Start;
            return None;
        }
        if error.is_transient() {
            self.stage = Stage::Pausing(Box::pin(tokio::time::sleep(pause())));
            return None;
        }
        if error.is_final() {
            self.stage = Stage::Over;
            let refused = matches!(error.kind(), ErrorKind::AuthFailed(_));
            return refused.then(|| self.tell_error(error)).flatten();
        }
        self.too_large = matches!(error.kind(), ErrorKind::ReplyTooLarge { .. });
        self.stage = self.refuse();
        self.changed = false;
        self.tell_error(error)
    }

    /// Another attempt, later each time.
    fn refuse(&mut self) -> Stage<F::Reply> {
        let pause = retry_pause(self.refusals);
        self.refusals = self.refusals.saturating_add(1);
        Stage::Refused(Box::pin(tokio::time::sleep(pause)))
    }

    /// The same error twice is no news.
    fn tell_error(&mut self, error: Error) -> Option<Result<F::Reply, Error>> {
        let told = Told::Error(error.kind().clone());
        let news = told != self.told;
        self.told = told;
        news.then_some(Err(error))
    }
}

/// How long an overloaded server is left alone.
pub(super) fn pause() -> Duration {
    Duration::from_millis(250).mul_f64(1.0 + fastrand::f64())
}

/// How long to wait with a read that was refused so often in a row.
pub(super) fn retry_pause(refusals: u32) -> Duration {
    let pause = (FIRST_RETRY * (1 << refusals.min(10))).min(LAST_RETRY);
    pause.mul_f64(0.75 + 0.5 * fastrand::f64())
}

/// How soon a refused read is tried again, and how soon at last: one small request.
const FIRST_RETRY: Duration = Duration::from_secs(1);
const LAST_RETRY: Duration = Duration::from_secs(30);
