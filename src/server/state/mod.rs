//! Everything that the server knows, behind one lock: tree, watches, sessions, connections
//! and faults. A connection's task hands its frames in and takes its bytes out; what happens
//! in between is here, and is told what time it is.

mod conn;
mod handshake;
mod multi;
mod reads;
mod request;
mod watching;
mod words;
mod writes;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::Notify;

pub use conn::{Conn, End};
pub use words::is_word;

use super::clock::Clock;
use super::faults::Faults;
use super::options::Options;
use super::sessions::Sessions;
use super::tree::{Change, ConnId, Tree, TreeRules, Watches, allows};
use super::version::Version;
use crate::proto::{ErrorCode, Perms, ReplyHeader, xid};

/// How long a connection may take to ask for a session.
const HANDSHAKE_MS: i64 = 10_000;

/// How a request ends: its record has been written (or there is none), or the reply's header
/// carries an error and nothing follows it.
pub type Answer = Result<(), ErrorCode>;

/// A server's whole state.
#[derive(Debug)]
pub struct State {
    pub version: Version,
    pub tree: Tree,
    pub watches: Watches,
    pub sessions: Sessions,
    pub conns: HashMap<ConnId, Conn>,
    pub clock: Clock,
    pub faults: Faults,
    /// The last number given to a transaction.
    zxid: i64,
    /// The last transaction made: what replies tell.
    pub applied: i64,
    pub options: Options,
    pub started: i64,
    pub received: u64,
    pub sent: u64,
    next_conn: ConnId,
    swept: i64,
    /// Reused for every reply's record.
    scratch: Vec<u8>,
}

impl State {
    /// A fresh server, still without what its seed holds.
    pub fn new(options: Options) -> Self {
        let mut clock = options
            .starts_at
            .map_or_else(Clock::default, Clock::starting_at);
        let now = options.starts_at.unwrap_or_else(|| clock.now());
        Self {
            version: options.version,
            tree: Tree::new(TreeRules {
                version: options.version,
                ttl_nodes: options.ttl_nodes,
            }),
            watches: Watches::new(options.version),
            sessions: Sessions::new(options.tick, now),
            conns: HashMap::new(),
            clock,
            faults: Faults::default(),
            zxid: 0,
            applied: 0,
            options,
            started: now,
            received: 0,
            sent: 0,
            next_conn: 1,
            swept: now,
            scratch: Vec::new(),
        }
    }

    /// A socket was accepted. `None` if there are too many, or new ones are refused.
    pub fn accept(&mut self, peer: SocketAddr, wake: Arc<Notify>) -> Option<ConnId> {
        if self.faults.refuse || self.conns.len() >= self.options.max_connections {
            return None;
        }
        let id = self.next_conn;
        self.next_conn += 1;
        let now = self.clock.now();
        self.conns.insert(id, Conn::new(peer, wake, now));
        Some(id)
    }

    /// A socket is gone. Its session lives on until it expires or is resumed.
    pub fn forget(&mut self, id: ConnId) {
        self.watches.forget(id);
        if let Some(conn) = self.conns.remove(&id)
            && let Some(session) = conn.session.and_then(|id| self.sessions.get_mut(id))
            && session.conn == Some(id)
        {
            session.conn = None;
        }
    }

    /// The next transaction's number.
    pub fn next_zxid(&mut self) -> i64 {
        self.zxid += 1;
        self.applied = self.zxid;
        self.zxid
    }

    /// Makes changes final and tells the watchers.
    pub fn commit(&mut self, changes: Vec<Change>) {
        let zxid = self.applied;
        let event_zxid = if self.version.event_has_zxid() {
            zxid
        } else {
            -1
        };
        for event in self.tree.commit(changes) {
            for id in self.watches.fire(event.kind, &event.path) {
                let Some(conn) = self.conns.get_mut(&id) else {
                    continue;
                };
                if self.version.filters_events() && !allows(&event.acl, Perms::READ, &conn.ids) {
                    continue;
                }
                conn.notify(event_zxid, event.kind, &event.path);
                if conn.waiting() > self.options.outbox_limit {
                    conn.hang_up();
                }
            }
        }
    }

    /// Ends a session: its ephemerals go in one transaction, watchers hear of them.
    pub fn end_session(&mut self, id: i64) {
        let zxid = self.next_zxid();
        let paths: Vec<String> = self.tree.owned_by(id).map(str::to_owned).collect();
        let mut changes = Vec::with_capacity(paths.len());
        for path in paths {
            self.tree.delete_unasked(zxid, &path, &mut changes);
        }
        self.sessions.close(id);
        self.commit(changes);
    }

    /// Ends a session as its expiry does: the connection is closed without a word.
    pub fn expire(&mut self, id: i64) -> bool {
        let Some(session) = self.sessions.get(id) else {
            return false;
        };
        let conn = session.conn;
        self.end_session(id);
        if let Some(conn) = conn.and_then(|conn| self.conns.get_mut(&conn)) {
            conn.hang_up();
        }
        true
    }

    /// What time does: sessions expire, containers and TTL nodes go, connections that never
    /// asked for a session are closed.
    pub fn tick(&mut self) {
        let now = self.clock.now();
        // Without a quorum nobody may say that a session is over.
        if !self.faults.read_only {
            for session in self.sessions.overdue(now) {
                self.expire(session);
            }
        }
        for conn in self.conns.values_mut() {
            if conn.session.is_none() && now - conn.since >= HANDSHAKE_MS {
                conn.hang_up();
            }
        }
        let every = i64::try_from(self.options.sweep_every.as_millis()).unwrap_or(i64::MAX);
        if now - self.swept >= every && !self.faults.read_only {
            self.swept = now;
            self.sweep(now);
        }
    }

    /// Deletes the containers and TTL nodes whose time is over, each in its transaction.
    pub fn sweep(&mut self, now: i64) {
        for path in self.tree.overdue(now) {
            let zxid = self.next_zxid();
            let mut changes = Vec::new();
            self.tree.delete_unasked(zxid, &path, &mut changes);
            self.commit(changes);
        }
    }

    /// How many bytes wait to be sent on a connection.
    pub fn waiting(&self, id: ConnId) -> usize {
        self.conns.get(&id).map_or(0, Conn::waiting)
    }

    /// Takes the bytes to send on a connection.
    pub fn take_out(&mut self, id: ConnId) -> Vec<u8> {
        self.conns.get_mut(&id).map(Conn::take).unwrap_or_default()
    }

    /// What is to become of a connection.
    pub fn end(&self, id: ConnId) -> End {
        self.conns.get(&id).map_or(End::Now, |conn| conn.end)
    }

    /// Closes a connection without a word.
    pub fn hang_up(&mut self, id: ConnId) {
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.hang_up();
        }
    }

    /// Sends bytes and closes.
    pub fn last_words(&mut self, id: ConnId, bytes: &[u8]) {
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.raw(bytes);
            conn.finish();
        }
    }

    /// Makes every connection's task look again.
    pub fn nudge_all(&self) {
        for conn in self.conns.values() {
            conn.nudge();
        }
    }

    /// Loses or regains the quorum: whoever was told otherwise is dropped.
    pub fn set_read_only(&mut self, read_only: bool) {
        self.faults.read_only = read_only;
        if !read_only {
            // A new leader gives every session its whole time again.
            let now = self.clock.now();
            self.sessions.close_local();
            self.sessions.touch_all(now);
        }
        for conn in self.conns.values_mut() {
            if conn.session.is_some() && conn.read_only != read_only {
                conn.hang_up();
            }
        }
    }
}

/// The header of a notification.
const fn notification(zxid: i64) -> ReplyHeader {
    ReplyHeader {
        xid: xid::NOTIFICATION,
        zxid,
        err: 0,
    }
}
