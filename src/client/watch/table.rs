//! Which local watchers wait for which znode, by the server's paths: registered when a reply
//! says the server has set a watch, matched against each event, counted so that the server
//! is told when the last one goes. ZooKeeper's own client has the same tables; the rules for
//! servers of 3.6 to 3.8, where one path has one mode and the last registration wins, are ours.

use std::collections::HashMap;
use std::sync::Arc;

use super::node::Node;
use super::{Arm, Feed, Target, WatchEvent};
use crate::proto::{AddWatchMode, EventType, WatcherType, ZPath};

/// What became of a request that was to set a watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::client) enum Outcome {
    Done,
    NoNode,
    Failed,
}

/// What the server must be told because a watcher went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::client) enum Removal {
    Remove(ZPath, WatcherType),
    /// Before 3.9: this mode takes the place of the other.
    Replace(ZPath, AddWatchMode),
}

#[derive(Default)]
pub(in crate::client) struct WatchTable {
    pub(super) nodes: HashMap<ZPath, Node>,
    /// How many recursive watches there are: without one, no ancestor need be looked up.
    recursive: usize,
    /// Whether modes coexist on a path and are removed exactly (3.9+).
    exact: bool,
}

impl WatchTable {
    /// Whether the server at hand keeps modes apart. It is not believed while persistent
    /// watches stand that were set on this connection in the belief that it doesn't.
    pub(in crate::client) fn set_exact(&mut self, exact: bool, connecting: bool) {
        if connecting || !self.has_feeds() {
            self.exact = exact;
        }
    }

    /// Whether there is a persistent watch, or one on its way.
    pub(in crate::client) fn has_feeds(&self) -> bool {
        self.nodes.values().any(Node::has_feed)
    }

    /// Whether the server keeps modes apart, as far as is known.
    pub(super) const fn is_exact(&self) -> bool {
        self.exact
    }

    /// A request that will set this watch is about to be queued. Answers whether it may ask
    /// the server for it: before 3.9 a one-shot watch would take a persistent one's place.
    pub(in crate::client) fn begin(&mut self, arm: &Arm) -> bool {
        let exact = self.exact;
        let node = self.nodes.entry(arm.key.clone()).or_default();
        *node.arming(&arm.target) += 1;
        match arm.target.cell() {
            Some(cell) if !exact && node.has_feed() => {
                cell.lean_on(node.bereft);
                false
            }
            _ => true,
        }
    }

    /// Before 3.9: whether a recursive watch stands here already and sees all that a
    /// persistent one would, which must therefore not take its place.
    pub(in crate::client) fn is_covered(&self, key: &ZPath) -> bool {
        let node = self.nodes.get(key);
        !self.exact && node.is_some_and(|node| !node.recursive.is_empty())
    }

    /// The reply has come: registers the watch, if one was set and is still wanted. Answers
    /// what the server must be told.
    pub(in crate::client) fn settle(&mut self, arm: &Arm, outcome: Outcome) -> Option<Removal> {
        let removal = self.register(arm, outcome);
        match (outcome, &arm.target) {
            (Outcome::Failed, _) | (Outcome::NoNode, Target::Data(_) | Target::Children(_)) => {
                removal
            }
            _ => removal.or_else(|| self.mend(arm)),
        }
    }

    /// The same of a watch that the server was not asked for.
    pub(in crate::client) fn register(&mut self, arm: &Arm, outcome: Outcome) -> Option<Removal> {
        let node = self.nodes.entry(arm.key.clone()).or_default();
        let arming = node.arming(&arm.target);
        *arming = arming.saturating_sub(1);
        let leans = arm.target.cell().and_then(|cell| cell.leans());
        match (&arm.target, outcome) {
            (_, Outcome::Failed) | (Target::Data(_) | Target::Children(_), Outcome::NoNode) => {
                if matches!(arm.target, Target::Feed(_)) && !node.has_feed() {
                    node.bereave();
                }
                self.tidy(&arm.key);
                return None;
            }
            (Target::Data(cell) | Target::Exists(cell) | Target::Children(cell), _)
                if leans.is_some_and(|on| self.exact || !node.bears(on)) =>
            {
                // What it was to live on was not there yet, or is there no more.
                cell.tell(WatchEvent::Gap);
                self.tidy(&arm.key);
                return None;
            }
            (Target::Data(cell), _) | (Target::Exists(cell), Outcome::Done) => {
                node.data.push(cell.clone());
            }
            (Target::Exists(cell), _) => node.exist.push(cell.clone()),
            (Target::Children(cell), _) => node.child.push(cell.clone()),
            (Target::Feed(feed), _) => match feed.mode {
                AddWatchMode::Persistent => node.persistent.push(feed.clone()),
                AddWatchMode::PersistentRecursive => {
                    node.recursive.push(feed.clone());
                    self.recursive += 1;
                }
            },
        }
        if arm.target.is_over() {
            return self.forget(&arm.key, &arm.target);
        }
        None
    }

    /// Before 3.9: what one thread asked for just when another asked for a persistent watch
    /// may have come second, and taken its place. Then it is set again; who reads again when
    /// told of a gap, does so after that.
    fn mend(&self, arm: &Arm) -> Option<Removal> {
        let node = self.nodes.get(&arm.key)?;
        let recursive = !node.recursive.is_empty();
        let lost = match &arm.target {
            Target::Data(cell) | Target::Exists(cell) | Target::Children(cell) => {
                cell.leans().is_none() && (recursive || !node.persistent.is_empty())
            }
            Target::Feed(feed) => feed.mode == AddWatchMode::Persistent && recursive,
        };
        if self.exact || !lost {
            return None;
        }
        for feed in node.persistent.iter().chain(&node.recursive) {
            feed.tell(WatchEvent::Gap);
        }
        let mode = if recursive {
            AddWatchMode::PersistentRecursive
        } else {
            AddWatchMode::Persistent
        };
        Some(Removal::Replace(arm.key.clone(), mode))
    }

    /// A watcher goes. Answers what the server must be told, if it was the last.
    pub(in crate::client) fn forget(&mut self, key: &ZPath, target: &Target) -> Option<Removal> {
        let node = self.nodes.get_mut(key)?;
        let free = self.exact || !node.has_feed();
        let removal = match target {
            Target::Data(cell) | Target::Exists(cell) => {
                let found = take(&mut node.data, cell) | take(&mut node.exist, cell);
                let last = node.data.is_empty() && node.exist.is_empty() && node.arming_data == 0;
                (found && last && free).then(|| Removal::Remove(key.clone(), WatcherType::Data))
            }
            Target::Children(cell) => {
                let found = take(&mut node.child, cell);
                let last = node.child.is_empty() && node.arming_child == 0;
                (found && last && free).then(|| Removal::Remove(key.clone(), WatcherType::Children))
            }
            Target::Feed(feed) => self.forget_feed(key, feed),
        };
        self.tidy(key);
        removal
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

    fn forget_feed(&mut self, key: &ZPath, feed: &Arc<Feed>) -> Option<Removal> {
        let node = self.nodes.get_mut(key)?;
        let was_recursive = take(&mut node.recursive, feed);
        let found = was_recursive | take(&mut node.persistent, feed);
        self.recursive -= usize::from(was_recursive);
        if !found || node.arming_feed > 0 {
            return None;
        }
        let (same, other, kind) = match feed.mode {
            AddWatchMode::Persistent => {
                (&node.persistent, &node.recursive, WatcherType::Persistent)
            }
            AddWatchMode::PersistentRecursive => (
                &node.recursive,
                &node.persistent,
                WatcherType::PersistentRecursive,
            ),
        };
        if !same.is_empty() {
            return None;
        }
        if self.exact {
            return Some(Removal::Remove(key.clone(), kind));
        }
        if other.is_empty() {
            // Only all watches can be removed, and one-shot ones lived on the persistent one.
            node.bereave();
            return Some(Removal::Remove(key.clone(), WatcherType::Any));
        }
        // A recursive watch stands for the persistent one too, but not the other way round.
        (kind == WatcherType::PersistentRecursive)
            .then(|| Removal::Replace(key.clone(), AddWatchMode::Persistent))
    }

    /// Fires every watcher that an event is for.
    pub(in crate::client) fn fire(&mut self, kind: EventType, path: &str, zxid: Option<i64>) {
        if let Some(node) = self.nodes.get_mut(path) {
            let (data, child) = match kind {
                EventType::NodeCreated | EventType::NodeDataChanged => (true, false),
                EventType::NodeChildrenChanged => (false, true),
                EventType::NodeDeleted => (true, true),
                EventType::None => (false, false),
            };
            if data {
                for cell in node.data.drain(..).chain(node.exist.drain(..)) {
                    cell.fire(kind, path, zxid);
                }
            }
            if child {
                for cell in node.child.drain(..) {
                    cell.fire(kind, path, zxid);
                }
            }
            for feed in &node.persistent {
                feed.fire(kind, path, zxid);
            }
        }
        if self.recursive > 0 && kind != EventType::NodeChildrenChanged {
            self.fire_ancestors(kind, path, zxid);
        }
        self.tidy_str(path);
    }

    fn fire_ancestors(&mut self, kind: EventType, path: &str, zxid: Option<i64>) {
        let family = matches!(kind, EventType::NodeCreated | EventType::NodeDeleted);
        let mut at = Some(path);
        while let Some(key) = at {
            if let Some(node) = self.nodes.get_mut(key) {
                for feed in &node.recursive {
                    feed.fire(kind, path, zxid);
                }
                // Before 3.9 a recursive watch takes the place of those that would be told
                // of children: its own events must do.
                if family && !node.recursive.is_empty() && parent(path) == Some(key) {
                    let children = EventType::NodeChildrenChanged;
                    for cell in node.child.drain(..) {
                        cell.fire(children, key, zxid);
                    }
                    for feed in node.persistent.iter().filter(|_| !self.exact) {
                        feed.fire(children, key, zxid);
                    }
                }
            }
            at = parent(key);
        }
    }

    /// The session is gone, and with it all the server's watches: one-shot watchers are told
    /// that they may have missed something; persistent ones will be set again.
    pub(in crate::client) fn session_lost(&mut self) {
        for node in self.nodes.values_mut() {
            node.tell_oneshots(&WatchEvent::Gap);
        }
        self.nodes.retain(|_, node| !node.is_empty());
    }

    /// Persistent watchers may have missed something.
    pub(in crate::client) fn tell_gap(&self) {
        for node in self.nodes.values() {
            for feed in node.persistent.iter().chain(&node.recursive) {
                feed.tell(WatchEvent::Gap);
            }
        }
    }

    /// The client is closed.
    pub(in crate::client) fn close(&mut self) {
        for node in self.nodes.values_mut() {
            node.tell_oneshots(&WatchEvent::Closed);
        }
        self.end_feeds();
        self.nodes.clear();
    }

    /// Ends every persistent watch: the server knows none.
    pub(in crate::client) fn end_feeds(&mut self) {
        for node in self.nodes.values_mut() {
            for feed in node.persistent.drain(..).chain(node.recursive.drain(..)) {
                feed.end();
            }
        }
        self.recursive = 0;
        self.nodes.retain(|_, node| !node.is_empty());
    }

    fn tidy(&mut self, key: &ZPath) {
        self.tidy_str(key.as_str());
    }

    fn tidy_str(&mut self, key: &str) {
        if self.nodes.get(key).is_some_and(Node::is_empty) {
            self.nodes.remove(key);
        }
    }

    /// How many znodes have a watcher.
    pub(in crate::client) fn len(&self) -> usize {
        self.nodes.len()
    }
}

/// Takes a watcher off a list; answers whether it was there.
fn take<T>(list: &mut Vec<Arc<T>>, one: &Arc<T>) -> bool {
    let before = list.len();
    list.retain(|other| !Arc::ptr_eq(other, one));
    list.len() != before
}

fn parent(path: &str) -> Option<&str> {
    match path.rsplit_once('/')? {
        ("", "") => None,
        ("", _) => Some("/"),
        (parent, _) => Some(parent),
    }
}
