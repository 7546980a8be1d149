//! A past for znodes that were made a moment ago: a seed's tree looks as if it had been lived
//! in. No client can ask for any of this.

use super::Tree;

impl Tree {
    /// Lets the node at `path` have been changed `version` times, lastly by `zxid` at `time`.
    pub fn backdate(&mut self, path: &str, version: i32, zxid: i64, time: i64) {
        if let Some(id) = self.find(path) {
            let node = self.node_mut(id);
            node.version = version;
            node.mzxid = zxid;
            node.mtime = time;
        }
    }

    /// Lets the next sequential child of the node at `path` have at least `number`.
    pub fn count_from(&mut self, path: &str, number: i32) {
        if let Some(id) = self.find(path) {
            let node = self.node_mut(id);
            node.created = node.created.max(number);
        }
    }
}
