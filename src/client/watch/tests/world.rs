//! A watch table, a server, and all that is on its way between them: each step of each may
//! come at any time, as with the queue, the connection and the session task.

use std::collections::{BTreeSet, VecDeque};

use super::super::arm::Asks;
use super::super::{Arm, Cell, Change, Feed, Outcome, Target, WatchTable};
use super::PATHS;
use super::server::{Event, SECRET, Server, is_secret};
use super::watcher::{Watcher, name, same, take_events};
use crate::proto::{AddWatchMode, SetWatches, WatcherType, ZPath};

pub(super) enum Request {
    Arm(usize, Arm),
    /// A watcher reads because it was told of a gap.
    Read(usize),
    Remove(ZPath, WatcherType),
    Set(ZPath, AddWatchMode),
    SetWatches(SetWatches<'static>),
}

impl Request {
    fn needs_version(&self) -> bool {
        match self {
            Self::Arm(_, arm) => matches!(arm.asks, Asks::Mode(_)),
            Self::Set(..) => true,
            Self::Read(_) | Self::Remove(..) | Self::SetWatches(_) => false,
        }
    }
}

pub(super) enum Reply {
    Settled(Arm, Outcome, i64),
    Event(Event),
    SetRefused(ZPath),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Known {
    NotYet,
    Never,
    Version,
}

pub(super) struct World {
    pub(super) rng: fastrand::Rng,
    pub(super) table: WatchTable,
    pub(super) server: Server,
    pub(super) watchers: Vec<Watcher>,
    /// Not sent, sent, and answered.
    pub(super) queue: VecDeque<Request>,
    pub(super) sent: VecDeque<Request>,
    pub(super) replies: VecDeque<Reply>,
    pub(super) known: Known,
    /// Whether the server is thought to keep modes apart, as far as it has told.
    exact: bool,
    /// It has told so on this connection.
    learnt: bool,
    pub(super) last_zxid: i64,
    pub(super) connected: bool,
    /// Where the server could not be told.
    pub(super) untold: BTreeSet<String>,
    pub(super) fresh: u32,
    pub(super) seed: u64,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut world = Self {
            rng: fastrand::Rng::with_seed(seed),
            table: WatchTable::default(),
            server: Server::default(),
            watchers: Vec::new(),
            queue: VecDeque::new(),
            sent: VecDeque::new(),
            replies: VecDeque::new(),
            known: Known::NotYet,
            exact: false,
            learnt: false,
            last_zxid: 0,
            connected: false,
            untold: BTreeSet::new(),
            fresh: 0,
            seed,
        };
        world.connect();
        world
    }

    /// Calls the table, and queues what it wants to tell the server.
    pub(super) fn with(&mut self, call: impl FnOnce(&mut WatchTable, &mut dyn FnMut(Change<'_>))) {
        let (watchers, queue, untold) = (&mut self.watchers, &mut self.queue, &mut self.untold);
        let (known, exact) = (self.known, self.exact);
        call(&mut self.table, &mut |change| {
            // Whoever was told before this was queued may have read already.
            take_events(watchers, queue);
            let (Change::Remove(key, _) | Change::Set(key, _)) = change;
            let told = known == Known::Version || change.is_of_feeds();
            if !told {
                untold.insert(key.to_string());
                return;
            }
            queue.push_back(match change {
                Change::Remove(key, kind) => {
                    let old = [WatcherType::Data, WatcherType::Children, WatcherType::Any];
                    assert!(exact || old.contains(&kind), "{kind:?} before 3.9");
                    Request::Remove(key.clone(), kind)
                }
                Change::Set(key, mode) => Request::Set(key.clone(), mode),
            });
        });
        take_events(&mut self.watchers, &mut self.queue);
    }

    pub(super) fn watch(&mut self) {
        let key = ZPath::from_server(PATHS[self.rng.usize(..PATHS.len())]);
        let (path, root) = (key.clone(), ZPath::root());
        let target = match self.rng.u8(..6) {
            0 => Target::Data(Cell::new(path)),
            1 => Target::Exists(Cell::new(path)),
            2 | 3 => Target::Children(Cell::new(path)),
            4 => Target::Feed(Feed::new(AddWatchMode::Persistent, &root)),
            _ => Target::Feed(Feed::new(AddWatchMode::PersistentRecursive, &root)),
        };
        let mut arm = Arm::new(key.clone(), target.clone());
        self.table.begin(&mut arm);
        self.queue.push_back(Request::Arm(self.watchers.len(), arm));
        self.watchers.push(Watcher {
            key,
            target,
            armed: false,
            owed: Vec::new(),
        });
    }

    pub(super) fn drop_watcher(&mut self, index: usize) {
        let (key, target) = (
            self.watchers[index].key.clone(),
            self.watchers[index].target.clone(),
        );
        let fired = match &target {
            Target::Data(cell) | Target::Exists(cell) | Target::Children(cell) => cell.mail.end(),
            Target::Feed(feed) => {
                feed.end();
                false
            }
        };
        if !fired {
            self.with(|table, tell| table.forget(&key, &target, tell));
        }
    }

    pub(super) fn drop_any(&mut self) {
        let live = |index: &usize| !self.watchers[*index].is_over();
        let live: Vec<usize> = (0..self.watchers.len()).filter(live).collect();
        if let Some(index) = self.rng.choice(live) {
            self.drop_watcher(index);
        }
    }

    /// The session task takes the next request of the queue.
    pub(super) fn send(&mut self) {
        let waits = |request: &Request| self.known == Known::NotYet && request.needs_version();
        if !self.connected || self.queue.front().is_none_or(waits) {
            return;
        }
        self.sent.extend(self.queue.pop_front());
    }

    /// The server carries the next request out.
    pub(super) fn serve(&mut self, reliable: bool) {
        let throttled = !reliable && self.rng.u8(..12) == 0;
        match self.sent.pop_front() {
            None => {}
            Some(Request::Arm(index, arm)) => {
                let outcome = match &arm.target {
                    _ if throttled => Outcome::Failed,
                    Target::Feed(_) => Outcome::Done,
                    _ if self.server.exists(arm.key.as_str()) => Outcome::Done,
                    _ => Outcome::NoNode,
                };
                if arm.is_set(outcome) {
                    self.watchers[index].armed = true;
                    match arm.asks {
                        Asks::Oneshot { .. } => self.server.watch(arm.key.as_str(), arm.kind()),
                        Asks::Mode(mode) => self.server.add_watch(arm.key.as_str(), mode),
                        Asks::Nothing { .. } => {}
                    }
                }
                let reply = Reply::Settled(arm, outcome, self.server.zxid);
                self.replies.push_back(reply);
            }
            Some(Request::Read(index)) => self.watchers[index].owed.clear(),
            Some(Request::Set(key, _)) if throttled => {
                self.replies.push_back(Reply::SetRefused(key));
            }
            Some(Request::Remove(key, _)) if throttled => {
                self.untold.insert(key.to_string());
            }
            Some(Request::Remove(key, kind)) => self.server.remove(key.as_str(), kind),
            Some(Request::Set(key, mode)) => self.server.add_watch(key.as_str(), mode),
            Some(Request::SetWatches(batch)) => {
                // What came and went while nobody was connected is not told.
                for watcher in &mut self.watchers {
                    let key = watcher.key.as_str();
                    if batch.exist.iter().any(|path| path == key) && !self.server.exists(key) {
                        watcher.owed.retain(|_| name(&watcher.target) != "exists");
                    }
                }
                let events = self.server.set_watches(&batch);
                self.replies.extend(events.into_iter().map(Reply::Event));
            }
        }
    }

    /// The client gets the next reply or event.
    pub(super) fn deliver(&mut self) {
        match self.replies.pop_front() {
            None => {}
            Some(Reply::Settled(arm, outcome, zxid)) => {
                self.last_zxid = zxid;
                self.settle(&arm, outcome);
            }
            Some(Reply::Event((kind, path))) => {
                self.with(|table, _| table.fire(kind, &path, None));
            }
            Some(Reply::SetRefused(key)) => {
                self.with(|table, tell| table.end_feeds_of(&key, tell));
            }
        }
    }

    pub(super) fn settle(&mut self, arm: &Arm, outcome: Outcome) {
        self.with(|table, tell| table.settle(arm, outcome, tell));
        if !arm.is_set(outcome) {
            // Its caller gets an error, and no watch.
            let theirs = |watcher: &Watcher| same(&watcher.target, &arm.target);
            let index = self.watchers.iter().position(theirs);
            self.drop_watcher(index.expect("every watch has its watcher"));
        }
    }

    /// Somebody changes a znode.
    pub(super) fn change(&mut self, path: &str, delete: bool) {
        let (mut events, told) = self.server.change(path, delete);
        events.retain(|event| !self.is_beyond_help(path, event));
        for event in &events {
            for watcher in &mut self.watchers {
                if watcher.armed && watcher.is_for(event) {
                    watcher.owed.push(event.clone());
                }
            }
        }
        self.replies.extend(told.into_iter().map(Reply::Event));
    }

    /// Nobody is told of a child that may not be read where a recursive watch stands for a
    /// persistent one too.
    fn is_beyond_help(&self, child: &str, (_, path): &Event) -> bool {
        let here = self.watchers.iter().filter(|watcher| !watcher.is_over());
        let mut here = here.filter(|watcher| watcher.key.as_str() == path);
        let beside = here.any(|watcher| name(&watcher.target) == "persistent");
        is_secret(child) && beside && self.server.stands_in(path)
    }

    /// Somebody makes or deletes a child of which this session may not know.
    pub(super) fn change_secret(&mut self, parent: &str) {
        self.change(&format!("{}{SECRET}", parent.trim_end_matches('/')), true);
    }

    pub(super) fn cut(&mut self) {
        self.connected = false;
        self.server.modes.clear();
        self.known = Known::NotYet;
        self.table.disconnected();
        for reply in std::mem::take(&mut self.replies) {
            if let Reply::Settled(arm, ..) = reply {
                self.settle(&arm, Outcome::Failed);
            }
        }
        let lost: Vec<Request> = self.sent.drain(..).chain(self.queue.drain(..)).collect();
        for request in lost {
            match request {
                Request::Arm(_, arm) => self.settle(&arm, Outcome::Failed),
                Request::Read(index) => self.queue.push_back(Request::Read(index)),
                _ => {}
            }
        }
        self.untold.clear();
    }

    pub(super) fn connect(&mut self) {
        self.server.exact = self.rng.bool();
        let told = self.rng.bool();
        // What it told on an earlier connection may be true no more.
        let changed = self.rng.u8(..4) == 0;
        self.meet(told.then_some(self.server.exact != changed));
    }

    /// A connection to a server of which so much is known.
    fn meet(&mut self, told: Option<bool>) {
        self.known = told.map_or(Known::NotYet, |_| Known::Version);
        self.exact = told == Some(true);
        self.learnt = false;
        self.table.set_exact(self.exact, true);
        let batches = self.table.rearm(self.last_zxid, usize::MAX);
        self.sent
            .extend(batches.into_iter().map(Request::SetWatches));
        self.connected = true;
        self.table.tell_gap();
        take_events(&mut self.watchers, &mut self.queue);
    }

    pub(super) fn learn(&mut self) {
        if !self.connected || self.learnt {
            return;
        }
        self.learnt = true;
        let told = self.known == Known::Version || self.rng.bool();
        self.known = if told { Known::Version } else { Known::Never };
        self.exact = told && self.server.exact;
        if !self.table.set_exact(self.exact, false) {
            self.cut();
            self.meet(Some(self.server.exact));
        }
    }

    pub(super) fn step(&mut self) {
        match self.rng.u8(..40) {
            0..=2 if !self.connected => self.connect(),
            0 => self.cut(),
            1..=2 => self.learn(),
            3..=9 => self.watch(),
            10..=14 => self.drop_any(),
            15..=19 => {
                let path = PATHS[self.rng.usize(..PATHS.len())];
                let delete = self.rng.bool();
                match self.rng.u8(..6) {
                    0 => self.change_secret(path),
                    _ => self.change(path, delete),
                }
            }
            20..=26 => self.send(),
            27..=33 => self.serve(false),
            _ => self.deliver(),
        }
    }
}
