//! A queue of kazoo's kind: fills for a while, because its producer is faster, then drains.
//! Knows how entries are named, and takes whatever entries it finds.

use super::Actor;
use super::world::World;
use crate::proto::CreateMode;

const PATH: &str = "/queues/thumbnails";
/// Where filling turns into draining, and back.
const FULL: usize = 16;
const LOW: usize = 2;

/// A producer and a consumer.
#[derive(Default)]
pub struct Queue {
    draining: bool,
}

impl Actor for Queue {
    fn weight(&self) -> u32 {
        5
    }

    fn act(&mut self, world: &mut World) {
        let entries = world.children(PATH);
        if entries.len() >= FULL {
            self.draining = true;
        } else if entries.len() <= LOW {
            self.draining = false;
        }
        let some = world.rng.usize(1..=3);
        if self.draining {
            // Sorted by name is by priority, and then by age.
            for entry in entries.iter().take(some) {
                world.delete(&format!("{PATH}/{entry}"));
            }
        } else {
            for _ in 0..some {
                put(world);
            }
        }
    }
}

fn put(world: &mut World) {
    let priority = *world.choose(&[100, 100, 100, 50]).unwrap_or(&100);
    let image = world.rng.u32(30_000..40_000);
    let text = format!(r#"{{"image":"products/{image}.jpg","sizes":[160,320,640]}}"#);
    let path = format!("{PATH}/entry-{priority:03}-");
    world.create(&path, &text, CreateMode::PersistentSequential);
}
