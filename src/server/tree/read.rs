//! Questions to the tree, and who may ask them. Nothing here changes anything.

use super::acl::{allows, hide_digests};
use super::{NodeId, Tree};
use crate::proto::{Acl, AclId, ErrorCode, Perms};

impl Tree {
    /// The node at `path`, if it exists and these identities have one of `perms`.
    pub fn readable(&self, path: &str, perms: Perms, ids: &[AclId]) -> Result<NodeId, ErrorCode> {
        let id = self.find(path).ok_or(ErrorCode::NoNode)?;
        self.permit(id, perms, ids)?;
        Ok(id)
    }

    pub(super) fn permit(&self, id: NodeId, perms: Perms, ids: &[AclId]) -> Result<(), ErrorCode> {
        if self.node(id).acl == super::AclKey::OPEN && perms.0 & Perms::ALL.0 != 0
            || allows(self.acl_of(id), perms, ids)
        {
            Ok(())
        } else {
            Err(ErrorCode::NoAuth)
        }
    }

    /// What exists looks at: servers before 3.9.2 tell a node's Stat to everybody.
    pub fn existing(&self, path: &str, ids: &[AclId]) -> Result<NodeId, ErrorCode> {
        if path.contains('\0') {
            return Err(ErrorCode::BadArguments);
        }
        if self.rules.version.exists_needs_read() {
            self.readable(path, Perms::READ, ids)
        } else {
            self.find(path).ok_or(ErrorCode::NoNode)
        }
    }

    /// A node's ACL as these identities may see it.
    pub fn acl_for(&self, path: &str, ids: &[AclId]) -> Result<(NodeId, Vec<Acl>), ErrorCode> {
        let id = self.find(path).ok_or(ErrorCode::NoNode)?;
        let list = self.acl_of(id);
        if !self.rules.version.guards_acls() {
            return Ok((id, list.to_vec()));
        }
        self.permit(id, Perms::READ.with(Perms::ADMIN), ids)?;
        let list = if self.permit(id, Perms::ADMIN, ids).is_ok() {
            list.to_vec()
        } else {
            hide_digests(list)
        };
        Ok((id, list))
    }

    /// How many nodes lie below `path`. A real server counts the keys of its map that start
    /// with the path and a slash, so the empty path counts the root as its own child.
    pub fn descendants(&self, path: &str, ids: &[AclId]) -> Result<i32, ErrorCode> {
        let id = self.readable(path, Perms::READ, ids)?;
        let mut count = usize::from(path.is_empty());
        let mut todo = vec![id];
        while let Some(id) = todo.pop() {
            let node = self.node(id);
            count += node.child_count();
            todo.extend(node.children.iter().flat_map(|children| children.values()));
        }
        Ok(i32::try_from(count).unwrap_or(i32::MAX))
    }

    /// The ephemerals of `session` whose paths start with `prefix`: plain text, not parts.
    pub fn ephemerals(&self, session: i64, prefix: &str) -> Vec<&str> {
        let all = matches!(prefix.trim(), "" | "/");
        self.owned_by(session)
            .filter(|path| all || path.starts_with(prefix))
            .collect()
    }
}
