//! Programs in a queue for a lock or for leadership: the first in line holds it, gives it up
//! sooner or later, and joins again at the end.

use super::Actor;
use super::world::World;
use crate::proto::CreateMode;

/// Whose recipe it is: what the znodes are called and how the holder goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Curator's `InterProcessMutex`: released, its znode deleted.
    CuratorLock,
    /// kazoo's Lock: likewise.
    KazooLock,
    /// kazoo's Election, where a leader goes when its program does.
    KazooElection,
    /// Curator's `LeaderLatch`, likewise.
    CuratorLatch,
}

/// Some programs that want the same thing.
pub struct Contenders {
    /// The znode that they line up under.
    pub path: &'static str,
    /// How they do it.
    pub manner: Manner,
    /// The name of each one's session, and what it writes into its znode.
    pub members: &'static [(&'static str, &'static str)],
    /// How often something happens here.
    pub weight: u32,
}

impl Actor for Contenders {
    fn weight(&self) -> u32 {
        self.weight
    }

    fn act(&mut self, world: &mut World) {
        let line = self.line(world);
        let absent: Vec<&(&str, &str)> = self
            .members
            .iter()
            .filter(|(_, says)| !line.iter().any(|(_, data)| data == says))
            .collect();
        // Mostly there are some who wait.
        let joins = line.len() <= 1 || (!absent.is_empty() && world.rng.u8(0..3) > 0);
        match (joins, line.first()) {
            (true, _) => {
                if let Some((who, says)) = world.choose(&absent) {
                    self.join(world, who, says);
                }
            }
            (false, Some((name, says))) => self.leave(world, name, says),
            (false, None) => {}
        }
    }
}

impl Contenders {
    /// The names and data of those in line, the holder first.
    fn line(&self, world: &World) -> Vec<(String, String)> {
        let mut names = world.children(self.path);
        // Names begin with random letters: only the number at the end counts.
        names.sort_by(|a, b| number(a).cmp(number(b)));
        names
            .into_iter()
            .filter_map(|name| {
                let data = world.text(&format!("{}/{name}", self.path))?;
                Some((name, data))
            })
            .collect()
    }

    fn join(&self, world: &mut World, who: &str, says: &str) {
        let prefix = match self.manner {
            Manner::CuratorLock => format!("_c_{}-lock-", world.uuid()),
            Manner::CuratorLatch => format!("_c_{}-latch-", world.uuid()),
            Manner::KazooLock | Manner::KazooElection => format!("{}__lock__", world.uuid_hex()),
        };
        let path = format!("{}/{prefix}", self.path);
        world.create_as(who, &path, says, CreateMode::EphemeralSequential);
    }

    fn leave(&self, world: &mut World, name: &str, says: &str) {
        match self.manner {
            Manner::CuratorLock | Manner::KazooLock => {
                world.delete(&format!("{}/{name}", self.path));
            }
            Manner::KazooElection | Manner::CuratorLatch => {
                // One in line who is none of ours is somebody else's program: let it be.
                if let Some((who, _)) = self.members.iter().find(|(_, data)| *data == says) {
                    world.end(who);
                }
            }
        }
    }
}

/// The ten digits at the end.
fn number(name: &str) -> &str {
    name.len()
        .checked_sub(10)
        .and_then(|start| name.get(start..))
        .unwrap_or(name)
}
