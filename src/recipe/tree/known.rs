//! What a tree's listener has been told, and what follows from another look at a znode.
//! Pure: no requests, no time.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;

use super::TreeEvent;
use crate::proto::{DataReply, Stat, ZPath};

/// Every known znode with its Stat and the round in which it was last seen.
#[derive(Default)]
pub(super) struct Known {
    nodes: BTreeMap<ZPath, (Stat, u64)>,
    round: u64,
}

impl Known {
    /// How many bytes of data a known znode had when it was read last.
    pub(super) fn length_of(&self, path: &ZPath) -> Option<usize> {
        let (stat, _) = self.nodes.get(path)?;
        usize::try_from(stat.data_length).ok()
    }

    /// From now on everything is looked at again.
    pub(super) fn begin_round(&mut self) {
        self.round += 1;
    }

    /// A znode was read.
    pub(super) fn seen(&mut self, path: ZPath, reply: DataReply, ready: &mut VecDeque<TreeEvent>) {
        let now = (reply.stat, self.round);
        let before = self.nodes.insert(path.clone(), now);
        match before {
            None => ready.push_back(TreeEvent::Added(path, reply)),
            Some((stat, _)) if stat.mzxid != reply.stat.mzxid => {
                ready.push_back(TreeEvent::Changed(path, reply));
            }
            Some(_) => {}
        }
    }

    /// A znode was found gone, and so is all that was below it, whatever else will tell.
    pub(super) fn gone(&mut self, path: &ZPath, ready: &mut VecDeque<TreeEvent>) {
        if !self.nodes.contains_key(path) {
            return;
        }
        let below: Vec<ZPath> = self.below(path).map(|(path, _)| path.clone()).collect();
        for path in below.iter().rev() {
            self.remove(path, ready);
        }
        self.remove(path, ready);
    }

    /// What is known below a znode, parents before children.
    fn below(&mut self, path: &ZPath) -> impl Iterator<Item = (&ZPath, &mut (Stat, u64))> {
        // '0' is what follows '/', so these are all paths that begin with "path/".
        let stem = if path.is_root() { "" } else { path.as_str() };
        let (from, to) = (format!("{stem}/"), format!("{stem}0"));
        let range = (Bound::Excluded(from.as_str()), Bound::Excluded(to.as_str()));
        self.nodes.range_mut::<str, _>(range)
    }

    fn remove(&mut self, path: &ZPath, ready: &mut VecDeque<TreeEvent>) {
        if let Some((stat, _)) = self.nodes.remove(path) {
            ready.push_back(TreeEvent::Removed(path.clone(), stat));
        }
    }

    /// A znode of which something else tells: it is not to be taken for gone.
    pub(super) fn spare(&mut self, path: &ZPath) {
        if let Some((_, seen)) = self.nodes.get_mut(path) {
            *seen = self.round;
        }
    }

    /// A znode can't be read: nothing can be said of it and of what is below.
    pub(super) fn unreadable(&mut self, path: &ZPath) {
        let round = self.round;
        self.spare(path);
        for (_, (_, seen)) in self.below(path) {
            *seen = round;
        }
    }

    /// Everything was looked at: what was not seen is gone, children before parents.
    pub(super) fn end_round(&mut self, ready: &mut VecDeque<TreeEvent>) {
        let unseen = self
            .nodes
            .iter()
            .filter(|(_, (_, seen))| *seen != self.round);
        let gone: Vec<ZPath> = unseen.map(|(path, _)| path.clone()).collect();
        for path in gone.iter().rev() {
            self.remove(path, ready);
        }
        ready.push_back(TreeEvent::Synced);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> ZPath {
        ZPath::new(text).expect("a path")
    }

    fn reply(mzxid: i64) -> DataReply {
        DataReply {
            data: None,
            stat: Stat {
                mzxid,
                ..Stat::default()
            },
        }
    }

    fn told(ready: &mut VecDeque<TreeEvent>) -> Vec<String> {
        ready
            .drain(..)
            .map(|event| match event {
                TreeEvent::Added(path, _) => format!("+{path}"),
                TreeEvent::Changed(path, _) => format!("~{path}"),
                TreeEvent::Removed(path, _) => format!("-{path}"),
                TreeEvent::Synced => "synced".to_owned(),
                TreeEvent::Failed(error) => error.to_string(),
            })
            .collect()
    }

    #[test]
    fn only_what_differs_is_told_and_children_go_before_parents() {
        let (mut known, mut ready) = (Known::default(), VecDeque::new());
        known.begin_round();
        for at in ["/a", "/a/b", "/a/b/c", "/x", "/x/y"] {
            known.seen(path(at), reply(1), &mut ready);
        }
        known.end_round(&mut ready);
        assert_eq!(
            told(&mut ready),
            ["+/a", "+/a/b", "+/a/b/c", "+/x", "+/x/y", "synced"]
        );
        known.begin_round();
        known.seen(path("/a"), reply(2), &mut ready);
        known.unreadable(&path("/x"));
        known.end_round(&mut ready);
        assert_eq!(told(&mut ready), ["~/a", "-/a/b/c", "-/a/b", "synced"]);
        known.gone(&path("/none"), &mut ready);
        assert!(ready.is_empty());
    }
}
