//! The changes that clients ask for: what is checked, in the order in which ZooKeeper checks
//! it (the order decides which error a request with two mistakes gets), and what is done.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::acl::fix_up;
use super::quota::Growth;
use super::{CONFIG, Change, Lifetime, Node, NodeId, Tree, Version, split};
use crate::proto::{Acl, AclId, CreateMode, ErrorCode, MAX_TTL_MS, Perms, Stat, ZPath};

/// The first and last characters of the ranges that no path may have.
const EDGES: [char; 6] = [
    '\u{1f}', '\u{7f}', '\u{9f}', '\u{f8ff}', '\u{fff0}', '\u{ffff}',
];

/// Who changes something, when, and as which transaction.
#[derive(Debug, Clone, Copy)]
pub struct Txn<'a> {
    /// The transaction's number.
    pub zxid: i64,
    /// Milliseconds since 1970.
    pub time: i64,
    /// The session that owns what is made ephemeral.
    pub session: i64,
    /// Who the connection is.
    pub ids: &'a [AclId],
}

/// What to create.
#[derive(Debug, Clone, Copy)]
pub struct CreateOp<'a> {
    /// Where.
    pub path: &'a str,
    /// Holding what.
    pub data: Option<&'a [u8]>,
    /// For whom.
    pub acl: &'a [Acl],
    /// The mode's flags as sent.
    pub flags: i32,
    /// The time to live as sent; -1 where the operation carries none.
    pub ttl_ms: i64,
}

impl Tree {
    /// Makes a node and answers its path with its suffix.
    pub fn create(
        &mut self,
        txn: Txn<'_>,
        op: CreateOp<'_>,
        log: &mut Vec<Change>,
    ) -> Result<(String, Stat), ErrorCode> {
        // 3.4 looks at the flags after the parent, later versions before everything else.
        let (lifetime, (parent, path, acl)) = if self.rules.version == Version::V3_4 {
            let checked = self.check_create(txn, op)?;
            (self.lifetime(txn, op)?, checked)
        } else {
            (self.lifetime(txn, op)?, self.check_create(txn, op)?)
        };
        let acl = self.acls.intern(acl);
        let node = Node {
            data: op.data.map(Into::into),
            lifetime,
            czxid: txn.zxid,
            mzxid: txn.zxid,
            pzxid: txn.zxid,
            ctime: txn.time,
            mtime: txn.time,
            acl,
            ..Node::default()
        };
        let stat = node.stat();
        self.attach(parent, &path, node);
        let parent = self.node_mut(parent);
        log.push(Change::Created {
            path: path.clone(),
            acl,
            bytes: stat.data_length.into(),
            parent_created: parent.created,
            parent_pzxid: parent.pzxid,
            parent_acl: parent.acl,
        });
        parent.created = parent.created.wrapping_add(1);
        parent.pzxid = txn.zxid;
        Ok((path, stat))
    }

    fn lifetime(&self, txn: Txn<'_>, op: CreateOp<'_>) -> Result<Lifetime, ErrorCode> {
        let mode =
            CreateMode::from_flags(op.flags, op.ttl_ms).map_err(|_| ErrorCode::BadArguments)?;
        if let Some(ttl) = mode.ttl_ms() {
            if !self.rules.ttl_nodes {
                return Err(ErrorCode::Unimplemented);
            }
            return if (1..=MAX_TTL_MS).contains(&ttl) {
                Ok(Lifetime::Ttl(ttl))
            } else {
                Err(ErrorCode::BadArguments)
            };
        }
        if op.ttl_ms >= 0 {
            return Err(ErrorCode::BadArguments);
        }
        Ok(match mode {
            _ if mode.is_ephemeral() => Lifetime::Ephemeral(txn.session),
            CreateMode::Container => Lifetime::Container,
            _ => Lifetime::Persistent,
        })
    }

    fn check_create(
        &self,
        txn: Txn<'_>,
        op: CreateOp<'_>,
    ) -> Result<(NodeId, String, Vec<Acl>), ErrorCode> {
        let (parent, _) = op
            .path
            .rsplit_once('/')
            .filter(|_| !op.path.contains('\0'))
            .ok_or(ErrorCode::BadArguments)?;
        let acl = fix_up(op.acl, txn.ids, self.rules.version)?;
        let parent = self.find(parent).ok_or(ErrorCode::NoNode)?;
        self.permit(parent, Perms::CREATE, txn.ids)?;
        if self.rules.version == Version::V3_4 && !(0..=3).contains(&op.flags) {
            return Err(ErrorCode::BadArguments);
        }
        let mut path = op.path.to_owned();
        if matches!(op.flags, 2 | 3 | 6) {
            // Writing to a String can't fail.
            let _ = write!(path, "{:010}", self.node(parent).created);
        }
        check_path(&path, self.rules.version)?;
        if self.find(&path).is_some() {
            return Err(ErrorCode::NodeExists);
        }
        if matches!(self.node(parent).lifetime, Lifetime::Ephemeral(_)) {
            return Err(ErrorCode::NoChildrenForEphemerals);
        }
        Ok((parent, path, acl))
    }

    /// Removes a node.
    pub fn delete(
        &mut self,
        txn: Txn<'_>,
        path: &str,
        version: i32,
        log: &mut Vec<Change>,
    ) -> Result<(), ErrorCode> {
        let (parent, _) = path
            .rsplit_once('/')
            .filter(|_| !path.contains('\0') && !self.is_fixed(path))
            .ok_or(ErrorCode::BadArguments)?;
        let parent = self.find(parent).ok_or(ErrorCode::NoNode)?;
        if self.rules.version.finds_before_permitting() {
            self.find(path).ok_or(ErrorCode::NoNode)?;
        }
        self.permit(parent, Perms::DELETE, txn.ids)?;
        let node = self.node(self.find(path).ok_or(ErrorCode::NoNode)?);
        check_version(node.version, version)?;
        if node.child_count() > 0 {
            return Err(ErrorCode::NotEmpty);
        }
        self.remove(txn.zxid, parent, path, log);
        Ok(())
    }

    /// Removes a node that has no children, whoever asks: the server itself, for a session
    /// that ended or a node that outlived its time.
    pub fn delete_unasked(&mut self, zxid: i64, path: &str, log: &mut Vec<Change>) {
        if let (Some(parent), Some(node)) = (self.find(split(path).0), self.find(path))
            && self.node(node).child_count() == 0
        {
            self.remove(zxid, parent, path, log);
        }
    }

    fn remove(&mut self, zxid: i64, parent: NodeId, path: &str, log: &mut Vec<Change>) {
        let Some(node) = self.detach(parent, path) else {
            return;
        };
        let parent = self.node_mut(parent);
        log.push(Change::Deleted {
            path: path.to_owned(),
            node: Box::new(node),
            parent_pzxid: parent.pzxid,
            parent_acl: parent.acl,
        });
        parent.pzxid = zxid;
    }

    /// Replaces a node's data.
    pub fn set_data(
        &mut self,
        txn: Txn<'_>,
        path: &str,
        data: Option<&[u8]>,
        version: i32,
        log: &mut Vec<Change>,
    ) -> Result<Stat, ErrorCode> {
        if self.rules.version.checks_paths_of_sets() {
            check_path(path, self.rules.version)?;
        }
        let id = self.find(path).ok_or(ErrorCode::NoNode)?;
        self.permit(id, Perms::WRITE, txn.ids)?;
        let node = self.node_mut(id);
        check_version(node.version, version)?;
        let grown = Growth::len(data) - Growth::len(node.data.as_deref());
        log.push(Change::Set {
            path: path.to_owned(),
            acl: node.acl,
            grown,
            data: std::mem::replace(&mut node.data, data.map(Into::into)),
            version: node.version,
            mzxid: node.mzxid,
            mtime: node.mtime,
        });
        node.version = node.version.wrapping_add(1);
        node.mzxid = txn.zxid;
        node.mtime = txn.time;
        Ok(node.stat())
    }

    /// Replaces a node's ACL.
    pub fn set_acl(
        &mut self,
        txn: Txn<'_>,
        path: &str,
        acl: &[Acl],
        aversion: i32,
        log: &mut Vec<Change>,
    ) -> Result<Stat, ErrorCode> {
        if self.rules.version.checks_paths_of_sets() {
            check_path(path, self.rules.version)?;
        }
        let acl = fix_up(acl, txn.ids, self.rules.version)?;
        let id = self.find(path).ok_or(ErrorCode::NoNode)?;
        self.permit(id, Perms::ADMIN, txn.ids)?;
        check_version(self.node(id).aversion, aversion)?;
        let acl = self.acls.intern(acl);
        let node = self.node_mut(id);
        log.push(Change::AclSet {
            path: path.to_owned(),
            acl: std::mem::replace(&mut node.acl, acl),
            aversion: node.aversion,
        });
        node.aversion = node.aversion.wrapping_add(1);
        Ok(node.stat())
    }

    /// Checks a node's version, as part of a multi.
    pub fn check(&self, txn: Txn<'_>, path: &str, version: i32) -> Result<(), ErrorCode> {
        if self.rules.version.checks_paths_of_sets() {
            check_path(path, self.rules.version)?;
        }
        let id = self.readable(path, Perms::READ, txn.ids)?;
        check_version(self.node(id).version, version)
    }

    fn is_fixed(&self, path: &str) -> bool {
        matches!(path, "/" | "/zookeeper" | "/zookeeper/quota")
            || path == CONFIG && self.rules.version.has_config_node()
    }
}

fn check_path(path: &str, version: Version) -> Result<(), ErrorCode> {
    let edge = |char| version.takes_edge_characters() && EDGES.contains(&char);
    let path = if path.contains(edge) {
        Cow::Owned(path.replace(edge, "x"))
    } else {
        Cow::Borrowed(path)
    };
    ZPath::new(&path)
        .map(drop)
        .map_err(|_| ErrorCode::BadArguments)
}

fn check_version(current: i32, expected: i32) -> Result<(), ErrorCode> {
    if expected == -1 || expected == current {
        Ok(())
    } else {
        Err(ErrorCode::BadVersion)
    }
}
