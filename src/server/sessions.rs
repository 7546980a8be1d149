//! Sessions: their ids, passwords, timeouts and deadlines. PURE: told what time it is; knows
//! neither sockets nor what a session owns.

use std::collections::HashMap;
use std::time::Duration;

use super::tree::ConnId;

/// One client's session.
#[derive(Debug, Clone)]
pub struct Session {
    /// The negotiated timeout in milliseconds.
    pub timeout_ms: i32,
    /// What resumes it.
    pub password: [u8; 16],
    /// The connection it is served on.
    pub conn: Option<ConnId>,
    /// Opened while the server was read-only: other servers don't know it.
    pub local: bool,
    deadline: i64,
}

/// All sessions of a server.
#[derive(Debug)]
pub struct Sessions {
    tick_ms: i64,
    next: i64,
    live: HashMap<i64, Session>,
}

impl Sessions {
    /// Ids start from the time, as a real server's do, so that those of an earlier run are
    /// unknown here.
    pub fn new(tick: Duration, now: i64) -> Self {
        Self {
            tick_ms: i64::try_from(tick.as_millis()).unwrap_or(2_000).max(1),
            next: ((now << 24) & 0x00ff_ffff_ffff_ffff) | 1 << 56,
            live: HashMap::new(),
        }
    }

    /// The timeout a client gets for the one it asked for: 2 to 20 ticks.
    pub fn negotiate(&self, asked_ms: i32) -> i32 {
        let limit = |ticks: i64| i32::try_from(self.tick_ms * ticks).unwrap_or(i32::MAX);
        asked_ms.clamp(limit(2), limit(20))
    }

    /// A new session of a client.
    pub fn open(&mut self, timeout_ms: i32, now: i64) -> i64 {
        let id = self.add(timeout_ms);
        self.touch(id, now);
        id
    }

    /// A session without a client, which never expires.
    pub fn open_for_good(&mut self) -> i64 {
        let id = self.add(i32::MAX);
        if let Some(session) = self.live.get_mut(&id) {
            session.deadline = i64::MAX;
        }
        id
    }

    fn add(&mut self, timeout_ms: i32) -> i64 {
        let id = self.next;
        self.next += 1;
        let mut password = [0; 16];
        for byte in &mut password {
            *byte = fastrand::u8(..);
        }
        let session = Session {
            timeout_ms,
            password,
            conn: None,
            local: false,
            deadline: 0,
        };
        self.live.insert(id, session);
        id
    }

    /// The session, if it lives.
    pub fn get(&self, id: i64) -> Option<&Session> {
        self.live.get(&id)
    }

    /// The session to change, if it lives.
    pub fn get_mut(&mut self, id: i64) -> Option<&mut Session> {
        self.live.get_mut(&id)
    }

    /// The client has been heard of.
    pub fn touch(&mut self, id: i64, now: i64) {
        let tick = self.tick_ms;
        if let Some(session) = self.live.get_mut(&id) {
            // Up to the next tick, as ZooKeeper's expiry queue rounds.
            let due = now + i64::from(session.timeout_ms);
            session.deadline = session.deadline.max((due / tick + 1) * tick);
        }
    }

    /// Every client counts as heard of.
    pub fn touch_all(&mut self, now: i64) {
        for id in self.ids() {
            self.touch(id, now);
        }
    }

    /// The session ends.
    pub fn close(&mut self, id: i64) -> Option<Session> {
        self.live.remove(&id)
    }

    /// The sessions whose time is over, the oldest first.
    pub fn overdue(&self, now: i64) -> Vec<i64> {
        let mut over: Vec<i64> = self
            .live
            .iter()
            .filter(|(_, session)| session.deadline <= now)
            .map(|(&id, _)| id)
            .collect();
        over.sort_unstable();
        over
    }

    /// The sessions that only a read-only server knew, all of them ended.
    pub fn close_local(&mut self) {
        self.live.retain(|_, session| !session.local);
    }

    /// All ids with the time at which each expires, sorted by that.
    pub fn deadlines(&self) -> Vec<(i64, i64)> {
        let mut all: Vec<(i64, i64)> = self
            .live
            .iter()
            .map(|(&id, session)| (session.deadline, id))
            .collect();
        all.sort_unstable();
        all
    }

    /// All ids.
    pub fn ids(&self) -> Vec<i64> {
        let mut ids: Vec<i64> = self.live.keys().copied().collect();
        ids.sort_unstable();
        ids
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_clamped_and_rounded_up_to_a_tick() {
        let mut sessions = Sessions::new(Duration::from_secs(2), 0);
        assert_eq!(sessions.negotiate(1), 4_000);
        assert_eq!(sessions.negotiate(-5), 4_000);
        assert_eq!(sessions.negotiate(i32::MAX), 40_000);
        let id = sessions.open(4_000, 1_000);
        assert_eq!(sessions.overdue(5_999), [0; 0]);
        sessions.touch(id, 3_000);
        assert_eq!(sessions.overdue(7_999), [0; 0]);
        assert_eq!(sessions.overdue(8_000), [id]);
        assert!(sessions.close(id).is_some());
        assert_eq!(sessions.overdue(i64::MAX), [0; 0]);
    }
}
