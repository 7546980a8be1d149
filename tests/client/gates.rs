//! Requests that not every server knows: they wait for the server's version in their place,
//! go with their connection, and are never sent to a server that is too old for them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use zooscope::client::{Client, Done, ErrorKind, Options, SessionState, Version, WatchEvent};
use zooscope::proto::{
    AddWatchMode, CreateMode, CreateReply, DataReply, Encode as _, ErrorCode, OpCode, Request, Stat,
};

use crate::common::{connected, options, options_at, path, soon, until};
use crate::fake::Fake;
use crate::support::{self, Proxy};

pub fn srvr(version: &str) -> String {
    format!("Zookeeper version: {version}, built on a test\nLatency\n")
}

fn data() -> Vec<u8> {
    let (data, stat) = (None, Stat::default());
    DataReply { data, stat }.to_bytes()
}

/// Something for every request: no znode is there, but all can be created.
pub fn answer(request: &Request<'_>) -> (i64, i32, Vec<u8>) {
    match request {
        Request::Create { op, .. } => {
            let stat = (*op != OpCode::Create).then(Stat::default);
            let path = "/made".to_owned();
            (1, 0, CreateReply { path, stat }.to_bytes())
        }
        Request::GetData { .. } => (1, 0, data()),
        Request::WhoAmI => (1, 0, 0i32.to_be_bytes().to_vec()),
        _ => (1, ErrorCode::NoNode.code(), Vec::new()),
    }
}

#[tokio::test]
async fn calls_made_before_anything_is_known_are_carried_out_in_their_order() {
    for server in support::shared_all() {
        let client = Client::connect(options(server, "order"));
        let at = path("/a");
        let made = client.create(&at, b"1", &[], CreateMode::Persistent);
        let set = client.set(&at, b"2", Some(0));
        let below = client.create(&at.child("b"), b"", &[], CreateMode::Ephemeral);
        let names = client.get_children(&at);
        let deleted = client.delete(&at.child("b"), Some(0));
        let read = client.get(&at);
        let made = soon("the create", made).await.expect("made");
        let knows = server.install().is_at_least(&[3, 5]);
        assert_eq!(made.stat.is_some(), knows, "{}", server.install());
        assert_eq!(set.await.expect("made before").version, 1);
        below.await.expect("made before");
        assert_eq!(names.await.expect("made before").len(), 1);
        deleted.await.expect("made before");
        assert_eq!(read.await.expect("there").data.as_deref(), Some(&b"2"[..]));
        assert_eq!(client.session().epoch, 1, "{}", server.install());
        client.close().await;
    }
}

/// Whether a transaction's creates tell their Stats depends on the server alone.
#[tokio::test]
async fn a_transaction_made_before_anything_is_known_is_what_it_is_later() {
    for server in support::shared_all() {
        let install = server.install();
        let client = Client::connect(options(server, "early"));
        let mut kinds = vec![CreateMode::Persistent, CreateMode::EphemeralSequential];
        if install.is_at_least(&[3, 6]) {
            kinds.push(CreateMode::Container);
        }
        let whole = |name: &str| {
            let all = client.transaction().check(&path("/"), 0);
            kinds.iter().zip(0..).fold(all, |all, (kind, i)| {
                let at = path(&format!("/{name}{i}"));
                all.create(&at, b"x", &[], *kind)
            })
        };
        let early = whole("early").commit();
        let read = client.get(&path("/early0"));
        let early = soon("the transaction", early).await.expect("made");
        read.await.expect("made before");
        let late = whole("late").commit().await.expect("made");
        for done in [early, late] {
            assert_eq!(done.len(), kinds.len() + 1, "{install}");
            for (done, kind) in done.iter().skip(1).zip(&kinds) {
                let Done::Created(made) = done else {
                    panic!("{done:?}");
                };
                // Containers always tell theirs.
                let tells = install.is_at_least(&[3, 9]) || *kind == CreateMode::Container;
                assert_eq!(made.stat.is_some(), tells, "{kind:?} on {install}");
            }
        }
        client.close().await;
    }
}

#[tokio::test]
async fn what_waits_for_the_version_goes_with_the_connection_and_was_not_done() {
    let fake = Fake::telling(
        |count| (count > 0).then(|| srvr("3.9.4")),
        |conn, number| {
            conn.welcome(1, 10_000);
            if number == 0 {
                // Not a word of its version: only what comes before it arrives.
                let (_, op, _) = conn.request().expect("the first read");
                assert_eq!(op, OpCode::GetData.code());
                return;
            }
            conn.serve(answer);
        },
    );
    let client = Client::connect(options_at(fake.addr(), ""));
    soon("the session", client.connected())
        .await
        .expect("a session");
    let first = client.get(&path("/a"));
    let gated = client.create(&path("/a"), b"", &[], CreateMode::Persistent);
    let behind = client.delete(&path("/a"), None);
    // A future that nobody waits for takes nothing from the others.
    drop(client.who_am_i());
    let lost = soon("the first", first).await.expect_err("it broke");
    assert_eq!(lost.code(), Some(ErrorCode::ConnectionLoss), "{lost}");
    for (what, error) in [
        ("the gated", soon("the gated", gated).await.map(drop)),
        ("the one behind", soon("the one behind", behind).await),
    ] {
        let error = error.expect_err("it went with its connection");
        let ErrorKind::ConnectionLost { sent, .. } = error.kind() else {
            panic!("{what}: {error}");
        };
        assert!(!sent && !error.may_have_been_applied(), "{what}: {error}");
    }
    soon("the next connection", client.who_am_i())
        .await
        .expect("3.9.4 knows it");
    client.close().await;
}

/// A server that lets nobody in before it is `open`, and notes what it is asked.
fn doorkeeper(version: &str, open: &Arc<AtomicBool>, seen: &Arc<Mutex<Vec<OpCode>>>) -> Fake {
    let (open, seen) = (open.clone(), seen.clone());
    Fake::start(version, move |conn, _| {
        while !open.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(2));
        }
        conn.welcome(1, 10_000);
        conn.serve(|request| {
            seen.lock().expect("no panic").push(request.op());
            answer(request)
        });
    })
}

/// A server of an older version takes over while requests wait for a connection.
#[tokio::test]
async fn what_was_queued_for_a_newer_server_suits_the_older_one_that_gets_it() {
    let new = Fake::start("3.9.4", |conn, _| {
        conn.welcome(1, 10_000);
        conn.request();
    });
    let (open, seen) = <(Arc<AtomicBool>, Arc<Mutex<Vec<OpCode>>>)>::default();
    let old = doorkeeper("3.4.6", &open, &seen);
    let hosts = format!("{},{}", new.addr(), old.addr());
    let options = Options::new(&hosts).expect("hosts").shuffle(false);
    let client = connected(options).await;
    let mut states = client.states();
    assert_eq!(client.server_version(), Some(Version::new(3, 9, 4)));
    drop(client.get(&path("/last")));
    until(&mut states, SessionState::Suspended).await;
    assert_eq!(client.server_version(), None, "of no server");
    let at = path("/a");
    let set = client.set(&at, b"", None);
    let made = client.create(&at, b"", &[], CreateMode::Persistent);
    let identity = client.who_am_i();
    let container = client.create(&at, b"", &[], CreateMode::Container);
    let (one, two) = (path("/1"), path("/2"));
    let reads = client.multi_read().data(&one).data(&two).send();
    let deleted = client.delete(&at, None);
    open.store(true, Ordering::Relaxed);
    assert!(soon("the set", set).await.is_err());
    let made = soon("the create", made).await.expect("made");
    assert_eq!(made.stat, None, "3.4 tells none");
    for refused in [
        soon("who we are", identity).await.map(drop),
        soon("the container", container).await.map(drop),
    ] {
        let error = refused.expect_err("too new");
        assert!(error.to_string().contains("3.4.6"), "{error}");
        assert_eq!(error.server(), Some(old.addr().to_string().as_str()));
    }
    assert!(soon("the delete", deleted).await.is_err());
    let reads = soon("both reads", reads).await.expect("one by one");
    assert!(reads.iter().all(Result::is_ok), "{reads:?}");
    let writes = [OpCode::SetData, OpCode::Create, OpCode::Delete];
    let all = [&writes[..], &[OpCode::GetData; 2]].concat();
    assert_eq!(*seen.lock().expect("no panic"), all);
    client.close().await;
}

/// kazoo: `test_client::TestClient::test_server_version_retries_eventually_ok`
#[tokio::test]
async fn a_version_told_in_part_is_asked_for_again() {
    let fake = Fake::telling(
        |count| {
            let whole = srvr("3.6.3");
            let parts = ["", "Zookeeper", "Zookeeper version: 3."];
            Some((*parts.get(count).unwrap_or(&whole.as_str())).to_owned())
        },
        |conn, _| {
            conn.welcome(1, 10_000);
            conn.serve(answer);
        },
    );
    let client = connected(options_at(fake.addr(), "")).await;
    assert_eq!(client.server_version(), Some(Version::new(3, 6, 3)));
    client.close().await;
}

/// A server that is mute for a while is asked again, on the same connection; one that has told
/// is believed although it is mute on the next.
#[tokio::test]
async fn a_version_told_late_is_told_and_one_told_before_is_kept() {
    let fake = Fake::telling(
        |count| match count {
            0..6 => Some(String::new()),
            6 => Some(srvr("3.6.3")),
            _ => None,
        },
        |conn, number| {
            conn.welcome(1, 10_000);
            while let Some((xid, op, _)) = conn.request() {
                if number == 0 && op == OpCode::Delete.code() {
                    return;
                }
                conn.reply(xid, 1, 0, &data());
            }
        },
    );
    let client = connected(options_at(fake.addr(), "")).await;
    assert_eq!(client.server_version(), None);
    let mut info = client.watch_session();
    let told = info.wait_for(|info| info.version.as_deref() == Some("3.6.3"));
    soon("the version", told).await.expect("a snapshot");
    let mut states = client.states();
    drop(client.delete(&path("/last"), None));
    until(&mut states, SessionState::Suspended).await;
    until(&mut states, SessionState::Connected).await;
    assert_eq!(client.ask_version().await, Some(Version::new(3, 6, 3)));
    assert_eq!(fake.asked().len(), 2);
    client.close().await;
}

/// kazoo: `test_client::TestClient::test_server_version_retries_fail`
#[tokio::test]
async fn a_version_that_is_never_told_holds_nobody_up() {
    for words in [Some(""), Some("Zookeeper version: 3.8"), None] {
        let fake = Fake::telling(
            move |_| words.map(str::to_owned),
            |conn, _| {
                conn.welcome(1, 10_000);
                conn.serve(answer);
            },
        );
        let client = Client::connect(options_at(fake.addr(), ""));
        // It may know the operation: that it does not would be told by its answer.
        soon("an answer all the same", client.who_am_i())
            .await
            .expect("the fake knows it");
        assert_eq!(client.ask_version().await, None, "{words:?}");
        client.close().await;
    }
}

/// Before 3.9 a one-shot watch takes a persistent one's place: it is not asked for while it is
/// unknown which kind of server will get the request, however new the last one was.
#[tokio::test]
async fn a_watch_asked_for_between_two_servers_suits_either() {
    let new = Fake::start("3.9.4", |conn, _| {
        conn.welcome(1, 10_000);
        conn.serve(|request| match request {
            Request::AddWatch { .. } => (1, 0, 0i32.to_be_bytes().to_vec()),
            _ => answer(request),
        });
    });
    let open = Arc::new(AtomicBool::new(false));
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (gate, log) = (open.clone(), seen.clone());
    let old = Fake::start("3.8.0", move |conn, _| {
        while !gate.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(2));
        }
        conn.welcome(1, 10_000);
        conn.serve(|request| {
            let watch = matches!(request, Request::GetData { watch: true, .. });
            log.lock().expect("no panic").push((request.op(), watch));
            match request {
                Request::SetWatches2(_) => (1, 0, Vec::new()),
                _ => answer(request),
            }
        });
    });
    let proxy = Proxy::start(new.addr());
    let options = options_at(proxy.addr(), "").max_backoff(Duration::from_millis(20));
    let client = connected(options).await;
    let mut states = client.states();
    let at = path("/a");
    let recursive = AddWatchMode::PersistentRecursive;
    let mut tree = client.add_watch(&at, recursive).await.expect("3.9");
    proxy.redirect(old.addr());
    proxy.cut();
    until(&mut states, SessionState::Suspended).await;
    let read = client.get_watch(&at);
    open.store(true, Ordering::Relaxed);
    let _watch = match soon("the read", read).await {
        Ok((_, watch)) => watch,
        // It was on its way when the server told what it is.
        Err(error) => {
            assert!(error.is_connection_loss(), "{error}");
            soon("the next", client.get_watch(&at))
                .await
                .expect("there")
                .1
        }
    };
    assert_eq!(soon("a gap", tree.next()).await, Some(WatchEvent::Gap));
    let seen = seen.lock().expect("no panic").clone();
    let read = seen.iter().find(|(op, _)| *op == OpCode::GetData);
    assert_eq!(read, Some(&(OpCode::GetData, false)), "{seen:?}");
    assert_eq!(seen.first().map(|(op, _)| *op), Some(OpCode::SetWatches2));
    client.close().await;
}

#[tokio::test]
async fn an_operation_the_server_does_not_know_is_not_asked_for_twice() {
    let asked = Arc::new(Mutex::new(0));
    let count = asked.clone();
    // It tells no version that is ZooKeeper's, as other makes of server do.
    let fake = Fake::start("of another make", move |conn, _| {
        conn.welcome(1, 10_000);
        while let Some((xid, op, _)) = conn.request() {
            if op == OpCode::WhoAmI.code() {
                *count.lock().expect("no panic") += 1;
                conn.reply(xid, -1, -6, b"");
                return;
            }
            conn.reply(xid, 1, 0, &data());
        }
    });
    let client = connected(options_at(fake.addr(), "")).await;
    let error = client.who_am_i().await.expect_err("unknown");
    assert!(error.is(ErrorCode::Unimplemented), "{error}");
    let mut info = client.watch_session();
    let again = info.wait_for(|info| info.epoch == 2 && info.state.is_connected());
    soon("the next connection", again)
        .await
        .expect("a snapshot");
    client.ask_version().await;
    let error = client.who_am_i().await.expect_err("known to be unknown");
    assert!(
        matches!(error.kind(), ErrorKind::Unsupported { .. }),
        "{error}"
    );
    assert_eq!(*asked.lock().expect("no panic"), 1);
    client.close().await;
}
