//! Watches: what a watcher is told, and the futures and streams that tell it.
//! `table.rs` knows which watcher is for which znode; the session task alone fires them.

mod arm;
mod cell;
mod feed;
mod node;
mod rearm;
mod table;

pub use cell::OneshotWatch;
pub use feed::PersistentWatch;

pub(super) use arm::{Arm, Target};
pub(super) use cell::Cell;
pub(super) use feed::Feed;
pub(super) use table::{Outcome, Removal, WatchTable};

use crate::proto::{EventType, ZPath};

/// A change of a watched znode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeEvent {
    /// What happened.
    pub kind: EventType,
    /// To which znode.
    pub path: ZPath,
    /// In which transaction; servers tell it from 3.9.0 on.
    pub zxid: Option<i64>,
}

/// What a watcher is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchEvent {
    /// The znode changed.
    Node(NodeEvent),
    /// Changes may have happened that nobody was told of: the session expired, or the
    /// connection was away while only a persistent watch stood. Read again.
    Gap,
    /// Nothing will follow: the client is closed, or the watch was taken away
    /// ([`Client::remove_watches`](super::Client::remove_watches)).
    Closed,
}
