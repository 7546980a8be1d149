//! What is known of rows beyond their names: their Stats. Asked for only while a row is on the
//! screen, in one batch at a time; a row that nobody looks at costs nothing.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::message::{Failure, Ticket};
use crate::proto::{Stat, ZPath};

/// How old a Stat may grow on the screen before it is asked for anew.
const FRESH: Duration = Duration::from_secs(10);

/// Whether an answer to a batch is still to be hoped for after so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// So many are kept of rows that left the screen.
const MOST: usize = 2_000;

/// What is known of a row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Fact {
    /// Nothing yet.
    #[default]
    Unknown,
    /// Its Stat.
    Known {
        /// The Stat.
        stat: Stat,
        /// Whether the connection was lost since.
        stale: bool,
    },
    /// It could not be had.
    Failed(Failure),
}

impl Fact {
    /// The Stat, if it is known.
    pub const fn stat(&self) -> Option<&Stat> {
        match self {
            Self::Known { stat, .. } => Some(stat),
            Self::Unknown | Self::Failed(_) => None,
        }
    }

    /// Whether the connection was lost since it was known.
    pub const fn is_stale(&self) -> bool {
        matches!(self, Self::Known { stale: true, .. })
    }
}

/// All that is known of rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    known: HashMap<ZPath, (Fact, Instant)>,
    flight: Option<(Ticket, Instant)>,
}

impl Facts {
    /// What is known of this row.
    pub fn get(&self, path: &ZPath) -> &Fact {
        const UNKNOWN: &Fact = &Fact::Unknown;
        self.known.get(path).map_or(UNKNOWN, |(fact, _)| fact)
    }

    /// Learns a Stat, unless a newer one is known: answers to different requests may overtake
    /// each other on their way here.
    pub fn learn(&mut self, now: Instant, path: ZPath, stat: Stat) {
        let newer = |had: &&Stat| had.mzxid > stat.mzxid || had.pzxid > stat.pzxid;
        let stat = self
            .get(&path)
            .stat()
            .filter(newer)
            .copied()
            .unwrap_or(stat);
        let fact = Fact::Known { stat, stale: false };
        self.known.insert(path, (fact, now));
    }

    /// Learns that a row's Stat can't be had.
    pub fn fail(&mut self, now: Instant, path: ZPath, failure: Failure) {
        self.known.insert(path, (Fact::Failed(failure), now));
    }

    /// Forgets one row.
    pub fn forget(&mut self, path: &ZPath) {
        self.known.remove(path);
    }

    /// Marks everything as not known to be true any more; a batch under way is lost.
    pub fn grow_stale(&mut self) {
        self.flight = None;
        for (fact, _) in self.known.values_mut() {
            if let Fact::Known { stale, .. } = fact {
                *stale = true;
            }
        }
        self.known.retain(|_, (fact, _)| fact.stat().is_some());
    }

    /// Lets every Stat be asked for anew.
    pub fn doubt(&mut self) {
        let known = std::mem::take(&mut self.known);
        let doubted = known
            .into_iter()
            .filter_map(|(path, (fact, at))| match fact {
                Fact::Known { stat, .. } => Some((path, (Fact::Known { stat, stale: true }, at))),
                Fact::Unknown | Fact::Failed(_) => None,
            });
        self.known = doubted.collect();
    }

    /// Those of the rows on the screen that have to be asked for now; none while a batch is
    /// under way.
    pub fn wanted(&mut self, now: Instant, seen: &[ZPath]) -> Vec<ZPath> {
        if self.known.len() > MOST + seen.len() {
            let mut kept = HashMap::with_capacity(seen.len());
            for path in seen {
                kept.extend(self.known.remove_entry(path));
            }
            self.known = kept;
        }
        if self.flight.is_some_and(|(_, since)| now < since + PATIENCE) {
            return Vec::new();
        }
        let due = |path: &&ZPath| self.due(path).is_none_or(|due| due <= now);
        seen.iter().filter(due).cloned().collect()
    }

    /// When one of the rows on the screen has to be asked for anew.
    pub fn deadline(&self, seen: &[ZPath]) -> Option<Instant> {
        let Some((_, since)) = self.flight else {
            return seen.iter().filter_map(|path| self.due(path)).min();
        };
        // Nothing is asked for before the batch is given up, nor if all is fresh then.
        let due = seen.iter().map(|path| self.due(path).unwrap_or(since));
        due.min().map(|due| due.max(since + PATIENCE))
    }

    /// A batch was asked for under this ticket.
    pub fn ask(&mut self, now: Instant, ticket: Ticket) {
        self.flight = Some((ticket, now));
    }

    /// A batch came back; whether it is the one awaited.
    pub fn came(&mut self, ticket: Ticket) -> bool {
        let awaited = self.flight.is_some_and(|(flying, _)| flying == ticket);
        if awaited {
            self.flight = None;
        }
        awaited
    }

    /// When this row has to be asked for; none: at once.
    fn due(&self, path: &ZPath) -> Option<Instant> {
        let (fact, at) = self.known.get(path)?;
        (!fact.is_stale()).then_some(*at + FRESH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(list: &[&str]) -> Vec<ZPath> {
        list.iter().map(|text| ZPath::from_server(text)).collect()
    }

    #[test]
    fn only_what_is_seen_and_unknown_or_old_is_asked_for() {
        let (now, mut facts) = (Instant::now(), Facts::default());
        let seen = paths(&["/a", "/b"]);
        facts.learn(now, seen[0].clone(), Stat::default());
        assert_eq!(facts.wanted(now, &seen), paths(&["/b"]));
        facts.ask(now, Ticket(1));
        assert_eq!(facts.wanted(now, &seen), [], "one batch at a time");
        assert!(!facts.came(Ticket(2)) && facts.came(Ticket(1)));
        facts.learn(now, seen[1].clone(), Stat::default());
        assert_eq!(facts.deadline(&seen), Some(now + FRESH));
        assert_eq!(facts.wanted(now + FRESH, &seen), seen);
    }

    #[test]
    fn a_batch_given_up_wakes_nobody_while_all_is_fresh() {
        let (now, mut facts) = (Instant::now(), Facts::default());
        let seen = paths(&["/a"]);
        facts.ask(now, Ticket(1));
        assert_eq!(facts.deadline(&seen), Some(now + PATIENCE));
        let late = now + PATIENCE;
        facts.learn(late, seen[0].clone(), Stat::default());
        assert_eq!(facts.wanted(late, &seen), []);
        assert_eq!(facts.deadline(&seen), Some(late + FRESH));
    }

    #[test]
    fn what_is_stale_is_asked_for_at_once_but_still_shown() {
        let (now, mut facts) = (Instant::now(), Facts::default());
        let seen = paths(&["/a"]);
        facts.learn(now, seen[0].clone(), Stat::default());
        facts.ask(now, Ticket(1));
        facts.grow_stale();
        assert!(facts.get(&seen[0]).is_stale());
        assert_eq!(facts.wanted(now, &seen), seen);
    }

    #[test]
    fn rows_that_left_the_screen_are_forgotten_in_the_end() {
        let (now, mut facts) = (Instant::now(), Facts::default());
        for n in 0..2 * MOST {
            facts.learn(now, ZPath::root().child(&n.to_string()), Stat::default());
        }
        let seen = paths(&["/7"]);
        facts.wanted(now, &seen);
        assert_eq!(facts.known.len(), 1);
        assert!(facts.get(&seen[0]).stat().is_some());
    }
}
