//! Records of the protocol: what can be read can be written and read again, and costs no more
//! memory than its bytes explain.

use zooscope::proto::{
    AclReply, ChildrenReply, ConnectResponse, CreateReply, DataReply, Decode as _, IdentitiesReply,
    MultiResult, Names, OpCode, Reader, ReplyHeader, RequestHeader, Skimmed, Stat, WatchedEvent,
    decode_multi_reply, encode_multi_reply, next_result, next_without_names, skim_result,
};

use super::check::{bounded, record, request};

/// The answer to a handshake, as a client tells whether it is one.
pub fn connect_response(bytes: &[u8]) -> bool {
    let parsed = bounded(bytes, ConnectResponse::parse).is_ok();
    assert!(!parsed || matches!(bytes.len(), 36 | 37));
    record::<ConnectResponse>(bytes);
    parsed
}

/// A whole request as a server gets it: the header's code picks the record.
pub fn request_frame(bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes);
    let Ok(header) = RequestHeader::decode(&mut reader) else {
        return false;
    };
    OpCode::try_from(header.op).is_ok_and(|op| request(op, reader.rest()))
}

/// A whole reply as a client gets it. What follows the header depends on the request, so the
/// body is read as each kind.
pub fn reply_frame(bytes: &[u8]) -> bool {
    let mut reader = Reader::new(bytes);
    let Ok(header) = ReplyHeader::decode(&mut reader) else {
        return false;
    };
    let body = reader.rest();
    assert_eq!(header.error().is_some(), header.err != 0);
    [
        record::<WatchedEvent>(body),
        record::<Stat>(body),
        record::<CreateReply>(body),
        record::<DataReply>(body),
        record::<Names>(body),
        record::<ChildrenReply>(body),
        record::<AclReply>(body),
        record::<IdentitiesReply>(body),
        multi_reply(body),
        body.is_empty(),
    ]
    .contains(&true)
}

/// The results of a multi or a multi-read.
pub fn multi_reply(bytes: &[u8]) -> bool {
    bounded(bytes, skim_as_it_is_read);
    let Ok(results) = bounded(bytes, |bytes| decode_multi_reply(&mut Reader::new(bytes))) else {
        return false;
    };
    let mut written = Vec::new();
    encode_multi_reply(&results, &mut written);
    let again = decode_multi_reply(&mut Reader::new(&written));
    assert_eq!(again, Ok(results), "written and read again");
    true
}

/// However the results are looked at: it is the same that is seen, up to the same place.
fn skim_as_it_is_read(bytes: &[u8]) {
    let [mut whole, mut skimmed, mut nameless] = [(); 3].map(|()| Reader::new(bytes));
    loop {
        let result = next_result(&mut whole);
        let glance = skim_result(&mut skimmed);
        let without = next_without_names(&mut nameless);
        let (Ok(Some(result)), Ok(Some(glance)), Ok(Some(without))) = (&result, &glance, &without)
        else {
            let ended = [result.is_ok(), glance.is_ok(), without.is_ok()];
            assert!(ended == [true; 3] || ended == [false; 3], "{ended:?}");
            return;
        };
        assert_eq!(whole.rest(), skimmed.rest(), "after {result:?}");
        assert_eq!(whole.rest(), nameless.rest(), "after {result:?}");
        let (seen, left) = match result {
            MultiResult::Data(reply) => {
                let length = reply.data.as_ref().map_or(0, Vec::len);
                (Skimmed::Data(length, reply.stat), result.clone())
            }
            MultiResult::Children(names) => (
                Skimmed::Children(names.clone()),
                MultiResult::Children(Names::default()),
            ),
            _ => (Skimmed::Failed, result.clone()),
        };
        assert_eq!((glance, without), (&seen, &left));
    }
}

/// A vector of strings, which nothing but its own length vouches for.
pub fn strings(bytes: &[u8]) -> bool {
    let count = bounded(bytes, |bytes| {
        Reader::new(bytes)
            .strings("strings")
            .map(|strings| strings.len())
    });
    assert!(count.as_ref().is_ok_and(|count| count * 4 <= bytes.len()) || count.is_err());
    count.is_ok()
}
