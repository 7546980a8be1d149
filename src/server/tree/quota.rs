//! Quotas: how much is below a path that has one. Limits are soft, as ZooKeeper's are unless
//! told otherwise: the server counts, and refuses nothing.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{NodeId, Tree, split};

const QUOTA: &str = "/zookeeper/quota";
const LIMITS: &str = "zookeeper_limits";
const STATS: &str = "zookeeper_stats";

/// By how much a subtree grew.
#[derive(Debug, Clone, Copy, Default)]
pub struct Growth {
    /// In nodes.
    pub count: i64,
    /// In bytes of data.
    pub bytes: i64,
}

impl Growth {
    /// The length of a node's data.
    pub fn len(data: Option<&[u8]>) -> i64 {
        data.map_or(0, |data| i64::try_from(data.len()).unwrap_or(i64::MAX))
    }
}

impl Tree {
    /// A node was made: is it one that sets a quota, or one that counts?
    pub(super) fn quota_made(&mut self, path: &str) {
        let Some((limited, name)) = quota_node(path) else {
            return;
        };
        if name == LIMITS {
            self.quotas.insert(limited.into());
        } else if name == STATS {
            let growth = self.find(limited).map_or(Growth::default(), |id| {
                let mut sum = Growth::default();
                self.measure(id, &mut sum);
                sum
            });
            self.write_stats(path, growth, true);
        }
    }

    /// A node was removed: was it one that set a quota?
    pub(super) fn quota_gone(&mut self, path: &str) {
        if let Some((limited, LIMITS)) = quota_node(path) {
            self.quotas.remove(limited);
        }
    }

    /// Something at or below `path` grew: the nearest quota above counts it.
    pub(super) fn grow(&mut self, path: &str, growth: Growth) {
        if self.quotas.is_empty() {
            return;
        }
        let mut at = path;
        while !at.is_empty() {
            if self.quotas.contains(at) {
                let stats = format!("{QUOTA}{at}/{STATS}");
                self.write_stats(&stats, growth, false);
                return;
            }
            at = split(at).0;
        }
    }

    fn measure(&self, id: NodeId, sum: &mut Growth) {
        // A stack of our own: a deep tree must not overflow the thread's.
        let mut todo = vec![id];
        while let Some(id) = todo.pop() {
            let node = self.node(id);
            sum.count += 1;
            sum.bytes += Growth::len(node.data.as_deref());
            todo.extend(node.children.iter().flat_map(|children| children.values()));
        }
    }

    /// Only the text changes: a real server's own count is no transaction either, and
    /// leaves the Stat and the watches alone.
    fn write_stats(&mut self, path: &str, growth: Growth, fresh: bool) {
        let Some(id) = self.find(path) else {
            return;
        };
        let hard = self.rules.version.has_hard_quotas();
        let node = self.node_mut(id);
        let mut values = BTreeMap::new();
        if !fresh {
            values = parse(node.data.as_deref().unwrap_or_default());
        }
        let base = if fresh { 0 } else { -1 };
        // Any client may have written any number there.
        let mut grown = |key: &str, by: i64| values.remove(key).unwrap_or(base).saturating_add(by);
        let (count, bytes) = (grown("count", growth.count), grown("bytes", growth.bytes));
        let mut text = format!("count={count},bytes={bytes}");
        if !hard {
            values.clear();
        }
        if !values.is_empty() {
            text.push('=');
        }
        for (key, value) in values {
            // Writing to a String can't fail.
            let _ = write!(text, ";{key}={value}");
        }
        node.data = Some(text.into_bytes().into());
    }
}

/// The limited path and the node's name, if `path` lies in the quota tree.
fn quota_node(path: &str) -> Option<(&str, &str)> {
    let (limited, name) = path.strip_prefix(QUOTA)?.rsplit_once('/')?;
    Some((limited, name))
}

fn parse(data: &[u8]) -> BTreeMap<String, i64> {
    String::from_utf8_lossy(data)
        .split([',', ';'])
        .filter_map(|pair| {
            let mut parts = pair.split('=');
            let key = parts.next().filter(|key| !key.is_empty())?;
            Some((key.to_owned(), parts.next()?.parse().unwrap_or(-1)))
        })
        .collect()
}
