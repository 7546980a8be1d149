//! Writes: one transaction each, made final at once.

use super::Answer;
use super::State;
use crate::proto::{Encode, ErrorCode, OpCode, Request, Stat, put_string};
use crate::server::tree::{Change, ConnId, CreateOp, Txn};

/// What a write made.
pub(super) enum Written {
    /// A node, by this operation.
    Created(OpCode, String, Stat),
    /// New data or a new ACL.
    Changed(Stat),
    /// Nothing to tell of: a deletion or a check.
    Done(OpCode),
}

impl State {
    pub(super) fn write(
        &mut self,
        id: ConnId,
        session: i64,
        request: &Request<'_>,
        body: &mut Vec<u8>,
    ) -> Answer {
        let mut changes = Vec::new();
        let written = self.apply(id, session, request, &mut changes)?;
        match written {
            Written::Created(op, path, stat) => {
                put_string(body, &path);
                if op != OpCode::Create {
                    stat.encode(body);
                }
            }
            Written::Changed(stat) => stat.encode(body),
            Written::Done(_) => {}
        }
        self.commit(changes);
        Ok(())
    }

    /// Makes one change as part of the current transaction.
    pub(super) fn apply(
        &mut self,
        id: ConnId,
        session: i64,
        request: &Request<'_>,
        changes: &mut Vec<Change>,
    ) -> Result<Written, ErrorCode> {
        let time = self.clock.now();
        let zxid = self.applied;
        let conn = self.conns.get(&id).ok_or(ErrorCode::SessionExpired)?;
        let ids = &conn.ids;
        let txn = Txn {
            zxid,
            time,
            session,
            ids,
        };
        match request {
            Request::Create {
                op,
                path,
                data,
                acl,
                flags,
                ttl_ms,
            } => {
                let create = CreateOp {
                    path,
                    data: data.as_deref(),
                    acl,
                    flags: *flags,
                    ttl_ms: sent_ttl(*op, *ttl_ms),
                };
                let (path, stat) = self.tree.create(txn, create, changes)?;
                Ok(Written::Created(*op, path, stat))
            }
            Request::Delete { path, version } => {
                self.tree.delete(txn, path, *version, changes)?;
                Ok(Written::Done(OpCode::Delete))
            }
            Request::SetData {
                path,
                data,
                version,
            } => {
                let data = data.as_deref();
                let stat = self.tree.set_data(txn, path, data, *version, changes)?;
                Ok(Written::Changed(stat))
            }
            Request::SetAcl {
                path,
                acl,
                aversion,
            } => {
                let stat = self.tree.set_acl(txn, path, acl, *aversion, changes)?;
                Ok(Written::Changed(stat))
            }
            Request::Check { path, version } => {
                self.tree.check(txn, path, *version)?;
                Ok(Written::Done(OpCode::Check))
            }
            Request::Reconfig { .. } => Err(ErrorCode::ReconfigDisabled),
            _ => Err(ErrorCode::MarshallingError),
        }
    }
}

/// The time to live that a create carries: the other operations have none, which is -1.
const fn sent_ttl(op: OpCode, ttl_ms: i64) -> i64 {
    match op {
        OpCode::CreateTtl => ttl_ms,
        _ => -1,
    }
}
