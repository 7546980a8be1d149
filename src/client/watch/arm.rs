//! A watch between its request and the reply: who waits, what the request asks of the
//! server, what became of it, and what the server must be told when a watcher goes.

use std::sync::Arc;

use super::{Cell, Feed, WatchEvent};
use crate::proto::{AddWatchMode, WatcherType, ZPath};

/// What a watch waits for.
#[derive(Clone)]
pub(in crate::client) enum Target {
    /// Set by getData: data and deletion.
    Data(Arc<Cell>),
    /// Set by exists: the same, or creation if the znode is absent.
    Exists(Arc<Cell>),
    /// Set by getChildren.
    Children(Arc<Cell>),
    /// Set by addWatch.
    Feed(Arc<Feed>),
}

impl Target {
    pub(super) fn is_over(&self) -> bool {
        match self {
            Self::Data(cell) | Self::Exists(cell) | Self::Children(cell) => cell.is_over(),
            Self::Feed(feed) => feed.is_over(),
        }
    }

    /// Tells its watcher that it may have missed something.
    pub(super) fn tell_gap(&self) {
        match self {
            Self::Data(cell) | Self::Exists(cell) | Self::Children(cell) => {
                cell.tell(WatchEvent::Gap);
            }
            Self::Feed(feed) => feed.tell(WatchEvent::Gap),
        }
    }

    /// Tells its watcher that nothing will follow.
    pub(in crate::client) fn close(&self) {
        match self {
            Self::Data(cell) | Self::Exists(cell) | Self::Children(cell) => {
                cell.tell(WatchEvent::Closed);
            }
            Self::Feed(feed) => feed.end(),
        }
    }
}

/// A watch that a request will set.
pub(in crate::client) struct Arm {
    pub(super) key: ZPath,
    pub(super) target: Target,
    pub(super) asks: Asks,
}

/// What a request asks of the server. It is decided when the request is queued, for what
/// stands on the server then is what was queued before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    /// A one-shot watch. Of both this and the next: how often what stood here for others was
    /// found to have gone before.
    Oneshot { breaks: u32 },
    /// No watch: the persistent one that stands here sees it all.
    Nothing { breaks: u32 },
    /// A persistent watch. Its mode may be another than the watcher's: see `Node::asks`.
    Mode(AddWatchMode),
}

impl Arm {
    pub(in crate::client) const fn new(key: ZPath, target: Target) -> Self {
        Self {
            key,
            target,
            asks: Asks::Oneshot { breaks: 0 },
        }
    }

    /// The kind of watch that the server has once it has carried the request out.
    pub(super) const fn kind(&self) -> WatcherType {
        match (self.asks, &self.target) {
            (Asks::Mode(mode), _) => kind_of(mode),
            (_, Target::Children(_)) => WatcherType::Children,
            _ => WatcherType::Data,
        }
    }

    /// What the last byte of the request says of the watch: whether it is asked for, or which
    /// mode.
    pub(super) const fn last_byte(&self) -> u8 {
        match self.asks {
            Asks::Oneshot { .. } | Asks::Mode(AddWatchMode::PersistentRecursive) => 1,
            Asks::Nothing { .. } | Asks::Mode(AddWatchMode::Persistent) => 0,
        }
    }

    /// Whether the server has done as asked.
    pub(super) const fn is_set(&self, outcome: Outcome) -> bool {
        match (outcome, &self.target) {
            (Outcome::Done, _) | (Outcome::NoNode, Target::Exists(_) | Target::Feed(_)) => true,
            (Outcome::Failed, _) | (Outcome::NoNode, Target::Data(_) | Target::Children(_)) => {
                false
            }
        }
    }
}

pub(super) const fn kind_of(mode: AddWatchMode) -> WatcherType {
    match mode {
        AddWatchMode::Persistent => WatcherType::Persistent,
        AddWatchMode::PersistentRecursive => WatcherType::PersistentRecursive,
    }
}

/// What became of a request that was to set a watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::client) enum Outcome {
    Done,
    NoNode,
    Failed,
}

/// What the server must be told because a watcher went. Whoever is given one queues it at
/// once: the table goes by it from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::client) enum Change<'a> {
    Remove(&'a ZPath, WatcherType),
    Set(&'a ZPath, AddWatchMode),
}

impl Change<'_> {
    /// Whether it is about a persistent watch, which only a server can have that knows them.
    pub(in crate::client) const fn is_of_feeds(self) -> bool {
        !matches!(
            self,
            Self::Remove(_, WatcherType::Data | WatcherType::Children)
        )
    }
}

/// Where the table puts what the server must be told.
pub(in crate::client) type Tell<'a> = &'a mut dyn FnMut(Change<'_>);
