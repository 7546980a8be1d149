//! Which rows changed a moment ago, and how. A mark goes by itself after a few seconds.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::proto::ZPath;

/// How long a row stays marked.
const STAYS: Duration = Duration::from_secs(3);

/// More are never kept: nobody sees them all at once.
const MOST: usize = 2_000;

/// How a row changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It is new.
    New,
    /// Its data changed.
    Changed,
    /// Children came and went.
    Children {
        /// How many came.
        added: usize,
        /// How many went.
        removed: usize,
    },
}

/// All marks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marks(HashMap<ZPath, (Mark, Instant)>);

impl Marks {
    /// Marks a row. That children came and went adds up while the mark stays.
    pub fn add(&mut self, now: Instant, path: ZPath, mark: Mark) {
        if self.0.len() >= MOST && !self.0.contains_key(&path) {
            return;
        }
        let mark = match (self.get(&path), mark) {
            (
                Some(Mark::Children { added, removed }),
                Mark::Children {
                    added: more,
                    removed: less,
                },
            ) => Mark::Children {
                added: added + more,
                removed: removed + less,
            },
            // What is new stays new, whatever else happens to it.
            (Some(Mark::New), _) => Mark::New,
            _ => mark,
        };
        self.0.insert(path, (mark, now + STAYS));
    }

    /// How this row changed.
    pub fn get(&self, path: &ZPath) -> Option<Mark> {
        self.0.get(path).map(|(mark, _)| *mark)
    }

    /// When the next mark goes.
    pub fn deadline(&self) -> Option<Instant> {
        self.0.values().map(|(_, until)| *until).min()
    }

    /// Takes away those whose time is over; whether there were any.
    pub fn expire(&mut self, now: Instant) -> bool {
        let before = self.0.len();
        self.0.retain(|_, (_, until)| *until > now);
        self.0.len() < before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_add_up_and_go() {
        let (now, path) = (Instant::now(), ZPath::root());
        let mut marks = Marks::default();
        let children = |added, removed| Mark::Children { added, removed };
        marks.add(now, path.clone(), children(1, 0));
        marks.add(now, path.clone(), children(2, 3));
        assert_eq!(marks.get(&path), Some(children(3, 3)));
        assert_eq!(marks.deadline(), Some(now + STAYS));
        assert!(marks.expire(now + STAYS));
        assert_eq!(marks.get(&path), None);
        marks.add(now, path.clone(), Mark::New);
        marks.add(now, path.clone(), Mark::Changed);
        assert_eq!(marks.get(&path), Some(Mark::New));
    }
}
