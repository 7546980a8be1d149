//! What a member has on disk of the ensemble's history: the transactions in its log, and the
//! snapshots that stand for all that came before them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

/// A log file begins with a magic number, a version and an id.
const LOG_HEADER: usize = 16;

/// Before a transaction's zxid come its checksum, its length, a client's id and its xid.
const BEFORE_ZXID: usize = 8 + 4 + 8 + 4;

/// Transactions by their zxids.
#[derive(Debug, Default)]
pub struct History {
    all: BTreeMap<i64, Kept>,
    /// What makes a log mean something else than the history.
    disorder: Option<Flaw>,
}

/// How what led to a zxid is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// As the next transaction of the log.
    Logged,
    /// In a snapshot, with everything before.
    Snapshot,
}

/// What no sound history has, whatever clients ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The member has gone on without a transaction that clients had been told of.
    Skipped { before: i64, told: i64, after: i64 },
    /// The member wrote these down in this order, and no later one in its place: when it
    /// starts anew, what is older undoes what is newer.
    OutOfOrder { before: i64, after: i64 },
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Skipped {
                before,
                told,
                after,
            } => write!(
                f,
                "{after:x} was logged after {before:x}, although clients knew of {told:x}"
            ),
            Self::OutOfOrder { before, after } => {
                write!(f, "{after:x} was logged after {before:x}")
            }
        }
    }
}

impl History {
    /// What is in a server's `data` folder, as far as it is written.
    pub fn of(data: &Path) -> Self {
        let mut history = Self::default();
        for file in files(data) {
            let name = file.file_name().and_then(|name| name.to_str());
            match name.and_then(|name| name.split_once('.')) {
                // One that its server is about to remove may be gone by now.
                Some(("log", _)) => history.log(&std::fs::read(&file).unwrap_or_default()),
                Some(("snapshot", zxid)) => {
                    if let Ok(zxid) = i64::from_str_radix(zxid, 16) {
                        history.all.insert(zxid, Kept::Snapshot);
                    }
                }
                _ => {}
            }
        }
        history
    }

    /// Removes it, but not the epoch that its server has reached.
    pub fn erase(data: &Path) {
        for file in files(data) {
            if file.extension().is_some() {
                std::fs::remove_file(file).expect("the folder can be written");
            }
        }
    }

    /// Reads transactions up to where nothing is written yet.
    fn log(&mut self, file: &[u8]) {
        let mut rest = file.get(LOG_HEADER..).unwrap_or_default();
        // Where each is for the last time: the server goes by that when it reads the file.
        let mut places = BTreeMap::new();
        while let Some(length) = number::<4>(rest, 8).map(u32::from_be_bytes)
            && length > 0
            && let Some(zxid) = number(rest, BEFORE_ZXID).map(i64::from_be_bytes)
            && let Some(next) = rest.get(8 + 4 + length as usize + 1..)
        {
            places.insert(zxid, rest.len());
            self.all.entry(zxid).or_insert(Kept::Logged);
            rest = next;
        }
        let pairs = places.iter().zip(places.iter().skip(1));
        let swapped = pairs.filter(|(earlier, later)| earlier.1 < later.1);
        let mut found = swapped.map(|((&after, _), (&before, _))| (before, after));
        if let Some((before, after)) = found.next() {
            self.disorder = Some(Flaw::OutOfOrder { before, after });
        }
    }

    /// Whether it goes as far as what clients were told.
    pub fn reaches(&self, told: &BTreeSet<i64>) -> bool {
        let last = told.iter().rfind(|&&zxid| is_transaction(zxid));
        last.is_none_or(|last| self.all.range(last..).next().is_some())
    }

    /// What is wrong with it, given what clients were told.
    pub fn flaw(&self, told: &BTreeSet<i64>) -> Option<Flaw> {
        self.skipped(told).or(self.disorder)
    }

    /// The first that clients were told of and is not there, although a later one was logged
    /// right after an earlier one.
    fn skipped(&self, told: &BTreeSet<i64>) -> Option<Flaw> {
        let pairs = self.all.keys().zip(self.all.iter().skip(1));
        let logged = pairs.filter(|(_, (_, kept))| **kept == Kept::Logged);
        logged
            .map(|(&before, (&after, _))| (before, after))
            .find_map(|(before, after)| {
                let mut between = told.range(before + 1..after);
                let told = *between.find(|&&zxid| is_transaction(zxid))?;
                Some(Flaw::Skipped {
                    before,
                    told,
                    after,
                })
            })
    }
}

/// An epoch's 0 is none: it is the state in which the epoch begins.
const fn is_transaction(zxid: i64) -> bool {
    zxid & 0xffff_ffff != 0
}

fn files(data: &Path) -> Vec<PathBuf> {
    let all = std::fs::read_dir(data.join("version-2"));
    let all = all.expect("the folder can be read").flatten();
    all.map(|file| file.path()).collect()
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}
