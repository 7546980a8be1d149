//! A running server in the hand: where it is, what is in it, and what shall go wrong with it.
//! Dropping the handle stops the server and closes every connection.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::watch;

use super::connection::Shared;
use super::faults::Plan;
use super::local::Local;
use crate::proto::{ErrorCode, OpCode};

/// A running server.
#[derive(Debug)]
pub struct Handle {
    addr: SocketAddr,
    shared: Shared,
    // Every task ends when this is dropped.
    stop: watch::Sender<()>,
}

impl Handle {
    pub(super) fn new(addr: SocketAddr, shared: Shared, stop: watch::Sender<()>) -> Self {
        Self { addr, shared, stop }
    }

    /// Where it listens.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `host:port`, as clients take it.
    pub fn hosts(&self) -> String {
        self.addr.to_string()
    }

    /// Access to the tree without a socket, for seeds and actors.
    pub fn local(&self) -> Local {
        Local::new(self.shared.clone(), self.stop.subscribe())
    }

    /// The ids of all live sessions, sorted.
    pub fn sessions(&self) -> Vec<i64> {
        self.shared.lock().sessions.ids()
    }

    /// How many sockets are open.
    pub fn connections(&self) -> usize {
        self.shared.lock().conns.len()
    }

    /// How many frames clients have sent so far.
    pub fn received(&self) -> u64 {
        self.shared.lock().received
    }

    /// How many watches there are.
    pub fn watches(&self) -> usize {
        self.shared.lock().watches.total()
    }

    /// The last transaction's number.
    pub fn last_zxid(&self) -> i64 {
        self.shared.lock().applied
    }

    /// Closes the connection that serves `session`; answers whether there was one. The
    /// session lives on.
    pub fn drop_connection(&self, session: i64) -> bool {
        let mut state = self.shared.lock();
        let conn = state.sessions.get(session).and_then(|session| session.conn);
        match conn.and_then(|conn| state.conns.get_mut(&conn)) {
            Some(conn) => {
                conn.hang_up();
                true
            }
            None => false,
        }
    }

    /// Closes every connection; sessions live on.
    pub fn drop_all_connections(&self) {
        for conn in self.shared.lock().conns.values_mut() {
            conn.hang_up();
        }
    }

    /// From now on (or no longer) new connections are closed as soon as they are accepted.
    pub fn refuse_connections(&self, refuse: bool) {
        self.shared.lock().faults.refuse = refuse;
    }

    /// Stops executing and answering requests, or goes on with all that came meanwhile.
    pub fn stop_answering(&self, mute: bool) {
        let mut state = self.shared.lock();
        state.faults.mute = mute;
        state.nudge_all();
    }

    /// Lets everything that is sent from now on leave so much later; zero ends it.
    pub fn delay_replies(&self, delay: Duration) {
        self.shared.lock().faults.delay = delay;
    }

    /// Ends a session as if its client had not been heard of; answers whether it lived.
    pub fn expire_session(&self, session: i64) -> bool {
        self.shared.lock().expire(session)
    }

    /// Answers the next `op` (or the next request at all, pings and closes apart) with
    /// `code` instead of executing it. Several wait their turn.
    pub fn fail_next(&self, op: Option<OpCode>, code: ErrorCode) {
        self.shared.lock().faults.plan(op, Plan::Answer(code));
    }

    /// Ends the connection that next sends `op` (or any request) before executing it.
    pub fn lose_next_request(&self, op: Option<OpCode>) {
        self.shared.lock().faults.plan(op, Plan::LoseRequest);
    }

    /// Executes the next `op` (or any request) and ends the connection instead of answering:
    /// the client can't know whether it was applied.
    pub fn lose_next_reply(&self, op: Option<OpCode>) {
        self.shared.lock().faults.plan(op, Plan::LoseReply);
    }

    /// Sends bytes that are no frame (or any that you like) to every connection.
    pub fn send_raw(&self, bytes: &[u8]) {
        for conn in self.shared.lock().conns.values_mut() {
            conn.raw(bytes);
        }
    }

    /// Behaves as a server that has lost its quorum: clients that did not ask for a
    /// read-only server are dropped and refused, the others may read.
    pub fn set_read_only(&self, read_only: bool) {
        self.shared.lock().set_read_only(read_only);
    }

    /// Lets time pass: sessions expire, containers and TTL nodes go.
    pub fn advance(&self, by: Duration) {
        let mut state = self.shared.lock();
        state.clock.advance(by);
        state.tick();
    }

    /// Looks after containers and TTL nodes now.
    pub fn sweep(&self) {
        let mut state = self.shared.lock();
        let now = state.clock.now();
        state.sweep(now);
    }
}
