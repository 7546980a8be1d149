//! When a connection pings, is given up for its silence, or has had its time to close.
//! Pure: the time goes in, what is due comes out.

use std::time::Duration;

use tokio::time::Instant;

pub(super) struct Timers {
    /// Drop the connection after this much silence.
    silence: Duration,
    /// Ping after this long without a request.
    idle: Duration,
    pub(super) last_sent: Instant,
    pub(super) last_heard: Instant,
    /// Since when a ping waits for its answer.
    pub(super) ping_sent: Option<Instant>,
    /// When to stop waiting for the session to be closed.
    close_by: Option<Instant>,
}

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Due {
    Ping,
    /// Nothing was heard for too long.
    Silence,
    /// Closing takes too long.
    Closing,
    /// Nothing before this.
    Later(Instant),
}

/// How long a closing client waits for what was queued, and then for the server's word.
const CLOSE_PATIENCE: Duration = Duration::from_secs(3);

/// However long the session, a ping goes at least this often, for its round trip is shown.
const LONGEST_IDLE: Duration = Duration::from_secs(10);

impl Timers {
    /// For a session with this timeout, beginning now.
    pub(super) fn new(timeout: Duration, now: Instant) -> Self {
        Self {
            silence: timeout * 2 / 3,
            idle: (timeout / 3).min(LONGEST_IDLE),
            last_sent: now,
            last_heard: now,
            ping_sent: None,
            close_by: None,
        }
    }

    /// How long is too long without a word from the server.
    pub(super) const fn silence(&self) -> Duration {
        self.silence
    }

    pub(super) fn due(&self, now: Instant) -> Due {
        if self.close_by.is_some_and(|by| now >= by) {
            return Due::Closing;
        }
        let silent_at = self.last_heard + self.silence;
        if now >= silent_at {
            return Due::Silence;
        }
        let mut ping_at = self.last_sent + self.idle;
        if now >= ping_at {
            if self.ping_sent.is_none() {
                return Due::Ping;
            }
            // One ping is out: whether another is needed is seen at the next beat.
            ping_at = now + self.idle;
        }
        let next = silent_at.min(ping_at);
        Due::Later(self.close_by.map_or(next, |by| next.min(by)))
    }

    /// From now on the connection is being closed. Answers by when it must be.
    pub(super) fn close(&mut self, now: Instant) -> Instant {
        let by = now + self.silence.min(CLOSE_PATIENCE);
        self.close_by = Some(by);
        by
    }

    pub(super) const fn is_closing(&self) -> bool {
        self.close_by.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// What is due at each of the seconds in which the timer fires, with every ping answered
    /// after `answer`.
    fn pings(timeout: u32, answer: Duration, until: u32) -> Vec<u64> {
        let start = Instant::now();
        let mut timers = Timers::new(timeout * SECOND, start);
        let (mut now, mut pinged) = (start, Vec::new());
        while now < start + until * SECOND {
            if let Some(sent) = timers.ping_sent
                && now >= sent + answer
            {
                timers.ping_sent = None;
                timers.last_heard = sent + answer;
            }
            match timers.due(now) {
                Due::Ping => {
                    pinged.push((now - start).as_secs());
                    timers.ping_sent = Some(now);
                    timers.last_sent = now;
                }
                Due::Later(at) => now = at,
                due => panic!("{due:?} after {:?}", now - start),
            }
        }
        pinged
    }

    #[test]
    fn pings_go_at_every_third_of_the_timeout_and_every_ten_seconds_at_least() {
        let soon = SECOND / 100;
        assert_eq!(pings(30, soon, 45), [10, 20, 30, 40]);
        assert_eq!(pings(40, soon, 55), [10, 20, 30, 40, 50]);
        assert_eq!(pings(6, soon, 9), [2, 4, 6, 8]);
        // While one is out no other goes, and then they go on.
        assert_eq!(pings(40, 12 * SECOND, 65), [10, 30, 50]);
    }

    #[test]
    fn silence_and_closing_end_a_connection_at_their_time() {
        let start = Instant::now();
        let mut timers = Timers::new(30 * SECOND, start);
        timers.last_sent = start + 19 * SECOND;
        assert_eq!(
            timers.due(start + 19 * SECOND),
            Due::Later(start + 20 * SECOND)
        );
        assert_eq!(timers.due(start + 20 * SECOND), Due::Silence);
        assert_eq!(timers.close(start), start + CLOSE_PATIENCE);
        assert_eq!(
            timers.due(start + SECOND),
            Due::Later(start + CLOSE_PATIENCE)
        );
        assert_eq!(timers.due(start + CLOSE_PATIENCE), Due::Closing);
    }
}
