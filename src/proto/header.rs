//! The headers before every record, and the xids with a meaning of their own.

use super::code::ErrorCode;
use super::jute::{Decode, DecodeError, Encode, Reader, put_int, put_long};

/// Reserved xids.
pub mod xid {
    /// A watch event, from the server only.
    pub const NOTIFICATION: i32 = -1;
    /// A ping; servers answer all pings with it.
    pub const PING: i32 = -2;
    /// An auth packet. Its reply may overtake others.
    pub const AUTH: i32 = -4;
    /// Watches set again after a reconnect.
    pub const SET_WATCHES: i32 = -8;
}

/// Before every request but the handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestHeader {
    /// The client's number for the request.
    pub xid: i32,
    /// The raw operation code: a server must be able to refuse what it does not know.
    pub op: i32,
}

impl Encode for RequestHeader {
    fn encode(&self, out: &mut Vec<u8>) {
        put_int(out, self.xid);
        put_int(out, self.op);
    }
}

impl Decode<'_> for RequestHeader {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            xid: reader.int("xid")?,
            op: reader.int("operation")?,
        })
    }
}

/// Before every reply and notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplyHeader {
    /// The request's xid, or a reserved one.
    pub xid: i32,
    /// The last transaction this server has applied; for a notification the one that caused
    /// it (3.9+), otherwise -1.
    pub zxid: i64,
    /// 0, or why the request failed.
    pub err: i32,
}

impl ReplyHeader {
    /// How many bytes a reply header takes on the wire.
    pub const WIRE_LEN: usize = 16;

    /// The failure, if it is one.
    pub fn error(&self) -> Option<ErrorCode> {
        (self.err != 0).then(|| ErrorCode::from(self.err))
    }
}

impl Encode for ReplyHeader {
    fn encode(&self, out: &mut Vec<u8>) {
        put_int(out, self.xid);
        put_long(out, self.zxid);
        put_int(out, self.err);
    }
}

impl Decode<'_> for ReplyHeader {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            xid: reader.int("xid")?,
            zxid: reader.long("zxid")?,
            err: reader.int("err")?,
        })
    }
}
