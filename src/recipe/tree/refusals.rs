//! What of a tree can't be read at present: what was told of it, and when it is tried again.
//! No watch tells of a new ACL or of a reply that would fit by now. Makes no requests.

use std::collections::{BTreeMap, HashSet};
use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use super::oneshots::Read;
use crate::client::{Error, ErrorKind};
use crate::proto::{Names, ZPath};
use crate::recipe::follow::retry_pause;

/// Reads that were refused, or whose replies were too large.
#[derive(Default)]
pub(super) struct Refusals {
    all: BTreeMap<(ZPath, Read), Refusal>,
    /// When those that are at rest are tried again.
    again: Option<Pin<Box<Sleep>>>,
    /// How often they were since there was any news.
    tries: u32,
}

struct Refusal {
    told: ErrorKind,
    /// It is being tried again.
    flying: bool,
    /// The zxid of the last change of what was too large.
    mark: Option<i64>,
}

/// A read to be tried again.
pub(super) struct Due {
    pub(super) path: ZPath,
    pub(super) read: Read,
    /// Its reply was too large, so first it is asked whether it is another by now.
    pub(super) too_large: bool,
}

/// Many refusals are tried again the more seldom: this is for each.
const SHARE: Duration = Duration::from_millis(10);

impl Refusals {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Until the next attempt is due.
    pub(super) async fn wait(&mut self) {
        match &mut self.again {
            Some(sleep) => sleep.as_mut().await,
            None => std::future::pending().await,
        }
    }

    /// All that are at rest, to be tried again now.
    pub(super) fn due(&mut self) -> Vec<Due> {
        self.again = None;
        let at_rest = self.all.iter_mut().filter(|(_, refusal)| !refusal.flying);
        let due = at_rest.map(|((path, read), refusal)| {
            refusal.flying = true;
            Due {
                path: path.clone(),
                read: *read,
                too_large: matches!(refusal.told, ErrorKind::ReplyTooLarge { .. }),
            }
        });
        let due: Vec<Due> = due.collect();
        self.tries += u32::from(!due.is_empty());
        due
    }

    /// A read has failed. Answers whether that is news.
    pub(super) fn refuse(&mut self, path: &ZPath, read: Read, error: &Error) -> bool {
        let told = error.kind().clone();
        let key = (path.clone(), read);
        let before = self.all.get(&key);
        let news = before.is_none_or(|before| before.told != told);
        let mark = before.and_then(|before| before.mark);
        let flying = false;
        self.all.insert(key, Refusal { told, flying, mark });
        self.rest(news);
        news
    }

    /// What was too large changed last with this zxid. Answers whether it is to be read.
    pub(super) fn is_other(&mut self, path: &ZPath, read: Read, zxid: i64) -> bool {
        let Some(refusal) = self.all.get_mut(&(path.clone(), read)) else {
            return true;
        };
        let other = refusal.mark.replace(zxid) != Some(zxid);
        refusal.flying = other;
        if !other {
            self.rest(false);
        }
        other
    }

    /// A read was answered.
    pub(super) fn settle(&mut self, path: &ZPath, read: Read) {
        self.all.remove(&(path.clone(), read));
    }

    /// A znode is gone: takes away and answers what is at rest of it and of what was below.
    pub(super) fn forget(&mut self, gone: &ZPath) -> Vec<(ZPath, Read)> {
        let at_rest = self.below(gone).filter(|(_, refusal)| !refusal.flying);
        let keys: Vec<(ZPath, Read)> = at_rest.map(|(key, _)| key.clone()).collect();
        for key in &keys {
            self.all.remove(key);
        }
        keys
    }

    /// The children that are at rest and not in their parent's list. Those that are in it may
    /// be others by now, for the list has changed.
    pub(super) fn missing(&mut self, parent: &ZPath, names: &Names) -> Vec<ZPath> {
        let children = self.below(parent).filter_map(|((path, _), refusal)| {
            let child = path.parent().as_ref() == Some(parent);
            (child && !refusal.flying).then(|| path.clone())
        });
        let mut missing: Vec<ZPath> = children.collect();
        if missing.is_empty() {
            return missing;
        }
        let names: HashSet<&str> = names.iter().collect();
        let before = missing.len();
        missing.retain(|path| !names.contains(path.name()));
        if missing.len() < before {
            self.rest(true);
        }
        missing
    }

    /// All of a znode and of what is below it.
    fn below(&self, path: &ZPath) -> impl Iterator<Item = (&(ZPath, Read), &Refusal)> {
        let from = self.all.range((path.clone(), Read::Data)..);
        let alike = from.take_while(|((other, _), _)| other.as_str().starts_with(path.as_str()));
        alike.filter(|((other, _), _)| path.contains(other))
    }

    /// Something is at rest: it is tried again soon after any news, and ever more seldom
    /// without.
    fn rest(&mut self, news: bool) {
        if news {
            self.tries = 0;
        }
        let share = SHARE * u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let at = Instant::now() + retry_pause(self.tries) + share;
        match &mut self.again {
            Some(sleep) if news && at < sleep.deadline() => sleep.as_mut().reset(at),
            Some(_) => {}
            None => self.again = Some(Box::pin(tokio::time::sleep_until(at))),
        }
    }
}
