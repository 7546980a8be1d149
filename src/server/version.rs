//! Which ZooKeeper the server behaves as, and every rule in which the versions differ.
//! Whoever needs to know a version asks a question here; nobody else compares versions.

use crate::proto::OpCode;

/// A ZooKeeper release line, as its widely installed release behaves (3.8 as Debian ships it).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Version {
    /// 3.4.6: no Stat from create, no containers, no persistent watches.
    V3_4,
    /// 3.6.3: persistent watches, where the last mode set on a path wins.
    V3_6,
    /// 3.8.0 with Debian's security fixes.
    V3_8,
    /// 3.9.4.
    #[default]
    V3_9,
}

/// Whether a request that came to nothing has a number of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbering {
    /// No number was given.
    Skipped,
    /// A number was given, but nobody hears of it before the next transaction.
    Lost,
    /// It counts as a transaction that failed.
    Counted,
}

impl Version {
    /// All versions, the oldest first.
    pub const ALL: [Self; 4] = [Self::V3_4, Self::V3_6, Self::V3_8, Self::V3_9];

    /// The release it stands for.
    pub const fn release(self) -> &'static str {
        match self {
            Self::V3_4 => "3.4.6",
            Self::V3_6 => "3.6.3",
            Self::V3_8 => "3.8.0",
            Self::V3_9 => "3.9.4",
        }
    }

    /// Whether clients may send `op`; if not, it is refused and the connection closed.
    pub(super) fn knows(self, op: OpCode) -> bool {
        let since = match op {
            OpCode::Create2
            | OpCode::Reconfig
            | OpCode::CheckWatches
            | OpCode::RemoveWatches
            | OpCode::CreateContainer
            | OpCode::CreateTtl
            | OpCode::MultiRead
            | OpCode::GetEphemerals
            | OpCode::GetAllChildrenNumber
            | OpCode::SetWatches2
            | OpCode::AddWatch => Self::V3_6,
            OpCode::WhoAmI => Self::V3_8,
            _ => Self::V3_4,
        };
        self >= since
    }

    /// Whether notifications carry the zxid of what caused them.
    pub(super) fn event_has_zxid(self) -> bool {
        self >= Self::V3_9
    }

    /// Whether one-shot, persistent and recursive watches of one connection on one path are
    /// kept apart, and watcher types 4 and 5 are known.
    pub(super) fn watch_modes_coexist(self) -> bool {
        self >= Self::V3_9
    }

    /// Whether events of nodes that the session may not read are swallowed.
    pub(super) fn filters_events(self) -> bool {
        self >= Self::V3_8
    }

    /// Whether exists needs READ.
    pub(super) fn exists_needs_read(self) -> bool {
        self >= Self::V3_9
    }

    /// Whether getACL needs READ or ADMIN and hides digests without ADMIN.
    pub(super) fn guards_acls(self) -> bool {
        self >= Self::V3_6
    }

    /// Whether an `ip` entry may be of the sixth version.
    pub(super) fn takes_ipv6_acls(self) -> bool {
        self >= Self::V3_9
    }

    /// Whether setData and setACL look at the path before they look for it.
    pub(super) fn checks_paths_of_sets(self) -> bool {
        self >= Self::V3_6
    }

    /// Whether unknown create flags make a whole multi unreadable, not one operation fail.
    pub(super) fn checks_flags_of_multis(self) -> bool {
        self >= Self::V3_9
    }

    /// Whether checkWatches is content with anybody's watch at the path, and, finding none,
    /// looks at the path above, which a path without a slash doesn't have.
    pub(super) fn checks_watches_loosely(self) -> bool {
        matches!(self, Self::V3_6 | Self::V3_8)
    }

    /// Whether a read-only server serves sessions of its own only (3.7+).
    pub(super) fn keeps_local_sessions(self) -> bool {
        self >= Self::V3_8
    }

    /// Whether paths may have the characters at the edges of the ranges that are forbidden.
    pub(super) fn takes_edge_characters(self) -> bool {
        self < Self::V3_6
    }

    /// Whether delete looks for the node before it asks whether children may be deleted.
    pub(super) fn finds_before_permitting(self) -> bool {
        self < Self::V3_6
    }

    /// Whether hard limits are kept in a quota's count.
    pub(super) fn has_hard_quotas(self) -> bool {
        self >= Self::V3_8
    }

    /// What becomes of the zxid of a write whose record can't be read, or (`null`) whose path
    /// is null.
    pub(super) fn numbers_unreadable(self, op: OpCode, null: bool) -> Numbering {
        match op {
            _ if !op.is_write() => Numbering::Skipped,
            OpCode::Multi if null && self < Self::V3_9 => Numbering::Lost,
            OpCode::Multi => Numbering::Counted,
            OpCode::Reconfig => Numbering::Skipped,
            _ if !null && self >= Self::V3_9 => Numbering::Skipped,
            _ => Numbering::Counted,
        }
    }

    /// Whether a create2 in a multi answers a Stat.
    pub(super) fn multi_answers_stat(self) -> bool {
        self >= Self::V3_9
    }

    /// Whether `/zookeeper/config` exists.
    pub(super) fn has_config_node(self) -> bool {
        self >= Self::V3_6
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.release())
    }
}

impl std::str::FromStr for Version {
    type Err = String;

    /// Takes `3.8` as well as `3.8.0`.
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|version| text == version.release() || text == &version.release()[..3])
            .ok_or_else(|| format!("{text} is none of 3.4, 3.6, 3.8 and 3.9"))
    }
}
