//! Changes as they were made: enough to take them back when a later operation of a multi
//! fails, and to tell the watchers when all went well.

use std::sync::Arc;

use super::quota::Growth;
use super::{AclKey, Node, Tree, split};
use crate::proto::{Acl, EventType};

/// Something that watchers may want to know.
#[derive(Debug, Clone)]
pub struct Event {
    /// What happened.
    pub kind: EventType,
    /// To which node.
    pub path: String,
    /// The node's ACL then: who may not read it is not told.
    pub acl: Arc<[Acl]>,
}

/// One change made to the tree, with what was there before.
#[derive(Debug)]
pub enum Change {
    /// A node was made.
    Created {
        path: String,
        acl: AclKey,
        bytes: i64,
        parent_created: i32,
        parent_pzxid: i64,
        parent_acl: AclKey,
    },
    /// A node was removed.
    Deleted {
        path: String,
        node: Box<Node>,
        parent_pzxid: i64,
        parent_acl: AclKey,
    },
    /// A node's data was replaced.
    Set {
        path: String,
        data: Option<Box<[u8]>>,
        version: i32,
        mzxid: i64,
        mtime: i64,
        /// The node's list at that time.
        acl: AclKey,
        /// By how many bytes the data grew.
        grown: i64,
    },
    /// A node's ACL was replaced.
    AclSet {
        path: String,
        acl: AclKey,
        aversion: i32,
    },
}

impl Tree {
    /// Takes changes back, the last one first.
    pub fn roll_back(&mut self, changes: Vec<Change>) {
        for change in changes.into_iter().rev() {
            self.undo(change);
        }
    }

    fn undo(&mut self, change: Change) {
        match change {
            Change::Created {
                path,
                parent_created,
                parent_pzxid,
                ..
            } => {
                let Some(parent) = self.find(split(&path).0) else {
                    return;
                };
                if let Some(node) = self.detach(parent, &path) {
                    self.acls.release(node.acl);
                }
                let parent = self.node_mut(parent);
                parent.created = parent_created;
                parent.pzxid = parent_pzxid;
            }
            Change::Deleted {
                path,
                node,
                parent_pzxid,
                ..
            } => {
                let Some(parent) = self.find(split(&path).0) else {
                    return;
                };
                self.attach(parent, &path, *node);
                self.node_mut(parent).pzxid = parent_pzxid;
            }
            Change::Set {
                path,
                data,
                version,
                mzxid,
                mtime,
                ..
            } => {
                if let Some(id) = self.find(&path) {
                    let node = self.node_mut(id);
                    node.data = data;
                    node.version = version;
                    node.mzxid = mzxid;
                    node.mtime = mtime;
                }
            }
            Change::AclSet {
                path,
                acl,
                aversion,
            } => {
                if let Some(id) = self.find(&path) {
                    let node = self.node_mut(id);
                    let new = std::mem::replace(&mut node.acl, acl);
                    node.aversion = aversion;
                    self.acls.release(new);
                }
            }
        }
    }

    /// Makes changes final: quotas are counted, ACLs no longer used are dropped, and the
    /// events are told in the order of the changes.
    pub fn commit(&mut self, changes: Vec<Change>) -> Vec<Event> {
        let mut events = Vec::with_capacity(changes.len() * 2);
        for change in changes {
            self.finish(change, &mut events);
        }
        events
    }

    /// The keys that a change holds stay valid here even if a later change of the same multi
    /// removed the node: that change still counts as a user of them.
    fn finish(&mut self, change: Change, events: &mut Vec<Event>) {
        match change {
            Change::Created {
                path,
                acl,
                bytes,
                parent_acl,
                ..
            } => {
                self.quota_made(&path);
                self.grow(&path, Growth { count: 1, bytes });
                self.tell(EventType::NodeCreated, &path, acl, events);
                self.tell_parent(&path, parent_acl, events);
            }
            Change::Deleted {
                path,
                node,
                parent_acl,
                ..
            } => {
                let bytes = -Growth::len(node.data.as_deref());
                self.quota_gone(&path);
                self.grow(&path, Growth { count: -1, bytes });
                self.tell(EventType::NodeDeleted, &path, node.acl, events);
                self.acls.release(node.acl);
                self.tell_parent(&path, parent_acl, events);
            }
            // A later part of the same multi may have removed the node: it is told all the same.
            Change::Set {
                path, acl, grown, ..
            } => {
                let bytes = grown;
                self.grow(&path, Growth { count: 0, bytes });
                self.tell(EventType::NodeDataChanged, &path, acl, events);
            }
            Change::AclSet { acl, .. } => self.acls.release(acl),
        }
    }

    fn tell(&self, kind: EventType, path: &str, acl: AclKey, events: &mut Vec<Event>) {
        events.push(Event {
            kind,
            path: path.to_owned(),
            acl: Arc::clone(self.acls.get(acl)),
        });
    }

    fn tell_parent(&self, path: &str, acl: AclKey, events: &mut Vec<Event>) {
        let parent = match split(path).0 {
            "" => "/",
            parent => parent,
        };
        self.tell(EventType::NodeChildrenChanged, parent, acl, events);
    }
}
