//! What a server does with watches, as protocol.md tells of 3.6 to 3.8 and of 3.9: a few
//! znodes, two tables of modes by path, and the events of a change. Knows no client.

use std::collections::{BTreeMap, BTreeSet};

use crate::proto::{AddWatchMode, EventType, SetWatches, WatcherType};

use WatcherType::{Persistent, PersistentRecursive};

pub(super) const STANDARD: u8 = 1;
pub(super) const PERSISTENT: u8 = 2;
pub(super) const RECURSIVE: u8 = 4;

pub(super) type Event = (EventType, String);

#[derive(Default)]
pub(super) struct Server {
    /// 3.9: modes stand side by side. Before, the last one wins.
    pub(super) exact: bool,
    /// By path, the modes for data and for children.
    pub(super) modes: BTreeMap<String, [u8; 2]>,
    pub(super) zxid: i64,
    /// When each znode's data and its children changed last.
    nodes: BTreeMap<String, [i64; 2]>,
}

const DATA: usize = 0;
const CHILD: usize = 1;

impl Server {
    pub(super) fn exists(&self, path: &str) -> bool {
        path == "/" || self.nodes.contains_key(path)
    }

    /// One-shot watches of data or of children.
    pub(super) fn watch(&mut self, path: &str, kind: WatcherType) {
        let table = usize::from(kind == WatcherType::Children);
        self.put(path, table, STANDARD);
    }

    pub(super) fn add_watch(&mut self, path: &str, mode: AddWatchMode) {
        let mode = match mode {
            AddWatchMode::Persistent => PERSISTENT,
            AddWatchMode::PersistentRecursive => RECURSIVE,
        };
        self.put(path, DATA, mode);
        self.put(path, CHILD, mode);
    }

    fn put(&mut self, path: &str, table: usize, mode: u8) {
        let modes = self.modes.entry(path.to_owned()).or_default();
        modes[table] = if self.exact {
            modes[table] | mode
        } else {
            mode
        };
    }

    pub(super) fn remove(&mut self, path: &str, kind: WatcherType) {
        if !self.exact && matches!(kind, Persistent | PersistentRecursive) {
            // It knows no such kinds.
            return;
        }
        let all = if self.exact { STANDARD } else { !0 };
        let gone = match kind {
            WatcherType::Data => [all, 0],
            WatcherType::Children => [0, all],
            WatcherType::Any => [!0, !0],
            Persistent => [PERSISTENT; 2],
            PersistentRecursive => [RECURSIVE; 2],
        };
        if let Some(modes) = self.modes.get_mut(path) {
            modes[DATA] &= !gone[DATA];
            modes[CHILD] &= !gone[CHILD];
        }
        self.modes.retain(|_, modes| *modes != [0, 0]);
    }

    /// Sets watches again; answers what changed in between.
    pub(super) fn set_watches(&mut self, batch: &SetWatches<'_>) -> Vec<Event> {
        let mut events = Vec::new();
        let zxids = |server: &Self, path: &str| match path {
            "/" => Some(server.nodes.get("/").copied().unwrap_or_default()),
            _ => server.nodes.get(path).copied(),
        };
        for (list, kind) in [
            (&batch.data, EventType::NodeDataChanged),
            (&batch.child, EventType::NodeChildrenChanged),
        ] {
            let child = kind == EventType::NodeChildrenChanged;
            for path in list {
                match zxids(self, path) {
                    None => events.push((EventType::NodeDeleted, path.to_string())),
                    Some(at) if at[usize::from(child)] > batch.relative_zxid => {
                        events.push((kind, path.to_string()));
                    }
                    Some(_) => self.put(path, usize::from(child), STANDARD),
                }
            }
        }
        for path in &batch.exist {
            if self.exists(path) {
                events.push((EventType::NodeCreated, path.to_string()));
            } else {
                self.put(path, DATA, STANDARD);
            }
        }
        for path in &batch.persistent {
            self.add_watch(path, AddWatchMode::Persistent);
        }
        for path in &batch.persistent_recursive {
            self.add_watch(path, AddWatchMode::PersistentRecursive);
        }
        events
    }

    /// Changes a znode, one way or the other. Answers all events that this session may know
    /// of, and those that it is sent.
    pub(super) fn change(&mut self, path: &str, delete: bool) -> (Vec<Event>, Vec<Event>) {
        let zxid = self.zxid + 1;
        let below = format!("{}/", path.trim_end_matches('/'));
        let leaf = !self.nodes.keys().any(|other| other.starts_with(&below));
        let parent = super::super::table::parent(path).map(str::to_owned);
        let mut events = Vec::new();
        if !self.exists(path) {
            let parent = parent.expect("the root is always there");
            if !self.exists(&parent) {
                return Default::default();
            }
            self.nodes.insert(path.to_owned(), [zxid; 2]);
            self.nodes.entry(parent.clone()).or_default()[CHILD] = zxid;
            events.push((EventType::NodeCreated, path.to_owned()));
            events.push((EventType::NodeChildrenChanged, parent));
        } else if delete && leaf && path != "/" {
            let parent = parent.expect("it is not the root");
            self.nodes.remove(path);
            self.nodes.entry(parent.clone()).or_default()[CHILD] = zxid;
            events.push((EventType::NodeDeleted, path.to_owned()));
            events.push((EventType::NodeChildrenChanged, parent));
        } else {
            self.nodes.entry(path.to_owned()).or_default()[DATA] = zxid;
            events.push((EventType::NodeDataChanged, path.to_owned()));
        }
        self.zxid = zxid;
        let mut told = events.clone();
        told.retain(|event| self.trigger(event));
        for list in [&mut events, &mut told] {
            list.retain(|(_, path)| !is_secret(path));
        }
        (events, told)
    }

    fn trigger(&mut self, (kind, path): &Event) -> bool {
        let tables: &[usize] = match kind {
            EventType::NodeChildrenChanged => &[CHILD],
            EventType::NodeDeleted => &[DATA, CHILD],
            _ => &[DATA],
        };
        let mut told = false;
        for table in tables {
            if let Some(modes) = self.modes.get_mut(path) {
                told |= modes[*table] & (STANDARD | PERSISTENT) != 0;
                modes[*table] &= !STANDARD;
            }
            let mut at = Some(path.as_str());
            while let Some(key) = at.filter(|_| *kind != EventType::NodeChildrenChanged) {
                let modes = self.modes.get(key).copied().unwrap_or_default();
                told |= modes[*table] & RECURSIVE != 0;
                at = super::super::table::parent(key);
            }
        }
        self.modes.retain(|_, modes| *modes != [0, 0]);
        told
    }

    pub(super) fn watched(&self) -> BTreeSet<&str> {
        self.modes.keys().map(String::as_str).collect()
    }

    /// Whether a watch of all below stands for one of the znode alone.
    pub(super) fn stands_in(&self, path: &str) -> bool {
        let modes = self.modes.get(path).copied().unwrap_or_default();
        modes[DATA] & RECURSIVE != 0 && modes[CHILD] & PERSISTENT == 0
    }
}

/// Whether this session may not read the znode, so that it is told nothing of it.
pub(super) fn is_secret(path: &str) -> bool {
    path.ends_with(SECRET)
}

/// The last part of such a path.
pub(super) const SECRET: &str = "/s";
