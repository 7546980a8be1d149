//! One znode, packed: a million of them must fit in a few hundred megabytes. A node does not
//! know its name or its parent; its parent's list of children does.

use std::collections::BTreeMap;

use super::acl::AclKey;
use crate::proto::Stat;

/// A node's place in the tree's arena.
pub type NodeId = u32;

/// How long a node lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lifetime {
    /// Until it is deleted.
    #[default]
    Persistent,
    /// As long as this session.
    Ephemeral(i64),
    /// Until some time after its last child went.
    Container,
    /// Until childless and untouched for so many milliseconds.
    Ttl(i64),
}

/// One znode.
#[derive(Debug, Default)]
pub struct Node {
    pub data: Option<Box<[u8]>>,
    #[expect(
        clippy::box_collection,
        reason = "most nodes are leaves: 8 bytes, not 24"
    )]
    pub children: Option<Box<BTreeMap<Box<str>, NodeId>>>,
    pub lifetime: Lifetime,
    pub czxid: i64,
    pub mzxid: i64,
    pub pzxid: i64,
    pub ctime: i64,
    pub mtime: i64,
    pub version: i32,
    pub aversion: i32,
    /// How many children were ever created: the number of the next sequential child.
    pub created: i32,
    pub acl: AclKey,
}

impl Node {
    /// The child of that name.
    pub fn child(&self, name: &str) -> Option<NodeId> {
        self.children.as_ref()?.get(name).copied()
    }

    /// How many children there are.
    pub fn child_count(&self) -> usize {
        self.children.as_ref().map_or(0, |children| children.len())
    }

    /// The children's names, sorted by their bytes.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.children
            .iter()
            .flat_map(|children| children.keys().map(AsRef::as_ref))
    }

    pub fn add_child(&mut self, name: &str, id: NodeId) {
        self.children
            .get_or_insert_default()
            .insert(name.into(), id);
    }

    pub fn remove_child(&mut self, name: &str) -> Option<NodeId> {
        let children = self.children.as_mut()?;
        let id = children.remove(name);
        if children.is_empty() {
            self.children = None;
        }
        id
    }

    /// What clients are told: `cversion` counts creations and deletions, and container and
    /// TTL markers are hidden (ZooKeeper 3.5.5+).
    pub fn stat(&self) -> Stat {
        let count = i32::try_from(self.child_count()).unwrap_or(i32::MAX);
        Stat {
            czxid: self.czxid,
            mzxid: self.mzxid,
            ctime: self.ctime,
            mtime: self.mtime,
            version: self.version,
            cversion: self.created.wrapping_mul(2).wrapping_sub(count),
            aversion: self.aversion,
            ephemeral_owner: match self.lifetime {
                Lifetime::Ephemeral(session) => session,
                _ => 0,
            },
            data_length: self
                .data
                .as_ref()
                .map_or(0, |data| i32::try_from(data.len()).unwrap_or(i32::MAX)),
            num_children: count,
            pzxid: self.pzxid,
        }
    }
}
