//! The first frame of a connection: a new session, an old one resumed, or neither.

use super::State;
use crate::proto::{ConnectRequest, ConnectResponse, Decode, Encode, Reader};
use crate::server::tree::ConnId;

impl State {
    /// Answers a handshake. What a server leaves without an answer is closed without one.
    pub fn handshake(&mut self, id: ConnId, frame: &[u8]) {
        let answer = ConnectRequest::decode(&mut Reader::new(frame))
            .ok()
            .and_then(|request| self.admit(id, &request));
        let Some(conn) = self.conns.get_mut(&id) else {
            return;
        };
        let Some(response) = answer else {
            conn.hang_up();
            return;
        };
        conn.frame(|out| response.encode(out));
        self.sent += 1;
        if response.timeout_ms == 0 {
            conn.finish();
        }
    }

    fn admit(&mut self, id: ConnId, request: &ConnectRequest) -> Option<ConnectResponse> {
        let read_only = self.faults.read_only;
        if request.last_zxid_seen > self.applied || (read_only && request.read_only != Some(true)) {
            return None;
        }
        let old = self.sessions.get(request.session_id);
        if read_only && self.version.keeps_local_sessions() && old.is_some_and(|old| !old.local) {
            return None;
        }
        let now = self.clock.now();
        let timeout_ms = self.sessions.negotiate(request.timeout_ms);
        let session_id = if request.session_id == 0 {
            if !read_only {
                self.next_zxid();
            }
            self.sessions.open(timeout_ms, now)
        } else if self.resume(request, timeout_ms) {
            request.session_id
        } else {
            return Some(ConnectResponse {
                protocol_version: 0,
                timeout_ms: 0,
                session_id: 0,
                password: vec![0; 16],
                read_only: request.read_only.map(|_| read_only),
            });
        };
        self.sessions.touch(session_id, now);
        let session = self.sessions.get_mut(session_id)?;
        session.conn = Some(id);
        session.local |= read_only && request.session_id == 0;
        let conn = self.conns.get_mut(&id)?;
        conn.session = Some(session_id);
        conn.read_only = read_only;
        Some(ConnectResponse {
            protocol_version: 0,
            timeout_ms,
            session_id,
            password: session.password.to_vec(),
            read_only: request.read_only.map(|_| read_only),
        })
    }

    /// Takes a session over from the connection that it was served on. As with a real server
    /// that connection ends for whoever names the session, whatever the password.
    fn resume(&mut self, request: &ConnectRequest, timeout_ms: i32) -> bool {
        let Some(session) = self.sessions.get_mut(request.session_id) else {
            return false;
        };
        let allowed = session.password[..] == request.password[..];
        if allowed {
            session.timeout_ms = timeout_ms;
        }
        if let Some(old) = session.conn.take()
            && let Some(old) = self.conns.get_mut(&old)
        {
            old.hang_up();
        }
        allowed
    }
}
