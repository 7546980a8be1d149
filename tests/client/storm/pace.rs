//! How fast a storm goes on and how far it has come: faults wait for acknowledged writes,
//! not for the clock.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::support::eventually;

/// An election may take some seconds, and more on a machine with much else to do.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Pace {
    names: &'static [&'static str],
    acknowledged: Vec<AtomicUsize>,
    news: Notify,
    over: AtomicBool,
    /// Whether nobody is to begin another write.
    held: AtomicBool,
    /// How many writers keep to it.
    resting: AtomicUsize,
    broken: AtomicBool,
}

impl Pace {
    pub fn new(names: &'static [&'static str]) -> Self {
        Self {
            acknowledged: names.iter().map(|_| AtomicUsize::new(0)).collect(),
            names,
            news: Notify::new(),
            over: AtomicBool::new(false),
            held: AtomicBool::new(false),
            resting: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
        }
    }

    pub fn stop(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Somebody at work has failed the test.
    pub fn break_off(&self) {
        self.broken.store(true, Ordering::Relaxed);
        self.news.notify_waiters();
    }

    /// Lets nobody begin another write until [`release`](Self::release).
    pub fn hold(&self) {
        self.held.store(true, Ordering::Relaxed);
    }

    pub fn release(&self) {
        self.held.store(false, Ordering::Relaxed);
    }

    /// Waits until all who are held have ended the write that they had begun.
    pub async fn rest(&self, what: &str) {
        let what = format!("{what}: every writer to rest");
        eventually(&what, || {
            self.resting.load(Ordering::Relaxed) == self.names.len()
        })
        .await;
    }

    /// Where a writer is held.
    pub async fn may_write(&self) {
        self.resting.fetch_add(1, Ordering::Relaxed);
        while self.held.load(Ordering::Relaxed) && !self.is_over() {
            self.breathe().await;
        }
        self.resting.fetch_sub(1, Ordering::Relaxed);
    }

    /// A writer's share of a server's time.
    pub async fn breathe(&self) {
        tokio::time::sleep(Duration::from_millis(8)).await;
    }

    pub fn acknowledged(&self, who: usize, count: usize) {
        self.acknowledged[who].fetch_add(count, Ordering::Relaxed);
        self.news.notify_waiters();
    }

    /// How many writes the busiest writer has had acknowledged.
    pub fn most(&self) -> usize {
        let all = self.acknowledged.iter();
        all.map(|one| one.load(Ordering::Relaxed))
            .max()
            .unwrap_or(0)
    }

    /// Waits until every writer has had this many more writes acknowledged.
    pub async fn go_on(&self, more: usize, what: &str) {
        let count = |one: &AtomicUsize| one.load(Ordering::Relaxed);
        let wanted: Vec<usize> = self
            .acknowledged
            .iter()
            .map(|one| count(one) + more)
            .collect();
        let begun = Instant::now();
        loop {
            let news = self.news.notified();
            let broken = self.broken.load(Ordering::Relaxed);
            assert!(!broken, "{what}: somebody has failed, see above");
            let late = (0..wanted.len()).find(|&i| count(&self.acknowledged[i]) < wanted[i]);
            let Some(late) = late else { return };
            let left = PATIENCE.saturating_sub(begun.elapsed());
            let in_time = tokio::time::timeout(left, news).await.is_ok();
            assert!(in_time, "{what}: {:?} stands still", self.names[late]);
        }
    }
}
