//! The handshake: the one exchange without headers.

use std::fmt;

use super::hidden::Hidden;
use super::jute::{Decode, DecodeError, Encode, Reader, put_bool, put_buffer, put_int, put_long};

/// The first frame a client sends.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectRequest {
    /// Always 0.
    pub protocol_version: i32,
    /// The newest zxid this client has seen: a server behind it must refuse.
    pub last_zxid_seen: i64,
    /// The session timeout asked for, in milliseconds.
    pub timeout_ms: i32,
    /// The session to resume, or 0 for a new one.
    pub session_id: i64,
    /// The session's password, or 16 zeros.
    pub password: Vec<u8>,
    /// Whether a read-only server will do. `None` leaves the byte out, as clients of 3.3 do.
    pub read_only: Option<bool>,
}

/// Without the password.
impl fmt::Debug for ConnectRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectRequest")
            .field("protocol_version", &self.protocol_version)
            .field("last_zxid_seen", &self.last_zxid_seen)
            .field("timeout_ms", &self.timeout_ms)
            .field("session_id", &self.session_id)
            .field("password", &Hidden::from(&*self.password))
            .field("read_only", &self.read_only)
            .finish()
    }
}

impl Encode for ConnectRequest {
    fn encode(&self, out: &mut Vec<u8>) {
        put_int(out, self.protocol_version);
        put_long(out, self.last_zxid_seen);
        put_int(out, self.timeout_ms);
        put_long(out, self.session_id);
        put_buffer(out, Some(&self.password));
        if let Some(read_only) = self.read_only {
            put_bool(out, read_only);
        }
    }
}

impl Decode<'_> for ConnectRequest {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            protocol_version: reader.int("protocolVersion")?,
            last_zxid_seen: reader.long("lastZxidSeen")?,
            timeout_ms: reader.int("timeOut")?,
            session_id: reader.long("sessionId")?,
            password: reader.buffer("passwd")?.unwrap_or_default().to_vec(),
            read_only: optional_bool(reader)?,
        })
    }
}

/// The first frame a server sends.
#[derive(Clone, PartialEq, Eq)]
pub struct ConnectResponse {
    /// Always 0.
    pub protocol_version: i32,
    /// The negotiated timeout in milliseconds; 0 or less says the session has expired.
    pub timeout_ms: i32,
    /// The session's id. Not the one asked for: the old session is gone.
    pub session_id: i64,
    /// What resumes this session.
    pub password: Vec<u8>,
    /// Whether this server is read-only; `None` from servers before 3.4.
    pub read_only: Option<bool>,
}

/// Without the password.
impl fmt::Debug for ConnectResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectResponse")
            .field("protocol_version", &self.protocol_version)
            .field("timeout_ms", &self.timeout_ms)
            .field("session_id", &self.session_id)
            .field("password", &Hidden::from(&*self.password))
            .field("read_only", &self.read_only)
            .finish()
    }
}

impl ConnectResponse {
    /// A response is 36 bytes, or 37 with the read-only byte. Anything else is no response:
    /// a read-only server without local sessions answers with a bare reply header.
    pub fn parse(frame: &[u8]) -> Result<Self, DecodeError> {
        if !matches!(frame.len(), 36 | 37) {
            return Err(DecodeError::BadLength {
                what: "handshake response",
                length: i32::try_from(frame.len()).unwrap_or(i32::MAX),
            });
        }
        Self::decode(&mut Reader::new(frame))
    }
}

impl Encode for ConnectResponse {
    fn encode(&self, out: &mut Vec<u8>) {
        put_int(out, self.protocol_version);
        put_int(out, self.timeout_ms);
        put_long(out, self.session_id);
        put_buffer(out, Some(&self.password));
        if let Some(read_only) = self.read_only {
            put_bool(out, read_only);
        }
    }
}

impl Decode<'_> for ConnectResponse {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            protocol_version: reader.int("protocolVersion")?,
            timeout_ms: reader.int("timeOut")?,
            session_id: reader.long("sessionId")?,
            password: reader.buffer("passwd")?.unwrap_or_default().to_vec(),
            read_only: optional_bool(reader)?,
        })
    }
}

fn optional_bool(reader: &mut Reader<'_>) -> Result<Option<bool>, DecodeError> {
    if reader.rest().is_empty() {
        return Ok(None);
    }
    reader.bool("readOnly").map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_have_the_lengths_servers_expect() {
        let mut request = ConnectRequest {
            protocol_version: 0,
            last_zxid_seen: 7,
            timeout_ms: 10_000,
            session_id: 0,
            password: vec![0; 16],
            read_only: Some(true),
        };
        assert_eq!(request.to_bytes().len(), 45);
        request.read_only = None;
        let bytes = request.to_bytes();
        assert_eq!(bytes.len(), 44);
        assert_eq!(
            ConnectRequest::decode(&mut Reader::new(&bytes)),
            Ok(request)
        );
    }

    #[test]
    fn a_bare_reply_header_is_no_handshake_response() {
        let mut frame = vec![0; 12];
        frame.extend_from_slice(&(-119i32).to_be_bytes());
        assert!(ConnectResponse::parse(&frame).is_err());
    }
}
