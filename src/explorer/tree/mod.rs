//! The tree of what is loaded: opened znodes with the names of their children, as one list of
//! rows with a selected row and a window on the screen. Any row is found by its number and any
//! number by its path without looking at the others, so a million rows cost what ten do.
//!
//! It knows names and lists. It refuses to know requests, values and what a row looks like.

mod branch;
mod filter;
mod merge;
mod select;
mod walk;

use std::collections::HashMap;

pub use branch::Load;
pub use filter::Needle;
pub use merge::Change;

use branch::Branch;
use filter::Filtered;

use super::message::{Failure, Ticket};
use crate::proto::{ChildrenReply, ErrorCode, Stat, ZPath};

/// The rows, the selected one, and which are on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    branches: HashMap<ZPath, Branch>,
    filtered: Option<Filtered>,
    selected: ZPath,
    /// The first row on the screen.
    top: usize,
    /// How many rows the screen has for the tree.
    height: usize,
}

/// What a new list of children did to the tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    /// What came and went; empty for the first list.
    pub change: Change,
    /// Opened znodes that went with their rows.
    pub closed: Vec<ZPath>,
    /// Opened znodes that had vanished and are listed again.
    pub returned: Vec<ZPath>,
    /// Whether it has children now, and had no list before, and a filter hides them all.
    pub hidden: bool,
    /// The selected znode, if it went; a neighbour is selected now.
    pub lost: Option<ZPath>,
}

impl Default for Tree {
    fn default() -> Self {
        Self {
            branches: HashMap::new(),
            filtered: None,
            selected: ZPath::root(),
            top: 0,
            height: 1,
        }
    }
}

impl Tree {
    /// How far the list of this znode's children is; none if it is not opened.
    pub fn load(&self, path: &ZPath) -> Option<&Load> {
        self.branch(path).map(|branch| &branch.load)
    }

    /// Whether it is opened.
    pub fn is_open(&self, path: &ZPath) -> bool {
        self.branches.contains_key(path)
    }

    /// How many children the list of an opened znode has.
    pub fn child_count(&self, path: &ZPath) -> Option<usize> {
        let branch = self.branch(path)?;
        (branch.load == Load::Listed).then(|| branch.names.len())
    }

    /// Whether the connection was lost since this opened znode's list came.
    pub fn is_stale(&self, path: &ZPath) -> bool {
        self.branch(path).is_some_and(|branch| branch.stale)
    }

    /// Every opened znode, in no order.
    pub fn opened(&self) -> impl Iterator<Item = &ZPath> {
        self.branches.keys()
    }

    /// Opens a row: its children are awaited under this ticket. An opened one keeps what it
    /// has until the new list comes.
    pub fn open(&mut self, path: &ZPath, ticket: Ticket) {
        if let Some(branch) = self.branches.get_mut(path) {
            branch.ticket = ticket;
            if branch.load != Load::Listed {
                branch.load = Load::Loading;
            }
            return;
        }
        self.branches.insert(path.clone(), Branch::new(ticket));
        self.count_up(path);
    }

    /// Closes a row. Returns what was open at and below it.
    pub fn close(&mut self, path: &ZPath) -> Vec<ZPath> {
        if !self.is_open(path) {
            return Vec::new();
        }
        let anchor = self.anchor();
        let closed = self.prune(path);
        if let Some((parent, index)) = self.seat(path)
            && let Some(branch) = self.branches.get_mut(&parent)
        {
            branch.drop_kid(index);
            self.count_up(&parent);
        } else {
            self.filter_anew();
        }
        if path.contains(&self.selected) {
            self.selected = path.clone();
        }
        self.settle(&anchor);
        closed
    }

    /// Takes an opened znode's list. None if it is not awaited under this ticket.
    pub fn list(&mut self, path: &ZPath, ticket: Ticket, reply: ChildrenReply) -> Option<Listed> {
        let branch = self.branches.get(path)?;
        if branch.ticket != ticket {
            return None;
        }
        let first = branch.load != Load::Listed;
        let anchor = self.anchor();
        let names = merge::tidy(reply.names);
        let (change, kids, went) = merge::compare(branch, &names);
        let mut listed = Listed::default();
        if let Some(survivor) = self.survivor(path, &names) {
            listed.lost = Some(std::mem::replace(&mut self.selected, survivor));
        }
        for name in went {
            listed.closed.extend(self.prune(&path.child(&name)));
        }
        let branch = self.branches.get_mut(path)?;
        branch.relist(names, kids);
        branch.load = Load::Listed;
        branch.stat = Some(reply.stat);
        branch.stale = false;
        listed.returned = self.vanished_children(path);
        if !first {
            listed.change = change;
        }
        self.count_up(path);
        self.settle(&anchor);
        listed.hidden = first && self.hides_children(path);
        Some(listed)
    }

    /// Takes a refusal in place of a list. None if it is not awaited under this ticket,
    /// otherwise what was open below and is no more.
    pub fn fail(&mut self, path: &ZPath, ticket: Ticket, failure: Failure) -> Option<Vec<ZPath>> {
        let branch = self.branches.get_mut(path)?;
        if branch.ticket != ticket {
            return None;
        }
        // A list that was here and may be right still is kept, marked.
        let answered = failure.is(ErrorCode::NoNode) || failure.is(ErrorCode::NoAuth);
        if branch.load == Load::Listed && !answered {
            branch.stale = true;
            return Some(Vec::new());
        }
        if branch.load.is_forbidden() && failure.is(ErrorCode::NoAuth) {
            return Some(Vec::new());
        }
        branch.load = Load::Failed(failure);
        let kids: Vec<ZPath> = branch
            .kids()
            .iter()
            .map(|kid| kid.index)
            .filter_map(|index| branch.names.get(index))
            .map(|name| path.child(name))
            .collect();
        let anchor = self.anchor();
        let closed = kids.iter().flat_map(|kid| self.prune(kid)).collect();
        if let Some(branch) = self.branches.get_mut(path) {
            branch.relist(crate::proto::Names::default(), Vec::new());
        }
        self.count_up(path);
        if path.contains(&self.selected) {
            self.selected = path.clone();
        }
        self.settle(&anchor);
        Some(closed)
    }

    /// Gives a row to a znode whose parent must not be listed: its name came from the user.
    pub fn give_name(&mut self, path: &ZPath) {
        let Some(parent) = path.parent() else {
            return;
        };
        let Some(branch) = self
            .branches
            .get(&parent)
            .filter(|branch| branch.load.is_forbidden())
        else {
            return;
        };
        let mut names = branch.names.clone();
        if branch.find(path.name()).is_none() {
            names.push(path.name());
        }
        let names = names.sorted();
        let anchor = self.anchor();
        let (_, kids, _) = merge::compare(branch, &names);
        if let Some(branch) = self.branches.get_mut(&parent) {
            branch.relist(names, kids);
        }
        self.count_up(&parent);
        self.settle(&anchor);
    }

    /// Marks every list as not known to be true any more. A refusal is none: that it still
    /// holds is never told.
    pub fn grow_stale(&mut self) {
        for branch in self.branches.values_mut() {
            branch.stale = branch.load == Load::Listed;
        }
    }

    /// Notes that a list still holds: a newer Stat shows the same children.
    pub fn confirm(&mut self, path: &ZPath, stat: &Stat) {
        if let Some(branch) = self.branches.get_mut(path)
            && branch
                .stat
                .is_some_and(|had| (had.czxid, had.pzxid) == (stat.czxid, stat.pzxid))
        {
            branch.stale = false;
        }
    }

    fn branch(&self, path: &ZPath) -> Option<&Branch> {
        self.branches.get(path)
    }

    fn branch_of(&self, path: ZPath) -> Option<(ZPath, &Branch)> {
        self.branches.get(&path).map(|branch| (path, branch))
    }

    /// A znode's parent, and which child of it the znode is.
    fn seat(&self, path: &ZPath) -> Option<(ZPath, usize)> {
        let parent = path.parent()?;
        let index = self.branch(&parent)?.find(path.name())?;
        Some((parent, index))
    }

    /// Removes a branch and all below it from the map; the rows above are not counted yet.
    fn prune(&mut self, path: &ZPath) -> Vec<ZPath> {
        let (mut closed, mut left) = (Vec::new(), vec![path.clone()]);
        while let Some(path) = left.pop() {
            let Some(branch) = self.branches.remove(&path) else {
                continue;
            };
            let names = branch
                .kids()
                .iter()
                .filter_map(|kid| branch.names.get(kid.index));
            left.extend(names.map(|name| path.child(name)));
            closed.push(path);
        }
        closed
    }

    /// Opened children that a list names though they had vanished: they were made anew.
    fn vanished_children(&self, path: &ZPath) -> Vec<ZPath> {
        let Some(branch) = self.branch(path) else {
            return Vec::new();
        };
        let names = branch
            .kids()
            .iter()
            .filter_map(|kid| branch.names.get(kid.index));
        names
            .map(|name| path.child(name))
            .filter(|child| self.load(child).is_some_and(Load::is_gone))
            .collect()
    }

    fn hides_children(&self, path: &ZPath) -> bool {
        let below = self.row(path).and_then(|row| self.path(row + 1));
        let shown = below.and_then(|below| below.parent()).as_ref() == Some(path);
        !shown && self.child_count(path).is_some_and(|count| count > 0)
    }

    /// Tells all above a branch how many rows it has now.
    fn count_up(&mut self, path: &ZPath) {
        let mut path = path.clone();
        while let Some(rows) = self.branch(&path).map(Branch::rows)
            && let Some((parent, index)) = self.seat(&path)
            && let Some(branch) = self.branches.get_mut(&parent)
        {
            branch.set_kid(index, rows);
            path = parent;
        }
        self.filter_anew();
    }

    /// The rows have changed: so may have those that a filter leaves.
    fn filter_anew(&mut self) {
        if let Some(filtered) = self.filtered.take() {
            self.filtered = Some(Filtered::new(self, filtered.needle));
        }
    }
}

#[cfg(test)]
mod tests;
