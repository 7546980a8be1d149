//! An opened znode: the names of its children, and where the rows of those opened in turn
//! lie between them. A child that is not opened costs its name and nothing more.

use crate::explorer::message::{Failure, Ticket};
use crate::proto::{ErrorCode, Names, Stat};

/// How far the list of an opened znode's children is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Load {
    /// Asked for, never had.
    Loading,
    /// Here.
    Listed,
    /// Refused, or the znode is gone.
    Failed(Failure),
}

impl Load {
    /// Whether the znode was found to exist no more.
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Failed(failure) if failure.is(ErrorCode::NoNode))
    }

    /// Whether its ACL forbids this session to list it.
    pub fn is_forbidden(&self) -> bool {
        matches!(self, Self::Failed(failure) if failure.is(ErrorCode::NoAuth))
    }
}

/// A child that is opened itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kid {
    /// Which child.
    pub index: usize,
    /// How many rows lie below it.
    pub rows: usize,
    /// How many rows lie below the opened children before it.
    before: usize,
}

impl Kid {
    /// The same kid at another place among the children.
    pub const fn moved(self, index: usize) -> Self {
        Self { index, ..self }
    }

    /// How far below its parent's row its own row is, from 0.
    const fn start(&self) -> usize {
        self.index + self.before
    }
}

/// What lies at a distance below a branch's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A child's own row.
    Child(usize),
    /// So far below the row of an opened child.
    Below(usize, usize),
}

/// An opened znode.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Branch {
    pub load: Load,
    /// Of the last request for the list: an older one's reply counts no more.
    pub ticket: Ticket,
    /// The Stat that came with the list.
    pub stat: Option<Stat>,
    /// Whether the connection was lost since the list came.
    pub stale: bool,
    /// In the order of their bytes.
    pub names: Names,
    kids: Vec<Kid>,
}

impl Branch {
    /// A branch whose list is still to come.
    pub fn new(ticket: Ticket) -> Self {
        Self {
            load: Load::Loading,
            ticket,
            stat: None,
            stale: false,
            names: Names::default(),
            kids: Vec::new(),
        }
    }

    /// How many rows lie below its own.
    pub fn rows(&self) -> usize {
        let last = self.kids.last();
        self.names.len() + last.map_or(0, |kid| kid.before + kid.rows)
    }

    /// Which child has this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        let index = position(&self.names, name);
        (self.names.get(index) == Some(name)).then_some(index)
    }

    /// How far below the branch's row a child's row is, from 0.
    pub fn start(&self, index: usize) -> usize {
        let next = self.kids.partition_point(|kid| kid.index < index);
        let last = next.checked_sub(1).and_then(|last| self.kids.get(last));
        index + last.map_or(0, |kid| kid.before + kid.rows)
    }

    /// What lies `distance` rows below the first row under it.
    pub fn at(&self, distance: usize) -> Place {
        let next = self.kids.partition_point(|kid| kid.start() <= distance);
        let Some(kid) = next.checked_sub(1).and_then(|last| self.kids.get(last)) else {
            return Place::Child(distance);
        };
        match distance - kid.start() {
            0 => Place::Child(kid.index),
            inside if inside <= kid.rows => Place::Below(kid.index, inside - 1),
            beyond => Place::Child(kid.index + beyond - kid.rows),
        }
    }

    /// Notes that a child is opened and has so many rows below it.
    pub fn set_kid(&mut self, index: usize, rows: usize) {
        match self.kids.binary_search_by_key(&index, |kid| kid.index) {
            Ok(at) => self.kids[at].rows = rows,
            Err(at) => self.kids.insert(
                at,
                Kid {
                    index,
                    rows,
                    before: 0,
                },
            ),
        }
        self.count();
    }

    /// Notes that a child is closed.
    pub fn drop_kid(&mut self, index: usize) {
        self.kids.retain(|kid| kid.index != index);
        self.count();
    }

    /// The opened children, in order.
    pub fn kids(&self) -> &[Kid] {
        &self.kids
    }

    /// Puts a new list in place of the old one, and the opened children where they are now.
    pub fn relist(&mut self, names: Names, kids: Vec<Kid>) {
        self.names = names;
        self.kids = kids;
        self.count();
    }

    fn count(&mut self) {
        let mut before = 0;
        for kid in &mut self.kids {
            kid.before = before;
            before += kid.rows;
        }
    }
}

/// Where `name` is among sorted names, or would be.
pub(super) fn position(names: &Names, name: &str) -> usize {
    let (mut low, mut high) = (0, names.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if names.get(middle).unwrap_or_default() < name {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_below_opened_children_count() {
        let mut branch = Branch::new(Ticket(1));
        branch.names = ["a", "b", "c", "d"].into_iter().collect();
        branch.set_kid(2, 3);
        branch.set_kid(0, 1);
        assert_eq!(branch.rows(), 8);
        let places: Vec<Place> = (0..8).map(|distance| branch.at(distance)).collect();
        assert_eq!(
            places,
            [
                Place::Child(0),
                Place::Below(0, 0),
                Place::Child(1),
                Place::Child(2),
                Place::Below(2, 0),
                Place::Below(2, 1),
                Place::Below(2, 2),
                Place::Child(3),
            ]
        );
        let starts: Vec<usize> = (0..4).map(|index| branch.start(index)).collect();
        assert_eq!(starts, [0, 2, 3, 7]);
        branch.drop_kid(0);
        assert_eq!((branch.rows(), branch.start(3)), (7, 6));
        assert_eq!((branch.find("c"), branch.find("cc")), (Some(2), None));
    }
}
