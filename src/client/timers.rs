//! When a connection pings, is given up for its silence, or has had its time to close.
//! Pure: the time goes in, what is due comes out.

use std::time::Duration;

use tokio::time::Instant;

pub(super) struct Timers {
    /// Drop the connection after this much silence.
    silence: Duration,
    /// Ping this often, whatever else is sent: no other reply tells the round trip.
    beat: Duration,
    next_ping: Instant,
    last_heard: Instant,
    /// The first time that something was sent after the server was last heard. A process that
    /// was stopped has asked nothing, so it can't call the server silent.
    asked: Option<Instant>,
    /// The verdict of silence was put off until then, once.
    reprieve: Option<Instant>,
    /// Since when a ping waits for its answer.
    ping_sent: Option<Instant>,
    /// The shortest time that a ping took there and back.
    shortest_trip: Option<Duration>,
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

/// However long the session, a ping goes this often, for its round trip is shown.
const LONGEST_BEAT: Duration = Duration::from_secs(10);

/// A round trip within a data centre, with time for a busy server to look at its sockets.
const NEAR: Duration = Duration::from_millis(5);

/// Long enough for the runtime to look at its sockets.
const REPRIEVE: Duration = Duration::from_millis(50);

impl Timers {
    /// For a session with this timeout, beginning now.
    pub(super) fn new(timeout: Duration, now: Instant) -> Self {
        let beat = (timeout / 3).min(LONGEST_BEAT);
        Self {
            silence: timeout * 2 / 3,
            beat,
            next_ping: now + beat,
            last_heard: now,
            asked: None,
            reprieve: None,
            ping_sent: None,
            shortest_trip: None,
            close_by: None,
        }
    }

    /// How long is too long without a word from the server.
    pub(super) const fn silence(&self) -> Duration {
        self.silence
    }

    /// Something was sent.
    pub(super) fn sent(&mut self, now: Instant) {
        self.asked.get_or_insert(now);
    }

    /// A ping goes.
    pub(super) fn ping(&mut self, now: Instant) {
        self.ping_sent = Some(now);
        self.next_ping = now + self.beat;
        self.sent(now);
    }

    /// A ping was answered; answers how long that took.
    pub(super) fn pong(&mut self, now: Instant) -> Option<Duration> {
        let trip = now - self.ping_sent.take()?;
        let shortest = self.shortest_trip.map_or(trip, |known| known.min(trip));
        self.shortest_trip = Some(shortest);
        Some(trip)
    }

    /// Whether the way to the server is known to be short: a round trip more does no harm.
    pub(super) fn is_near(&self) -> bool {
        self.shortest_trip.is_some_and(|trip| trip <= NEAR)
    }

    /// Something was heard.
    pub(super) fn heard(&mut self, now: Instant) {
        self.last_heard = now;
        self.asked = None;
        self.reprieve = None;
    }

    /// Puts the verdict of silence off for a moment, if that was not done before: in a process
    /// that was stopped, what has come may not be known yet.
    pub(super) fn doubt(&mut self, now: Instant) -> bool {
        let first = self.reprieve.is_none();
        self.reprieve.get_or_insert(now + REPRIEVE);
        first
    }

    pub(super) const fn last_heard(&self) -> Instant {
        self.last_heard
    }

    pub(super) fn due(&self, now: Instant) -> Due {
        if self.close_by.is_some_and(|by| now >= by) {
            return Due::Closing;
        }
        // Whatever was heard since a ping went, the ping still waits for its answer.
        let asked = self.asked.or(self.ping_sent);
        let silent_at = asked.map(|asked| {
            let patience = self.silence.saturating_sub(self.beat);
            let at = (self.last_heard + self.silence).max(asked + patience);
            self.reprieve.map_or(at, |reprieve| at.max(reprieve))
        });
        if silent_at.is_some_and(|at| now >= at) {
            return Due::Silence;
        }
        let mut ping_at = self.next_ping;
        if now >= ping_at {
            if self.ping_sent.is_none() {
                return Due::Ping;
            }
            // One ping is out: whether another is needed is seen at the next beat.
            ping_at = now + self.beat;
        }
        let next = [silent_at, self.close_by].into_iter().flatten();
        Due::Later(next.fold(ping_at, Instant::min))
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
                timers.pong(sent + answer);
                timers.heard(sent + answer);
            }
            match timers.due(now) {
                Due::Ping => {
                    pinged.push((now - start).as_secs());
                    timers.ping(now);
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
        assert_eq!(pings(40, 12 * SECOND, 60), [10, 26, 46]);
    }

    #[test]
    fn a_server_is_silent_only_if_it_was_asked() {
        let start = Instant::now();
        let at = |seconds: u32| start + seconds * SECOND;
        let mut timers = Timers::new(30 * SECOND, start);
        timers.sent(at(3));
        assert_eq!(timers.due(at(4)), Due::Later(at(10)));
        timers.ping(at(10));
        assert_eq!(timers.due(at(10)), Due::Later(at(20)));
        assert_eq!(timers.due(at(20)), Due::Silence);
        // Whoever wakes late asks first.
        timers.heard(at(14));
        timers.pong(at(14));
        assert_eq!(timers.due(at(50)), Due::Ping);
        timers.ping(at(50));
        assert_eq!(timers.due(at(50)), Due::Later(at(60)));
        assert_eq!(timers.due(at(60)), Due::Silence);
        assert!(timers.doubt(at(60)));
        assert_eq!(timers.due(at(60)), Due::Later(at(60) + REPRIEVE));
        assert_eq!(timers.due(at(60) + REPRIEVE), Due::Silence);
        assert!(!timers.doubt(at(61)), "once is enough");
    }

    #[test]
    fn what_is_heard_before_the_pong_stands_for_no_pong() {
        let start = Instant::now();
        let at = |seconds: u32| start + seconds * SECOND;
        let mut timers = Timers::new(30 * SECOND, start);
        timers.ping(at(10));
        timers.heard(at(12));
        // It was alive then: the time of silence begins there.
        assert_eq!(timers.due(at(20)), Due::Later(at(30)));
        assert_eq!(timers.due(at(31)), Due::Later(at(32)));
        assert_eq!(timers.due(at(32)), Due::Silence);
    }

    #[test]
    fn requests_spare_no_ping() {
        let start = Instant::now();
        let mut timers = Timers::new(30 * SECOND, start);
        for second in 1..10 {
            timers.sent(start + second * SECOND);
            timers.heard(start + second * SECOND);
        }
        assert_eq!(
            timers.due(start + 9 * SECOND),
            Due::Later(start + 10 * SECOND)
        );
        assert_eq!(timers.due(start + 10 * SECOND), Due::Ping);
    }

    #[test]
    fn a_server_is_near_if_it_ever_answered_at_once() {
        let mut now = Instant::now();
        let mut timers = Timers::new(30 * SECOND, now);
        let mut ping = |timers: &mut Timers, trip: Duration| {
            timers.ping(now);
            now += trip;
            timers.pong(now)
        };
        assert!(!timers.is_near(), "nothing is known");
        assert_eq!(ping(&mut timers, 2 * NEAR), Some(2 * NEAR));
        assert!(!timers.is_near());
        assert_eq!(ping(&mut timers, NEAR), Some(NEAR));
        assert!(timers.is_near());
        // It has much to do, but it has not moved.
        assert_eq!(ping(&mut timers, SECOND), Some(SECOND));
        assert!(timers.is_near());
        assert_eq!(timers.pong(now), None, "no ping was out");
    }

    #[test]
    fn closing_has_its_time() {
        let start = Instant::now();
        let mut timers = Timers::new(30 * SECOND, start);
        assert_eq!(timers.close(start), start + CLOSE_PATIENCE);
        assert_eq!(
            timers.due(start + SECOND),
            Due::Later(start + CLOSE_PATIENCE)
        );
        assert_eq!(timers.due(start + CLOSE_PATIENCE), Due::Closing);
    }
}
