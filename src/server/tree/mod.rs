//! The znodes: where they are, what they hold, and how they change. PURE: no sockets, no
//! clock, no sessions. Every change takes the time and the zxid that it is made with.
//!
//! `write.rs` decides whether a change is allowed and makes it, `change.rs` takes changes
//! back, `read.rs` answers questions, `watches.rs` knows who wants to hear of it.

mod acl;
mod backdate;
mod change;
mod node;
mod quota;
mod read;
mod sweep;
#[cfg(test)]
mod tests;
mod watches;
mod write;

use std::collections::{BTreeSet, HashMap};

pub use acl::{AclKey, AclTable, allows};
pub use change::Change;
pub use node::{Lifetime, Node, NodeId};
pub use watches::{ConnId, Watches};
pub use write::{CreateOp, Txn};

use super::version::Version;
use crate::proto::{Acl, Perms};

const ROOT: NodeId = 0;
const CONFIG: &str = "/zookeeper/config";

/// By which rules changes are made or refused.
#[derive(Debug, Clone, Copy)]
pub struct TreeRules {
    /// Which server to be.
    pub version: Version,
    /// Whether TTL nodes may be made (`zookeeper.extendedTypesEnabled`).
    pub ttl_nodes: bool,
}

/// All znodes of a server.
#[derive(Debug)]
pub struct Tree {
    rules: TreeRules,
    nodes: Vec<Node>,
    free: Vec<NodeId>,
    acls: AclTable,
    /// By session, the paths it owns.
    ephemerals: HashMap<i64, BTreeSet<Box<str>>>,
    /// Containers and TTL nodes: what the sweep looks at.
    mortal: BTreeSet<Box<str>>,
    /// Paths with a quota.
    quotas: BTreeSet<Box<str>>,
}

impl Tree {
    /// A fresh server's tree: `/zookeeper`, `/zookeeper/quota` and, from 3.5,
    /// `/zookeeper/config`, all made at zxid 0.
    pub fn new(rules: TreeRules) -> Self {
        let mut tree = Self {
            rules,
            nodes: vec![Node {
                data: Some(Box::default()),
                ..Node::default()
            }],
            free: Vec::new(),
            acls: AclTable::default(),
            ephemerals: HashMap::new(),
            mortal: BTreeSet::new(),
            quotas: BTreeSet::new(),
        };
        let zookeeper = tree.insert_fixed(ROOT, "zookeeper");
        tree.insert_fixed(zookeeper, "quota");
        if rules.version.has_config_node() {
            let config = tree.insert_fixed(zookeeper, "config");
            let acl = tree.acls.intern(vec![Acl::world(Perms::READ)]);
            let config = tree.node_mut(config);
            config.acl = acl;
            config.aversion = -1;
        }
        tree
    }

    fn insert_fixed(&mut self, parent: NodeId, name: &str) -> NodeId {
        let node = Node {
            data: Some(Box::default()),
            ..Node::default()
        };
        let id = self.allocate(node);
        self.node_mut(parent).add_child(name, id);
        id
    }

    /// How many nodes there are, counted as ZooKeeper does: the root twice.
    pub fn node_count(&self) -> usize {
        self.nodes.len() - self.free.len() + 1
    }

    /// The sum of all lengths of data and, in Java's characters, of paths, as `mntr` reports it.
    pub fn data_size(&self) -> usize {
        // The root's names are the empty path and the slash.
        let mut size = 1;
        let mut todo = vec![(ROOT, 0)];
        while let Some((id, path)) = todo.pop() {
            let node = self.node(id);
            size += path + node.data.as_ref().map_or(0, |data| data.len());
            for (name, &child) in node.children.iter().flat_map(|children| children.iter()) {
                todo.push((child, path + 1 + name.encode_utf16().count()));
            }
        }
        size
    }

    /// The node at `path`; the empty path is the root's other name, as on a real server.
    pub fn find(&self, path: &str) -> Option<NodeId> {
        if path.is_empty() || path == "/" {
            return Some(ROOT);
        }
        let mut at = ROOT;
        for name in path.strip_prefix('/')?.split('/') {
            at = self.node(at).child(name)?;
        }
        Some(at)
    }

    /// The node of a number that `find` gave.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id as usize]
    }

    fn node_mut(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes[id as usize]
    }

    /// The node's list of who may do what.
    pub fn acl_of(&self, id: NodeId) -> &std::sync::Arc<[Acl]> {
        self.acls.get(self.node(id).acl)
    }

    /// The sessions that own nodes, with the paths of those.
    pub fn owners(&self) -> impl Iterator<Item = (i64, &BTreeSet<Box<str>>)> {
        self.ephemerals.iter().map(|(&owner, paths)| (owner, paths))
    }

    /// What `session` owns, sorted.
    pub fn owned_by(&self, session: i64) -> impl Iterator<Item = &str> {
        self.ephemerals
            .get(&session)
            .into_iter()
            .flatten()
            .map(AsRef::as_ref)
    }

    fn allocate(&mut self, node: Node) -> NodeId {
        if let Some(id) = self.free.pop() {
            *self.node_mut(id) = node;
            return id;
        }
        self.nodes.push(node);
        NodeId::try_from(self.nodes.len() - 1).unwrap_or(NodeId::MAX)
    }

    /// Puts `node` under its parent and in the lists of its lifetime. The parent's counters
    /// are the caller's.
    fn attach(&mut self, parent: NodeId, path: &str, node: Node) {
        match node.lifetime {
            Lifetime::Persistent => {}
            Lifetime::Ephemeral(session) => {
                let paths = self.ephemerals.entry(session).or_default();
                paths.insert(path.into());
            }
            Lifetime::Container | Lifetime::Ttl(_) => {
                self.mortal.insert(path.into());
            }
        }
        let id = self.allocate(node);
        let (_, name) = split(path);
        self.node_mut(parent).add_child(name, id);
    }

    /// The reverse of `attach`. The caller has seen that the node exists and is childless.
    fn detach(&mut self, parent: NodeId, path: &str) -> Option<Node> {
        let (_, name) = split(path);
        let id = self.node_mut(parent).remove_child(name)?;
        let node = std::mem::take(self.node_mut(id));
        self.free.push(id);
        match node.lifetime {
            Lifetime::Persistent => {}
            Lifetime::Ephemeral(session) => {
                if let Some(paths) = self.ephemerals.get_mut(&session) {
                    paths.remove(path);
                    if paths.is_empty() {
                        self.ephemerals.remove(&session);
                    }
                }
            }
            Lifetime::Container | Lifetime::Ttl(_) => {
                self.mortal.remove(path);
            }
        }
        Some(node)
    }
}

/// The parent's path (empty for the root) and the name.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
