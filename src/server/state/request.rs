//! One request: is it known, readable and allowed now; who executes it; how is it answered.

use super::Answer;
use super::State;
use crate::proto::{
    Decode, DecodeError, Encode, ErrorCode, OpCode, Reader, ReplyHeader, Request, RequestHeader,
    xid,
};
use crate::server::faults::Plan;
use crate::server::tree::ConnId;
use crate::server::version::Numbering;

impl State {
    /// Executes one frame of a connection and queues the reply.
    pub fn frame(&mut self, id: ConnId, frame: &[u8]) {
        self.received += 1;
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        conn.received += 1;
        let Some(session) = conn.session else {
            self.handshake(id, frame);
            return;
        };
        let mut reader = Reader::new(frame);
        let Ok(header) = RequestHeader::decode(&mut reader) else {
            conn.hang_up();
            return;
        };
        conn.last_xid = header.xid;
        let now = self.clock.now();
        self.sessions.touch(session, now);
        let known = OpCode::try_from(header.op)
            .ok()
            .filter(|&op| self.version.knows(op) && op != OpCode::Check);
        let Some(op) = known else {
            self.refuse(id, header.xid, ErrorCode::Unimplemented, -1);
            return;
        };
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.last_op = short_name(op);
        }
        match self.faults.planned(op) {
            None => self.execute(id, session, header.xid, op, reader),
            Some(Plan::Answer(code)) => {
                let zxid = self.applied;
                self.reply(id, header.xid, zxid, Err(code), &[]);
            }
            Some(Plan::LoseRequest) => self.hang_up(id),
            Some(Plan::LoseReply) => {
                self.execute(id, session, header.xid, op, reader);
                self.hang_up(id);
            }
        }
    }

    fn execute(&mut self, id: ConnId, session: i64, xid: i32, op: OpCode, reader: Reader<'_>) {
        match op {
            OpCode::Auth => return self.authenticate(id, xid, reader),
            // No SASL is configured here: ZooKeeper then answers null and goes on.
            OpCode::Sasl => return self.exchange(id, xid, reader),
            OpCode::Ping => {
                let zxid = self.applied;
                return self.reply(id, xid::PING, zxid, Ok(()), &[]);
            }
            _ => {}
        }
        let mut body = std::mem::take(&mut self.scratch);
        body.clear();
        let answer = self.answer(id, session, op, reader, &mut body);
        let zxid = self.applied;
        if answer.is_err() && op != OpCode::MultiRead {
            body.clear();
        }
        self.reply(id, xid, zxid, answer, &body);
        // One huge reply must not hold its memory for ever.
        if body.capacity() < 1 << 20 {
            self.scratch = body;
        }
        if op == OpCode::CloseSession
            && let Some(conn) = self.conns.get_mut(&id)
        {
            conn.finish();
        }
    }

    fn exchange(&mut self, id: ConnId, xid: i32, mut reader: Reader<'_>) {
        match Request::decode(OpCode::Sasl, &mut reader) {
            Ok(Request::Sasl { token: Some(_) }) => self.reply(id, xid, 0, Ok(()), &[0xff; 4]),
            // A token that isn't one ends the connection.
            _ => {
                if let Some(conn) = self.conns.get_mut(&id) {
                    conn.hang_up();
                }
            }
        }
    }

    fn answer(
        &mut self,
        id: ConnId,
        session: i64,
        op: OpCode,
        mut reader: Reader<'_>,
        body: &mut Vec<u8>,
    ) -> Answer {
        if self.faults.read_only && (op.is_write() || op == OpCode::Sync) {
            return Err(ErrorCode::NotReadOnly);
        }
        let null_path = reader.rest().starts_with(&[0xff; 4]);
        let request = match Request::decode(op, &mut reader) {
            Ok(request) => request,
            Err(error) => return Err(self.unreadable(op, &error)),
        };
        if op.is_write() {
            // A write has its number before anyone has looked whether it may be done.
            self.next_zxid();
        }
        match request {
            Request::Multi(requests) => self.multi(id, session, &requests, body),
            Request::MultiRead(requests) => self.multi_read(id, &requests, body),
            Request::CheckWatches { .. } if null_path && self.version.checks_watches_loosely() => {
                Err(ErrorCode::MarshallingError)
            }
            Request::CloseSession if self.faults.read_only => {
                // A local session owns nothing; other servers' are not ours to end.
                let local = self.sessions.get(session).is_some_and(|one| one.local);
                if !local && self.version.keeps_local_sessions() {
                    return Err(ErrorCode::NotReadOnly);
                }
                self.sessions.close(session);
                Ok(())
            }
            Request::CloseSession => {
                self.end_session(session);
                Ok(())
            }
            request if op.is_write() => self.write(id, session, &request, body),
            request => self.read(id, session, &request, null_path, body),
        }
    }

    /// Why a record can't be read, and whether the attempt counts as a transaction: a null
    /// path is found when the change is prepared, after its number was given.
    fn unreadable(&mut self, op: OpCode, error: &DecodeError) -> ErrorCode {
        let null = matches!(error, DecodeError::BadLength { length: -1, .. });
        match self.version.numbers_unreadable(op, null) {
            Numbering::Skipped => {}
            Numbering::Lost => self.zxid += 1,
            Numbering::Counted => {
                self.next_zxid();
            }
        }
        let checks_path = matches!(op, OpCode::SetData | OpCode::SetAcl);
        if null && checks_path && self.version.checks_paths_of_sets() {
            ErrorCode::BadArguments
        } else {
            ErrorCode::MarshallingError
        }
    }

    /// Queues a reply.
    pub fn reply(&mut self, id: ConnId, xid: i32, zxid: i64, answer: Answer, body: &[u8]) {
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let err = match answer {
            Ok(()) => 0,
            Err(code) => code.code(),
        };
        conn.frame(|out| {
            ReplyHeader { xid, zxid, err }.encode(out);
            out.extend_from_slice(body);
        });
        self.sent += 1;
    }

    /// Queues a refusal that ends the connection; the session stays.
    pub fn refuse(&mut self, id: ConnId, xid: i32, code: ErrorCode, zxid: i64) {
        self.reply(id, xid, zxid, Err(code), &[]);
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.finish();
        }
    }
}

/// The four letters by which `cons` names an operation.
const fn short_name(op: OpCode) -> &'static str {
    match op {
        OpCode::Create | OpCode::Create2 | OpCode::CreateContainer | OpCode::CreateTtl => "CREA",
        OpCode::Delete => "DELE",
        OpCode::Exists => "EXIS",
        OpCode::GetData => "GETD",
        OpCode::SetData => "SETD",
        OpCode::GetAcl => "GETA",
        OpCode::SetAcl => "SETA",
        OpCode::GetChildren | OpCode::GetChildren2 => "GETC",
        OpCode::Sync => "SYNC",
        OpCode::Ping => "PING",
        OpCode::Check => "CHEC",
        OpCode::Multi => "MULT",
        OpCode::MultiRead => "MLTR",
        OpCode::Reconfig => "RECO",
        OpCode::CheckWatches => "CHKW",
        OpCode::RemoveWatches => "REMW",
        OpCode::Auth => "AUTH",
        OpCode::SetWatches => "SETW",
        OpCode::Sasl => "SASL",
        OpCode::GetEphemerals => "GETE",
        OpCode::GetAllChildrenNumber => "GETACN",
        OpCode::SetWatches2 => "STW2",
        OpCode::AddWatch => "ADDW",
        OpCode::WhoAmI => "HOMI",
        OpCode::CloseSession => "CLOS",
    }
}
