//! Which local watchers wait for which znode, by the server's paths: registered when a reply
//! says the server has set a watch, matched against each event, and weighed against what
//! stands on the server whenever one goes. ZooKeeper's own client has the same tables; the
//! rules for servers of 3.6 to 3.8 (`mod.rs`) are ours.

use std::collections::HashMap;

use super::arm::Asks;
use super::node::{Kinds, Node};
use super::{Arm, Outcome, Target, Tell, WatchEvent};
use crate::proto::{EventType, WatcherType, ZPath};

#[derive(Default)]
pub(in crate::client) struct WatchTable {
    pub(super) nodes: HashMap<ZPath, Node>,
    /// How many of them nobody watches any more since their event. Who had it will often
    /// watch again, so they stay until they are many.
    spent: usize,
    /// On how many znodes there are recursive watches: without one, no ancestor need be
    /// looked up.
    deep: usize,
    /// Whether modes coexist on a path and are removed exactly (3.9+).
    exact: bool,
    /// Persistent watches were asked for on this connection in the belief that they do.
    relied: bool,
    /// They were, on the last connection, and it was not so.
    pub(super) misled: bool,
}

impl WatchTable {
    /// Whether the server at hand keeps modes apart. It is not believed while persistent
    /// watches stand that were set on this connection in the belief that it doesn't.
    ///
    /// Answers `false` if it was believed, watches were set by it, and it isn't so: some have
    /// taken others' places, and nobody knows which. Only another connection helps.
    pub(in crate::client) fn set_exact(&mut self, exact: bool, connecting: bool) -> bool {
        if self.relied && !exact {
            self.misled = true;
            return false;
        }
        if connecting || !self.has_feeds() {
            self.exact = exact;
        }
        true
    }

    /// Whether there is a persistent watch, or one on its way.
    pub(in crate::client) fn has_feeds(&self) -> bool {
        self.nodes.values().any(Node::has_feed)
    }

    /// Whether the server keeps modes apart, as far as is known: all persistent watches are
    /// about to be set by it.
    pub(super) fn rely(&mut self) -> bool {
        self.relied = self.exact && self.has_feeds();
        self.exact
    }

    /// A request that will set this watch is being queued: call it under the same lock.
    /// Answers what its last byte must be, which says whether a watch is asked for, or of
    /// which mode.
    pub(in crate::client) fn begin(&mut self, arm: &mut Arm) -> u8 {
        let node = self.nodes.entry(arm.key.clone()).or_default();
        self.spent -= usize::from(std::mem::take(&mut node.spent));
        arm.asks = node.asks(&arm.target, self.exact);
        self.relied |= self.exact && matches!(arm.asks, Asks::Mode(_));
        *node.arming(arm.kind()) += 1;
        arm.last_byte()
    }

    /// It could not be queued after all.
    pub(in crate::client) fn cancel(&mut self, arm: &Arm) {
        self.change(&arm.key, |node, _| {
            let arming = node.arming(arm.kind());
            *arming = arming.saturating_sub(1);
        });
    }

    /// The reply has come: registers the watch, if one was set and is still wanted.
    pub(in crate::client) fn settle(&mut self, arm: &Arm, outcome: Outcome, tell: Tell<'_>) {
        self.change(&arm.key, |node, exact| {
            node.settle(arm, outcome, exact);
            node.reconcile(&arm.key, exact, tell);
        });
    }

    /// A watcher goes.
    pub(in crate::client) fn forget(&mut self, key: &ZPath, target: &Target, tell: Tell<'_>) {
        self.change(key, |node, exact| {
            node.take(target, exact);
            node.reconcile(key, exact, tell);
        });
    }

    /// The server refused to set a znode's persistent watch in place of another.
    pub(in crate::client) fn end_feeds_of(&mut self, key: &ZPath, tell: Tell<'_>) {
        self.change(key, |node, exact| {
            node.end_feeds();
            node.reconcile(key, exact, tell);
        });
    }

    fn change(&mut self, key: &ZPath, change: impl FnOnce(&mut Node, bool)) {
        let Some(node) = self.nodes.get_mut(key) else {
            return;
        };
        let before = node.is_deep();
        change(node, self.exact);
        self.deep = self.deep + usize::from(node.is_deep()) - usize::from(before);
        if node.is_empty() {
            self.tidy(key.as_str());
        }
    }

    /// The same for all znodes; keeps those that anyone watches.
    pub(super) fn change_all(&mut self, change: impl Fn(&mut Node, bool)) {
        let exact = self.exact;
        self.nodes.retain(|_, node| {
            change(node, exact);
            !node.is_empty()
        });
        self.spent = 0;
        self.deep = self.nodes.values().filter(|node| node.is_deep()).count();
    }

    /// Every watcher of a kind on a znode.
    pub(in crate::client) fn targets(&self, key: &ZPath, kind: WatcherType) -> Vec<Target> {
        let Some(node) = self.nodes.get(key) else {
            return Vec::new();
        };
        let wanted = |one| kind == one || kind == WatcherType::Any;
        let mut targets = Vec::new();
        if wanted(WatcherType::Data) {
            targets.extend(node.data.iter().cloned().map(Target::Data));
            targets.extend(node.exist.iter().cloned().map(Target::Exists));
        }
        if wanted(WatcherType::Children) {
            targets.extend(node.child.iter().cloned().map(Target::Children));
        }
        if wanted(WatcherType::Persistent) {
            targets.extend(node.persistent.iter().cloned().map(Target::Feed));
        }
        if wanted(WatcherType::PersistentRecursive) {
            targets.extend(node.recursive.iter().cloned().map(Target::Feed));
        }
        targets
    }

    /// Fires every watcher that an event is for.
    pub(in crate::client) fn fire(&mut self, kind: EventType, path: &str, zxid: Option<i64>) {
        if let Some(node) = self.nodes.get_mut(path) {
            node.fire(kind, path, zxid);
            if node.is_empty() && !node.spent {
                self.deep -= usize::from(node.is_deep());
                node.spend();
                self.spent += 1;
            }
        }
        if self.spent > MOST_SPENT.max(self.nodes.len() / 2) {
            self.change_all(|_, _| {});
        }
        if self.deep > 0 && kind != EventType::NodeChildrenChanged {
            self.fire_ancestors(kind, path, zxid);
        }
    }

    fn fire_ancestors(&mut self, kind: EventType, path: &str, zxid: Option<i64>) {
        let family = matches!(kind, EventType::NodeCreated | EventType::NodeDeleted);
        let mut at = Some(path);
        while let Some(key) = at {
            if let Some(node) = self.nodes.get_mut(key) {
                for feed in &node.recursive {
                    feed.fire(kind, path, zxid);
                }
                let recursive = !self.exact && node.stands.has(WatcherType::PersistentRecursive);
                if family && recursive && parent(path) == Some(key) {
                    node.fire_children(key, zxid);
                    self.tidy(key);
                }
            }
            at = parent(key);
        }
    }

    /// The connection is gone, and what is queued from now on is for another: nothing stands
    /// there yet, and it may be a server of another kind.
    pub(in crate::client) fn disconnected(&mut self) {
        self.exact = false;
        self.relied = false;
        self.change_all(|node, _| node.stands = Kinds::default());
    }

    /// The session is gone, and with it all the server's watches: one-shot watchers are told
    /// that they may have missed something; persistent ones will be set again.
    pub(in crate::client) fn session_lost(&mut self) {
        self.change_all(|node, _| node.tell_oneshots(&WatchEvent::Gap));
    }

    /// Persistent watchers may have missed something.
    pub(in crate::client) fn tell_gap(&self) {
        for node in self.nodes.values() {
            node.tell_feeds(&WatchEvent::Gap);
        }
    }

    /// Ends every persistent watch: the server knows none.
    pub(in crate::client) fn end_feeds(&mut self) {
        self.change_all(|node, _| node.end_feeds());
    }

    /// The server does not know how to set watches again, so none stands there.
    pub(in crate::client) fn not_set(&mut self) {
        self.change_all(|node, _| {
            node.tell_oneshots(&WatchEvent::Gap);
            node.end_feeds();
            node.stands = Kinds::default();
        });
    }

    /// The client is closed.
    pub(in crate::client) fn close(&mut self) {
        self.change_all(|node, _| node.tell_oneshots(&WatchEvent::Closed));
        self.end_feeds();
        self.nodes.clear();
        self.spent = 0;
    }

    fn tidy(&mut self, key: &str) {
        if self.nodes.get(key).is_some_and(Node::is_empty)
            && let Some(node) = self.nodes.remove(key)
        {
            self.deep -= usize::from(node.is_deep());
            self.spent -= usize::from(node.spent);
        }
    }

    /// How many znodes have a watcher.
    pub(in crate::client) fn len(&self) -> usize {
        self.nodes.len() - self.spent
    }
}

/// So many znodes that nobody watches may stay in the table, or as many as are watched.
const MOST_SPENT: usize = 64;

pub(super) fn parent(path: &str) -> Option<&str> {
    match path.rsplit_once('/')? {
        ("", "") => None,
        ("", _) => Some("/"),
        (parent, _) => Some(parent),
    }
}
