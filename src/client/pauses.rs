//! The pauses between the attempts of one series, and what the series has come to: an
//! attempt that certainly failed says nothing of an earlier one whose answer was lost.

use std::time::{Duration, Instant};

use super::error::Error;
use super::retry::Retry;

/// The pauses of one series of attempts.
pub(super) struct Pauses<'a> {
    retry: &'a Retry,
    started: Instant,
    tried: u32,
    next: Duration,
    /// The first error that left it open whether the write was applied.
    pub(super) lost: Option<Error>,
}

impl<'a> Pauses<'a> {
    pub(super) fn new(retry: &'a Retry) -> Self {
        Self {
            retry,
            started: Instant::now(),
            tried: 0,
            next: retry.delay,
            lost: None,
        }
    }

    /// What to say at the end: an attempt that certainly failed says nothing of those before.
    pub(super) fn verdict(&self, last: Error) -> Error {
        self.lost.clone().unwrap_or(last)
    }

    /// Pauses before the next attempt; if there is to be none, says why.
    pub(super) async fn pause(&mut self, error: Error) -> Result<(), Error> {
        if error.may_have_been_applied() {
            self.lost.get_or_insert_with(|| error.clone());
        }
        self.tried = self.tried.saturating_add(1);
        if self.retry.tries.is_some_and(|tries| self.tried >= tries) {
            return Err(self.verdict(error));
        }
        let pause = jittered(self.next, self.retry.jitter, fastrand::f64());
        let late = |deadline| self.started.elapsed() + pause > deadline;
        if self.retry.deadline.is_some_and(late) {
            return Err(self.verdict(error));
        }
        self.next = scaled(pause, self.retry.backoff).min(self.retry.max_delay);
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

/// A pause, longer or shorter by up to `part` of itself: `chance` says where from the shortest
/// (0) to the longest (1).
fn jittered(pause: Duration, part: f64, chance: f64) -> Duration {
    scaled(pause, 1.0 + part.clamp(0.0, 1.0) * (2.0 * chance - 1.0))
}

/// A duration times a factor, whatever the factor: never negative, never too long to hold.
fn scaled(duration: Duration, factor: f64) -> Duration {
    Duration::try_from_secs_f64(duration.as_secs_f64() * factor)
        .unwrap_or(Duration::from_secs(3600))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::error::ErrorKind;
    use super::*;
    use crate::proto::OpCode;

    #[tokio::test]
    async fn the_last_attempt_does_not_hide_that_the_first_may_have_been_applied() {
        let loss = |sent| {
            let reason = Arc::from("a test");
            let kind = ErrorKind::ConnectionLost { reason, sent };
            Error::of(kind, OpCode::SetData, None, None)
        };
        let retry = Retry::default().tries(Some(2)).delay(Duration::ZERO);
        let mut pauses = Pauses::new(&retry);
        pauses.pause(loss(true)).await.expect("one more");
        let error = pauses.pause(loss(false)).await.expect_err("that was all");
        assert!(error.may_have_been_applied());
    }

    /// kazoo: `test_retry::test_maximum_delay`
    #[tokio::test]
    async fn pauses_grow_by_their_factor_up_to_the_longest() {
        let retry = Retry::default()
            .delay(Duration::from_millis(1))
            .jitter(0.0)
            .max_delay(Duration::from_millis(9));
        let mut pauses = Pauses::new(&retry);
        let mut seen = Vec::new();
        for _ in 0..6 {
            seen.push(pauses.next.as_millis());
            let error = Error::new(ErrorKind::SessionExpired { renewed: true });
            pauses.pause(error).await.expect("there is no end");
        }
        assert_eq!(seen, [1, 2, 4, 8, 9, 9]);
    }

    #[test]
    fn a_pause_is_off_by_its_part_at_most_to_both_sides() {
        let pause = |part, chance| jittered(Duration::from_millis(100), part, chance).as_millis();
        assert_eq!(
            [0.0, 0.5, 1.0].map(|chance| pause(0.4, chance)),
            [60, 100, 140]
        );
        assert_eq!(
            [0.0, 0.5, 1.0].map(|chance| pause(9.0, chance)),
            [0, 100, 200]
        );
        assert_eq!([0.0, 0.5, 1.0].map(|chance| pause(-1.0, chance)), [100; 3]);
    }

    #[tokio::test]
    async fn pauses_are_not_all_alike() {
        let retry = Retry::default()
            .delay(Duration::from_micros(100))
            .backoff(1.0);
        let mut pauses = Pauses::new(&retry);
        let mut seen = std::collections::HashSet::new();
        for _ in 0..20 {
            let error = Error::new(ErrorKind::SessionExpired { renewed: true });
            pauses.pause(error).await.expect("there is no end");
            seen.insert(pauses.next);
        }
        assert!(seen.len() > 10, "{seen:?}");
    }

    #[test]
    fn no_factor_makes_a_pause_impossible() {
        let second = Duration::from_secs(1);
        assert_eq!(scaled(second, f64::INFINITY), Duration::from_secs(3600));
        assert_eq!(scaled(second, f64::NAN), Duration::from_secs(3600));
        assert_eq!(scaled(second, 2.0), second * 2);
    }
}
