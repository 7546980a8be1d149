//! encode∘decode is the identity, for every record and in both directions, and no record can
//! be mistaken for its own beginning.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use zooscope::proto::{
    DecodeError, DigestChallenge, Encode as _, MultiResult, OpCode, Reader, Request,
    SecurityLayers, decode_multi_reply, encode_multi_reply,
};

use super::requests::of;
use super::strategy;
use super::targets::check::{Record, read};

/// Written and read, `record` is itself, and what follows it is left alone.
fn comes_back<T: Record>(record: &T) -> Result<(), TestCaseError> {
    let mut bytes = record.to_bytes();
    prop_assert_eq!(
        read::<T>(&bytes).map(|(read, rest)| (read == *record, rest.len())),
        Ok((true, 0))
    );
    bytes.extend_from_slice(b"more");
    let (_, rest) = read::<T>(&bytes).expect("it could be read a line ago");
    prop_assert_eq!(rest, b"more");
    Ok(())
}

/// `record` can't be read from fewer bytes than it has.
fn needs_all_its_bytes<T: Record>(record: &T) -> Result<(), TestCaseError> {
    let bytes = record.to_bytes();
    for end in 0..bytes.len() {
        let short = read::<T>(&bytes[..end]);
        prop_assert!(
            matches!(short, Err(DecodeError::Truncated { .. })),
            "{} of {} bytes read as {:?}",
            end,
            bytes.len(),
            short
        );
    }
    Ok(())
}

macro_rules! records {
    ($($name:ident),+ $(,)?) => {
        proptest! {
            $(
                #[test]
                fn $name(record in strategy::$name()) {
                    comes_back(&record)?;
                    needs_all_its_bytes(&record)?;
                }
            )+
        }
    };
}

records! {
    acl, acl_id, acl_reply, children_reply, data_reply, event, identities_reply, multi_header,
    names, reply_header, request_header, stat,
}

/// What `record` looks like when the bytes after it end it.
fn comes_back_alone<T: Record>(record: &T) -> Result<(), TestCaseError> {
    let bytes = record.to_bytes();
    let read = read::<T>(&bytes).map(|(read, rest)| (read == *record, rest.len()));
    prop_assert_eq!(read, Ok((true, 0)));
    Ok(())
}

proptest! {
    // Records with an optional end can only be told by where their frame ends.
    #[test]
    fn create_reply(record in strategy::create_reply()) {
        comes_back_alone(&record)?;
    }

    #[test]
    fn connect_request(record in strategy::connect_request()) {
        comes_back_alone(&record)?;
    }

    #[test]
    fn connect_response(record in strategy::connect_response()) {
        comes_back_alone(&record)?;
        let parsed = zooscope::proto::ConnectResponse::parse(&record.to_bytes());
        prop_assert_eq!(parsed, Ok(record));
    }

    #[test]
    fn security_layers(offered in 0_u8.., max_size in 0..1_u32 << 24) {
        prop_assume!(offered & 7 != 0);
        let offer = SecurityLayers { offered, max_size };
        let bytes = offer.to_bytes();
        prop_assert_eq!(SecurityLayers::parse(&bytes), Ok(offer));
        for end in 0..bytes.len() {
            prop_assert!(SecurityLayers::parse(&bytes[..end]).is_err());
        }
    }

    /// As RFC 2831 has it written: in quotes, with a backslash before a quote or another.
    #[test]
    fn digest_challenge(realm in any::<String>(), nonce in ".+") {
        let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let text = format!("realm=\"{}\", nonce=\"{}\"", quoted(&realm), quoted(&nonce));
        let read = DigestChallenge::parse(text.as_bytes());
        prop_assert_eq!(read, Ok(DigestChallenge { realm, nonce }));
    }

    #[test]
    fn multi_reply(results in strategy::multi_results()) {
        let mut bytes = Vec::new();
        encode_multi_reply(&results, &mut bytes);
        for end in 0..bytes.len() {
            let short = decode_multi_reply(&mut Reader::new(&bytes[..end]));
            prop_assert!(short.is_err(), "{} of {} bytes", end, bytes.len());
        }
        bytes.extend_from_slice(b"more");
        prop_assert!(super::targets::records::multi_reply(&bytes));
        let mut reader = Reader::new(&bytes);
        prop_assert_eq!(decode_multi_reply(&mut reader), Ok(results));
        prop_assert_eq!(reader.rest(), b"more");
    }
}

/// All operations are in the table; a new one must be added to the strategies to compile, and
/// is tested here without being named.
#[test]
fn requests_of_every_operation() {
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    for &op in OpCode::ALL {
        let mut runner = TestRunner::new(config.clone());
        let result = runner.run(&of(op), |request| request_comes_back(op, &request));
        assert!(result.is_ok(), "{op:?}: {result:?}");
    }
}

fn request_comes_back(op: OpCode, request: &Request<'_>) -> Result<(), TestCaseError> {
    prop_assert_eq!(request.op(), op);
    let mut bytes = request.to_bytes();
    for end in 0..bytes.len() {
        let short = Request::decode(op, &mut Reader::new(&bytes[..end]));
        prop_assert!(short.is_err(), "{} of {} bytes", end, bytes.len());
    }
    bytes.extend_from_slice(b"more");
    let mut reader = Reader::new(&bytes);
    prop_assert_eq!(&Request::decode(op, &mut reader), &Ok(request.clone()));
    prop_assert_eq!(reader.rest(), b"more");
    Ok(())
}

/// The results of older servers: a create2 in a multi comes back as a plain create, and the
/// container and TTL kinds under codes that a client reads like create2.
#[test]
fn results_of_older_servers_are_read_too() {
    let stat = zooscope::proto::Stat {
        czxid: 7,
        ..Default::default()
    };
    let made = MultiResult::Created {
        path: "/a".to_owned(),
        stat: Some(stat),
    };
    let mut bytes = Vec::new();
    encode_multi_reply(std::slice::from_ref(&made), &mut bytes);
    for op in [OpCode::CreateContainer, OpCode::CreateTtl] {
        bytes[..4].copy_from_slice(&op.code().to_be_bytes());
        let read = decode_multi_reply(&mut Reader::new(&bytes));
        assert_eq!(read, Ok(vec![made.clone()]), "{op:?}");
    }
}
