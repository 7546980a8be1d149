//! Setting the watches again after a reconnect, in batches as ZooKeeper's own client makes
//! them: a server closes a connection that sends one frame too long.

use std::borrow::Cow;

use super::WatchEvent;
use super::node::Node;
use super::table::WatchTable;
use crate::proto::{SetWatches, WatcherType, ZPath};

/// A batch's paths have no more bytes than this (ZooKeeper's own limit).
const BATCH: usize = 128 << 10;

/// What else a batch's frame holds: a header, a zxid, five counts.
const ROOM: usize = 8 + 8 + 5 * 4;

impl WatchTable {
    /// The batches that set every watch again. `relative_zxid` is what was seen last: the
    /// server answers what changed after it as events, before its reply.
    /// No frame is longer than `limit`.
    pub(in crate::client) fn rearm(
        &mut self,
        relative_zxid: i64,
        limit: usize,
    ) -> Vec<SetWatches<'static>> {
        let misled = std::mem::take(&mut self.misled);
        self.change_all(|node, exact| {
            // Their watch would take the persistent one's place, or may have lost its own on
            // the last connection: they read again instead.
            if misled || (!exact && node.has_feed()) {
                node.tell_oneshots(&WatchEvent::Gap);
            }
            node.stands = node.wants(exact);
        });
        let mut batches = Batches::new(relative_zxid, limit);
        batches.add(self, |node| !node.data.is_empty(), |batch| &mut batch.data);
        batches.add(
            self,
            |node| !node.exist.is_empty(),
            |batch| &mut batch.exist,
        );
        batches.add(
            self,
            |node| !node.child.is_empty(),
            |batch| &mut batch.child,
        );
        let exact = self.rely();
        batches.add(
            self,
            |node| node.wants(exact).has(WatcherType::Persistent),
            |batch| &mut batch.persistent,
        );
        batches.add(
            self,
            |node| !node.recursive.is_empty(),
            |batch| &mut batch.persistent_recursive,
        );
        batches.finish()
    }
}

/// Which list of a batch a path goes to.
type List = for<'a> fn(&'a mut SetWatches<'static>) -> &'a mut Vec<Cow<'static, str>>;

struct Batches {
    relative_zxid: i64,
    done: Vec<SetWatches<'static>>,
    open: SetWatches<'static>,
    size: usize,
    most: usize,
}

impl Batches {
    fn new(relative_zxid: i64, limit: usize) -> Self {
        Self {
            relative_zxid,
            most: BATCH.min(limit.saturating_sub(ROOM)),
            done: Vec::new(),
            open: Self::empty(relative_zxid),
            size: 0,
        }
    }

    fn empty(relative_zxid: i64) -> SetWatches<'static> {
        SetWatches {
            relative_zxid,
            ..SetWatches::default()
        }
    }

    fn add(&mut self, table: &WatchTable, wanted: impl Fn(&Node) -> bool, list: List) {
        let keys = table.nodes.iter().filter(|(_, node)| wanted(node));
        for path in keys.map(|(key, _): (&ZPath, _)| key.as_str()) {
            let length = path.len() + 4;
            if self.size + length > self.most && self.size > 0 {
                self.flush();
            }
            list(&mut self.open).push(Cow::Owned(path.to_owned()));
            self.size += length;
        }
    }

    fn flush(&mut self) {
        let next = Self::empty(self.relative_zxid);
        self.done.push(std::mem::replace(&mut self.open, next));
        self.size = 0;
    }

    fn finish(mut self) -> Vec<SetWatches<'static>> {
        if self.size > 0 {
            self.flush();
        }
        self.done
    }
}
