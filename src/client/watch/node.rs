//! The watchers of one znode, and what is on its way to set more.

use std::sync::Arc;

use super::{Cell, Feed, Target, WatchEvent};

#[derive(Default)]
pub(super) struct Node {
    pub(super) data: Vec<Arc<Cell>>,
    pub(super) exist: Vec<Arc<Cell>>,
    pub(super) child: Vec<Arc<Cell>>,
    pub(super) persistent: Vec<Arc<Feed>>,
    pub(super) recursive: Vec<Arc<Feed>>,
    pub(super) arming_data: u32,
    pub(super) arming_child: u32,
    pub(super) arming_feed: u32,
    /// How often the last persistent watch went, and what lived on it was told.
    pub(super) bereft: u32,
}

impl Node {
    pub(super) fn is_empty(&self) -> bool {
        self.data.is_empty()
            && self.exist.is_empty()
            && self.child.is_empty()
            && !self.has_feed()
            && self.arming_data == 0
            && self.arming_child == 0
    }

    pub(super) fn has_feed(&self) -> bool {
        !self.persistent.is_empty() || !self.recursive.is_empty() || self.arming_feed > 0
    }

    pub(super) fn arming(&mut self, target: &Target) -> &mut u32 {
        match target {
            Target::Data(_) | Target::Exists(_) => &mut self.arming_data,
            Target::Children(_) => &mut self.arming_child,
            Target::Feed(_) => &mut self.arming_feed,
        }
    }

    /// Whether a persistent watch has stood here since it was this one's turn.
    pub(super) fn bears(&self, turn: u32) -> bool {
        let stands = !self.persistent.is_empty() || !self.recursive.is_empty();
        stands && self.bereft == turn
    }

    /// The last persistent watch is gone, and with it what lived on it.
    pub(super) fn bereave(&mut self) {
        self.bereft = self.bereft.wrapping_add(1);
        self.tell_oneshots(&WatchEvent::Gap);
    }

    pub(super) fn tell_oneshots(&mut self, event: &WatchEvent) {
        for list in [&mut self.data, &mut self.exist, &mut self.child] {
            for cell in list.drain(..) {
                cell.tell(event.clone());
            }
        }
    }
}
