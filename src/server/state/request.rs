//! One request: is it known, readable and allowed now; who executes it; how is it answered.

use super::Answer;
use super::State;
use crate::proto::{
    Decode, Encode, ErrorCode, OpCode, Reader, ReplyHeader, Request, RequestHeader, xid,
};
use crate::server::tree::ConnId;

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
        if let Some(code) = self.faults.planned(op) {
            let zxid = self.zxid;
            self.reply(id, header.xid, zxid, Err(code), &[]);
            return;
        }
        self.execute(id, session, header.xid, op, reader);
    }

    fn execute(&mut self, id: ConnId, session: i64, xid: i32, op: OpCode, reader: Reader<'_>) {
        match op {
            OpCode::Auth => return self.authenticate(id, xid, reader),
            OpCode::Sasl => return self.refuse(id, xid, ErrorCode::AuthFailed, 0),
            OpCode::Ping => {
                let zxid = self.zxid;
                return self.reply(id, xid::PING, zxid, Ok(()), &[]);
            }
            _ => {}
        }
        let mut body = std::mem::take(&mut self.scratch);
        body.clear();
        let answer = self.answer(id, session, op, reader, &mut body);
        let zxid = self.zxid;
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
        if op.is_write() {
            // A write has its number before anyone has looked whether it is one.
            self.next_zxid();
        }
        let null_path = starts_with_path(op) && reader.rest().starts_with(&[0xff; 4]);
        let request = Request::decode(op, &mut reader).map_err(|_| ErrorCode::MarshallingError)?;
        if null_path && op != OpCode::Sync {
            return Err(ErrorCode::MarshallingError);
        }
        match request {
            Request::Multi(requests) => self.multi(id, session, &requests, body),
            Request::MultiRead(requests) => self.multi_read(id, &requests, body),
            Request::CloseSession => {
                self.end_session(session);
                Ok(())
            }
            request if op.is_write() => self.write(id, session, &request, body),
            request => self.read(id, session, &request, null_path, body),
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
            if err == 0 {
                out.extend_from_slice(body);
            }
        });
        self.sent += 1;
    }

    /// Queues a refusal that ends the connection; the session stays.
    pub fn refuse(&mut self, id: ConnId, xid: i32, code: ErrorCode, zxid: i64) {
        let err = code.code();
        self.send_header(id, ReplyHeader { xid, zxid, err });
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.finish();
        }
    }
}

/// Whether the operation's record begins with a path, for which null is no value.
const fn starts_with_path(op: OpCode) -> bool {
    !matches!(
        op,
        OpCode::Multi
            | OpCode::MultiRead
            | OpCode::Reconfig
            | OpCode::SetWatches
            | OpCode::SetWatches2
            | OpCode::GetEphemerals
            | OpCode::WhoAmI
            | OpCode::CloseSession
    )
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
