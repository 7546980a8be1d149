//! A row of the tree as a view needs it: what it is and what is known of it, in words that
//! stand for no look yet.

use std::ops::Range;

use super::facts::Fact;
use super::marks::Mark;
use crate::proto::ZPath;

/// Whether a row is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fold {
    /// Not opened, and it may have children.
    Closed,
    /// Opened, its children on the way.
    Loading,
    /// Opened, its children below it.
    Open,
    /// Known to have no children.
    Leaf,
    /// Its ACL forbids to list it, or (3.9.3+) even to look at it.
    Forbidden,
    /// It was found to exist no more.
    Gone,
    /// Opened, but its children could not be had; the row's `trouble` says why.
    Failed,
}

/// A row on the screen.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Its number among all rows.
    pub number: usize,
    /// How many levels below the root.
    pub depth: usize,
    /// Its path, as the server sent it: not safe to show as it is.
    pub path: ZPath,
    /// Whether it is open.
    pub fold: Fold,
    /// How many children it has, if that is known.
    pub children: Option<usize>,
    /// What is known beyond its name.
    pub fact: Fact,
    /// Whether what is shown of it may not be true any more.
    pub stale: bool,
    /// How it changed a moment ago.
    pub mark: Option<Mark>,
    /// Whether it is the selected one.
    pub selected: bool,
    /// Where in its name the filter's text is, in bytes.
    pub hit: Option<Range<usize>>,
    /// Why its children could not be had.
    pub trouble: Option<String>,
}

impl Row {
    /// Its name, as the server sent it; `/` for the root.
    pub fn name(&self) -> &str {
        self.path.name()
    }

    /// Whether it goes with its session, if that is known.
    pub fn is_ephemeral(&self) -> Option<bool> {
        self.fact.stat().map(crate::proto::Stat::is_ephemeral)
    }

    /// Whether its name ends as a server ends the names of sequential znodes: ten digits
    /// (or a minus and nine and more after the counter's overflow).
    pub fn is_sequential(&self) -> bool {
        let digits = self.name().bytes().rev().take_while(u8::is_ascii_digit);
        digits.count() >= 10
    }

    /// Whether it holds at least one byte, if that is known.
    pub fn has_data(&self) -> Option<bool> {
        self.fact.stat().map(|stat| stat.data_length > 0)
    }

    /// Whether it had children, has none now and holds no data: as a container is left.
    pub fn is_abandoned(&self) -> bool {
        let left = |stat: &crate::proto::Stat| {
            stat.num_children == 0 && stat.cversion > 0 && stat.data_length == 0
        };
        self.fact.stat().is_some_and(left)
    }
}
