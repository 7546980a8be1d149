//! The watch table against a model of the servers it is for: watchers come and go at random
//! while requests, replies and events are on their way, connections break and versions become
//! known late. Nobody may be left waiting for what the server will not tell, and nothing may
//! stand on the server for nobody.

mod server;
mod watcher;
mod world;

use super::{Arm, Cell, Outcome, Target, WatchTable};
use crate::proto::{EventType, ZPath};
use server::RECURSIVE;
use watcher::{Watcher, name};
use world::World;

const PATHS: [&str; 3] = ["/", "/a", "/a/b"];

impl World {
    fn come_to_rest(&mut self) {
        if !self.connected {
            self.connect();
        }
        self.learn();
        while !(self.queue.is_empty() && self.sent.is_empty() && self.replies.is_empty()) {
            self.send();
            self.serve(true);
            self.deliver();
        }
    }

    fn check(&mut self) {
        self.come_to_rest();
        self.everyone_was_told("while requests were on their way");
        self.nothing_stands_for_nobody();
        for path in PATHS.into_iter().filter(|path| *path != "/") {
            self.change(path, false);
        }
        self.come_to_rest();
        self.everyone_was_told("of a znode's change, at rest");
        for path in PATHS {
            self.fresh += 1;
            let child = format!("{}/z{}", path.trim_end_matches('/'), self.fresh);
            for delete in [false, true] {
                if self.fresh.is_multiple_of(2) {
                    self.change(&child, delete);
                } else {
                    self.change_secret(path);
                }
            }
        }
        self.come_to_rest();
        self.everyone_was_told("of a child that came and went, at rest");
    }

    fn everyone_was_told(&self, when: &str) {
        for watcher in self.watchers.iter().filter(|watcher| !watcher.is_over()) {
            let (owed, key, name) = (&watcher.owed, &watcher.key, name(&watcher.target));
            let seed = self.seed;
            assert!(
                owed.is_empty(),
                "{name} of {key} missed {owed:?} {when}, seed {seed}"
            );
        }
    }

    fn nothing_stands_for_nobody(&self) {
        let live: Vec<&Watcher> = self.watchers.iter().filter(|w| !w.is_over()).collect();
        for path in self.server.watched() {
            let [data, _] = self.server.modes[path];
            let here = live.iter().filter(|watcher| watcher.key.as_str() == path);
            let recursive = here
                .clone()
                .any(|watcher| name(&watcher.target) == "recursive");
            let excused = self.untold.contains(path);
            assert!(
                here.count() > 0 || excused,
                "nobody watches {path}, seed {}",
                self.seed
            );
            let deep = data & RECURSIVE != 0;
            assert!(
                recursive || !deep || excused,
                "recursive for nobody: {path}, seed {}",
                self.seed
            );
        }
    }
}

#[test]
fn nobody_waits_in_vain_and_nothing_stands_for_nobody() {
    for seed in 0..1000 {
        let mut world = World::new(seed);
        for _ in 0..5 {
            for _ in 0..40 {
                world.step();
            }
            world.check();
        }
    }
}

fn watch(table: &mut WatchTable, key: &ZPath) {
    let mut arm = Arm::new(key.clone(), Target::Data(Cell::new(key.clone())));
    table.begin(&mut arm);
    table.settle(&arm, Outcome::Done, &mut |_| {});
}

#[test]
fn znodes_whose_watch_has_fired_count_for_nothing_and_are_not_kept_for_ever() {
    let mut table = WatchTable::default();
    let all: Vec<ZPath> = (0..1000)
        .map(|i| ZPath::from_server(&format!("/{i}")))
        .collect();
    for key in &all {
        watch(&mut table, key);
    }
    assert_eq!(table.len(), 1000);
    for (left, key) in (0..1000).rev().zip(&all) {
        for _ in 0..2 {
            table.fire(EventType::NodeDataChanged, key.as_str(), None);
            assert_eq!(table.len(), left);
        }
    }
    assert!(table.nodes.len() <= 64, "{} are kept", table.nodes.len());
    // Whether kept or not, they are watched again like any other.
    for key in &all {
        watch(&mut table, key);
    }
    assert_eq!((table.len(), table.nodes.len()), (1000, 1000));
    table.session_lost();
    assert_eq!((table.len(), table.nodes.len()), (0, 0));
}
