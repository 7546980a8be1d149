//! `ChildrenWatch`: one znode's children, now and after every change.

use super::follow::{Follow, Follower};
use crate::client::{Client, Error, OneshotWatch};
use crate::proto::{ChildrenReply, Stat, ZPath};

/// Follows the children of one znode (kazoo: `ChildrenWatch`).
///
/// - The list is told at once, even if empty, and again after every change, even if others
///   have made it the same again meanwhile; changes in quick succession may be told as one.
/// - After a lost session the list is told only if it has changed meanwhile, even if it is the
///   same again.
/// - A znode that is absent, or deleted, is told as a `NoNode` error, and its (re-)creation
///   as a list: unlike kazoo's, the watch goes on.
/// - A refusal (`NoAuth`) or an over-large reply is told once. The read is tried again when
///   the connection or its identities change, and now and then: no watch tells of a new ACL.
/// - Servers since 3.8.4 and 3.9.2 tell nothing of a znode while the session may not read it,
///   and take the watch for used all the same: such a change is not told, nor any after it
///   before the next connection.
/// - Dropping it ends the watch, on the server too if nobody else has the same.
pub struct ChildrenWatch(Follower<Children>);

impl ChildrenWatch {
    /// Starts to follow; the first read is queued by this call.
    pub fn new(client: &Client, path: &ZPath) -> Self {
        Self(Follower::new(client, path))
    }

    /// Whether the list seen last is true as far as is known, and watched.
    pub(super) const fn is_armed(&self) -> bool {
        self.0.is_armed()
    }

    /// The next list or error; `None` once the client is closed. Safe to cancel.
    pub async fn next(&mut self) -> Option<Result<ChildrenReply, Error>> {
        self.0.next().await
    }
}

struct Children;

impl Follow for Children {
    type Reply = ChildrenReply;
    /// The znode, and how often its list has changed: equal marks mean equal lists.
    type Mark = (i64, i64, i32);

    const EVERY_CHANGE: bool = true;

    fn read(
        client: &Client,
        path: &ZPath,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(ChildrenReply, OneshotWatch), Error>> + Send>>
    {
        Box::pin(client.get_children_watch(path))
    }

    fn stat(reply: &ChildrenReply) -> &Stat {
        &reply.stat
    }

    fn mark(stat: &Stat) -> Self::Mark {
        (stat.czxid, stat.pzxid, stat.cversion)
    }
}
