//! `DataWatch`: one znode's data, now and after every change.

use super::follow::{Follow, Follower};
use crate::client::{Client, Error, OneshotWatch};
use crate::proto::{DataReply, Stat, ZPath};

/// Follows the data of one znode (kazoo: `DataWatch`).
///
/// - The data is told at once, and again whenever its `mzxid` differs from the last one told:
///   setting equal bytes counts, changes of the ACL or of children don't. Changes in quick
///   succession may be told as one, with the newest data.
/// - A znode that is absent, or deleted, is told as a `NoNode` error, and its (re-)creation
///   as data.
/// - After a lost session the data is told only if it differs.
/// - A refusal (`NoAuth`) or an over-large reply is told once. The read is tried again when
///   the connection or its identities change, and now and then: no watch tells of a new ACL.
/// - Servers since 3.8.4 and 3.9.2 tell nothing of a znode while the session may not read it,
///   and take the watch for used all the same: such a change is not told, nor any after it
///   before the next connection.
/// - Dropping it ends the watch, on the server too if nobody else has the same.
pub struct DataWatch(Follower<Data>);

impl DataWatch {
    /// Starts to follow; the first read is queued by this call.
    pub fn new(client: &Client, path: &ZPath) -> Self {
        Self(Follower::new(client, path))
    }

    /// The next data or error; `None` once the client is closed. Safe to cancel.
    pub async fn next(&mut self) -> Option<Result<DataReply, Error>> {
        self.0.next().await
    }
}

struct Data;

impl Follow for Data {
    type Reply = DataReply;
    type Mark = i64;

    const EVERY_CHANGE: bool = false;

    fn read(
        client: &Client,
        path: &ZPath,
    ) -> std::pin::Pin<Box<dyn Future<Output = Result<(DataReply, OneshotWatch), Error>> + Send>>
    {
        Box::pin(client.get_watch(path))
    }

    fn stat(reply: &DataReply) -> &Stat {
        &reply.stat
    }

    fn mark(stat: &Stat) -> i64 {
        stat.mzxid
    }
}
