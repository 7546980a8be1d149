//! Reads, and the watches they leave.

use super::Answer;
use super::State;
use crate::proto::{
    AclId, Encode, ErrorCode, OpCode, Perms, Reader, Request, put_buffer, put_int, put_len,
    put_string, put_vector,
};
use crate::server::tree::{ConnId, NodeId};

impl State {
    pub(super) fn read(
        &mut self,
        id: ConnId,
        session: i64,
        request: &Request<'_>,
        null_path: bool,
        body: &mut Vec<u8>,
    ) -> Answer {
        match request {
            Request::Exists { path, watch } => {
                let node = self.existing_at(id, path, *watch)?;
                self.tree.node(node).stat().encode(body);
            }
            Request::GetData { path, watch } => {
                let node = self.readable_at(id, path)?;
                if *watch {
                    self.watches.watch_data(id, path);
                }
                let node = self.tree.node(node);
                put_buffer(body, node.data.as_deref());
                node.stat().encode(body);
            }
            Request::GetChildren { path, watch } | Request::GetChildren2 { path, watch } => {
                let node = self.readable_at(id, path)?;
                if *watch {
                    self.watches.watch_children(id, path);
                }
                let node = self.tree.node(node);
                put_len(body, node.child_count());
                for name in node.names() {
                    put_string(body, name);
                }
                if request.op() == OpCode::GetChildren2 {
                    node.stat().encode(body);
                }
            }
            Request::GetAcl { path } => {
                let (node, list) = self.tree.acl_for(path, self.ids(id))?;
                put_vector(body, &list);
                self.tree.node(node).stat().encode(body);
            }
            Request::Sync { path } => put_buffer(body, (!null_path).then_some(path.as_bytes())),
            Request::GetEphemerals { prefix } => {
                let prefix = prefix.as_deref().unwrap_or_default();
                let paths = self.tree.ephemerals(session, prefix);
                put_len(body, paths.len());
                for path in paths {
                    put_string(body, path);
                }
            }
            Request::GetAllChildrenNumber { path } => {
                put_int(body, self.tree.descendants(path, self.ids(id))?);
            }
            Request::WhoAmI => self.who_am_i(id, body),
            request => return self.watching(id, request, body),
        }
        Ok(())
    }

    fn ids(&self, id: ConnId) -> &[AclId] {
        self.conns.get(&id).map_or(&[], |conn| &conn.ids)
    }

    fn existing_at(&mut self, id: ConnId, path: &str, watch: bool) -> Result<NodeId, ErrorCode> {
        let node = self.tree.existing(path, self.ids(id));
        // An absent node can be waited for; a forbidden one can't.
        if watch && matches!(node, Ok(_) | Err(ErrorCode::NoNode)) {
            self.watches.watch_data(id, path);
        }
        node
    }

    pub(super) fn readable_at(&self, id: ConnId, path: &str) -> Result<NodeId, ErrorCode> {
        self.tree.readable(path, Perms::READ, self.ids(id))
    }

    /// Every identity by its user's name: a digest without its hash.
    fn who_am_i(&self, id: ConnId, body: &mut Vec<u8>) {
        let ids = self.ids(id).iter().map(|id| AclId {
            scheme: id.scheme.clone(),
            id: match id.scheme.as_str() {
                "digest" => id.id.split(':').next().unwrap_or_default().to_owned(),
                _ => id.id.clone(),
            },
        });
        put_vector(body, &ids.collect::<Vec<_>>());
    }

    /// An auth packet: one more identity, or the end of the connection.
    pub(super) fn authenticate(&mut self, id: ConnId, xid: i32, mut reader: Reader<'_>) {
        let Ok(Request::Auth { scheme, auth, .. }) = Request::decode(OpCode::Auth, &mut reader)
        else {
            return self.hang_up(id);
        };
        let proved = match (&*scheme, auth) {
            ("digest", Some(auth)) => vec![digest_of(&auth)],
            // The address speaks for itself; the packet adds nothing.
            ("ip", _) => Vec::new(),
            _ => return self.refuse(id, xid, ErrorCode::AuthFailed, 0),
        };
        if let Some(conn) = self.conns.get_mut(&id) {
            for proved in proved {
                if self.options.super_digest.as_ref() == Some(&proved.id) {
                    conn.identify(AclId {
                        scheme: "super".to_owned(),
                        id: String::new(),
                    });
                }
                conn.identify(proved);
            }
        }
        self.reply(id, xid, 0, Ok(()), &[]);
    }
}

/// The id of the digest scheme for `user:password` as sent. Without a colon the whole text
/// is the user, and is hashed as it stands.
fn digest_of(auth: &[u8]) -> AclId {
    use base64::Engine as _;
    use sha1::{Digest as _, Sha1};
    let text = String::from_utf8_lossy(auth);
    let user = text.split(':').next().unwrap_or_default();
    let hash = base64::engine::general_purpose::STANDARD.encode(Sha1::digest(text.as_bytes()));
    AclId {
        scheme: "digest".to_owned(),
        id: format!("{user}:{hash}"),
    }
}
