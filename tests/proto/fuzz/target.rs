//! What is fuzzed: every decoder, with what must hold of whatever it makes of its input.

use zooscope::decode::decode;
use zooscope::proto::{
    AclReply, ChildrenReply, ConnectRequest, ConnectResponse, CreateReply, DataReply, Decode as _,
    IdentitiesReply, Names, OpCode, Reader, ReplyHeader, RequestHeader, Stat, WatchedEvent,
    decode_multi_reply, encode_multi_reply,
};

use crate::check::{bounded, record, request};

/// A decoder under test.
pub struct Target {
    pub name: &'static str,
    /// Fails if the decoder misbehaves; answers whether it took the input for what it reads.
    pub run: fn(&[u8]) -> bool,
}

macro_rules! targets {
    ($($name:literal => $run:expr,)+) => {
        /// All of them.
        pub const TARGETS: &[Target] = &[$(Target { name: $name, run: $run },)+];
    };
}

targets! {
    "connect-request" => record::<ConnectRequest>,
    "connect-response" => connect_response,
    "request" => request_frame,
    "stat" => record::<Stat>,
    "create-reply" => record::<CreateReply>,
    "data-reply" => record::<DataReply>,
    "children-reply" => record::<ChildrenReply>,
    "names" => record::<Names>,
    "acl-reply" => record::<AclReply>,
    "identities" => record::<IdentitiesReply>,
    "event" => record::<WatchedEvent>,
    "multi-reply" => multi_reply,
    "reply" => reply_frame,
    "strings" => strings,
    "value" => value,
}

fn connect_response(bytes: &[u8]) -> bool {
    let parsed = bounded(bytes, ConnectResponse::parse).is_ok();
    assert!(!parsed || matches!(bytes.len(), 36 | 37));
    record::<ConnectResponse>(bytes);
    parsed
}

/// A whole request as a server gets it: the header's code picks the record.
fn request_frame(bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes);
    let Ok(header) = RequestHeader::decode(&mut reader) else {
        return false;
    };
    OpCode::try_from(header.op).is_ok_and(|op| request(op, reader.rest()))
}

/// A whole reply as a client gets it. What follows the header depends on the request, so the
/// body is read as each kind.
fn reply_frame(bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes);
    let Ok(header) = ReplyHeader::decode(&mut reader) else {
        return false;
    };
    let body = reader.rest();
    assert_eq!(header.error().is_some(), header.err != 0);
    [
        record::<WatchedEvent>(body),
        record::<DataReply>(body),
        record::<ChildrenReply>(body),
        record::<AclReply>(body),
        multi_reply(body),
        body.is_empty(),
    ]
    .contains(&true)
}

fn multi_reply(bytes: &[u8]) -> bool {
    let Ok(results) = bounded(bytes, |bytes| decode_multi_reply(&mut Reader::new(bytes))) else {
        return false;
    };
    let mut written = Vec::new();
    encode_multi_reply(&results, &mut written);
    let again = decode_multi_reply(&mut Reader::new(&written));
    assert_eq!(again, Ok(results), "written and read again");
    true
}

fn strings(bytes: &[u8]) -> bool {
    let count = bounded(bytes, |bytes| {
        Reader::new(bytes)
            .strings("strings")
            .map(|strings| strings.len())
    });
    assert!(count.as_ref().is_ok_and(|count| count * 4 <= bytes.len()) || count.is_err());
    count.is_ok()
}

/// A znode's bytes, up to the rows that a screen shows of them.
fn value(bytes: &[u8]) -> bool {
    let decoded = decode(Some(bytes));
    for width in [16, 80] {
        let rows = decoded.rows(0..50, width);
        assert!(rows.len() <= decoded.row_count(width));
        for row in rows {
            let text = row.text();
            assert!(!text.chars().any(char::is_control), "{text:?}");
        }
    }
    !decoded.summary().is_empty()
}
