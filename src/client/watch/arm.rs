//! A watch on its way: what it waits for, and where.

use std::sync::Arc;

use super::{Cell, Feed, WatchEvent};
use crate::proto::ZPath;

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

    /// The cell of a one-shot watch.
    pub(super) const fn cell(&self) -> Option<&Arc<Cell>> {
        match self {
            Self::Data(cell) | Self::Exists(cell) | Self::Children(cell) => Some(cell),
            Self::Feed(_) => None,
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

/// A watch that a request on its way will set.
pub(in crate::client) struct Arm {
    pub(in crate::client) key: ZPath,
    pub(in crate::client) target: Target,
}
