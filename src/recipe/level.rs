//! A list of children that a walk has before it: whose turn is next, and what their answers
//! will take, learnt from the first ones. Pure.

use crate::proto::Names;

/// Children asked for before one is known: siblings are alike, and a folder of megabytes
/// should not be met with hundreds of reads at once.
const SAMPLE: usize = 16;

pub(super) struct Level {
    /// The parent's path with a slash behind it, and behind that the last child's name.
    path: String,
    /// Where the names begin.
    stem: usize,
    depth: usize,
    names: Names,
    at: usize,
    /// What one child takes of an answer, once one has come.
    average: Option<usize>,
}

impl Level {
    pub(super) fn new(parent: &str, names: Names) -> Self {
        let mut path = parent.to_owned();
        if parent != "/" {
            path.push('/');
        }
        Self {
            stem: path.len(),
            path,
            depth: depth(parent),
            names,
            at: 0,
            average: None,
        }
    }

    /// How deep the parent lies.
    pub(super) const fn depth(&self) -> usize {
        self.depth
    }

    /// Whether no child was asked for yet.
    pub(super) const fn is_untouched(&self) -> bool {
        self.at == 0
    }

    /// How many children were not asked for yet.
    pub(super) fn left(&self) -> usize {
        self.names.len() - self.at
    }

    /// How many of them may be asked for now.
    pub(super) fn open(&self) -> usize {
        match self.average {
            Some(_) => self.left(),
            None => self.left().min(SAMPLE.saturating_sub(self.at)),
        }
    }

    pub(super) const fn is_over(&self) -> bool {
        self.at >= self.names.len()
    }

    /// The next child's path, and what its answer will take if that is known.
    pub(super) fn next(&mut self) -> Option<(&str, Option<usize>)> {
        let name = self.names.get(self.at)?;
        self.at += 1;
        self.path.truncate(self.stem);
        self.path.push_str(name);
        Some((&self.path, self.average))
    }

    /// Whether a path is that of one of the children.
    pub(super) fn holds(&self, path: &str) -> bool {
        let name = path.strip_prefix(&self.path[..self.stem]);
        name.is_some_and(|name| !name.contains('/'))
    }

    /// A child took so much of an answer.
    pub(super) fn learn(&mut self, length: usize) {
        self.average = Some(mean(self.average, length));
    }

    /// Its children take at least so much.
    pub(super) fn expect(&mut self, length: usize) {
        self.average = self.average.map(|average| average.max(length));
    }
}

/// How many levels below the root.
pub(super) fn depth(path: &str) -> usize {
    match path {
        "/" => 0,
        _ => path.bytes().filter(|&byte| byte == b'/').count(),
    }
}

/// A mean that forgets: the last eight count most.
pub(super) fn mean(before: Option<usize>, length: usize) -> usize {
    before.map_or(length, |before| (before * 7 + length) / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(parent: &str, count: usize) -> Level {
        let names = (0..count).map(|i| format!("n{i}")).collect();
        Level::new(parent, names)
    }

    #[test]
    fn children_come_in_order_and_only_a_few_before_one_is_known() {
        let mut level = level("/a", SAMPLE + 2);
        for i in 0..SAMPLE {
            let (path, length) = level.next().expect("there are more");
            assert_eq!((path, length), (&*format!("/a/n{i}"), None));
        }
        assert_eq!(level.open(), 0);
        level.learn(800);
        level.learn(1600);
        assert_eq!(level.open(), 2);
        let (path, length) = level.next().expect("there is one more");
        assert_eq!((path, length), ("/a/n16", Some(900)));
        level.expect(5000);
        assert_eq!(level.next().expect("the last").1, Some(5000));
        assert!(level.is_over() && level.next().is_none());
    }

    #[test]
    fn a_level_knows_its_own_children() {
        assert!(level("/a", 1).holds("/a/x"));
        assert!(!level("/a", 1).holds("/ab"));
        assert!(!level("/a", 1).holds("/a/x/y"));
        let mut root = level("/", 1);
        assert!(root.holds("/x"));
        assert_eq!(root.next().expect("one").0, "/n0");
        assert!(root.holds("/x") && !root.holds("/x/y"));
        assert_eq!([depth("/"), depth("/a"), depth("/a/b")], [0, 1, 2]);
        assert!(root.depth() == 0 && level("/a", 1).depth() == 1);
    }
}
