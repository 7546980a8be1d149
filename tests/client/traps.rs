//! The seven traps of the protocol, one test each, and what else no real server does at will.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use zooscope::client::{Auth, Client, Credentials, ErrorKind, Options, Secret, SessionState};
use zooscope::proto::{
    Acl, CreateMode, CreateReply, DataReply, Encode as _, ErrorCode, EventType, KeeperState,
    OpCode, Perms, Request, Stat, WatchedEvent,
};

use crate::common::{connected, open, options_at, path, soon, until};
use crate::fake::Fake;
use crate::support::{self, Proxy};

use SessionState::{Connected, Connecting, Lost, Suspended};

fn at(fake: &Fake) -> Options {
    options_at(fake.addr(), "")
}

fn data(bytes: &[u8]) -> Vec<u8> {
    DataReply {
        data: Some(bytes.to_vec()),
        stat: Stat::default(),
    }
    .to_bytes()
}

/// Trap 1: alone, a check keeps a server from ever starting again.
#[tokio::test]
async fn a_check_is_only_ever_sent_inside_a_transaction() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let proxy = Proxy::start(server.addr());
    let client = connected(options_at(proxy.addr(), &server.chroot("check"))).await;
    let checked = client.transaction().check(&path("/"), 0).commit().await;
    assert_eq!(checked.expect("it exists").len(), 1);
    let alone = |op| matches!(op, Some(OpCode::Check) | None);
    assert!(!proxy.seen().iter().any(|seen| alone(seen.op)));
    client.close().await;
}

/// Trap 2: with another operation their flags make a wrong znode and spoil the digest.
#[tokio::test]
async fn containers_and_times_to_live_have_operations_of_their_own() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let fake = Fake::start("3.9.4", move |conn, _| {
        conn.welcome(1, 10_000);
        conn.serve(|request| {
            let mut one = |request: &Request<'_>| {
                if let Request::Create { op, flags, .. } = request {
                    log.lock().expect("no panic").push((*op, *flags));
                }
            };
            match request {
                Request::Multi(requests) => requests.iter().for_each(&mut one),
                request => one(request),
            }
            let path = "/x".to_owned();
            let stat = Some(Stat::default());
            (1, 0, CreateReply { path, stat }.to_bytes())
        });
    });
    let client = connected(at(&fake)).await;
    let ttl_ms = 1000;
    let modes = [
        CreateMode::Persistent,
        CreateMode::EphemeralSequential,
        CreateMode::Container,
        CreateMode::PersistentTtl { ttl_ms },
        CreateMode::PersistentSequentialTtl { ttl_ms },
    ];
    for mode in modes {
        client
            .create(&path("/x"), b"", &[], mode)
            .await
            .expect("the fake creates all");
        let in_multi = client.transaction().create(&path("/x"), b"", &[], mode);
        // The fake's answer is no multi's: only what was sent is of interest.
        let _ = in_multi.commit().await;
    }
    let seen = seen.lock().expect("no panic").clone();
    assert_eq!(seen.len(), 10);
    for (op, flags) in seen {
        let expected = match flags {
            4 => OpCode::CreateContainer,
            5 | 6 => OpCode::CreateTtl,
            _ => OpCode::Create2,
        };
        assert_eq!(op, expected, "flags {flags}");
    }
    client.close().await;
}

/// Trap 3: auth packets are answered out of turn.
#[tokio::test]
async fn an_auth_reply_may_overtake_others() {
    let fake = Fake::start("3.9.4", |conn, _| {
        conn.welcome(1, 10_000);
        let first = conn.request().expect("the read").0;
        let second = conn.request().expect("the auth packet");
        assert_eq!(second.1, OpCode::Auth.code());
        let third = conn.request().expect("the other read").0;
        conn.reply(second.0, 0, 0, b"");
        conn.reply(first, 1, 0, &data(b"first"));
        conn.reply(third, 1, 0, &data(b"third"));
        conn.serve(|_| (1, 0, Vec::new()));
    });
    let client = connected(at(&fake)).await;
    let first = client.get(&path("/1"));
    let second = client.add_auth(Auth::digest("u", "p"));
    let third = client.get(&path("/3"));
    let read = |reply: DataReply| reply.data.expect("not null");
    assert_eq!(
        soon("first", first).await.map(read).expect("read"),
        b"first"
    );
    assert_eq!(
        soon("third", third).await.map(read).expect("read"),
        b"third"
    );
    soon("auth", second).await.expect("authenticated");
    assert_eq!(client.session().expired, 0);
    client.close().await;
}

/// Real servers do it by themselves, too.
///
/// kazoo: `test_client::TestAuthentication::test_async_auth`
#[tokio::test]
async fn pipelined_auth_disturbs_no_real_servers_replies() {
    for server in support::shared_all() {
        let client = open(server, "auth").await;
        let epoch = client.session().epoch;
        for round in 0..30 {
            let made = client.create(
                &path(&format!("/{round}")),
                b"",
                &[],
                CreateMode::Persistent,
            );
            let auth = client.add_auth(Auth::digest("u", &round.to_string()));
            let read = client.exists(&path(&format!("/{round}")));
            let (made, auth, read) = (made.await, auth.await, read.await);
            assert!(made.is_ok() && auth.is_ok(), "{made:?} {auth:?}");
            assert!(read.expect("an answer").is_some());
        }
        assert_eq!(client.session().epoch, epoch + 30, "no reconnect");
        client.close().await;
    }
}

/// Trap 4: a notification's zxid may be one of which more events are to come.
#[tokio::test]
async fn only_replies_advance_the_last_zxid() {
    let fake = Fake::start("3.9.4", |conn, number| {
        conn.welcome(1, 10_000);
        if number > 0 {
            return conn.serve(|_| (1, 0, data(b"")));
        }
        let xid = conn.request().expect("the read").0;
        conn.reply(xid, 77, 0, &data(b""));
        let event = WatchedEvent {
            kind: EventType::NodeDataChanged,
            state: KeeperState::SYNC_CONNECTED,
            path: "/a".to_owned(),
        };
        conn.reply(-1, 99, 0, &event.to_bytes());
    });
    let client = Client::connect(at(&fake));
    let mut states = client.states();
    let (_, watch) = client.get_watch(&path("/a")).await.expect("read");
    soon("the event", watch).await;
    until(&mut states, Suspended).await;
    until(&mut states, Connected).await;
    assert_eq!(fake.asked()[1].last_zxid_seen, 77);
    assert_eq!(fake.asked()[1].session_id, 1);
    client.close().await;
}

/// Trap 5: Java writes what lies outside of the basic plane as two surrogates.
#[tokio::test]
async fn identities_outside_of_the_basic_plane_come_back_as_they_were() {
    for server in support::shared_all() {
        let client = open(server, "cesu").await;
        let acl = vec![
            Acl::digest(Perms::READ, "grin\u{1f600}", "x"),
            Acl::world(Perms::ALL),
        ];
        client
            .create(&path("/a"), b"", &acl, CreateMode::Persistent)
            .await
            .expect("made");
        let back = client.get_acl(&path("/a")).await.expect("there");
        assert_eq!(back.acl, acl, "{}", server.install());
        client.close().await;
    }
}

/// Trap 6: a read-only server without local sessions answers with a bare reply header.
///
/// kazoo: `test_connection::TestConnectionHandler::test_connection_deserialize_fail`
#[tokio::test]
async fn a_server_that_answers_no_handshake_is_passed_over() {
    for nonsense in [
        [&[0; 12][..], &(-119i32).to_be_bytes()].concat(),
        vec![0; 35],
        vec![0; 38],
        Vec::new(),
    ] {
        let fake = Fake::start("3.9.4", move |conn, number| {
            if number < 2 {
                conn.frame(&nonsense);
                // The socket stays open, as such servers leave it.
                conn.request();
            } else {
                conn.welcome(1, 10_000);
                conn.serve(|_| (1, 0, data(b"")));
            }
        });
        let client = Client::connect(at(&fake));
        soon("the third attempt", client.connected())
            .await
            .expect("a session");
        assert_eq!(fake.asked().len(), 3);
        client.close().await;
    }
}

/// Trap 7: some servers answer a resumed session with another.
#[tokio::test]
async fn another_session_than_the_one_asked_for_is_an_expiry() {
    let fake = Fake::start("3.9.4", |conn, _| {
        conn.welcome(222, 10_000);
        conn.serve(|_| (1, 0, data(b"")));
    });
    let client = Client::connect(at(&fake).resume(Credentials {
        id: 111,
        password: Secret::new([1; 16]),
        last_zxid: 5,
    }));
    let mut states = client.states();
    assert_eq!(
        until(&mut states, Connected).await,
        [Connecting, Lost, Connected]
    );
    let info = client.session();
    assert_eq!((info.id, info.expired), (222, 1));
    client.close().await;
}

/// kazoo: `test_connection::TestConnectionHandler::test_bad_deserialization`
#[tokio::test]
async fn a_reply_that_makes_no_sense_fails_its_own_request_only() {
    let fake = Fake::start("3.9.4", |conn, _| {
        conn.welcome(1, 10_000);
        let mut count = 0;
        conn.serve(|_| {
            count += 1;
            if count == 1 {
                (1, 0, vec![1, 2, 3])
            } else {
                (1, 0, data(b"ok"))
            }
        });
    });
    let client = connected(at(&fake)).await;
    let bad = client.get(&path("/bad")).await.expect_err("three bytes");
    assert!(matches!(bad.kind(), ErrorKind::BadReply(_)), "{bad}");
    assert!(bad.to_string().contains("/bad"), "{bad}");
    client
        .get(&path("/good"))
        .await
        .expect("the session goes on");
    assert_eq!(fake.asked().len(), 1);
    client.close().await;
}

/// kazoo: `test_exceptions::ExceptionsTestCase::test_invalid_code`
#[tokio::test]
async fn an_unknown_code_is_an_error_like_any_other() {
    let fake = Fake::start("3.9.4", |conn, _| {
        conn.welcome(1, 10_000);
        conn.serve(|_| (1, -126, Vec::new()));
    });
    let client = connected(at(&fake)).await;
    let error = client.get(&path("/a")).await.expect_err("a code");
    assert_eq!(error.code(), Some(ErrorCode::Unknown(-126)));
    let error = client
        .get(&path("/a"))
        .await
        .expect_err("the session goes on");
    assert_eq!(error.code(), Some(ErrorCode::Unknown(-126)));
    client.close().await;
}

/// kazoo: `test_connection::TestUnorderedXids::test_xids_mismatch`
#[tokio::test]
async fn replies_out_of_order_and_impossible_frames_cost_the_connection_only() {
    for nonsense in ["order", "negative", "truncated", "event"] {
        let fake = Fake::start("3.9.4", move |conn, number| {
            conn.welcome(1, 10_000);
            if number > 0 {
                return conn.serve(|_| (1, 0, data(b"ok")));
            }
            let xid = conn.request().expect("the read").0;
            match nonsense {
                "order" => conn.reply(xid + 7, 1, 0, &data(b"")),
                "negative" => conn.raw(&(-5i32).to_be_bytes()),
                "truncated" => conn.frame(&[1, 2, 3]),
                _ => conn.reply(-1, 1, 0, &[0, 0, 0, 99]),
            }
            conn.request();
        });
        let client = connected(at(&fake)).await;
        let error = soon("an answer", client.get(&path("/a"))).await;
        let error = error.expect_err("nonsense");
        assert_eq!(
            error.code(),
            Some(ErrorCode::ConnectionLoss),
            "{nonsense}: {error}"
        );
        let reply = soon("an answer", client.get(&path("/a"))).await;
        reply.unwrap_or_else(|error| panic!("after {nonsense}: {error}"));
        client.close().await;
    }
}

#[tokio::test]
async fn silence_is_noticed_and_another_connection_made() {
    let fake = Fake::start("3.9.4", |conn, number| {
        conn.welcome(1, 1200);
        if number > 0 {
            return conn.serve(|_| (1, 0, data(b"ok")));
        }
        // Reads nothing, says nothing, closes nothing.
        std::thread::sleep(Duration::from_secs(20));
    });
    let client = Client::connect(at(&fake));
    let mut states = client.states();
    until(&mut states, Suspended).await;
    let trouble = client.session().trouble.expect("a reason");
    assert!(trouble.contains("nothing was heard"), "{trouble}");
    until(&mut states, Connected).await;
    client.get(&path("/a")).await.expect("it goes on");
    client.close().await;
}

#[tokio::test]
async fn a_session_that_no_server_knows_of_any_more_is_given_up_by_the_clock() {
    let fake = Fake::start("3.9.4", |conn, number| {
        if number == 0 {
            conn.welcome(1, 600);
        } else if conn.asked.session_id == 0 {
            conn.welcome(2, 10_000);
            conn.serve(|_| (1, 0, data(b"")));
        }
        // Otherwise: closes without a word, as servers that are behind do.
    });
    let client = Client::connect(at(&fake));
    let mut states = client.states();
    until(&mut states, Suspended).await;
    assert_eq!(until(&mut states, Lost).await, [Lost]);
    assert_eq!(until(&mut states, Connected).await, [Connected]);
    assert_eq!(client.session().id, 2);
    client.close().await;
}
