//! Trying again, as kazoo's `KazooRetry` does: which errors, how often, how long. Unlike it,
//! a write whose outcome is unknown is not repeated, unless the repetition does no harm:
//! for those there are methods that find out what happened to the first. Where they can't,
//! the error says so, whatever the last attempt failed of.

use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::error::Error;
use super::handle::Client;
use super::pauses::Pauses;
use super::write::{ANY_VERSION, Created};
use crate::proto::{Acl, CreateMode, ErrorCode, Stat, ZPath};

/// How to try again.
///
/// ```
/// use std::time::Duration;
/// use zooscope::client::Retry;
///
/// let retry = Retry::default()
///     .tries(Some(5))
///     .delay(Duration::from_millis(50))
///     .deadline(Some(Duration::from_secs(10)));
/// # let _ = retry;
/// ```
///
/// ```no_run
/// # use zooscope::{client::{Client, Error, Retry}, proto::{DataReply, ZPath}};
/// # async fn example(client: &Client, path: &ZPath) -> Result<DataReply, Error> {
/// Retry::default().run(|| client.get(path)).await
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    pub(super) tries: Option<u32>,
    pub(super) delay: Duration,
    pub(super) backoff: f64,
    pub(super) jitter: f64,
    pub(super) max_delay: Duration,
    pub(super) deadline: Option<Duration>,
    through_expiry: bool,
}

/// Endless, from 0.1 s doubling to at most 60 s, each pause off by up to 40 %, also through
/// an expired session: what kazoo's client does for its own commands.
impl Default for Retry {
    fn default() -> Self {
        Self {
            tries: None,
            delay: Duration::from_millis(100),
            backoff: 2.0,
            jitter: 0.4,
            max_delay: Duration::from_secs(60),
            deadline: None,
            through_expiry: true,
        }
    }
}

impl Retry {
    /// How many attempts in all; `None` for no end.
    #[must_use]
    pub const fn tries(mut self, tries: Option<u32>) -> Self {
        self.tries = tries;
        self
    }

    /// The pause after the first attempt.
    #[must_use]
    pub const fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// By what each pause is longer than the one before.
    #[must_use]
    pub const fn backoff(mut self, factor: f64) -> Self {
        self.backoff = factor;
        self
    }

    /// By which part of itself a pause may be longer or shorter, 0 to 1.
    #[must_use]
    pub const fn jitter(mut self, part: f64) -> Self {
        self.jitter = part;
        self
    }

    /// The longest pause.
    #[must_use]
    pub const fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// No attempt is made that would begin later than this after the first.
    #[must_use]
    pub const fn deadline(mut self, deadline: Option<Duration>) -> Self {
        self.deadline = deadline;
        self
    }

    /// Whether to go on in the next session after one has expired (kazoo: `ignore_expire`).
    #[must_use]
    pub const fn through_expiry(mut self, go_on: bool) -> Self {
        self.through_expiry = go_on;
        self
    }

    /// Calls `attempt` until it succeeds, fails for good, or the limits are reached; then the
    /// last error is the result. Lost connections and overloaded servers are worth another
    /// attempt, but not a write that may have been applied. Dropping the future ends it.
    pub async fn run<T, F>(&self, mut attempt: impl FnMut() -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut pauses = Pauses::new(self);
        loop {
            let error = match attempt().await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            if error.may_have_been_applied() || !self.is_worth_it(&error) {
                return Err(error);
            }
            pauses.pause(error).await?;
        }
    }

    /// Replaces data of a known version, and if an answer is lost, looks what became of it:
    /// the next version with the same data is taken for ours. With -1, which servers take for
    /// whatever version, that can't be found out: it is given up, as by [`Self::run`].
    pub async fn set(
        &self,
        client: &Client,
        path: &ZPath,
        data: &[u8],
        version: i32,
    ) -> Result<Stat, Error> {
        if version == ANY_VERSION {
            return self.run(|| client.set(path, data, None)).await;
        }
        let mut pauses = Pauses::new(self);
        loop {
            let error = match client.set(path, data, Some(version)).await {
                Ok(stat) => return Ok(stat),
                Err(error) => error,
            };
            if pauses.lost.is_some() && error.is(ErrorCode::BadVersion) {
                let now = self.run(|| client.get(path)).await;
                return match now {
                    Ok(now) if now.stat.version == version.wrapping_add(1) => {
                        let ours = now.data.as_deref() == Some(data);
                        if ours { Ok(now.stat) } else { Err(error) }
                    }
                    // What has been written since hides it.
                    Ok(_) | Err(_) => Err(pauses.verdict(error)),
                };
            }
            if !self.is_worth_it(&error) {
                return Err(pauses.verdict(error));
            }
            pauses.pause(error).await?;
        }
    }

    /// Deletes a childless znode; one that is gone after an answer was lost, was deleted. One
    /// that is there then is deleted if it is the same for sure: made no later than the last
    /// transaction that this client had heard of before (by reading the znode, say). What was
    /// made since may be another's, under the same name: it is left alone, and the lost answer
    /// is the error.
    pub async fn delete(
        &self,
        client: &Client,
        path: &ZPath,
        version: Option<i32>,
    ) -> Result<(), Error> {
        let mut pauses = Pauses::new(self);
        let mut heard = 0;
        loop {
            if let Some(lost) = pauses.lost.clone() {
                let look = || client.exists(path);
                match self.read_synced(client, path, look).await {
                    Ok(None) => return Ok(()),
                    Ok(Some(stat)) if stat.czxid <= heard => {}
                    Ok(Some(_)) | Err(_) => return Err(lost),
                }
            } else {
                // It begins anew with each session; what was heard in the last stays true.
                heard = heard.max(client.shared().last_zxid.load(Ordering::Relaxed));
            }
            let error = match client.delete(path, version).await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            if pauses.lost.is_some() && error.is(ErrorCode::NoNode) {
                return Ok(());
            }
            if !self.is_worth_it(&error) {
                return Err(pauses.verdict(error));
            }
            pauses.pause(error).await?;
        }
    }

    /// Creates a znode whose name begins with a mark that nobody else has, `_c_<32 digits>-`,
    /// so that it is found again if the answer is lost (Curator: protection). With a
    /// sequential mode there is thus never a second one that nobody knows of.
    pub async fn create_protected(
        &self,
        client: &Client,
        path: &ZPath,
        data: &[u8],
        acl: &[Acl],
        mode: CreateMode,
    ) -> Result<Created, Error> {
        let mark = format!("_c_{:032x}-", fastrand::u128(..));
        let parent = path.parent().unwrap_or_else(ZPath::root);
        // The name may be nothing but the mark and the number: "/folder/", or the root.
        let name = path.as_str().rsplit_once('/').map_or("", |(_, name)| name);
        let marked = parent.child(&format!("{mark}{name}"));
        let mut pauses = Pauses::new(self);
        loop {
            if pauses.lost.is_some() {
                match self.find(client, &parent, &mark, mode).await {
                    Ok(Some(created)) => return Ok(created),
                    Ok(None) => {}
                    Err(error) => return Err(pauses.verdict(error)),
                }
            }
            let error = match client.create(&marked, data, acl, mode).await {
                Ok(created) => return Ok(created),
                Err(error) => error,
            };
            // After a loss it can only be our own that is there.
            let ours = pauses.lost.is_some() && error.is(ErrorCode::NodeExists);
            if !ours && !self.is_worth_it(&error) {
                return Err(pauses.verdict(error));
            }
            pauses.pause(error).await?;
        }
    }

    async fn find(
        &self,
        client: &Client,
        parent: &ZPath,
        mark: &str,
        mode: CreateMode,
    ) -> Result<Option<Created>, Error> {
        let list = || client.get_children(parent);
        let names = self.read_synced(client, parent, list).await?;
        for name in names.iter().filter(|name| name.starts_with(mark)) {
            let path = parent.child(name);
            let stat = self.run(|| client.exists(&path)).await?;
            let Some(stat) = stat else { continue };
            if !mode.is_ephemeral() || stat.ephemeral_owner == client.session().id {
                let stat = Some(stat);
                return Ok(Some(Created { path, stat }));
            }
            // It is of a session that has expired, and would go with it sooner or later.
            match self.delete(client, &path, None).await {
                Err(error) if !error.is(ErrorCode::NoNode) => return Err(error),
                _ => {}
            }
        }
        Ok(None)
    }

    /// Reads what is true now: the server at hand may be another one, and behind what the
    /// last one has done.
    async fn read_synced<T, F>(
        &self,
        client: &Client,
        path: &ZPath,
        read: impl Fn() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let both = || {
            let (sync, read) = (client.sync(path), read());
            async move {
                sync.await?;
                read.await
            }
        };
        self.run(both).await
    }

    fn is_worth_it(&self, error: &Error) -> bool {
        let expired = error.code() == Some(ErrorCode::SessionExpired);
        error.is_transient() && (self.through_expiry || !expired)
    }
}

#[cfg(test)]
mod tests {
    use super::super::error::ErrorKind;
    use super::*;
    use crate::proto::OpCode;
    use std::cell::Cell;
    use std::sync::Arc;

    fn loss(op: OpCode, sent: bool) -> Error {
        let reason = Arc::from("a test");
        Error::of(ErrorKind::ConnectionLost { reason, sent }, op, None, None)
    }

    fn quick() -> Retry {
        Retry::default().delay(Duration::from_millis(1))
    }

    async fn attempts(retry: &Retry, error: Error, succeed_at: u32) -> (bool, u32) {
        let count = Cell::new(0);
        let result = retry
            .run(|| {
                count.set(count.get() + 1);
                let done = count.get() >= succeed_at;
                let error = error.clone();
                async move { if done { Ok(()) } else { Err(error) } }
            })
            .await;
        (result.is_ok(), count.get())
    }

    /// kazoo: `test_retry::test_call`
    /// kazoo: `test_retry::test_too_many_tries`
    #[tokio::test]
    async fn attempts_are_counted_exactly() {
        let read = loss(OpCode::GetData, true);
        assert_eq!(
            attempts(&quick().tries(Some(1)), read.clone(), 9).await,
            (false, 1)
        );
        assert_eq!(
            attempts(&quick().tries(Some(3)), read.clone(), 9).await,
            (false, 3)
        );
        assert_eq!(
            attempts(&quick().tries(Some(3)), read.clone(), 3).await,
            (true, 3)
        );
        assert_eq!(
            attempts(&quick().max_delay(Duration::from_millis(2)), read, 9).await,
            (true, 9)
        );
    }

    /// kazoo: `test_retry::test_connection_closed`
    #[tokio::test]
    async fn a_write_of_unknown_outcome_is_not_repeated() {
        let sent = loss(OpCode::SetData, true);
        assert_eq!(attempts(&quick(), sent, 9).await, (false, 1));
        let unsent = loss(OpCode::SetData, false);
        assert_eq!(attempts(&quick(), unsent, 4).await, (true, 4));
        let refused = Error::of(
            ErrorKind::Server(ErrorCode::NoNode),
            OpCode::GetData,
            None,
            None,
        );
        assert_eq!(attempts(&quick(), refused, 9).await, (false, 1));
        let closed = Error::new(ErrorKind::Closed);
        assert_eq!(attempts(&quick(), closed, 9).await, (false, 1));
    }

    /// kazoo: `test_retry::test_session_expired`
    #[tokio::test]
    async fn expiry_passes_through_if_so_asked_and_deadlines_hold() {
        let expired = Error::new(ErrorKind::SessionExpired { renewed: true });
        assert_eq!(attempts(&quick(), expired.clone(), 3).await, (true, 3));
        let strict = quick().through_expiry(false);
        assert_eq!(attempts(&strict, expired.clone(), 3).await, (false, 1));
        let soon = quick().jitter(0.0).deadline(Some(Duration::from_millis(6)));
        let (done, count) = attempts(&soon, expired, 99).await;
        assert!(!done && count <= 4, "{count} attempts");
    }
}
