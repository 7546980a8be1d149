//! Hands inside the server: what seeds, actors and tests do to the tree without a socket.
//! They may do everything; watchers hear of it as of any client's doing.

use std::sync::MutexGuard;

use tokio::sync::watch;

use super::connection::Shared;
use super::state::State;
use super::tree::{Change, CreateOp, Txn};
use crate::proto::{Acl, AclId, CreateMode, ErrorCode, Stat};

/// Access to a running server from inside its process. Cheap to clone, and does not keep
/// the server alive: see [`Local::stopped`].
#[derive(Debug, Clone)]
pub struct Local {
    shared: Shared,
    stop: watch::Receiver<()>,
}

impl Local {
    pub(super) const fn new(shared: Shared, stop: watch::Receiver<()>) -> Self {
        Self { shared, stop }
    }

    /// The server's state, for a seed that plants many znodes at once.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.shared.lock()
    }

    /// The server's time: milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.shared.lock().clock.now()
    }

    /// Returns once the server's handle has been dropped.
    pub async fn stopped(&mut self) {
        // An error says the same: there is no server any more.
        while self.stop.changed().await.is_ok() {}
    }

    /// A session without a client, which owns ephemerals until it is closed.
    pub fn open_session(&self) -> i64 {
        let mut state = self.shared.lock();
        state.next_zxid();
        state.sessions.open_for_good()
    }

    /// Ends a session: its ephemerals go. Answers whether it lived.
    pub fn close_session(&self, session: i64) -> bool {
        self.shared.lock().expire(session)
    }

    /// Makes a znode and answers its path. `session` owns it if it is ephemeral, otherwise
    /// it may be 0.
    ///
    /// # Errors
    /// As the protocol's create has them.
    pub fn create(
        &self,
        session: i64,
        path: &str,
        data: Option<&[u8]>,
        acl: &[Acl],
        mode: CreateMode,
    ) -> Result<String, ErrorCode> {
        self.change(session, |state, txn, changes| {
            let op = CreateOp {
                path,
                data,
                acl,
                flags: mode.flags(),
                ttl_ms: mode.ttl_ms().unwrap_or(-1),
            };
            state
                .tree
                .create(txn, op, changes)
                .map(|(path, _stat)| path)
        })
    }

    /// Makes what is missing of `path` and above it, empty and open to everybody.
    ///
    /// # Errors
    /// As the protocol's create has them.
    pub fn ensure_path(&self, path: &str) -> Result<(), ErrorCode> {
        for (at, _) in path.match_indices('/').skip(1) {
            self.ensure(&path[..at])?;
        }
        self.ensure(path)
    }

    fn ensure(&self, path: &str) -> Result<(), ErrorCode> {
        let mode = CreateMode::Persistent;
        match self.exists(path) {
            Some(_) => Ok(()),
            None => self
                .create(0, path, Some(b""), &Acl::open_unsafe(), mode)
                .map(drop),
        }
    }

    /// Replaces a znode's data; version -1 is any.
    ///
    /// # Errors
    /// As the protocol's setData has them.
    pub fn set_data(
        &self,
        path: &str,
        data: Option<&[u8]>,
        version: i32,
    ) -> Result<Stat, ErrorCode> {
        self.change(0, |state, txn, changes| {
            state.tree.set_data(txn, path, data, version, changes)
        })
    }

    /// Deletes a znode without children.
    ///
    /// # Errors
    /// As the protocol's delete has them.
    pub fn delete(&self, path: &str) -> Result<(), ErrorCode> {
        self.change(0, |state, txn, changes| {
            state.tree.delete(txn, path, -1, changes)
        })
    }

    /// A znode's data and Stat.
    ///
    /// # Errors
    /// If it does not exist.
    pub fn get_data(&self, path: &str) -> Result<(Option<Vec<u8>>, Stat), ErrorCode> {
        let state = self.shared.lock();
        let id = state.tree.find(path).ok_or(ErrorCode::NoNode)?;
        let node = state.tree.node(id);
        Ok((node.data.as_deref().map(<[u8]>::to_vec), node.stat()))
    }

    /// A znode's Stat, if it exists.
    pub fn exists(&self, path: &str) -> Option<Stat> {
        let state = self.shared.lock();
        let id = state.tree.find(path)?;
        Some(state.tree.node(id).stat())
    }

    /// The names of a znode's children, sorted.
    ///
    /// # Errors
    /// If it does not exist.
    pub fn get_children(&self, path: &str) -> Result<Vec<String>, ErrorCode> {
        let state = self.shared.lock();
        let id = state.tree.find(path).ok_or(ErrorCode::NoNode)?;
        Ok(state.tree.node(id).names().map(str::to_owned).collect())
    }

    fn change<T>(
        &self,
        session: i64,
        make: impl FnOnce(&mut State, Txn<'_>, &mut Vec<Change>) -> Result<T, ErrorCode>,
    ) -> Result<T, ErrorCode> {
        let everybody = [AclId {
            scheme: "super".to_owned(),
            id: String::new(),
        }];
        let mut state = self.shared.lock();
        let txn = Txn {
            zxid: state.next_zxid(),
            time: state.clock.now(),
            session,
            ids: &everybody,
        };
        let mut changes = Vec::new();
        let value = make(&mut state, txn, &mut changes)?;
        state.commit(changes);
        Ok(value)
    }
}
