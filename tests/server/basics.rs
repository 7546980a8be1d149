//! Sessions, znodes, watches and transactions: the least that a client needs.

use std::borrow::Cow;
use std::time::Duration;

use zooscope::proto::{
    Acl, CreateMode, CreateReply, DataReply, Decode as _, ErrorCode, EventType, IdentitiesReply,
    MultiResult, Perms, Reader, Request, SetWatches, decode_multi_reply,
};
use zooscope::server::Options;

use crate::control::{SUPER, SUPER_DIGEST};
use crate::raw::{Raw, event};
use crate::start;

fn create(path: &str, mode: CreateMode) -> Request<'_> {
    Request::Create {
        op: mode.op(true),
        path: path.into(),
        data: Some(Cow::Borrowed(b"data")),
        acl: Cow::Owned(Acl::open_unsafe()),
        flags: mode.flags(),
        ttl_ms: mode.ttl_ms().unwrap_or(0),
    }
}

fn get(path: &str, watch: bool) -> Request<'_> {
    Request::GetData {
        path: path.into(),
        watch,
    }
}

fn set<'a>(path: &'a str, data: &'a [u8], version: i32) -> Request<'a> {
    Request::SetData {
        path: path.into(),
        data: Some(data.into()),
        version,
    }
}

fn delete(path: &str) -> Request<'_> {
    Request::Delete {
        path: path.into(),
        version: -1,
    }
}

#[test]
fn a_znode_lives_changes_and_goes() {
    let server = start(Options::default());
    let mut client = Raw::connect(server.handle.addr());
    assert_eq!(client.err(&create("/a", CreateMode::Persistent)), 0);
    let (_, reply) = client.call(&get("/a", false));
    let reply = DataReply::decode(&mut Reader::new(&reply.body)).expect("data");
    assert_eq!(reply.data.as_deref(), Some(&b"data"[..]));
    assert_eq!((reply.stat.version, reply.stat.czxid), (0, 2));
    assert_eq!(client.err(&set("/a", b"new", 0)), 0);
    let stale = client.err(&set("/a", b"newer", 0));
    assert_eq!(stale, ErrorCode::BadVersion.code());
    assert_eq!(client.err(&delete("/a")), 0);
    let gone = client.err(&get("/a", false));
    assert_eq!(gone, ErrorCode::NoNode.code());
    assert_eq!(server.handle.last_zxid(), 5, "refused writes count, too");
}

#[test]
fn proving_the_same_twice_proves_nothing_more() {
    let server = start(Options {
        super_digest: Some(SUPER_DIGEST.to_owned()),
        ..Options::default()
    });
    let mut client = Raw::connect(server.handle.addr());
    let auth = Request::Auth {
        kind: 0,
        scheme: "digest".into(),
        auth: Some(SUPER.into()),
    };
    for _ in 0..2 {
        assert_eq!(client.err(&auth), 0);
    }
    let (_, reply) = client.call(&Request::WhoAmI);
    let reply = IdentitiesReply::decode(&mut Reader::new(&reply.body)).expect("identities");
    let schemes: Vec<&str> = reply.ids.iter().map(|id| id.scheme.as_str()).collect();
    assert_eq!(schemes, ["ip", "super", "digest"]);
}

#[test]
fn sequential_numbers_count_all_creations_of_the_parent() {
    let server = start(Options::default());
    let mut client = Raw::connect(server.handle.addr());
    client.call(&create("/q", CreateMode::Persistent));
    let mut names = Vec::new();
    for _ in 0..3 {
        let (_, reply) = client.call(&create("/q/n-", CreateMode::PersistentSequential));
        let reply = CreateReply::decode(&mut Reader::new(&reply.body)).expect("a path");
        client.call(&delete(&reply.path));
        client.call(&create("/q/other", CreateMode::Persistent));
        client.call(&delete("/q/other"));
        names.push(reply.path);
    }
    assert_eq!(
        names,
        ["/q/n-0000000000", "/q/n-0000000002", "/q/n-0000000004"]
    );
}

#[test]
fn ephemerals_go_with_their_session_and_watchers_hear_of_it() {
    let server = start(Options::default());
    let mut owner = Raw::connect(server.handle.addr());
    let mut other = Raw::connect(server.handle.addr());
    assert_eq!(owner.err(&create("/e", CreateMode::Ephemeral)), 0);
    let child = owner.err(&create("/e/x", CreateMode::Persistent));
    assert_eq!(child, ErrorCode::NoChildrenForEphemerals.code());
    other.call(&get("/e", true));
    // Only the owner is silent: the other one's deadline is moved by its ping.
    assert!(server.handle.expire_session(owner.session));
    let event = event(&other.receive().expect("an event"));
    assert_eq!(
        (event.kind, event.path.as_str()),
        (EventType::NodeDeleted, "/e")
    );
    assert_eq!(owner.receive(), None, "the connection is closed");
    assert_eq!(server.handle.sessions(), [other.session]);
}

#[test]
fn sessions_expire_by_the_servers_clock() {
    let server = start(Options::default());
    let client = Raw::connect(server.handle.addr());
    server.handle.advance(Duration::from_secs(29));
    assert_eq!(server.handle.sessions(), [client.session]);
    server.handle.advance(Duration::from_secs(4));
    assert_eq!(server.handle.sessions(), [0; 0]);
    let mut again = Raw::dial(server.handle.addr());
    let answer = again.handshake(client.session, &client.password, 0);
    assert_eq!(answer.map(|answer| answer.timeout_ms), Some(0));
}

#[test]
fn a_session_is_resumed_and_its_watches_catch_up() {
    let server = start(Options::default());
    let mut client = Raw::connect(server.handle.addr());
    let mut other = Raw::connect(server.handle.addr());
    client.call(&create("/a", CreateMode::Persistent));
    client.call(&create("/e", CreateMode::Ephemeral));
    let seen = server.handle.last_zxid();
    assert!(server.handle.drop_connection(client.session));
    assert_eq!(client.receive(), None);
    other.call(&set("/a", b"changed", -1));
    let mut again = Raw::dial(server.handle.addr());
    let answer = again.handshake(client.session, &client.password, seen);
    assert_eq!(answer.map(|answer| answer.session_id), Some(client.session));
    let watches = SetWatches {
        relative_zxid: seen,
        data: vec!["/a".into(), "/e".into()],
        exist: vec!["/later".into()],
        ..SetWatches::default()
    };
    let (events, _) = again.call(&Request::SetWatches(watches));
    assert_eq!(events.len(), 1);
    assert_eq!(
        (events[0].kind, events[0].path.as_str()),
        (EventType::NodeDataChanged, "/a")
    );
    let (events, _) = again.call(&create("/later", CreateMode::Persistent));
    assert_eq!(events[0].kind, EventType::NodeCreated);
}

#[test]
fn a_multi_is_all_or_nothing() {
    let server = start(Options::default());
    let mut client = Raw::connect(server.handle.addr());
    client.call(&create("/a", CreateMode::Persistent));
    let failing = Request::Multi(vec![
        create("/b", CreateMode::Persistent),
        set("/a", b"new", -1),
        delete("/a"),
        delete("/none"),
        create("/c", CreateMode::Persistent),
    ]);
    let (_, reply) = client.call(&failing);
    assert_eq!(reply.header.err, 0);
    let results = decode_multi_reply(&mut Reader::new(&reply.body)).expect("results");
    let codes = [0, 0, 0, ErrorCode::NoNode.code(), -2];
    assert_eq!(results, codes.map(MultiResult::Failed));
    let (_, reply) = client.call(&get("/a", false));
    let reply = DataReply::decode(&mut Reader::new(&reply.body)).expect("data");
    assert_eq!((reply.stat.version, reply.stat.mzxid), (0, 2));
    assert_eq!(client.err(&get("/b", false)), ErrorCode::NoNode.code());
    let good = Request::Multi(vec![
        create("/b", CreateMode::Persistent),
        create("/b/c", CreateMode::Persistent),
        delete("/a"),
    ]);
    let (_, reply) = client.call(&good);
    let results = decode_multi_reply(&mut Reader::new(&reply.body)).expect("results");
    assert!(results.iter().all(|result| result.error().is_none()));
    assert_eq!(client.err(&get("/b/c", false)), 0);
}

#[test]
fn acls_guard_nodes_and_auth_opens_them() {
    let server = start(Options::default());
    let mut client = Raw::connect(server.handle.addr());
    let mut request = create("/secret", CreateMode::Persistent);
    if let Request::Create { acl, .. } = &mut request {
        *acl = Cow::Owned(vec![Acl::digest(Perms::ALL, "me", "pw")]);
    }
    assert_eq!(client.err(&request), 0);
    let denied = client.err(&get("/secret", false));
    assert_eq!(denied, ErrorCode::NoAuth.code());
    let auth = Request::Auth {
        kind: 0,
        scheme: "digest".into(),
        auth: Some(b"me:pw".into()),
    };
    assert_eq!(client.err(&auth), 0);
    assert_eq!(client.err(&get("/secret", false)), 0);
}

#[test]
fn four_letter_words_answer_and_close() {
    let server = start(Options::default());
    for (word, start) in [
        ("ruok", "imok"),
        ("isro", "rw"),
        ("srvr", "Zookeeper version: 3.9.4"),
    ] {
        let mut raw = Raw::dial(server.handle.addr());
        raw.send_raw(word.as_bytes());
        let text = String::from_utf8(raw.rest()).expect("text");
        assert!(text.starts_with(start), "{word}: {text}");
    }
}

#[test]
fn dropping_the_handle_closes_everything() {
    let server = start(Options::default());
    let mut client = Raw::connect(server.handle.addr());
    drop(server.handle);
    assert_eq!(client.receive(), None);
}

#[test]
fn what_is_done_inside_the_server_is_seen_outside() {
    let server = start(Options::default());
    let local = server.handle.local();
    local.ensure_path("/a/b/c").expect("a new path");
    let session = local.open_session();
    local
        .create(
            session,
            "/a/b/c/e",
            Some(b"mine"),
            &Acl::read_unsafe(),
            CreateMode::Ephemeral,
        )
        .expect("a new node");
    server.handle.advance(Duration::from_secs(1_000_000));
    let mut client = Raw::connect(server.handle.addr());
    assert_eq!(client.err(&get("/a/b/c/e", true)), 0);
    assert!(local.close_session(session));
    let told = event(&client.receive().expect("an event"));
    assert_eq!(told.kind, EventType::NodeDeleted);
    assert_eq!(local.get_children("/a/b/c"), Ok(Vec::new()));
}
