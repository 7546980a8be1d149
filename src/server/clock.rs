//! The server's time: the machine's, plus what a test has shifted it by. All deadlines are
//! reckoned in it, so an hour can pass in no time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970, never going back.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    shift_ms: i64,
    last: i64,
}

impl Clock {
    /// A clock for which it is this time now.
    pub fn starting_at(ms: i64) -> Self {
        let real = Self::default().now();
        Self {
            shift_ms: ms.saturating_sub(real),
            last: ms,
        }
    }

    /// What time it is.
    pub fn now(&mut self) -> i64 {
        let real = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0));
        self.last = self.last.max(real.saturating_add(self.shift_ms));
        self.last
    }

    /// Lets `by` pass.
    pub fn advance(&mut self, by: Duration) {
        let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.shift_ms = self.shift_ms.saturating_add(by);
    }
}
