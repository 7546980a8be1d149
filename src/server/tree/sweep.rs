//! Which containers and TTL nodes have had their time. A real server's leader looks once a
//! minute; here whoever owns the clock asks.

use super::{Lifetime, Tree};

impl Tree {
    /// The containers and TTL nodes to delete at `now` (milliseconds): childless containers
    /// that once had a child, and childless TTL nodes unchanged for longer than they may be.
    pub fn overdue(&self, now: i64) -> Vec<String> {
        self.mortal
            .iter()
            .filter(|path| {
                self.find(path).is_some_and(|id| {
                    let node = self.node(id);
                    node.child_count() == 0
                        && match node.lifetime {
                            Lifetime::Container => node.created > 0,
                            Lifetime::Ttl(ttl) => now.saturating_sub(node.mtime) > ttl,
                            Lifetime::Persistent | Lifetime::Ephemeral(_) => false,
                        }
                })
            })
            .map(ToString::to_string)
            .collect()
    }
}
