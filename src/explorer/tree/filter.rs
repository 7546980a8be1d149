//! Which rows a filter leaves: those whose name holds the text, and all above them. Only
//! what is loaded is looked at; nothing is fetched for it.

use super::Tree;
use super::branch::Branch;
use crate::proto::ZPath;

/// What names are asked to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needle {
    text: String,
    /// A capital letter asks for exactly that letter.
    exact: bool,
}

impl Needle {
    /// A needle for this text; capitals in it count, small letters stand for both.
    pub fn new(text: &str) -> Self {
        let exact = text.chars().any(char::is_uppercase);
        Self {
            text: text.to_owned(),
            exact,
        }
    }

    /// The text as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where in `name` it is found, as a range of bytes.
    pub fn find(&self, name: &str) -> Option<std::ops::Range<usize>> {
        let length = self.text.len();
        let start = if self.exact {
            name.find(&self.text)?
        } else if self.text.is_ascii() {
            let mut windows = name.as_bytes().windows(length.max(1));
            windows.position(|window| window.eq_ignore_ascii_case(self.text.as_bytes()))?
        } else {
            return self.find_folded(name);
        };
        Some(start..start + length)
    }

    /// Letters beyond ASCII may change their length with their case.
    fn find_folded(&self, name: &str) -> Option<std::ops::Range<usize>> {
        let begins = |start: usize| {
            let mut wanted = self.text.chars();
            let mut end = start;
            for c in name[start..].chars() {
                let mut left = wanted.clone();
                for folded in c.to_lowercase() {
                    if left.next() != Some(folded) {
                        return (wanted.as_str().is_empty()).then_some(end);
                    }
                }
                wanted = left;
                end += c.len_utf8();
            }
            wanted.as_str().is_empty().then_some(end)
        };
        name.char_indices()
            .find_map(|(start, _)| begins(start).map(|end| start..end))
    }
}

/// A filter and the rows it leaves.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filtered {
    pub needle: Needle,
    /// Indexes among all rows, rising. The root is always the first.
    pub rows: Vec<usize>,
    /// How many of them hold the text themselves.
    pub hits: usize,
}

impl Filtered {
    /// Looks through every loaded name.
    pub fn new(tree: &Tree, needle: Needle) -> Self {
        let mut found = Self {
            needle,
            rows: vec![0],
            hits: 0,
        };
        found.walk(tree);
        found
    }

    fn walk(&mut self, tree: &Tree) {
        let root = ZPath::root();
        let mut row = 0;
        let mut above: Vec<Level<'_>> = tree.branch(&root).map(Level::new).into_iter().collect();
        let mut paths = vec![root];
        while let Some(level) = above.last_mut() {
            let Some(name) = level.branch.names.get(level.next) else {
                above.pop();
                paths.pop();
                continue;
            };
            row += 1;
            let index = level.next;
            level.next += 1;
            let hit = self.needle.find(name).is_some();
            if hit {
                for level in &mut above {
                    self.rows.extend(level.row.take());
                }
                self.rows.push(row);
                self.hits += 1;
            }
            let Some(opened) = above.last_mut().filter(|level| level.enters(index)) else {
                continue;
            };
            opened.kid += 1;
            let path = paths.last().map(|parent| parent.child(name));
            if let Some((path, branch)) = path.and_then(|path| tree.branch_of(path)) {
                let row = (!hit).then_some(row);
                above.push(Level {
                    row,
                    ..Level::new(branch)
                });
                paths.push(path);
            }
        }
    }
}

/// One branch on the way down.
struct Level<'a> {
    branch: &'a Branch,
    /// The branch's own row, until it is taken up.
    row: Option<usize>,
    /// The child to look at next.
    next: usize,
    /// The opened child to enter next.
    kid: usize,
}

impl<'a> Level<'a> {
    const fn new(branch: &'a Branch) -> Self {
        Self {
            branch,
            row: None,
            next: 0,
            kid: 0,
        }
    }

    fn enters(&self, index: usize) -> bool {
        let kid = self.branch.kids().get(self.kid);
        kid.is_some_and(|kid| kid.index == index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_letters_stand_for_both_and_capitals_for_themselves() {
        assert_eq!(Needle::new("ka").find("myKafka"), Some(2..4));
        assert_eq!(Needle::new("Ka").find("kafKa"), Some(3..5));
        assert_eq!(Needle::new("é").find("CAFÉ"), Some(3..5));
        assert_eq!(Needle::new("éa").find("CAFÉ"), None);
        assert_eq!(Needle::new("long").find("lo"), None);
    }
}
