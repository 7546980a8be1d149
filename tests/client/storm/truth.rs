//! What the server has in the end: every znode below a storm's home.

use std::collections::BTreeMap;

use zooscope::client::Client;
use zooscope::proto::{Stat, ZPath};
use zooscope::recipe::Walk;

use super::fate::again;
use crate::common::soon;

/// Every znode by its path below home, `""` being home itself.
pub struct Truth(BTreeMap<String, (String, Stat)>);

impl Truth {
    /// Reads it all, up to date with the leader.
    pub async fn of(calm: &Client, home: &ZPath) -> Self {
        again(|| calm.sync(home)).await;
        let mut nodes = BTreeMap::new();
        let mut walk = Walk::new(calm, home);
        while let Some(visited) = soon("a znode", walk.next()).await {
            let visited = visited.expect("no faults here");
            let data = visited.reply.data.unwrap_or_default();
            let data = String::from_utf8(data).expect("the storm writes text");
            let below = visited.path.as_str().strip_prefix(home.as_str());
            let below = below.expect("a walk stays below its root");
            nodes.insert(below.to_owned(), (data, visited.reply.stat));
        }
        Self(nodes)
    }

    pub fn has(&self, below: &str) -> bool {
        self.0.contains_key(below)
    }

    /// Data and Stat of a znode that must be there.
    pub fn at(&self, below: &str) -> &(String, Stat) {
        self.0
            .get(below)
            .unwrap_or_else(|| panic!("{below} is not there"))
    }

    /// Everything below a znode: paths from there and data.
    pub fn under(&self, below: &str) -> impl Iterator<Item = (&str, &str)> {
        let stem = format!("{below}/");
        self.0
            .iter()
            .filter_map(move |(path, (data, _))| Some((path.strip_prefix(&stem)?, data.as_str())))
    }
}
