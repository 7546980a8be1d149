//! One who watches, as the model sees him: what he was told, and what he must be told still.

use std::collections::VecDeque;
use std::sync::Arc;

use super::super::{Target, WatchEvent};
use super::server::Event;
use super::world::Request;
use crate::proto::{AddWatchMode, EventType, ZPath};

/// One watcher, and what it must be told still.
pub(super) struct Watcher {
    pub(super) key: ZPath,
    pub(super) target: Target,
    /// The server has carried its request out.
    pub(super) armed: bool,
    pub(super) owed: Vec<Event>,
}

impl Watcher {
    pub(super) fn is_over(&self) -> bool {
        self.target.is_over()
    }

    pub(super) fn is_for(&self, (kind, path): &Event) -> bool {
        let own = path == self.key.as_str();
        match &self.target {
            Target::Data(_) | Target::Exists(_) => own && *kind != EventType::NodeChildrenChanged,
            Target::Children(_) => {
                let kinds = [EventType::NodeChildrenChanged, EventType::NodeDeleted];
                own && kinds.contains(kind)
            }
            Target::Feed(feed) if feed.mode == AddWatchMode::Persistent => own,
            Target::Feed(_) => {
                let below = self.key.contains(&ZPath::from_server(path));
                below && *kind != EventType::NodeChildrenChanged
            }
        }
    }
}

/// Everyone takes what he was told: a gap makes him read.
pub(super) fn take_events(watchers: &mut [Watcher], queue: &mut VecDeque<Request>) {
    for (index, watcher) in watchers.iter_mut().enumerate() {
        let Target::Feed(feed) = &watcher.target else {
            continue;
        };
        while let Some(event) = feed.mail.take(VecDeque::pop_front) {
            match event {
                WatchEvent::Gap => queue.push_back(Request::Read(index)),
                WatchEvent::Node(event) => {
                    let event = (event.kind, event.path.to_string());
                    let at = watcher.owed.iter().position(|owed| *owed == event);
                    at.map(|at| watcher.owed.remove(at));
                }
                WatchEvent::Closed => {}
            }
        }
    }
}

pub(super) fn name(target: &Target) -> &'static str {
    match target {
        Target::Data(_) => "get",
        Target::Exists(_) => "exists",
        Target::Children(_) => "get_children",
        Target::Feed(feed) => match feed.mode {
            AddWatchMode::Persistent => "persistent",
            AddWatchMode::PersistentRecursive => "recursive",
        },
    }
}

pub(super) fn same(one: &Target, other: &Target) -> bool {
    match (one, other) {
        (Target::Data(a), Target::Data(b))
        | (Target::Exists(a), Target::Exists(b))
        | (Target::Children(a), Target::Children(b)) => Arc::ptr_eq(a, b),
        (Target::Feed(a), Target::Feed(b)) => Arc::ptr_eq(a, b),
        _ => false,
    }
}
