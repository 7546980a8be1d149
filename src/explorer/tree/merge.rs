//! An old list of children against a new one, in one pass: who came, who went, and where the
//! opened ones are now.

use std::cmp::Ordering;

use super::branch::{Branch, Kid, position};
use crate::proto::Names;

/// So many new names are kept for marking their rows; more than a screen can show anyhow.
const MOST_NAMED: usize = 1_000;

/// What a new list changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// How many children came.
    pub added: usize,
    /// How many went.
    pub removed: usize,
    /// The names of those that came, up to a thousand.
    pub names: Vec<String>,
}

impl Change {
    /// Whether nothing came or went.
    pub const fn is_empty(&self) -> bool {
        self.added == 0 && self.removed == 0
    }
}

/// The new list, sorted, without what no tree can hold: an empty name, or one with a slash.
pub(super) fn tidy(names: Names) -> Names {
    let fits = |name: &str| !name.is_empty() && !name.contains('/');
    let names = if names.iter().all(fits) {
        names
    } else {
        names.iter().filter(|name| fits(name)).collect()
    };
    if names.iter().is_sorted() {
        names
    } else {
        names.sorted()
    }
}

/// Compares the branch's list with `new`. Returns what changed, the kids that stay (moved to
/// their new index), and the names of those that went.
pub(super) fn compare(branch: &Branch, new: &Names) -> (Change, Vec<Kid>, Vec<String>) {
    let (mut change, mut stay, mut went) = (Change::default(), Vec::new(), Vec::new());
    let mut kids = branch.kids().iter().peekable();
    let mut old = branch.names.iter().enumerate().peekable();
    let mut fresh = new.iter().enumerate().peekable();
    loop {
        let order = match (old.peek(), fresh.peek()) {
            (None, None) => break,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((_, old)), Some((_, new))) => old.cmp(new),
        };
        let was = order.is_le().then(|| old.next()).flatten();
        let is = order.is_ge().then(|| fresh.next()).flatten();
        let kid = was.and_then(|(index, _)| kids.next_if(|kid| kid.index == index));
        match (was, is) {
            (Some((_, name)), None) => {
                change.removed += 1;
                went.extend(kid.map(|_| name.to_owned()));
            }
            (None, Some((_, name))) => {
                change.added += 1;
                if change.names.len() < MOST_NAMED {
                    change.names.push(name.to_owned());
                }
            }
            (_, Some((index, _))) => stay.extend(kid.map(|kid| kid.moved(index))),
            (None, None) => {}
        }
    }
    (change, stay, went)
}

/// The name nearest to a lost one that the new list still has: the next below it first.
pub(super) fn neighbour<'a>(old: &Names, lost: &str, new: &'a Names) -> Option<&'a str> {
    let at = position(old, lost);
    let survivor = |index: usize| {
        let name = old.get(index)?;
        new.get(position(new, name)).filter(|found| *found == name)
    };
    (1..=old.len()).find_map(|distance| {
        survivor(at + distance).or_else(|| survivor(at.checked_sub(distance)?))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explorer::message::Ticket;

    fn names(list: &[&str]) -> Names {
        list.iter().collect()
    }

    #[test]
    fn who_came_who_went_and_where_the_opened_are() {
        let mut branch = Branch::new(Ticket(1));
        branch.names = names(&["a", "c", "e", "g"]);
        branch.set_kid(1, 5);
        branch.set_kid(2, 7);
        let (change, stay, went) = compare(&branch, &names(&["b", "c", "d", "g", "h"]));
        assert_eq!((change.added, change.removed), (3, 2));
        assert_eq!(change.names, ["b", "d", "h"]);
        assert_eq!(went, ["e"]);
        let stay: Vec<_> = stay.iter().map(|kid| (kid.index, kid.rows)).collect();
        assert_eq!(stay, [(1, 5)]);
    }

    #[test]
    fn the_neighbour_below_comes_first() {
        let old = names(&["a", "b", "c", "d"]);
        assert_eq!(neighbour(&old, "b", &names(&["a", "c", "d"])), Some("c"));
        assert_eq!(neighbour(&old, "b", &names(&["a", "d"])), Some("a"));
        assert_eq!(neighbour(&old, "d", &names(&["a", "x"])), Some("a"));
        assert_eq!(neighbour(&old, "b", &names(&["x"])), None);
    }

    #[test]
    fn names_no_tree_can_hold_are_left_out() {
        let tidied = tidy(names(&["b", "", "a/x", "a"]));
        assert_eq!(tidied, names(&["a", "b"]));
    }
}
