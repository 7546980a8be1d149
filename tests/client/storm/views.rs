//! What a watcher believes, and the znodes that come and go for it to follow.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use zooscope::client::Client;
use zooscope::proto::{ErrorCode, ZPath};

use super::fate::{Fate, Tally};
use super::truth::Truth;
use super::{Ledger, PLAIN};

/// Names and what is known of them.
pub type Belief = BTreeMap<String, String>;

/// What a watcher believes now, and what it was told.
#[derive(Default)]
pub struct View {
    belief: Mutex<Belief>,
    events: AtomicUsize,
    gaps: AtomicUsize,
}

impl View {
    pub fn belief(&self) -> MutexGuard<'_, Belief> {
        self.belief.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn event(&self) {
        self.events.fetch_add(1, Ordering::Relaxed);
    }

    pub fn gap(&self) {
        self.gaps.fetch_add(1, Ordering::Relaxed);
    }

    pub fn events(&self) -> usize {
        self.events.load(Ordering::Relaxed)
    }

    pub fn gaps(&self) -> usize {
        self.gaps.load(Ordering::Relaxed)
    }
}

/// Creates, sets and deletes a small tree two levels deep, and one znode beside it.
pub struct Churn {
    client: Client,
    home: ZPath,
    random: fastrand::Rng,
    tally: Tally,
}

impl Churn {
    pub fn new(client: &Client, home: &ZPath, seed: u64) -> Self {
        Self {
            client: client.clone(),
            home: home.clone(),
            random: fastrand::Rng::with_seed(seed),
            tally: Tally::default(),
        }
    }

    fn somewhere(&mut self) -> ZPath {
        let top = self.random.u32(0..4);
        match self.random.u32(0..6) {
            0 => self.home.child("flip"),
            1 | 2 => self.home.child("tree").child(&format!("x{top}")),
            _ => {
                let below = self.random.u32(0..2);
                let top = self.home.child("tree").child(&format!("x{top}"));
                top.child(&format!("y{below}"))
            }
        }
    }
}

impl Ledger for Churn {
    async fn write(&mut self) {
        let at = self.somewhere();
        let data = self.random.u32(..).to_string().into_bytes();
        let result = match self.random.u32(0..4) {
            0 | 1 => self.client.create(&at, &data, &[], PLAIN).await.map(drop),
            2 => self.client.set(&at, &data, None).await.map(drop),
            _ => self.client.delete(&at, None).await,
        };
        // Whether it is there or not: both are part of the game.
        let usual = [
            ErrorCode::NoNode,
            ErrorCode::NodeExists,
            ErrorCode::NotEmpty,
        ];
        match &result {
            Err(error) if usual.iter().any(|&code| error.is(code)) => self.tally.done += 1,
            other => self.tally.count(Fate::of(other)),
        }
    }

    /// Its watchers check it.
    fn check(&mut self, _: &Truth, _: &str) {}

    fn tally(&self) -> Tally {
        self.tally
    }
}
