//! Requests that are about watches alone: adding, checking, removing, and setting them again
//! after a reconnect, with the events that were missed.

use super::Answer;
use super::State;
use crate::proto::{AddWatchMode, ErrorCode, EventType, Request, SetWatches, put_int};
use crate::server::tree::ConnId;

impl State {
    pub(super) fn watching(
        &mut self,
        id: ConnId,
        request: &Request<'_>,
        body: &mut Vec<u8>,
    ) -> Answer {
        match request {
            Request::AddWatch { path, mode } => {
                let mode =
                    AddWatchMode::try_from(*mode).map_err(|_| ErrorCode::MarshallingError)?;
                self.watches.watch_always(id, path, mode);
                put_int(body, 0);
                Ok(())
            }
            Request::CheckWatches { path, .. } if self.is_unfindable(path) => {
                Err(ErrorCode::MarshallingError)
            }
            Request::CheckWatches { path, kind } => match self.watches.has(id, path, *kind) {
                Ok(true) => Ok(()),
                Ok(false) if self.version.checks_watches_loosely() && self.is_rootless(path) => {
                    Err(ErrorCode::MarshallingError)
                }
                Ok(false) => Err(ErrorCode::NoWatcher),
                Err(_) => Err(ErrorCode::MarshallingError),
            },
            Request::RemoveWatches { path, kind } => match self.watches.remove(id, path, *kind) {
                Ok(true) => Ok(()),
                Ok(false) => Err(ErrorCode::NoWatcher),
                Err(_) => Err(ErrorCode::MarshallingError),
            },
            Request::SetWatches(watches) | Request::SetWatches2(watches) => {
                self.set_watches(id, watches);
                Ok(())
            }
            _ => Err(ErrorCode::Unimplemented),
        }
    }

    /// For each path either the event that was missed, or the watch. Persistent watches get
    /// no catch-up: what they missed is lost (ZOOKEEPER-4698).
    fn set_watches(&mut self, id: ConnId, watches: &SetWatches<'_>) {
        let since = watches.relative_zxid;
        for path in &watches.data {
            let node = self.tree.find(path).map(|node| self.tree.node(node));
            match node.map(|node| node.mzxid > since) {
                None => self.missed(id, EventType::NodeDeleted, path),
                Some(true) => self.missed(id, EventType::NodeDataChanged, path),
                Some(false) => self.watches.watch_data(id, path),
            }
        }
        for path in &watches.exist {
            match self.tree.find(path) {
                Some(_) => self.missed(id, EventType::NodeCreated, path),
                None => self.watches.watch_data(id, path),
            }
        }
        for path in &watches.child {
            let node = self.tree.find(path).map(|node| self.tree.node(node));
            match node.map(|node| node.pzxid > since) {
                None => self.missed(id, EventType::NodeDeleted, path),
                Some(true) => self.missed(id, EventType::NodeChildrenChanged, path),
                Some(false) => self.watches.watch_children(id, path),
            }
        }
        for path in &watches.persistent {
            self.watches
                .watch_always(id, path, AddWatchMode::Persistent);
        }
        for path in &watches.persistent_recursive {
            let mode = AddWatchMode::PersistentRecursive;
            self.watches.watch_always(id, path, mode);
        }
    }

    /// Whether 3.6 and 3.8 fail even before they look for watches of a path: without a
    /// slash, they can't tell what is above it.
    fn is_unfindable(&self, path: &str) -> bool {
        self.version.checks_watches_loosely() && !path.is_empty() && !path.contains('/')
    }

    /// Whether a search for watches from here upwards comes to a path without a slash. Only
    /// recursive watches make a server look further than the path itself.
    fn is_rootless(&self, path: &str) -> bool {
        !path.is_empty() && !path.starts_with('/') && self.watches.any_recursive()
    }

    fn missed(&mut self, id: ConnId, kind: EventType, path: &str) {
        if let Some(conn) = self.conns.get_mut(&id) {
            // Even a 3.9 can't say which transaction it was.
            conn.notify(-1, kind, path);
        }
    }
}
