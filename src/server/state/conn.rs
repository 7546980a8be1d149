//! One connection as the state sees it: whose it is, and the bytes that wait to be sent.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::Notify;

use super::notification;
use crate::proto::{AclId, Encode, EventType, KeeperState, WatchedEvent};

/// What is to become of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum End {
    /// It goes on.
    #[default]
    Open,
    /// It is closed once everything is sent.
    AfterSending,
    /// It is closed at once.
    Now,
}

/// A client's connection.
#[derive(Debug)]
pub struct Conn {
    /// Where the client is.
    pub peer: SocketAddr,
    /// When it was accepted, in milliseconds since 1970.
    pub since: i64,
    /// Its session, once the handshake is done.
    pub session: Option<i64>,
    /// Who it is: its address, and what it proved since.
    pub ids: Vec<AclId>,
    /// Whether it was told that the server is read-only.
    pub read_only: bool,
    /// Frames received.
    pub received: u64,
    /// Frames sent.
    pub sent: u64,
    /// The name of the last operation, as `cons` has it.
    pub last_op: &'static str,
    /// The last xid.
    pub last_xid: i32,
    /// Whether and how it is to be closed.
    pub end: End,
    out: Vec<u8>,
    wake: Arc<Notify>,
}

impl Conn {
    /// A connection just accepted.
    pub fn new(peer: SocketAddr, wake: Arc<Notify>, now: i64) -> Self {
        Self {
            ids: vec![AclId {
                scheme: "ip".to_owned(),
                id: peer.ip().to_canonical().to_string(),
            }],
            peer,
            since: now,
            session: None,
            read_only: false,
            received: 0,
            sent: 0,
            last_op: "NA",
            last_xid: 0,
            end: End::Open,
            out: Vec::new(),
            wake,
        }
    }

    /// Adds an identity, once.
    pub fn identify(&mut self, id: AclId) {
        if !self.ids.contains(&id) {
            self.ids.push(id);
        }
    }

    /// Queues one frame, whose payload `write` makes.
    pub fn frame(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.end != End::Open {
            return;
        }
        let start = self.out.len();
        self.out.extend_from_slice(&[0; 4]);
        write(&mut self.out);
        let length = u32::try_from(self.out.len() - start - 4).unwrap_or(u32::MAX);
        self.out[start..start + 4].copy_from_slice(&length.to_be_bytes());
        self.sent += 1;
    }

    /// Queues an event and wakes the connection's task.
    pub fn notify(&mut self, zxid: i64, kind: EventType, path: &str) {
        let event = WatchedEvent {
            kind,
            // What a server says even when it is read-only.
            state: KeeperState::SYNC_CONNECTED,
            path: path.to_owned(),
        };
        self.frame(|out| {
            notification(zxid).encode(out);
            event.encode(out);
        });
        self.wake.notify_one();
    }

    /// Queues bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
        self.wake.notify_one();
    }

    /// Closes without a further word.
    pub fn hang_up(&mut self) {
        self.end = End::Now;
        self.out = Vec::new();
        self.wake.notify_one();
    }

    /// Closes after what is queued.
    pub fn finish(&mut self) {
        if self.end == End::Open {
            self.end = End::AfterSending;
        }
        self.wake.notify_one();
    }

    /// Makes the connection's task look again.
    pub fn nudge(&self) {
        self.wake.notify_one();
    }

    /// How many bytes wait.
    pub const fn waiting(&self) -> usize {
        self.out.len()
    }

    /// Takes what waits to be sent.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }
}
