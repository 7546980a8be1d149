//! From a row's number to its path and back: down through the branches, whose counts tell
//! where to turn.

use super::Tree;
use super::branch::{Place, position};
use crate::proto::ZPath;

impl Tree {
    /// How many rows there are, the root's included; fewer under a filter.
    pub fn len(&self) -> usize {
        match &self.filtered {
            Some(filtered) => filtered.rows.len(),
            None => self.all(),
        }
    }

    /// Never: the root always has a row.
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// The path of the row with this number.
    pub fn path(&self, row: usize) -> Option<ZPath> {
        let row = match &self.filtered {
            Some(filtered) => *filtered.rows.get(row)?,
            None => row,
        };
        self.path_among_all(row)
    }

    /// The number of a path's row; none if it has none, or a filter hides it.
    pub fn row(&self, path: &ZPath) -> Option<usize> {
        let row = self.row_among_all(path)?;
        match &self.filtered {
            Some(filtered) => filtered.rows.binary_search(&row).ok(),
            None => Some(row),
        }
    }

    /// The names of an opened znode's children that begin so.
    pub fn names_from<'a>(&'a self, path: &ZPath, begun: &'a str) -> impl Iterator<Item = &'a str> {
        let names = self.branch(path).map(|branch| &branch.names);
        let first = names.map_or(0, |names| position(names, begun));
        (first..)
            .map_while(move |index| names?.get(index))
            .take_while(move |name| name.starts_with(begun))
    }

    /// How many rows there are without a filter.
    pub(super) fn all(&self) -> usize {
        1 + self.branch(&ZPath::root()).map_or(0, super::Branch::rows)
    }

    pub(super) fn path_among_all(&self, row: usize) -> Option<ZPath> {
        let mut path = ZPath::root();
        let Some(mut distance) = row.checked_sub(1) else {
            return Some(path);
        };
        loop {
            let branch = self.branch(&path)?;
            match branch.at(distance) {
                Place::Child(index) => return Some(path.child(branch.names.get(index)?)),
                Place::Below(index, below) => {
                    path = path.child(branch.names.get(index)?);
                    distance = below;
                }
            }
        }
    }

    pub(super) fn row_among_all(&self, path: &ZPath) -> Option<usize> {
        let (mut at, mut row) = (ZPath::root(), 0);
        for part in path.parts() {
            let branch = self.branch(&at)?;
            row += 1 + branch.start(branch.find(part)?);
            at = at.child(part);
        }
        (at == *path).then_some(row)
    }
}
