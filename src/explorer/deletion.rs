//! Deleting a znode, asked step by step: what it is now, whether it shall go, and if it has
//! children, once more and by name.

use super::input::Input;
use super::message::Ticket;
use crate::proto::{Stat, ZPath};

/// How far the deletion is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The znode is read, to say what would go. No ticket while there is no connection.
    Reading(Option<Ticket>),
    /// Shall it go?
    Asking(Stat),
    /// It has children: its name has to be typed.
    Naming(Stat, Input),
    /// It is being deleted, with all below it if `tree`.
    Running {
        /// The delete under way.
        ticket: Ticket,
        /// Whether all below it goes too.
        tree: bool,
        /// How many znodes went so far.
        deleted: u64,
    },
}

/// The deletion's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// The znode.
    pub path: ZPath,
    /// How far it is.
    pub step: Step,
    /// What went differently than hoped.
    pub notice: Option<String>,
}

impl Deletion {
    /// A deletion whose znode is being read.
    pub const fn new(path: ZPath, ticket: Ticket) -> Self {
        Self {
            path,
            step: Step::Reading(Some(ticket)),
            notice: None,
        }
    }

    /// Why this znode is never deleted, if so.
    pub fn refusal(path: &ZPath) -> Option<&'static str> {
        let system = path.parts().next() == Some("zookeeper");
        match (path.is_root(), system) {
            (true, _) => Some("the root can't be deleted"),
            (_, true) => Some("/zookeeper belongs to the server: it can't be deleted here"),
            _ => None,
        }
    }

    /// What has to be typed before a znode with children goes.
    pub fn word(&self) -> &str {
        self.path.name()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_and_the_servers_own_are_refused() {
        for (text, refused) in [
            ("/", true),
            ("/zookeeper", true),
            ("/zookeeper/quota", true),
            ("/zookeepers", false),
            ("/a/zookeeper", false),
        ] {
            let refusal = Deletion::refusal(&ZPath::from_server(text));
            assert_eq!(refusal.is_some(), refused, "{text}");
        }
    }
}
