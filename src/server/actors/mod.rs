//! Actors that keep a demo's tree alive: brokers come and go, locks change hands, settings
//! are edited, queues grow and drain, each by a session of its own. They look at the tree
//! before they act: whatever a user has changed or deleted, they make the best of it and
//! restore nothing. One task plays them all, one act at a time; what they do depends on a
//! seed and on nothing else but the tree. They refuse to know sockets and screens.

mod brokers;
mod contenders;
mod counters;
mod queue;
mod registry;
mod settings;
mod world;

#[cfg(test)]
mod tests;

use std::ops::RangeInclusive;
use std::time::Duration;

use super::local::Local;
use super::seed::Residents;
use brokers::Brokers;
use contenders::{Contenders, Manner};
use counters::Counters;
use queue::Queue;
use registry::Registry;
use settings::Settings;
use world::World;

/// The pause between two acts, in milliseconds.
const PAUSE_MS: RangeInclusive<u64> = 1_000..=3_000;

/// Somebody who does one thing after the other.
trait Actor: Send {
    /// How likely it is the next to act, against the others.
    fn weight(&self) -> u32;

    /// Does its next thing, if the tree is such that it can.
    fn act(&mut self, world: &mut World);
}

/// Plays the demo's actors, at a calm pace, until the server stops. The same `seed` gives the
/// same acts, on a tree that nobody else changes.
pub async fn play(local: Local, residents: Residents, seed: u64) {
    play_at(PAUSE_MS, local, residents, seed).await;
}

async fn play_at(pause_ms: RangeInclusive<u64>, mut local: Local, residents: Residents, seed: u64) {
    let mut stage = Stage::new(local.clone(), residents, seed);
    loop {
        let pause = Duration::from_millis(stage.world.rng.u64(pause_ms.clone()));
        tokio::select! {
            () = local.stopped() => return,
            () = tokio::time::sleep(pause) => {
                stage.world.now_ms = local.now_ms();
                stage.step();
            }
        }
    }
}

/// All actors and what they share.
struct Stage {
    world: World,
    actors: Vec<Box<dyn Actor>>,
}

impl Stage {
    fn new(local: Local, residents: Residents, seed: u64) -> Self {
        let actors: Vec<Box<dyn Actor>> = vec![
            Box::new(Brokers::default()),
            Box::new(Contenders {
                path: "/locks/orders",
                manner: Manner::CuratorLock,
                members: &[
                    ("checkout-1", "192.0.2.31"),
                    ("checkout-2", "192.0.2.32"),
                    ("checkout-3", "192.0.2.33"),
                ],
                weight: 5,
            }),
            Box::new(Contenders {
                path: "/locks/reindex",
                manner: Manner::KazooLock,
                members: &[
                    ("indexer-1", "indexer-1.example.internal:917"),
                    ("indexer-2", "indexer-2.example.internal:2204"),
                    ("indexer-3", "indexer-3.example.internal:4410"),
                ],
                weight: 3,
            }),
            Box::new(Contenders {
                path: "/election/scheduler",
                manner: Manner::KazooElection,
                members: &[
                    ("scheduler-1", "scheduler-1.example.internal"),
                    ("scheduler-2", "scheduler-2.example.internal"),
                    ("scheduler-3", "scheduler-3.example.internal"),
                ],
                weight: 1,
            }),
            Box::new(Contenders {
                path: "/election/billing",
                manner: Manner::CuratorLatch,
                members: &[("billing-1", "billing-1"), ("billing-2", "billing-2")],
                weight: 1,
            }),
            Box::new(Settings),
            Box::new(Queue::default()),
            Box::new(Registry::default()),
            Box::new(Counters),
        ];
        Self {
            world: World::new(local, residents, seed),
            actors,
        }
    }

    /// Lets one actor do one thing.
    fn step(&mut self) {
        let total: u32 = self.actors.iter().map(|actor| actor.weight()).sum();
        let mut drawn = self.world.rng.u32(0..total.max(1));
        for actor in &mut self.actors {
            let weight = actor.weight();
            if drawn < weight {
                actor.act(&mut self.world);
                return;
            }
            drawn -= weight;
        }
    }
}
