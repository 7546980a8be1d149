//! Watches: what a watcher is told, and the futures and streams that tell it.
//! `table.rs` knows which watcher is for which znode; the session task alone fires them.
//!
//! # One znode, several watches
//! From 3.9.0 on a server keeps one watch of each kind for a session and znode, side by side,
//! and removes each by its own type. From 3.6 to 3.8 there is one mode for a session and
//! znode: the last request wins, and only all watches can be removed at once. So there, and
//! while nothing is known of the server, what is asked for depends on what is here already:
//!
//! | asked for                | here, or on its way   | the request asks for | events of children     |
//! |--------------------------|-----------------------|----------------------|------------------------|
//! | one-shot                 | nothing persistent    | the watch            | the server's           |
//! | one-shot of children     | recursive alone       | the watch            | the server's           |
//! | one-shot                 | persistent            | nothing: it leans    | the server's           |
//! | one-shot                 | recursive             | nothing: it leans    | made of their own ones |
//! | persistent               | nothing recursive     | persistent           | the server's           |
//! | persistent               | recursive             | recursive, again     | made of their own ones |
//! | recursive                | anything              | recursive            | made of their own ones |
//!
//! A server keeps data and children apart, and a recursive watch needs only the place of data:
//! that of children is left to the one-shot ones. But it takes that place too when it is set,
//! so those that wait there by then are told of a gap. For events of children that are made of
//! their own ones are not all there are: where a server keeps back the events of znodes that
//! the session may not read (3.8.4 and Debian's 3.8.0), such a child comes and goes unseen.
//!
//! And when a watcher goes, with nothing persistent on its way:
//!
//! | gone           | left                  | the server is told       | told of a gap           |
//! |----------------|-----------------------|--------------------------|-------------------------|
//! | last one-shot  | nothing persistent    | remove that kind         |                         |
//! | a one-shot     | persistent, recursive | nothing                  |                         |
//! | persistent     | recursive             | nothing                  | one-shots of children   |
//! | last recursive | persistent            | remove all, persistent   | one-shots, persistent   |
//! | last of both   | one-shots or nothing  | remove all               | one-shots               |
//!
//! Both follow from `Node::wants`, what should stand on the server, and `Node::stands`, what
//! does. A watcher that leant on what has failed it since is told of a gap, also if the reply
//! to its own request is still to come. Requests are put in the queue under the table's lock,
//! as the server goes by their order.
//!
//! A server that was taken for a newer one than it is (it was one, under the same address) may
//! have let watches take each other's places before it told: see `WatchTable::set_exact`.

mod arm;
mod cell;
mod feed;
mod mailbox;
mod node;
mod rearm;
mod table;
#[cfg(test)]
mod tests;

pub use cell::OneshotWatch;
pub use feed::PersistentWatch;

pub(super) use arm::{Arm, Change, Outcome, Target, Tell};
pub(super) use cell::Cell;
pub(super) use feed::Feed;
pub(super) use table::WatchTable;

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
    /// Changes may have happened that nobody was told of: the session expired, the connection
    /// was away while only a persistent watch stood, or (before 3.9) another watch of the same
    /// znode went, which had stood for this one too, or took its place. Read again.
    Gap,
    /// Nothing will follow: the client is closed, or the watch was taken away
    /// ([`Client::remove_watches`](super::Client::remove_watches)).
    Closed,
}
