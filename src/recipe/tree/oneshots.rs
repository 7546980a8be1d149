//! A subtree under one-shot watches, two on every znode, for servers before 3.6. Each watch
//! is set again by the read that follows it, so no change falls between.

use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::pin::Pin;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::watch;

use super::refusals::{Due, Refusals};
use super::{Known, TreeEvent, TreeWatch, has_recursive_watches};
use crate::client::{Client, Error, ErrorKind, OneshotWatch, SessionInfo, WatchEvent};
use crate::proto::{ChildrenReply, DataReply, ErrorCode, EventType, OpCode, Stat, ZPath};
use crate::recipe::follow::pause;

type Waiting = Pin<Box<dyn Future<Output = Step> + Send>>;

pub(super) struct Oneshots {
    client: Client,
    root: ZPath,
    known: Known,
    /// Reads on their way and watches that wait.
    waiting: FuturesUnordered<Waiting>,
    /// Reads to be sent, and how many are on their way.
    todo: VecDeque<(ZPath, Read)>,
    reading: usize,
    /// Whether everything is being read, so that the end of it is to be told.
    syncing: bool,
    /// Whether the limit was told of.
    full: bool,
    /// Znodes whose data is watched or asked for, or can't be read.
    followed: HashSet<ZPath>,
    /// The same of their lists.
    listed: HashSet<ZPath>,
    /// What can't be read: tried again with every connection or identity, and now and then.
    refusals: Refusals,
    info: watch::Receiver<SessionInfo>,
    epoch: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Read {
    Data,
    Children,
    /// Whether it is there, with a watch for its creation.
    Exists,
}

enum Step {
    Data(ZPath, Result<(DataReply, OneshotWatch), Error>),
    Children(ZPath, Result<(ChildrenReply, OneshotWatch), Error>),
    Exists(ZPath, Result<(Option<Stat>, OneshotWatch), Error>),
    /// What the reply was too large of.
    Measured(ZPath, Read, Result<Option<Stat>, Error>),
    Fired(ZPath, Read, WatchEvent),
    /// An overloaded server has been left alone for a while.
    Rested(ZPath, Read),
    /// There is another connection or identity.
    Moved,
    /// What was refused is due to be tried again.
    Due,
}

/// Reads on the wire at a time.
const IN_FLIGHT: usize = 200;

impl Oneshots {
    pub(super) fn new(client: Client, root: ZPath, known: Known) -> Self {
        let mut all = Self {
            epoch: client.session().epoch,
            info: client.watch_session(),
            client,
            known,
            waiting: FuturesUnordered::new(),
            todo: VecDeque::new(),
            reading: 0,
            syncing: true,
            full: false,
            followed: HashSet::new(),
            listed: HashSet::new(),
            refusals: Refusals::default(),
            root,
        };
        all.known.begin_round();
        all.add(all.root.clone());
        all
    }

    /// What has been told by now.
    pub(super) fn into_known(self) -> Known {
        self.known
    }

    /// Waits for the next thing to happen and handles it; `false` at the end, and at a server
    /// that can do better.
    pub(super) async fn step(&mut self, ready: &mut VecDeque<TreeEvent>) -> bool {
        self.send();
        if self.syncing && self.reading == 0 {
            if has_recursive_watches(self.client.ask_version().await) {
                return false;
            }
            self.syncing = false;
            self.known.end_round(ready);
            return true;
        }
        let step = self.wait().await;
        if !matches!(step, Step::Fired(..) | Step::Moved | Step::Due) {
            self.reading -= 1;
        }
        match step {
            Step::Data(path, result) => self.on_data(path, result, ready),
            Step::Children(path, result) => self.on_children(path, result, ready),
            Step::Exists(path, result) => self.on_exists(path, result, ready),
            Step::Measured(path, read, result) => self.on_measured(path, read, result, ready),
            Step::Fired(_, _, WatchEvent::Closed) => false,
            Step::Fired(path, read, event) => {
                self.on_fired(path, read, &event);
                true
            }
            Step::Rested(path, read) => {
                self.todo.push_back((path, read));
                true
            }
            Step::Moved => {
                self.resync();
                !self.info.borrow().state.is_final()
            }
            Step::Due => {
                self.try_again();
                true
            }
        }
    }

    async fn wait(&mut self) -> Step {
        let epoch = self.epoch;
        let other = |info: &SessionInfo| info.state.is_final() || info.epoch != epoch;
        let refused = !self.refusals.is_empty();
        tokio::select! {
            biased;
            Some(step) = self.waiting.next() => step,
            _ = self.info.wait_for(other), if refused || self.waiting.is_empty() => Step::Moved,
            () = self.refusals.wait() => Step::Due,
        }
    }

    fn add(&mut self, path: ZPath) {
        if self.followed.insert(path.clone()) {
            self.todo.push_back((path.clone(), Read::Data));
        }
        if self.listed.insert(path.clone()) {
            self.todo.push_back((path, Read::Children));
        }
    }

    /// Changes may have been missed: everything is read again, each znode as its watch tells.
    fn resync(&mut self) {
        self.syncing = true;
        self.epoch = self.info.borrow().epoch;
        let due = self.refusals.due().into_iter();
        self.todo.extend(due.map(|due| (due.path, due.read)));
    }

    /// Reads again what was refused, and what was too large if it is another by now.
    fn try_again(&mut self) {
        for Due {
            path,
            read,
            too_large,
        } in self.refusals.due()
        {
            if !too_large {
                self.todo.push_back((path, read));
                continue;
            }
            self.reading += 1;
            let reply = self.client.exists(&path);
            self.waiting.push(Box::pin(
                async move { Step::Measured(path, read, reply.await) },
            ));
        }
    }

    fn send(&mut self) {
        while self.reading < IN_FLIGHT {
            let Some((path, read)) = self.todo.pop_front() else {
                return;
            };
            self.reading += 1;
            // Sent now, in this order; only the answer is waited for.
            self.waiting.push(match read {
                Read::Data => {
                    let reply = self.client.get_watch(&path);
                    Box::pin(async move { Step::Data(path, reply.await) })
                }
                Read::Children => {
                    let reply = self.client.get_children_watch(&path);
                    Box::pin(async move { Step::Children(path, reply.await) })
                }
                Read::Exists => {
                    let reply = self.client.exists_watch(&path);
                    Box::pin(async move { Step::Exists(path, reply.await) })
                }
            });
        }
    }

    fn keep(&self, path: ZPath, read: Read, watch: OneshotWatch) {
        self.waiting.push(Box::pin(
            async move { Step::Fired(path, read, watch.await) },
        ));
    }

    fn on_data(
        &mut self,
        path: ZPath,
        result: Result<(DataReply, OneshotWatch), Error>,
        ready: &mut VecDeque<TreeEvent>,
    ) -> bool {
        match result {
            Ok((reply, watch)) => {
                self.refusals.settle(&path, Read::Data);
                self.keep(path.clone(), Read::Data, watch);
                self.known.seen(path, reply, ready);
                true
            }
            Err(error) if error.is(ErrorCode::NoNode) => {
                self.refusals.settle(&path, Read::Data);
                self.forget(&path, ready);
                self.known.gone(&path, ready);
                self.followed.remove(&path);
                // It may have come back since, and its parent's list have told so already.
                self.todo.push_back((path, Read::Exists));
                true
            }
            Err(error) => self.on_error(path, Read::Data, error, ready),
        }
    }

    fn on_children(
        &mut self,
        path: ZPath,
        result: Result<(ChildrenReply, OneshotWatch), Error>,
        ready: &mut VecDeque<TreeEvent>,
    ) -> bool {
        match result {
            Ok((reply, watch)) => {
                self.refusals.settle(&path, Read::Children);
                // No watch tells of their end.
                for child in self.refusals.missing(&path, &reply.names) {
                    self.forget(&child, ready);
                }
                self.keep(path.clone(), Read::Children, watch);
                for name in reply.names.iter() {
                    let child = path.child(name);
                    if self.followed.len() < TreeWatch::OLD_LIMIT || self.followed.contains(&child)
                    {
                        self.add(child);
                    } else {
                        self.tell_full(ready);
                        self.known.unreadable(&child);
                    }
                }
                true
            }
            Err(error) if error.is(ErrorCode::NoNode) => {
                self.refusals.settle(&path, Read::Children);
                self.listed.remove(&path);
                if self.followed.contains(&path) {
                    // As above: what was added meanwhile was not listed.
                    self.todo.push_back((path.clone(), Read::Exists));
                }
                self.forget(&path, ready);
                true
            }
            Err(error) => self.on_error(path, Read::Children, error, ready),
        }
    }

    fn on_exists(
        &mut self,
        path: ZPath,
        result: Result<(Option<Stat>, OneshotWatch), Error>,
        ready: &mut VecDeque<TreeEvent>,
    ) -> bool {
        let (stat, watch) = match result {
            Ok(found) => found,
            Err(error) => return self.on_error(path, Read::Exists, error, ready),
        };
        self.refusals.settle(&path, Read::Exists);
        if stat.is_some() {
            self.add(path);
        } else if path == self.root {
            // Any other's coming back is told by its parent's list.
            self.keep(path, Read::Exists, watch);
        }
        true
    }

    fn on_measured(
        &mut self,
        path: ZPath,
        read: Read,
        result: Result<Option<Stat>, Error>,
        ready: &mut VecDeque<TreeEvent>,
    ) -> bool {
        let stat = match result {
            Ok(stat) => stat,
            Err(error) => return self.on_error(path, read, error, ready),
        };
        let zxid = stat.map(|stat| match read {
            Read::Data | Read::Exists => stat.mzxid,
            Read::Children => stat.pzxid,
        });
        if zxid.is_none_or(|zxid| self.refusals.is_other(&path, read, zxid)) {
            self.todo.push_back((path, read));
        }
        true
    }

    /// A znode is gone: of what could not be read of it and below, no watch will tell.
    fn forget(&mut self, gone: &ZPath, ready: &mut VecDeque<TreeEvent>) {
        for (path, read) in self.refusals.forget(gone) {
            match read {
                Read::Data => {
                    self.followed.remove(&path);
                    self.known.gone(&path, ready);
                }
                Read::Children => drop(self.listed.remove(&path)),
                Read::Exists => {}
            }
        }
    }

    fn on_fired(&mut self, path: ZPath, read: Read, event: &WatchEvent) {
        match event {
            WatchEvent::Gap => {
                self.resync();
                self.todo.push_back((path, read));
            }
            WatchEvent::Node(event) if event.kind == EventType::NodeCreated => self.add(path),
            _ => self.todo.push_back((path, read)),
        }
    }

    fn on_error(
        &mut self,
        path: ZPath,
        read: Read,
        error: Error,
        ready: &mut VecDeque<TreeEvent>,
    ) -> bool {
        if error.is_connection_loss() {
            self.resync();
            self.todo.push_back((path, read));
            return true;
        }
        if error.is_transient() {
            self.reading += 1;
            self.waiting.push(Box::pin(async move {
                tokio::time::sleep(pause()).await;
                Step::Rested(path, read)
            }));
            return true;
        }
        if error.is_final() {
            return false;
        }
        self.known.unreadable(&path);
        if self.refusals.refuse(&path, read, &error) {
            ready.push_back(TreeEvent::Failed(error));
        }
        true
    }

    fn tell_full(&mut self, ready: &mut VecDeque<TreeEvent>) {
        if !std::mem::replace(&mut self.full, true) {
            let limit = TreeWatch::OLD_LIMIT;
            let server = self.client.server_version();
            let version = server.map_or_else(|| "this".to_owned(), |version| version.to_string());
            let kind = ErrorKind::Invalid(format!(
                "a server of version {version} can't watch a subtree as a whole, and this one \
                 has more than {limit} znodes: some are not followed"
            ));
            let error = Error::on(kind, OpCode::AddWatch, &self.root);
            ready.push_back(TreeEvent::Failed(error));
        }
    }
}

#[cfg(test)]
mod tests;
