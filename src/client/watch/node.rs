//! The watches of one znode: who waits, what is on its way, what stands on the server, and
//! what should. The rules in `mod.rs` are carried out here.

use std::sync::Arc;

use super::arm::{Asks, kind_of};
use super::{Arm, Cell, Change, Feed, Outcome, Target, Tell, WatchEvent};
use crate::proto::{AddWatchMode, EventType, WatcherType, ZPath};

use WatcherType::{Children, Data, Persistent, PersistentRecursive};

/// A set of kinds of watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const fn has(self, kind: WatcherType) -> bool {
        self.0 & bit(kind) != 0
    }

    pub(super) const fn put(&mut self, kind: WatcherType, there: bool) {
        if there {
            self.0 |= bit(kind);
        } else {
            self.0 &= !bit(kind);
        }
    }
}

const fn bit(kind: WatcherType) -> u8 {
    match kind {
        WatcherType::Data => 1,
        WatcherType::Children => 2,
        WatcherType::Persistent => 4,
        WatcherType::PersistentRecursive => 8,
        WatcherType::Any => 15,
    }
}

const FEEDS: [AddWatchMode; 2] = [AddWatchMode::Persistent, AddWatchMode::PersistentRecursive];

#[derive(Default)]
pub(super) struct Node {
    pub(super) data: Vec<Arc<Cell>>,
    pub(super) exist: Vec<Arc<Cell>>,
    pub(super) child: Vec<Arc<Cell>>,
    pub(super) persistent: Vec<Arc<Feed>>,
    pub(super) recursive: Vec<Arc<Feed>>,
    arming_data: u32,
    arming_child: u32,
    arming_persistent: u32,
    arming_recursive: u32,
    /// What the server has, as far as its replies and events have told. What it is told
    /// because a watcher went counts at once.
    pub(super) stands: Kinds,
    /// How often the persistent watch that one-shot ones leant on failed them.
    breaks: u32,
    /// Nobody is here any more: it is kept for the room.
    pub(super) spent: bool,
}

impl Node {
    /// Whether nobody waits and nothing is on its way.
    pub(super) fn is_empty(&self) -> bool {
        self.is_idle(Data) && self.is_idle(Children) && !self.has_feed()
    }

    /// Is as good as gone, but for the room in its lists.
    pub(super) fn spend(&mut self) {
        (self.stands, self.breaks, self.spent) = (Kinds::default(), 0, true);
    }

    fn is_idle(&self, kind: WatcherType) -> bool {
        match kind {
            Data => self.data.is_empty() && self.exist.is_empty() && self.arming_data == 0,
            _ => self.child.is_empty() && self.arming_child == 0,
        }
    }

    /// Whether there is a persistent watcher, or will be.
    pub(super) fn has_feed(&self) -> bool {
        self.has_settled_feed() || self.arming_persistent + self.arming_recursive > 0
    }

    /// Whether the events of znodes below are of any interest here.
    pub(super) fn is_deep(&self) -> bool {
        !self.recursive.is_empty() || self.stands.has(PersistentRecursive)
    }

    pub(super) fn has_settled_feed(&self) -> bool {
        !self.persistent.is_empty() || !self.recursive.is_empty()
    }

    pub(super) fn arming(&mut self, kind: WatcherType) -> &mut u32 {
        match kind {
            Children => &mut self.arming_child,
            Persistent => &mut self.arming_persistent,
            PersistentRecursive => &mut self.arming_recursive,
            Data | WatcherType::Any => &mut self.arming_data,
        }
    }

    /// What a request for this watch is to ask for, so that it harms none that stands.
    pub(super) fn asks(&self, target: &Target, exact: bool) -> Asks {
        match target {
            Target::Feed(feed) if exact => Asks::Mode(feed.mode),
            Target::Feed(_) if self.arming_recursive > 0 || !self.recursive.is_empty() => {
                Asks::Mode(AddWatchMode::PersistentRecursive)
            }
            Target::Feed(feed) => Asks::Mode(feed.mode),
            Target::Children(_) if self.spares_children() => Asks::Oneshot {
                breaks: self.breaks,
            },
            _ if exact || !self.has_feed() => Asks::Oneshot {
                breaks: self.breaks,
            },
            _ => Asks::Nothing {
                breaks: self.breaks,
            },
        }
    }

    /// Before 3.9: whether one-shot watches of children may stand here, where they are told of
    /// more. The place that they would take is of no use to a recursive one, if to any.
    fn spares_children(&self) -> bool {
        self.persistent.is_empty() && self.arming_persistent == 0
    }

    /// What should stand on the server for those who wait.
    pub(super) fn wants(&self, exact: bool) -> Kinds {
        let mut wants = Kinds::default();
        let recursive = !self.recursive.is_empty();
        let persistent = !self.persistent.is_empty() && (exact || !recursive);
        wants.put(Data, !self.data.is_empty() || !self.exist.is_empty());
        wants.put(Children, !self.child.is_empty());
        wants.put(Persistent, persistent);
        wants.put(PersistentRecursive, recursive);
        wants
    }

    /// The server has answered: notes what stands, and registers the watcher if one waits.
    pub(super) fn settle(&mut self, arm: &Arm, outcome: Outcome, exact: bool) {
        let arming = self.arming(arm.kind());
        *arming = arming.saturating_sub(1);
        let set = arm.is_set(outcome);
        match arm.asks {
            Asks::Nothing { breaks } if set && (exact || breaks != self.breaks) => {
                arm.target.tell_gap();
            }
            Asks::Nothing { .. } if set && arm.kind() == Children && self.spares_children() => {
                arm.target.tell_gap();
            }
            Asks::Oneshot { breaks } if set => {
                if breaks != self.breaks {
                    // It went with the recursive one beside it, before anyone knew of it.
                    arm.target.tell_gap();
                }
                self.stands.put(arm.kind(), true);
            }
            Asks::Mode(mode) if set => {
                if !self.stands.has(arm.kind()) && self.wants(exact).has(arm.kind()) {
                    // It was asked for when the server was thought to be older.
                    self.tell_feeds(&WatchEvent::Gap);
                }
                for other in FEEDS.into_iter().filter(|_| !exact) {
                    self.stands.put(kind_of(other), false);
                }
                self.stands.put(kind_of(mode), true);
                if !exact && mode == AddWatchMode::PersistentRecursive {
                    // It has taken their place, and does not tell all that they are for.
                    tell(&mut self.child, &WatchEvent::Gap);
                }
            }
            Asks::Oneshot { .. } | Asks::Nothing { .. } | Asks::Mode(_) => {}
        }
        if set && !arm.target.is_over() {
            self.register(&arm.target, outcome);
        }
        if matches!(arm.asks, Asks::Mode(_)) && !exact && !self.is_covered() {
            self.break_cover();
        }
    }

    fn register(&mut self, target: &Target, outcome: Outcome) {
        match target {
            Target::Exists(cell) if outcome == Outcome::NoNode => self.exist.push(cell.clone()),
            Target::Data(cell) | Target::Exists(cell) => self.data.push(cell.clone()),
            Target::Children(cell) => self.child.push(cell.clone()),
            Target::Feed(feed) => match feed.mode {
                AddWatchMode::Persistent => self.persistent.push(feed.clone()),
                AddWatchMode::PersistentRecursive => self.recursive.push(feed.clone()),
            },
        }
    }

    fn has_standing_feed(&self) -> bool {
        self.stands.has(Persistent) || self.stands.has(PersistentRecursive)
    }

    /// Before 3.9: whether one-shot watches could lean on a persistent one all the time since
    /// it was asked for. One that has a watcher and doesn't stand yet will, before any request
    /// that leans on it.
    fn is_covered(&self) -> bool {
        self.has_settled_feed() || (self.has_feed() && self.has_standing_feed())
    }

    /// A watcher goes, if it was here.
    pub(super) fn take(&mut self, target: &Target, exact: bool) {
        match target {
            Target::Data(cell) | Target::Exists(cell) => {
                take(&mut self.data, cell);
                take(&mut self.exist, cell);
            }
            Target::Children(cell) => take(&mut self.child, cell),
            Target::Feed(feed) => {
                let (was_covered, spared) = (self.is_covered(), self.spares_children());
                take(&mut self.recursive, feed);
                take(&mut self.persistent, feed);
                if exact {
                    return;
                }
                if was_covered && !self.is_covered() {
                    self.break_cover();
                } else if !spared && self.spares_children() {
                    // They leant on what tells less than a watch of their own from here on.
                    tell(&mut self.child, &WatchEvent::Gap);
                }
            }
        }
    }

    /// Brings the server from what stands there to what should. Nothing is decided while a
    /// request is on its way that may change the one or the other.
    pub(super) fn reconcile(&mut self, key: &ZPath, exact: bool, tell: Tell<'_>) {
        if self.arming_persistent + self.arming_recursive == 0 {
            self.reconcile_feeds(key, exact, tell);
        }
        if !exact && self.has_feed() {
            // To remove one of these would remove the persistent one.
            return;
        }
        for kind in [Data, Children] {
            if self.stands.has(kind) && self.is_idle(kind) {
                self.stands.put(kind, false);
                tell(Change::Remove(key, kind));
            }
        }
    }

    fn reconcile_feeds(&mut self, key: &ZPath, exact: bool, tell: Tell<'_>) {
        let wants = self.wants(exact);
        let differs =
            |node: &Self, mode| node.stands.has(kind_of(mode)) != wants.has(kind_of(mode));
        if !FEEDS.into_iter().any(|mode| differs(self, mode)) {
            return;
        }
        if !exact {
            if !self.has_standing_feed() {
                // None was set on this connection yet: that is to come.
                return;
            }
            tell(Change::Remove(key, WatcherType::Any));
            self.stands = Kinds::default();
            self.break_cover();
        }
        for mode in FEEDS {
            let kind = kind_of(mode);
            match (self.stands.has(kind), wants.has(kind)) {
                (true, false) => tell(Change::Remove(key, kind)),
                (false, true) => {
                    tell(Change::Set(key, mode));
                    // Only now: who reads because of it is answered after the watch was set.
                    self.tell_feeds(&WatchEvent::Gap);
                }
                _ => {}
            }
            self.stands.put(kind, wants.has(kind));
        }
    }

    /// The persistent watch that one-shot ones lean on was away, or goes: those that wait are
    /// told, and those on their way will be.
    pub(super) fn break_cover(&mut self) {
        self.breaks = self.breaks.wrapping_add(1);
        self.tell_oneshots(&WatchEvent::Gap);
    }

    pub(super) fn tell_oneshots(&mut self, event: &WatchEvent) {
        for list in [&mut self.data, &mut self.exist, &mut self.child] {
            tell(list, event);
        }
    }

    pub(super) fn tell_feeds(&self, event: &WatchEvent) {
        for feed in self.persistent.iter().chain(&self.recursive) {
            feed.tell(event.clone());
        }
    }

    /// Ends every persistent watch.
    pub(super) fn end_feeds(&mut self) {
        if self.has_settled_feed() {
            self.break_cover();
        }
        for feed in self.persistent.drain(..).chain(self.recursive.drain(..)) {
            feed.end();
        }
    }

    /// An event of this very znode.
    pub(super) fn fire(&mut self, kind: EventType, path: &str, zxid: Option<i64>) {
        let (data, child) = match kind {
            EventType::NodeCreated | EventType::NodeDataChanged => (true, false),
            EventType::NodeChildrenChanged => (false, true),
            EventType::NodeDeleted => (true, true),
            EventType::None => (false, false),
        };
        if data {
            self.stands.put(Data, false);
            for cell in self.data.drain(..).chain(self.exist.drain(..)) {
                cell.fire(kind, zxid);
            }
        }
        if child {
            self.stands.put(Children, false);
            for cell in self.child.drain(..) {
                cell.fire(kind, zxid);
            }
        }
        for feed in &self.persistent {
            feed.fire(kind, path, zxid);
        }
    }

    /// A child of this znode came or went, and a server before 3.9 that has a recursive watch
    /// here says no more than that.
    pub(super) fn fire_children(&mut self, path: &str, zxid: Option<i64>) {
        let kind = EventType::NodeChildrenChanged;
        for cell in self.child.drain(..) {
            cell.fire(kind, zxid);
        }
        for feed in &self.persistent {
            feed.fire(kind, path, zxid);
        }
    }
}

fn tell(list: &mut Vec<Arc<Cell>>, event: &WatchEvent) {
    for cell in list.drain(..) {
        cell.tell(event.clone());
    }
}

fn take<T>(list: &mut Vec<Arc<T>>, one: &Arc<T>) {
    list.retain(|other| !Arc::ptr_eq(other, one));
}
