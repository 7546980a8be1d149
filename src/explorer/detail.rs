//! The selected znode's value: one znode is followed at a time, a new one only when the last
//! has answered, and what was there stays, marked, until its successor comes.

use std::time::{Duration, Instant};

use super::message::{Failure, Ticket, Viewport};
use super::plain;
use crate::decode::{Decoded, decode};
use crate::proto::{Acl, DataReply, Stat, ZPath};
use crate::text::Charset;

/// How long a value stands in for that of a znode selected since: long enough that going
/// through rows does not flicker.
const STAND_IN: Duration = Duration::from_millis(200);

/// An ACL that may be on its way.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum AclState {
    /// Not here yet.
    #[default]
    Loading,
    /// The list.
    Known(Vec<Acl>),
    /// It could not be had.
    Failed(Failure),
}

impl AclState {
    /// How many rows it takes: one for each entry, one if there is none to show.
    pub fn rows(&self) -> usize {
        match self {
            Self::Known(list) => list.len().max(1),
            Self::Loading | Self::Failed(_) => 1,
        }
    }
}

/// A znode's data, as it is and as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// The bytes; null and empty are different things.
    pub data: Option<Vec<u8>>,
    /// The same as rows to show.
    pub decoded: Decoded,
    /// The Stat that came with them.
    pub stat: Stat,
    /// Why they can't be edited as a text, if so: looked at once, asked for with every frame.
    pub refusal: Option<&'static str>,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// Of which znode.
    pub path: ZPath,
    /// Its value, or why there is none.
    pub value: Result<Value, Failure>,
    /// Its ACL.
    pub acl: AclState,
    /// Whether the connection was lost since, or another znode is selected and on its way.
    pub stale: bool,
}

/// The detail pane's state.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Detail {
    shown: Option<Shown>,
    /// What is followed, and whether its first answer is still to come.
    followed: Option<(ZPath, Ticket, bool)>,
    acl_ticket: Option<Ticket>,
    /// How long the last znode's value may still stand in for the selected one's.
    until: Option<Instant>,
    /// The first row on the screen.
    scroll: usize,
}

/// What news of the followed znode brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct News {
    /// Its data is not what was shown before.
    pub changed: bool,
    /// Its ACL has to be read.
    pub acl: bool,
}

impl Detail {
    /// What is shown; nothing before the first value came.
    pub const fn shown(&self) -> Option<&Shown> {
        self.shown.as_ref()
    }

    /// The value shown, if it is this znode's.
    pub fn value_of(&self, path: &ZPath) -> Option<&Value> {
        let shown = self.shown.as_ref().filter(|shown| shown.path == *path)?;
        shown.value.as_ref().ok()
    }

    /// Lets the value of another znode than the selected one stand in for it no longer than a
    /// moment: what is slow to come must not be mistaken. Whether it went just now.
    pub fn stand_in(&mut self, now: Instant, selected: &ZPath) -> bool {
        if self
            .shown
            .as_ref()
            .is_none_or(|shown| shown.path == *selected)
        {
            self.until = None;
            return false;
        }
        let over = now >= *self.until.get_or_insert(now + STAND_IN);
        if over {
            (self.shown, self.until, self.scroll) = (None, None, 0);
        }
        over
    }

    /// When a value that stands in has to go.
    pub const fn deadline(&self) -> Option<Instant> {
        self.until
    }

    /// Whether this znode has to be followed now: it is not yet, and no other is waited for.
    pub fn wants(&self, path: &ZPath) -> bool {
        let followed = self.followed.as_ref();
        followed.is_none_or(|(followed, _, waiting)| !waiting && followed != path)
    }

    /// This znode is followed now, under this ticket.
    pub fn follow(&mut self, path: ZPath, ticket: Ticket) {
        if let Some(shown) = &mut self.shown {
            shown.stale |= shown.path != path;
        }
        self.followed = Some((path, ticket, true));
    }

    /// There is a new connection, and nothing is followed on it yet: what was waited for on the
    /// old one will not come, what could not be had may be had now, and that a value is still
    /// the same would not be told.
    pub fn begin_anew(&mut self) {
        self.followed = None;
    }

    /// The connection is lost: what is shown may not be true any more.
    pub fn grow_stale(&mut self) {
        if let Some(shown) = &mut self.shown {
            shown.stale = true;
        }
    }

    /// Takes news of the followed znode; none if they are not (or no longer) wanted. News of
    /// a znode that is not `selected` any more is not shown.
    pub fn take(
        &mut self,
        ticket: Ticket,
        selected: &ZPath,
        result: Result<DataReply, Failure>,
    ) -> Option<News> {
        let (path, expected, waiting) = self.followed.as_mut()?;
        if *expected != ticket {
            return None;
        }
        *waiting = false;
        if path != selected {
            return Some(News::default());
        }
        let path = path.clone();
        // An ACL still on its way is of what was shown before.
        self.acl_ticket = None;
        let old = self.shown.take().filter(|shown| shown.path == path);
        let value = result.map(|reply| Value {
            decoded: decode(reply.data.as_deref()),
            refusal: plain::refusal(reply.data.as_deref()),
            data: reply.data,
            stat: reply.stat,
        });
        let mut news = News::default();
        let mut acl = AclState::Loading;
        if let Some(old) = old {
            let stats = (value.as_ref().ok(), old.value.as_ref().ok());
            let stats = (
                stats.0.map(|value| value.stat),
                stats.1.map(|value| value.stat),
            );
            news.changed = stats.0.map(|stat| stat.mzxid) != stats.1.map(|stat| stat.mzxid);
            let secured = |stat: Stat| (stat.czxid, stat.aversion);
            let known = matches!(old.acl, AclState::Known(_)) && !old.stale;
            if known && stats.0.map(secured) == stats.1.map(secured) {
                acl = old.acl;
            }
        } else {
            self.scroll = 0;
        }
        news.acl = value.is_ok() && acl == AclState::Loading;
        self.shown = Some(Shown {
            path,
            value,
            acl,
            stale: false,
        });
        Some(news)
    }

    /// A newer Stat of the znode shown: what it tells beside the data is taken over, and if the
    /// data is still the same, what is shown is known to be true again. Data that differs comes
    /// by itself, as does all else of a znode that was created anew.
    pub fn confirm(&mut self, path: &ZPath, stat: &Stat) -> News {
        let shown = self.shown.as_mut().filter(|shown| shown.path == *path);
        let Some(shown) = shown else {
            return News::default();
        };
        let Ok(value) = &mut shown.value else {
            return News::default();
        };
        let same = |stat: &Stat| (stat.czxid, stat.mzxid);
        if same(&value.stat) != same(stat) || value.stat.pzxid > stat.pzxid {
            return News::default();
        }
        let secured = value.stat.aversion != stat.aversion;
        if secured {
            shown.acl = AclState::Loading;
        }
        let changed = value.stat != *stat || shown.stale;
        value.stat = *stat;
        shown.stale = false;
        News {
            changed,
            acl: secured,
        }
    }

    /// The ACL is asked for under this ticket.
    pub const fn await_acl(&mut self, ticket: Ticket) {
        self.acl_ticket = Some(ticket);
    }

    /// Takes an ACL; whether it was wanted.
    pub fn take_acl(&mut self, ticket: Ticket, result: Result<Vec<Acl>, Failure>) -> bool {
        let Some(shown) = self
            .shown
            .as_mut()
            .filter(|_| self.acl_ticket == Some(ticket))
        else {
            return false;
        };
        self.acl_ticket = None;
        shown.acl = match result {
            Ok(list) => AclState::Known(list),
            Err(failure) => AclState::Failed(failure),
        };
        true
    }

    /// The first row on the screen: of the Stat's, the ACL's, a rule and the data's as one list.
    pub const fn scroll(&self) -> usize {
        self.scroll
    }

    /// Shows the list from this row on, as far as there are rows to fill the pane.
    pub fn scroll_to(&mut self, row: usize, viewport: Viewport, charset: Charset) {
        let room = viewport.value;
        let rows = self.shown.as_ref().map_or(0, |shown| match &shown.value {
            Ok(value) => {
                let above = usize::from(viewport.stat_rows) + shown.acl.rows() + 1;
                above + value.decoded.row_count(room.width.into(), charset)
            }
            Err(_) => 0,
        });
        self.scroll = row.min(rows.saturating_sub(room.height.into()));
    }
}
