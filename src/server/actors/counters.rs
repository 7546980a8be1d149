//! Numbers that only grow: offsets that an old consumer commits, visits that are counted.
//! What is no number is left alone.

use super::Actor;
use super::world::World;

const OFFSETS: &str = "/kafka/consumers/legacy-reports/offsets/orders";
const VISITS: &str = "/counters/visits";

/// Programs that count.
pub struct Counters;

impl Actor for Counters {
    fn weight(&self) -> u32 {
        4
    }

    fn act(&mut self, world: &mut World) {
        let path = if world.rng.u8(0..4) == 0 {
            VISITS.to_owned()
        } else {
            let partitions = world.children(OFFSETS);
            let Some(partition) = world.choose(&partitions) else {
                return;
            };
            format!("{OFFSETS}/{partition}")
        };
        let count = world.text(&path).and_then(|text| text.parse::<u64>().ok());
        if let Some(count) = count {
            let more = world.rng.u64(1..200);
            world.set(&path, &count.saturating_add(more).to_string());
        }
    }
}
