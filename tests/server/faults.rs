//! Faults on demand: each does what it says, and leaves the rest alone.

use std::time::{Duration, Instant};

use zooscope::proto::{Acl, ConnectRequest, ConnectResponse, CreateMode, Encode as _, ErrorCode};
use zooscope::proto::{OpCode, Request};
use zooscope::server::{Options, Server, Version};

use crate::raw::Raw;
use crate::{Running, start};

fn served() -> (Running, Raw) {
    let server = start(Options::default());
    let client = Raw::connect(server.handle.addr());
    (server, client)
}

fn root() -> Request<'static> {
    Request::Exists {
        path: "/".into(),
        watch: false,
    }
}

fn create(path: &str) -> Request<'_> {
    let acl = Vec::leak(Acl::open_unsafe());
    Request::create(path, None, acl, CreateMode::Persistent, false)
}

#[test]
fn a_dropped_connection_leaves_its_session_and_the_others() {
    let (server, mut client) = served();
    let mut other = Raw::connect(server.handle.addr());
    assert!(server.handle.drop_connection(client.session));
    assert_eq!(client.receive(), None);
    assert_eq!(other.err(&root()), 0);
    assert!(server.handle.sessions().contains(&client.session));
    assert!(!server.handle.drop_connection(12_345));
}

#[test]
fn new_connections_are_refused_while_old_ones_go_on() {
    let (server, mut client) = served();
    server.handle.refuse_connections(true);
    let mut refused = Raw::dial(server.handle.addr());
    assert_eq!(refused.handshake(0, &[0; 16], 0), None);
    assert_eq!(client.err(&root()), 0);
    server.handle.refuse_connections(false);
    assert_eq!(Raw::connect(server.handle.addr()).err(&root()), 0);
}

#[test]
fn a_server_that_stopped_answering_catches_up_later() {
    let (server, mut client) = served();
    server.handle.stop_answering(true);
    let before = server.handle.received();
    let first = client.send(&create("/a"));
    let second = client.send(&root());
    assert!(!client.hears_within(Duration::from_millis(50)));
    assert_eq!(server.handle.received(), before);
    server.handle.stop_answering(false);
    for xid in [first, second] {
        let reply = client.receive().expect("the reply that was held back");
        assert_eq!((reply.header.xid, reply.header.err), (xid, 0));
    }
}

#[test]
fn delayed_replies_keep_their_order() {
    let (server, mut client) = served();
    server.handle.delay_replies(Duration::from_millis(60));
    let asked = Instant::now();
    let first = client.send(&root());
    let second = client.send(&root());
    assert_eq!(client.receive().expect("late").header.xid, first);
    assert!(asked.elapsed() >= Duration::from_millis(60));
    assert_eq!(client.receive().expect("late").header.xid, second);
    server.handle.delay_replies(Duration::ZERO);
    assert_eq!(client.err(&root()), 0);
}

#[test]
fn a_planned_error_answers_once_and_nothing_is_done() {
    let (server, mut client) = served();
    let code = ErrorCode::ThrottledOp;
    server.handle.fail_next(Some(OpCode::Create), code);
    assert_eq!(client.err(&root()), 0);
    assert_eq!(client.err(&create("/a")), code.code());
    assert_eq!(client.err(&create("/a")), 0, "it was not made before");
    server.handle.fail_next(None, code);
    assert_eq!(client.err(&root()), code.code());
    assert_eq!(client.err(&root()), 0);
}

#[test]
fn a_connection_can_end_before_a_request_or_before_its_reply() {
    let (server, mut client) = served();
    server.handle.lose_next_request(Some(OpCode::Create));
    assert_eq!(client.err(&root()), 0);
    client.send(&create("/lost"));
    assert_eq!(client.receive(), None);
    let mut client = Raw::connect(server.handle.addr());
    server.handle.lose_next_reply(None);
    client.send(&create("/done"));
    assert_eq!(client.receive(), None);
    let local = server.handle.local();
    assert_eq!(local.exists("/lost"), None);
    assert!(local.exists("/done").is_some());
}

#[test]
fn a_garbage_frame_arrives_as_it_is() {
    let (server, mut client) = served();
    server.handle.send_raw(&[0, 0, 0, 3, 1, 2, 3]);
    assert_eq!(client.receive_frame(), Some(vec![1, 2, 3]));
    assert_eq!(client.err(&root()), 0);
}

/// What a client hears that would be content with a read-only server.
fn modest(raw: &mut Raw, session: i64, password: &[u8]) -> Option<ConnectResponse> {
    let request = ConnectRequest {
        protocol_version: 0,
        last_zxid_seen: 0,
        timeout_ms: 30_000,
        session_id: session,
        password: password.to_vec(),
        read_only: Some(true),
    };
    raw.send_frame(&request.to_bytes());
    let frame = raw.receive_frame()?;
    Some(ConnectResponse::parse(&frame).expect("a handshake's response"))
}

#[test]
fn a_read_only_server_reads_for_those_who_asked_for_it() {
    let (server, mut client) = served();
    let addr = server.handle.addr();
    server.handle.set_read_only(true);
    assert_eq!(client.receive(), None, "this one wants to write");
    assert_eq!(Raw::dial(addr).handshake(0, &[0; 16], 0), None);
    let password = client.password.clone();
    assert_eq!(
        modest(&mut Raw::dial(addr), client.session, &password),
        None
    );

    let mut reader = Raw::dial(addr);
    let answer = modest(&mut reader, 0, &[0; 16]).expect("a session");
    assert_eq!(answer.read_only, Some(true));
    assert_eq!(reader.err(&root()), 0);
    let refused = ErrorCode::NotReadOnly.code();
    assert_eq!(reader.err(&create("/a")), refused);
    assert_eq!(reader.err(&Request::Sync { path: "/".into() }), refused);
    assert_eq!(reader.err(&Request::Multi(Vec::new())), refused);
    server.handle.advance(Duration::from_secs(3_600));
    assert!(server.handle.sessions().contains(&client.session));

    server.handle.set_read_only(false);
    assert_eq!(reader.receive(), None, "there is a better server now");
    assert_eq!(server.handle.sessions(), [client.session]);
    let mut again = Raw::dial(addr);
    let answer = again.handshake(client.session, &password, 0);
    assert_eq!(answer.map(|answer| answer.session_id), Some(client.session));
    assert_eq!(again.err(&create("/a")), 0);
}

#[test]
fn containers_and_ttl_znodes_go_when_their_time_comes() {
    let (server, mut client) = served();
    let modes = [
        ("/container", CreateMode::Container),
        ("/unused", CreateMode::Container),
        ("/ttl", CreateMode::PersistentTtl { ttl_ms: 5_000 }),
    ];
    for (path, mode) in modes {
        let acl = Vec::leak(Acl::open_unsafe());
        assert_eq!(client.err(&Request::create(path, None, acl, mode, true)), 0);
    }
    client.call(&create("/container/x"));
    server.handle.sweep();
    assert!(server.handle.local().exists("/container").is_some());
    let delete = Request::Delete {
        path: "/container/x".into(),
        version: -1,
    };
    assert_eq!(client.err(&delete), 0);
    server.handle.advance(Duration::from_secs(6));
    server.handle.sweep();
    let local = server.handle.local();
    assert_eq!(local.exists("/container"), None);
    assert_eq!(local.exists("/ttl"), None);
    assert!(local.exists("/unused").is_some(), "it never had a child");
}

#[test]
fn versions_refuse_what_they_do_not_know() {
    for version in Version::ALL {
        let server = start(Options {
            version,
            ..Options::default()
        });
        let mut client = Raw::connect(server.handle.addr());
        let (_, reply) = client.call(&Request::WhoAmI);
        if version < Version::V3_8 {
            assert_eq!(reply.header.err, ErrorCode::Unimplemented.code());
            assert_eq!((reply.header.zxid, client.receive()), (-1, None));
        } else {
            assert_eq!(reply.header.err, 0);
        }
    }
}

#[test]
fn it_starts_in_a_moment() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let began = Instant::now();
    let handle = runtime
        .block_on(Server::start(Options::default()))
        .expect("a free port");
    let client = Raw::connect(handle.addr());
    assert!(began.elapsed() < Duration::from_millis(500));
    drop(client);
}
