//! A subtree under one recursive watch (3.6+). Events only say where to look: what they
//! name is read in batches, so a storm of changes costs few requests. While everything is
//! read (at first and after a gap), what events name is left to them.

use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::pin::Pin;

use tokio::sync::watch;
use tokio::time::Sleep;

use super::{Known, TreeEvent};
use crate::client::{
    Client, Error, ErrorKind, PersistentWatch, Read, Reads, SessionInfo, WatchEvent,
};
use crate::proto::{AddWatchMode, ErrorCode, ZPath};
use crate::recipe::follow::pause;
use crate::recipe::walk::{Visited, Walk};

type Arming = Pin<Box<dyn Future<Output = Result<PersistentWatch, Error>> + Send>>;

pub(super) struct Recursive {
    client: Client,
    root: ZPath,
    info: watch::Receiver<SessionInfo>,
    known: Known,
    watch: Watching,
    /// Under way while everything is read.
    walk: Option<Walk>,
    /// What events named meanwhile: what the walk finds there may be old.
    touched: HashSet<ZPath>,
    /// The walk is over, and of what it left to the events this is still to be read.
    owed: Option<HashSet<ZPath>>,
    /// What events named and is to be read, each once.
    dirty: VecDeque<ZPath>,
    queued: HashSet<ZPath>,
    flight: VecDeque<Flight>,
    /// The connection or identity with which everything was read last, or tried to.
    epoch: u64,
    /// Something could not be read with it.
    refused: bool,
    /// An overloaded server is being left alone.
    rest: Option<Pin<Box<Sleep>>>,
}

enum Watching {
    /// To be set.
    Not,
    Arming(Arming),
    Live(PersistentWatch),
    /// The watch could not be set on this connection.
    Refused,
}

struct Flight {
    paths: Vec<ZPath>,
    reply: Pin<Box<dyn Future<Output = Reads> + Send>>,
}

const BATCH: usize = 100;
const IN_FLIGHT: usize = 4;

/// A batch is closed when about this many bytes are to be expected for it, and how many are
/// for a znode not seen before.
const REPLY_BYTES: usize = 256 << 10;
const UNKNOWN_BYTES: usize = 4 << 10;

enum Next {
    Armed(Result<PersistentWatch, Error>),
    Event(Option<WatchEvent>),
    Answers(Reads),
    Visited(Option<Result<Visited, Error>>),
    /// There is another connection or identity, or an end to all.
    Moved,
    Rested,
}

impl Recursive {
    pub(super) fn new(client: Client, root: ZPath, known: Known) -> Self {
        Self {
            epoch: client.session().epoch,
            info: client.watch_session(),
            known,
            watch: Watching::Not,
            refused: false,
            rest: None,
            walk: None,
            touched: HashSet::new(),
            owed: None,
            dirty: VecDeque::new(),
            queued: HashSet::new(),
            flight: VecDeque::new(),
            client,
            root,
        }
    }

    /// What has been told by now.
    pub(super) fn into_known(self) -> Known {
        self.known
    }

    /// Waits for the next thing to happen and handles it; `false` at the end, and at a server
    /// without recursive watches.
    pub(super) async fn step(&mut self, ready: &mut VecDeque<TreeEvent>) -> bool {
        if self.rest.is_none() {
            self.send();
        }
        match self.wait().await {
            Next::Armed(Ok(watch)) => {
                self.watch = Watching::Live(watch);
                self.read_everything();
            }
            Next::Armed(Err(error)) => {
                self.watch = Watching::Not;
                if is_too_new(&error) || error.is_final() {
                    return false;
                } else if error.is_transient() {
                    if !error.is_connection_loss() {
                        self.rest();
                    }
                } else {
                    self.watch = Watching::Refused;
                    ready.push_back(TreeEvent::Failed(error));
                }
            }
            Next::Moved if self.info.borrow().state.is_final() => return false,
            Next::Moved if matches!(self.watch, Watching::Live(_)) => self.read_everything(),
            Next::Moved => self.watch = Watching::Not,
            Next::Rested => self.rest = None,
            Next::Event(None) => return false,
            Next::Event(Some(event)) => {
                self.on_event(event);
                // A storm of events is taken in at once, so that each znode is read once.
                while let Watching::Live(watch) = &mut self.watch
                    && let Some(event) = watch.try_next()
                {
                    self.on_event(event);
                }
            }
            Next::Answers(answers) => return self.on_answers(answers, ready),
            Next::Visited(visited) => self.on_visited(visited, ready),
        }
        true
    }

    async fn wait(&mut self) -> Next {
        let epoch = self.epoch;
        let other = |info: &SessionInfo| info.state.is_final() || info.epoch != epoch;
        if matches!(self.watch, Watching::Not) && self.rest.is_none() {
            self.epoch = self.info.borrow().epoch;
            self.watch = Watching::Arming(arm(&self.client, &self.root));
        }
        let rest = self.rest.as_mut();
        let watch = match &mut self.watch {
            Watching::Arming(arming) => return Next::Armed(arming.await),
            Watching::Live(watch) => watch,
            Watching::Refused | Watching::Not => {
                return tokio::select! {
                    _ = self.info.wait_for(other), if rest.is_none() => Next::Moved,
                    Some(()) = async { rest?.as_mut().await; Some(()) } => Next::Rested,
                };
            }
        };
        let flight = self.flight.front_mut();
        let walk = self.walk.as_mut();
        tokio::select! {
            biased;
            event = watch.next() => Next::Event(event),
            _ = self.info.wait_for(other), if self.refused => Next::Moved,
            Some(()) = async { rest?.as_mut().await; Some(()) } => Next::Rested,
            Some(answers) = async { Some(flight?.reply.as_mut().await) } => Next::Answers(answers),
            Some(visited) = async { Some(walk?.next().await) } => Next::Visited(visited),
        }
    }

    fn read_everything(&mut self) {
        self.epoch = self.info.borrow().epoch;
        self.refused = false;
        self.known.begin_round();
        self.touched.clear();
        self.owed = None;
        self.walk = Some(Walk::new(&self.client, &self.root));
    }

    fn on_event(&mut self, event: WatchEvent) {
        match event {
            WatchEvent::Gap => self.read_everything(),
            WatchEvent::Node(event) => {
                if self.walk.is_some() || self.owed.is_some() {
                    self.touched.insert(event.path.clone());
                }
                self.look_at(event.path);
            }
            WatchEvent::Closed => {}
        }
    }

    fn look_at(&mut self, path: ZPath) {
        if self.queued.insert(path.clone()) {
            self.dirty.push_back(path);
        }
    }

    /// Reads what events have named.
    fn send(&mut self) {
        while self.flight.len() < IN_FLIGHT && !self.dirty.is_empty() {
            let mut reads = self.client.multi_read();
            let (mut paths, mut bytes) = (Vec::new(), 0);
            while paths.len() < BATCH
                && bytes < REPLY_BYTES
                && let Some(path) = self.dirty.pop_front()
            {
                // From here on another event means another read.
                self.queued.remove(&path);
                bytes += self.known.length_of(&path).unwrap_or(UNKNOWN_BYTES);
                reads = reads.data(&path);
                paths.push(path);
            }
            let reply = Box::pin(reads.send());
            self.flight.push_back(Flight { paths, reply });
        }
    }

    fn on_answers(&mut self, answers: Reads, ready: &mut VecDeque<TreeEvent>) -> bool {
        let Some(Flight { paths, .. }) = self.flight.pop_front() else {
            return true;
        };
        match answers {
            Ok(answers) => {
                for (path, answer) in paths.into_iter().zip(answers) {
                    self.paid(&path);
                    match answer {
                        Ok(Read::Data(reply)) => self.known.seen(path, reply, ready),
                        Ok(Read::Children(_)) => {}
                        Err(error) if error.is(ErrorCode::NoNode) => self.known.gone(&path, ready),
                        Err(error) if error.is_transient() => {
                            self.rest();
                            self.look_at(path);
                        }
                        Err(error) => self.fail(&path, error, ready),
                    }
                }
                self.end_round(ready);
            }
            Err(error) if error.is_transient() => {
                if !error.is_connection_loss() {
                    self.rest();
                }
                for path in paths {
                    self.look_at(path);
                }
            }
            Err(error) if error.is_final() => return false,
            // Too much for one answer: one by one.
            Err(_) if paths.len() > 1 => {
                for path in paths {
                    let reply = Box::pin(self.client.multi_read().data(&path).send());
                    let paths = vec![path];
                    self.flight.push_back(Flight { paths, reply });
                }
            }
            Err(error) => {
                for path in paths {
                    self.paid(&path);
                    self.fail(&path, error.about(&path), ready);
                }
                self.end_round(ready);
            }
        }
        true
    }

    fn on_visited(
        &mut self,
        visited: Option<Result<Visited, Error>>,
        ready: &mut VecDeque<TreeEvent>,
    ) {
        match visited {
            Some(Ok(Visited { path, reply })) => {
                if !self.touched.contains(&path) {
                    self.known.seen(path, reply, ready);
                }
            }
            Some(Err(error)) if error.is(ErrorCode::NoNode) => {}
            Some(Err(error)) => {
                let path = error.path().unwrap_or(&self.root).clone();
                self.fail(&path, error, ready);
            }
            None => {
                self.walk = None;
                let flying = self.flight.iter().flat_map(|flight| &flight.paths);
                let pending: HashSet<&ZPath> = self.dirty.iter().chain(flying).collect();
                let owed = self.touched.iter().filter(|path| pending.contains(path));
                self.owed = Some(owed.cloned().collect());
                self.end_round(ready);
            }
        }
    }

    /// Ends the round once what the events have named is read too.
    fn end_round(&mut self, ready: &mut VecDeque<TreeEvent>) {
        if self.owed.as_ref().is_some_and(HashSet::is_empty) {
            self.owed = None;
            for path in self.touched.drain() {
                self.known.spare(&path);
            }
            self.known.end_round(ready);
        }
    }

    fn paid(&mut self, path: &ZPath) {
        if let Some(owed) = &mut self.owed {
            owed.remove(path);
        }
    }

    fn rest(&mut self) {
        self.rest = Some(Box::pin(tokio::time::sleep(pause())));
    }

    fn fail(&mut self, path: &ZPath, error: Error, ready: &mut VecDeque<TreeEvent>) {
        self.refused = true;
        self.known.unreadable(path);
        ready.push_back(TreeEvent::Failed(error));
    }
}

/// Whether the server does not know the operation, as its version says or its answer.
fn is_too_new(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Unsupported { .. }) || error.is(ErrorCode::Unimplemented)
}

fn arm(client: &Client, root: &ZPath) -> Arming {
    Box::pin(client.add_watch(root, AddWatchMode::PersistentRecursive))
}
