//! Deleting a znode and all below it: listed in portions, deleted in batches of one
//! transaction each, so that memory does not grow with the tree. Others may create and delete
//! meanwhile; a lost connection is waited for and the work gone on with.

use std::collections::VecDeque;
use std::time::Duration;

use super::error::{Error, ErrorKind};
use super::handle::Client;
use crate::proto::{ErrorCode, Names, OpCode, ZPath};

/// How many znodes are listed, or deleted, at once.
const BATCH: usize = 256;

/// Nor has one transaction more bytes of paths than this.
const BATCH_BYTES: usize = 256 << 10;

/// What a transaction's frame holds beside its deletions: a header and its end. And what each
/// of them has beside its path: a header, the path's length, a version.
const FRAME: usize = 8 + 9;
const DELETION: usize = 9 + 4 + 4;

/// How often it is put up with that znodes have new children.
const PATIENCE: u32 = 1000;

/// How many connections may be lost before anything more is deleted, and how often the server
/// may be too busy. However many requests one takes with it, it is one loss.
const LOSSES: u32 = 1000;

/// How long a server that is too busy is left alone.
const BUSY: Duration = Duration::from_millis(250);

impl Client {
    /// Deletes a znode and all below it, whatever the versions, and answers how many znodes
    /// went. `progress` is told the number so far after every batch.
    ///
    /// It isn't atomic: when it fails, or the future is dropped, what was deleted stays
    /// deleted, and another call goes on where it stopped. The error says by
    /// [`Error::may_have_been_applied`] whether anything was, as far as is known. A znode that
    /// is absent already is no error. The root and ZooKeeper's own znodes are refused.
    ///
    /// (kazoo: `delete` with `recursive`)
    pub async fn delete_recursive(
        &self,
        path: &ZPath,
        progress: impl FnMut(u64) + Send,
    ) -> Result<u64, Error> {
        let whole = self.server_path(path);
        if SYSTEM.iter().any(|own| whole.as_str() == *own) {
            return Err(self.refusal(path, "it can't be deleted, it belongs to ZooKeeper itself"));
        }
        if self.shared().options.read_only {
            let kind = ErrorKind::ReadOnlyClient;
            return Err(Error::of(kind, OpCode::Delete, Some(path), None));
        }
        let mut deletion = Deletion {
            client: self,
            progress,
            levels: Vec::new(),
            batch: Vec::new(),
            bytes: 0,
            deleted: 0,
            unknown: false,
            patience: PATIENCE,
            losses: LOSSES,
        };
        match deletion.run(path).await {
            Ok(()) => Ok(deletion.deleted),
            Err(error) => {
                let in_part = deletion.unknown || deletion.deleted > 0;
                Err(error.of_whole(OpCode::Delete, path, in_part))
            }
        }
    }

    fn refusal(&self, path: &ZPath, why: &str) -> Error {
        let kind = ErrorKind::Invalid(why.to_owned());
        let server = self.shared().server();
        Error::of(kind, OpCode::Delete, Some(path), server.as_ref())
    }
}

/// What no server deletes.
const SYSTEM: [&str; 4] = ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"];

/// A znode whose children are being deleted.
struct Level {
    path: ZPath,
    names: Names,
    /// How many of them were looked at.
    seen: usize,
    /// Those that have children themselves.
    nested: Vec<(ZPath, Names)>,
}

struct Deletion<'a, P> {
    client: &'a Client,
    progress: P,
    levels: Vec<Level>,
    /// Childless once those before it are gone.
    batch: Vec<ZPath>,
    bytes: usize,
    deleted: u64,
    /// Whether it was ever left open what became of a deletion.
    unknown: bool,
    patience: u32,
    losses: u32,
}

impl<P: FnMut(u64) + Send> Deletion<'_, P> {
    async fn run(&mut self, path: &ZPath) -> Result<(), Error> {
        self.enter(path).await?;
        loop {
            while let Some(level) = self.levels.last_mut() {
                if let Some((path, names)) = level.nested.pop() {
                    self.descend(path, names);
                } else if level.seen < level.names.len() {
                    self.look().await?;
                } else if let Some(level) = self.levels.pop() {
                    self.put(level.path);
                }
                if self.batch.len() >= BATCH || self.bytes >= BATCH_BYTES {
                    self.flush().await?;
                }
            }
            if self.batch.is_empty() {
                return Ok(());
            }
            self.flush().await?;
        }
    }

    /// Begins with a znode, if it exists.
    async fn enter(&mut self, path: &ZPath) -> Result<(), Error> {
        loop {
            match self.client.get_children(path).await {
                Ok(names) => {
                    self.descend(path.clone(), names);
                    return Ok(());
                }
                Err(error) if error.is(ErrorCode::NoNode) => return Ok(()),
                Err(error) => self.endure(error).await?,
            }
        }
    }

    fn descend(&mut self, path: ZPath, names: Names) {
        self.levels.push(Level {
            path,
            names,
            seen: 0,
            nested: Vec::new(),
        });
    }

    fn put(&mut self, path: ZPath) {
        self.bytes += path.as_str().len();
        self.batch.push(path);
    }

    /// Lists the next children of the innermost level: those without children go into the
    /// batch, the others are descended into.
    async fn look(&mut self) -> Result<(), Error> {
        let Some(level) = self.levels.last_mut() else {
            return Ok(());
        };
        let until = (level.seen + BATCH).min(level.names.len());
        let paths: Vec<ZPath> = (level.seen..until)
            .filter_map(|index| level.names.get(index))
            .map(|name| level.path.child(name))
            .collect();
        level.seen = until;
        let replies: Vec<_> = paths
            .iter()
            .map(|path| self.client.get_children(path))
            .collect();
        let mut lost = Vec::new();
        for (path, reply) in paths.into_iter().zip(replies) {
            match reply.await {
                Ok(names) if names.is_empty() => self.put(path),
                Ok(names) => {
                    if let Some(level) = self.levels.last_mut() {
                        level.nested.push((path, names));
                    }
                }
                Err(error) if error.is(ErrorCode::NoNode) => {}
                Err(error) if error.is_transient() => lost.push((path, error)),
                Err(error) => return Err(error),
            }
        }
        if let Some((_, error)) = lost.first() {
            self.endure(error.clone()).await?;
        }
        for (path, _) in lost {
            self.enter(&path).await?;
        }
        Ok(())
    }

    /// Deletes what is ready to go, in transactions that no server finds too long.
    async fn flush(&mut self) -> Result<(), Error> {
        let mut batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        while !batch.is_empty() {
            let rest = batch.split_off(self.portion(&batch));
            if let [_] = batch.as_slice() {
                self.one_by_one(batch, false).await?;
            } else {
                self.delete_together(batch).await?;
            }
            (self.progress)(self.deleted);
            batch = rest;
        }
        Ok(())
    }

    /// How many of these paths make one transaction: at least one.
    fn portion(&self, batch: &[ZPath]) -> usize {
        let chroot = self.client.chroot.as_str().len();
        let limit = self.client.shared().options.server_frame_limit;
        let most = BATCH_BYTES.min(limit.saturating_sub(FRAME));
        let mut bytes = 0;
        let fits = |path: &&ZPath| {
            bytes += DELETION + chroot + path.as_str().len();
            bytes <= most
        };
        batch.iter().take_while(fits).count().clamp(1, BATCH)
    }

    /// Deletes a batch as one transaction; if that fails, one by one.
    async fn delete_together(&mut self, batch: Vec<ZPath>) -> Result<(), Error> {
        loop {
            let transaction = batch.iter().fold(self.client.transaction(), |all, path| {
                all.delete(path, None)
            });
            let error = match transaction.commit().await {
                Ok(done) => {
                    self.count(done.len());
                    return Ok(());
                }
                Err(error) => error,
            };
            let unknown = error.may_have_been_applied();
            self.unknown |= unknown;
            if error.is_transient() {
                self.endure(error).await?;
            } else if !matches!(error.kind(), ErrorKind::Transaction { .. }) {
                return Err(error);
            } else {
                return self.one_by_one(batch, false).await;
            }
            if unknown {
                return self.one_by_one(batch, true).await;
            }
        }
    }

    /// What is gone already was perhaps deleted by the transaction whose answer was lost.
    async fn one_by_one(&mut self, batch: Vec<ZPath>, unknown: bool) -> Result<(), Error> {
        let mut left: VecDeque<(ZPath, bool)> =
            batch.into_iter().map(|path| (path, unknown)).collect();
        let mut grown = Vec::new();
        while !left.is_empty() {
            let (mut loss, mut refused) = (None, None);
            let replies: Vec<_> = left
                .iter()
                .map(|(path, _)| self.client.delete(path, None))
                .collect();
            let mut again = VecDeque::new();
            for ((path, unknown), reply) in left.drain(..).zip(replies) {
                match reply.await {
                    Ok(()) => self.count(1),
                    Err(error) if error.is(ErrorCode::NoNode) => self.count(usize::from(unknown)),
                    Err(error) if error.is(ErrorCode::NotEmpty) => grown.push((path, error)),
                    Err(error) if error.is_transient() => {
                        let unknown = unknown || error.may_have_been_applied();
                        self.unknown |= unknown;
                        again.push_back((path, unknown));
                        loss = Some(error);
                    }
                    // The others are on their way all the same: they count.
                    Err(error) => refused = refused.or(Some(error)),
                }
            }
            if let Some(error) = refused {
                return Err(error);
            }
            if let Some(error) = loss {
                self.endure(error).await?;
            }
            left = again;
        }
        self.enter_again(grown).await
    }

    /// Someone created something in these meanwhile, or in one of them: then those above it
    /// could not go either, and they are met again on the way down from the uppermost.
    async fn enter_again(&mut self, grown: Vec<(ZPath, Error)>) -> Result<(), Error> {
        if let Some((_, error)) = grown.first() {
            less(&mut self.patience, true, error.clone())?;
        }
        for (path, _) in &grown {
            let is_above = |(other, _): &(ZPath, Error)| other != path && other.contains(path);
            if !grown.iter().any(is_above) {
                self.enter(path).await?;
            }
        }
        Ok(())
    }

    /// So many more are gone: it is worth going on through more losses.
    fn count(&mut self, deleted: usize) {
        self.deleted += deleted as u64;
        if deleted > 0 {
            self.losses = LOSSES;
        }
    }

    /// Goes on after a lost connection, and when the server has less to do; any other error
    /// ends the deletion.
    async fn endure(&mut self, error: Error) -> Result<(), Error> {
        let (more, busy) = (error.is_transient(), !error.is_connection_loss());
        less(&mut self.losses, more, error)?;
        if busy {
            tokio::time::sleep(BUSY).await;
        }
        Ok(())
    }
}

/// One time less, or that was too often.
fn less(left: &mut u32, goes_on: bool, error: Error) -> Result<(), Error> {
    match left.checked_sub(1) {
        Some(less) if goes_on => {
            *left = less;
            Ok(())
        }
        _ => Err(error),
    }
}
