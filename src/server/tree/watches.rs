//! Who wants to hear of which path. Watches belong to connections, not to sessions: a client
//! that reconnects sets them again. As in ZooKeeper there are two tables, one for data and
//! existence, one for children; a persistent watch stands in both, a recursive one (3.9) in
//! the first alone.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::Version;
use crate::proto::{AddWatchMode, DecodeError, EventType, WatcherType};

/// A connection's number.
pub type ConnId = u64;

const ONE_SHOT: u8 = 1;
const PERSISTENT: u8 = 2;
const RECURSIVE: u8 = 4;
const EVERY_MODE: u8 = ONE_SHOT | PERSISTENT | RECURSIVE;

/// One of the two tables.
#[derive(Debug, Default)]
pub struct Table {
    by_path: HashMap<Arc<str>, BTreeMap<ConnId, u8>>,
    by_conn: HashMap<ConnId, HashSet<Arc<str>>>,
    recursive: usize,
}

impl Table {
    fn add(&mut self, conn: ConnId, path: &str, mode: u8, coexist: bool) {
        let path = match self.by_path.get_key_value(path) {
            Some((path, _)) => Arc::clone(path),
            None => Arc::from(path),
        };
        let watchers = self.by_path.entry(Arc::clone(&path)).or_default();
        let modes = watchers.entry(conn).or_default();
        let before = *modes;
        *modes = if coexist { before | mode } else { mode };
        self.recursive += usize::from(*modes & RECURSIVE != 0);
        self.recursive -= usize::from(before & RECURSIVE != 0);
        self.by_conn.entry(conn).or_default().insert(path);
    }

    /// Takes modes away; answers whether there was one of them.
    fn remove(&mut self, conn: ConnId, path: &str, modes: u8) -> bool {
        let Some(watchers) = self.by_path.get_mut(path) else {
            return false;
        };
        let Some(had) = watchers.get_mut(&conn) else {
            return false;
        };
        if *had & modes == 0 {
            return false;
        }
        self.recursive -= usize::from(*had & modes & RECURSIVE != 0);
        *had &= !modes;
        if *had == 0 {
            watchers.remove(&conn);
            if watchers.is_empty() {
                self.by_path.remove(path);
            }
            if let Some(paths) = self.by_conn.get_mut(&conn) {
                paths.remove(path);
                if paths.is_empty() {
                    self.by_conn.remove(&conn);
                }
            }
        }
        true
    }

    fn has(&self, conn: ConnId, path: &str, modes: u8) -> bool {
        let modes_at = |path| Some(*self.by_path.get(path)?.get(&conn)?);
        modes_at(path).is_some_and(|had: u8| had & modes != 0)
    }

    fn has_any(&self, path: &str) -> bool {
        self.by_path.contains_key(path)
    }

    /// The connections to tell; one-shot watches are used up.
    fn fire(&mut self, path: &str, recursive: bool, told: &mut BTreeSet<ConnId>) {
        if self.by_path.is_empty() {
            return;
        }
        let mut used = Vec::new();
        for (&conn, &modes) in self.by_path.get(path).into_iter().flatten() {
            if recursive || modes & !RECURSIVE != 0 {
                told.insert(conn);
            }
            if modes & ONE_SHOT != 0 {
                used.push(conn);
            }
        }
        for conn in used {
            self.remove(conn, path, ONE_SHOT);
        }
        if self.recursive == 0 || !recursive {
            return;
        }
        let mut at = path;
        while at != "/" {
            at = match at.rsplit_once('/') {
                Some((parent, _)) if !parent.is_empty() => parent,
                _ => "/",
            };
            let watchers = self.by_path.get(at).into_iter().flatten();
            told.extend(
                watchers
                    .filter(|(_, modes)| *modes & RECURSIVE != 0)
                    .map(|(&conn, _)| conn),
            );
        }
    }

    fn forget(&mut self, conn: ConnId) {
        for path in self.by_conn.get(&conn).cloned().unwrap_or_default() {
            self.remove(conn, &path, EVERY_MODE);
        }
    }

    /// How many watches there are, each pair of connection and path as one.
    pub fn total(&self) -> usize {
        self.by_conn.values().map(HashSet::len).sum()
    }

    /// Every watched path with its connections.
    pub fn paths(&self) -> impl ExactSizeIterator<Item = (&str, impl Iterator<Item = ConnId>)> {
        self.by_path
            .iter()
            .map(|(path, watchers)| (&**path, watchers.keys().copied()))
    }

    /// Every watching connection with its paths.
    pub fn conns(&self) -> impl ExactSizeIterator<Item = (ConnId, impl Iterator<Item = &str>)> {
        self.by_conn
            .iter()
            .map(|(&conn, paths)| (conn, paths.iter().map(|path| &**path)))
    }
}

/// All watches of a server.
#[derive(Debug)]
pub struct Watches {
    version: Version,
    data: Table,
    child: Table,
}

impl Watches {
    /// No watches yet.
    pub fn new(version: Version) -> Self {
        Self {
            version,
            data: Table::default(),
            child: Table::default(),
        }
    }

    /// A one-shot watch for the node's creation, deletion and data.
    pub fn watch_data(&mut self, conn: ConnId, path: &str) {
        let coexist = self.version.watch_modes_coexist();
        self.data.add(conn, path, ONE_SHOT, coexist);
    }

    /// A one-shot watch for the node's children and its deletion.
    pub fn watch_children(&mut self, conn: ConnId, path: &str) {
        let coexist = self.version.watch_modes_coexist();
        self.child.add(conn, path, ONE_SHOT, coexist);
    }

    /// A watch that stays.
    pub fn watch_always(&mut self, conn: ConnId, path: &str, mode: AddWatchMode) {
        let coexist = self.version.watch_modes_coexist();
        match mode {
            AddWatchMode::Persistent => {
                self.data.add(conn, path, PERSISTENT, coexist);
                self.child.add(conn, path, PERSISTENT, coexist);
            }
            AddWatchMode::PersistentRecursive => {
                self.data.add(conn, path, RECURSIVE, coexist);
                if !coexist {
                    self.child.add(conn, path, RECURSIVE, coexist);
                }
            }
        }
    }

    /// The connections that hear of an event, each once.
    pub fn fire(&mut self, kind: EventType, path: &str) -> BTreeSet<ConnId> {
        let mut told = BTreeSet::new();
        match kind {
            EventType::None => {}
            EventType::NodeCreated | EventType::NodeDataChanged => {
                self.data.fire(path, true, &mut told);
            }
            EventType::NodeDeleted => {
                self.data.fire(path, true, &mut told);
                self.child.fire(path, true, &mut told);
            }
            EventType::NodeChildrenChanged => self.child.fire(path, false, &mut told),
        }
        told
    }

    /// Removes watches (operation 18); answers whether there was one.
    pub fn remove(&mut self, conn: ConnId, path: &str, kind: i32) -> Result<bool, DecodeError> {
        let (data, child) = self.modes(kind)?;
        let from_data = self.data.remove(conn, path, data);
        let from_child = self.child.remove(conn, path, child);
        Ok(from_data || from_child)
    }

    /// Whether there is such a watch (operation 17).
    pub fn has(&self, conn: ConnId, path: &str, kind: i32) -> Result<bool, DecodeError> {
        let (data, child) = self.modes(kind)?;
        if self.version.checks_watches_loosely() {
            let found =
                data != 0 && self.data.has_any(path) || child != 0 && self.child.has_any(path);
            // For these versions an empty path has no part to look at.
            return Ok(found && !path.is_empty());
        }
        Ok(self.data.has(conn, path, data) || self.child.has(conn, path, child))
    }

    /// The modes that a watcher type means in each of the tables.
    fn modes(&self, kind: i32) -> Result<(u8, u8), DecodeError> {
        let kind = WatcherType::try_from(kind)?;
        let exact = self.version.watch_modes_coexist();
        let one = if exact { ONE_SHOT } else { EVERY_MODE };
        Ok(match kind {
            WatcherType::Children => (0, one),
            WatcherType::Data => (one, 0),
            WatcherType::Any => (EVERY_MODE, EVERY_MODE),
            WatcherType::Persistent if exact => (PERSISTENT, PERSISTENT),
            WatcherType::PersistentRecursive if exact => (RECURSIVE, 0),
            WatcherType::Persistent | WatcherType::PersistentRecursive => {
                return Err(DecodeError::BadValue {
                    what: "watcher type",
                    value: kind.code().into(),
                });
            }
        })
    }

    /// Whether there is a recursive watch anywhere.
    pub const fn any_recursive(&self) -> bool {
        self.data.recursive + self.child.recursive > 0
    }

    /// A connection has gone.
    pub fn forget(&mut self, conn: ConnId) {
        self.data.forget(conn);
        self.child.forget(conn);
    }

    /// The table that four-letter words tell of: data watches only, as in ZooKeeper.
    pub const fn data(&self) -> &Table {
        &self.data
    }

    /// How many watches there are in both tables.
    pub fn total(&self) -> usize {
        self.data.total() + self.child.total()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(watches: &mut Watches, kind: EventType, path: &str) -> Vec<ConnId> {
        watches.fire(kind, path).into_iter().collect()
    }

    #[test]
    fn one_shot_watches_fire_once_and_deletion_tells_each_connection_once() {
        let mut watches = Watches::new(Version::V3_9);
        watches.watch_data(1, "/a");
        watches.watch_children(1, "/a");
        assert_eq!(told(&mut watches, EventType::NodeDeleted, "/a"), [1]);
        assert_eq!(told(&mut watches, EventType::NodeCreated, "/a"), [0; 0]);
        assert_eq!(watches.total(), 0);
    }

    #[test]
    fn recursive_watches_hear_everything_below_but_no_children_events() {
        let mut watches = Watches::new(Version::V3_9);
        watches.watch_always(1, "/", AddWatchMode::PersistentRecursive);
        watches.watch_always(2, "/a", AddWatchMode::Persistent);
        for _ in 0..2 {
            assert_eq!(told(&mut watches, EventType::NodeCreated, "/a/b"), [1]);
            assert_eq!(
                told(&mut watches, EventType::NodeChildrenChanged, "/a"),
                [2]
            );
            assert_eq!(told(&mut watches, EventType::NodeDataChanged, "/a"), [1, 2]);
        }
        assert_eq!(watches.remove(1, "/", 4), Ok(false));
        assert_eq!(watches.remove(1, "/", 5), Ok(true));
        watches.forget(2);
        assert_eq!(watches.total(), 0);
    }

    #[test]
    fn before_3_9_the_last_mode_wins() {
        let mut watches = Watches::new(Version::V3_6);
        watches.watch_always(1, "/a", AddWatchMode::Persistent);
        watches.watch_data(1, "/a");
        assert_eq!(told(&mut watches, EventType::NodeDataChanged, "/a"), [1]);
        assert_eq!(told(&mut watches, EventType::NodeDataChanged, "/a"), [0; 0]);
        assert!(watches.has(1, "/a", 4).is_err());
    }
}
