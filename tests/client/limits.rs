//! The client's limits: frames too long, callers that go away, and more requests than there
//! is room for. What one request suffers, no other may notice.

use std::collections::HashSet;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::task::JoinSet;
use zooscope::client::{Client, ErrorKind, SessionState, WatchEvent};
use zooscope::proto::{Encode as _, ErrorCode, MultiHeader, OpCode, Request, ZPath};

use crate::common::{connected, make, open, options_at, path, soon, until};
use crate::fake::Fake;
use crate::support::{self, Direction, Proxy, wait_until};

const LIMIT: usize = 64 << 10;

/// Each node holds its own name: a reply in the wrong hands is found out.
fn many(server: &support::RealServer, chroot: &str, count: usize) -> Vec<ZPath> {
    let mut raw = server.raw();
    let paths: Vec<ZPath> = (0..count).map(|i| path(&format!("/n{i:04}"))).collect();
    for path in &paths {
        raw.create(&format!("{chroot}{path}"), path.as_str().as_bytes());
    }
    raw.close();
    paths
}

async fn reads_itself(client: &Client, path: &ZPath) {
    let reply = soon("a read", client.get(path))
        .await
        .expect("the node is there");
    assert_eq!(reply.data.as_deref(), Some(path.as_str().as_bytes()));
}

#[tokio::test]
async fn a_reply_over_the_limit_fails_alone() {
    for server in support::shared_all() {
        let chroot = server.chroot("long-reply");
        let proxy = Proxy::start(server.addr());
        // The skipped bytes come in pieces, as over a real network.
        proxy.split(Some(1000));
        let client = connected(options_at(proxy.addr(), &chroot).frame_limit(LIMIT)).await;
        let paths = many(server, &chroot, 3);
        let long = path("/long");
        server
            .raw()
            .create(&format!("{chroot}/long"), &vec![b'x'; 3 * LIMIT]);
        let session = client.session();

        let before = client.get(&paths[0]);
        let too_long = client.get(&long);
        let after = client.get(&paths[1]);
        let reply = soon("the reply before", before).await.expect("it is short");
        assert_eq!(reply.data.as_deref(), Some(paths[0].as_str().as_bytes()));
        let error = soon("the long reply", too_long)
            .await
            .expect_err("it is too long");
        let ErrorKind::ReplyTooLarge { size, limit } = *error.kind() else {
            panic!("{error}");
        };
        assert!(size > 3 * LIMIT && limit == LIMIT, "{error}");
        let words = error.to_string();
        let told = [
            "/long".to_owned(),
            size.to_string(),
            limit.to_string(),
            "frame_limit".to_owned(),
        ];
        assert!(told.iter().all(|word| words.contains(word)), "{words}");
        let reply = soon("the reply after", after).await.expect("it is short");
        assert_eq!(reply.data.as_deref(), Some(paths[1].as_str().as_bytes()));

        reads_itself(&client, &paths[2]).await;
        let now = client.session();
        let (then, now) = ((session.id, session.epoch), (now.id, now.epoch));
        assert_eq!(now, then, "{}: the same connection", server.install());
        client.close().await;
    }
}

#[tokio::test]
async fn a_reply_of_exactly_the_limit_is_taken() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let chroot = server.chroot("just-right");
    // Header, length, data, Stat.
    let data = vec![b'x'; LIMIT - 16 - 4 - 68];
    server.raw().create(&format!("{chroot}/n"), &data);
    let fits = connected(options_at(server.addr(), &chroot).frame_limit(LIMIT)).await;
    let reply = soon("a read", fits.get(&path("/n")))
        .await
        .expect("it fits");
    assert_eq!(reply.data.as_deref(), Some(data.as_slice()));
    let short = connected(options_at(server.addr(), &chroot).frame_limit(LIMIT - 1)).await;
    let error = soon("a read", short.get(&path("/n")))
        .await
        .expect_err("it does not");
    assert!(
        matches!(*error.kind(), ErrorKind::ReplyTooLarge { size: LIMIT, .. }),
        "{error}"
    );
    fits.close().await;
    short.close().await;
}

#[tokio::test]
async fn a_request_over_the_servers_limit_is_never_sent() {
    for server in support::shared_all() {
        let client = open(server, "long-request").await;
        let node = path("/n");
        client
            .create(
                &node,
                b"short",
                &[],
                zooscope::proto::CreateMode::Persistent,
            )
            .await
            .expect("made");
        let session = client.session();
        let error = client
            .set(&node, &vec![b'x'; 1 << 20], None)
            .await
            .expect_err("too long");
        let ErrorKind::RequestTooLarge { size, limit } = *error.kind() else {
            panic!("{error}");
        };
        assert!(size > 1 << 20 && limit == 0xf_ffff, "{error}");
        assert!(!error.may_have_been_applied(), "it was not sent");
        let words = error.to_string();
        assert!(
            words.contains("/n") && words.contains("jute.maxbuffer"),
            "{words}"
        );
        let reply = client.get(&node).await.expect("the session goes on");
        assert_eq!(reply.data.as_deref(), Some(b"short".as_slice()));
        // The connection too: nothing was lost and made good meanwhile.
        assert_eq!(
            client.session().epoch,
            session.epoch,
            "{}",
            server.install()
        );
        client.close().await;
    }
}

/// Polls a future once, as a caller does that then goes away.
fn poll_once<F: Future>(future: F) -> Option<F::Output> {
    let mut context = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut context) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn callers_that_go_away_shift_nobodys_reply() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let chroot = server.chroot("cancel");
    let paths = many(server, &chroot, 200);
    let options = options_at(server.addr(), &chroot)
        .max_in_flight(50)
        .max_queued(20);
    let client = connected(options).await;
    let mut callers = JoinSet::new();
    for seed in 0..8 {
        let (client, paths) = (client.clone(), paths.clone());
        callers.spawn(async move {
            let mut rng = fastrand::Rng::with_seed(seed);
            for _ in 0..400 {
                let path = &paths[rng.usize(..paths.len())];
                match rng.u8(..5) {
                    // Never polled; polled once; polled for a while.
                    0 => drop(client.get(path)),
                    1 => drop(poll_once(client.get(path))),
                    2 => {
                        let haste = Duration::from_micros(rng.u64(1..300));
                        drop(tokio::time::timeout(haste, client.get(path)).await);
                    }
                    _ => reads_itself(&client, path).await,
                }
            }
        });
    }
    while let Some(done) = soon("the callers", callers.join_next()).await {
        done.expect("every reply came to its caller");
    }
    for path in &paths {
        reads_itself(&client, path).await;
    }
    client.close().await;
}

/// How many reads the proxy has seen on their way to the server.
fn reads(proxy: &Proxy) -> usize {
    let seen = proxy.seen();
    seen.iter()
        .filter(|seen| seen.op == Some(OpCode::GetData))
        .count()
}

#[tokio::test]
async fn no_more_is_in_flight_than_may_be() {
    const IN_FLIGHT: usize = 10;
    const QUEUED: usize = 30;
    let Some(server) = support::shared_newest() else {
        return;
    };
    let chroot = server.chroot("pressure");
    let paths = many(server, &chroot, 200);
    let proxy = Proxy::start(server.addr());
    let options = options_at(proxy.addr(), &chroot)
        .session_timeout(Duration::from_secs(60))
        .max_in_flight(IN_FLIGHT)
        .max_queued(QUEUED);
    let client = connected(options).await;
    proxy.stall(Direction::ToClient, true);
    let mut callers = JoinSet::new();
    for path in paths.clone() {
        let client = client.clone();
        callers.spawn(async move { reads_itself(&client, &path).await });
    }
    support::eventually("the first reads", || reads(&proxy) >= IN_FLIGHT).await;
    // All callers have had their turn by now; what could be sent has been.
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert_eq!(reads(&proxy), IN_FLIGHT, "the others wait");
    }
    assert_eq!(
        callers.len(),
        paths.len(),
        "nobody was answered, nobody was refused"
    );
    proxy.stall(Direction::ToClient, false);
    while let Some(done) = soon("the callers", callers.join_next()).await {
        done.expect("its own reply");
    }
    assert_eq!(reads(&proxy), paths.len());
    client.close().await;
}

#[tokio::test]
async fn room_that_a_caller_leaves_is_not_lost() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let chroot = server.chroot("room");
    let paths = many(server, &chroot, 60);
    let proxy = Proxy::start(server.addr());
    let options = options_at(proxy.addr(), &chroot)
        .session_timeout(Duration::from_secs(60))
        .max_in_flight(1)
        .max_queued(1);
    let client = connected(options).await;
    for round in 0..10 {
        proxy.stall(Direction::ToClient, true);
        let mut patient = JoinSet::new();
        let mut hasty = JoinSet::new();
        for (index, path) in paths.iter().cloned().enumerate() {
            let client = client.clone();
            // Those that wait for room, and those that will give up waiting, by turns.
            let call = async move { reads_itself(&client, &path).await };
            if (index + round) % 2 == 0 {
                patient.spawn(call);
            } else {
                hasty.spawn(call);
            }
        }
        tokio::task::yield_now().await;
        proxy.stall(Direction::ToClient, false);
        tokio::time::sleep(Duration::from_micros(300)).await;
        hasty.abort_all();
        while let Some(done) = soon("those who waited", patient.join_next()).await {
            done.expect("its own reply");
        }
    }
    client.close().await;
}

#[test]
fn dropping_a_full_client_leaves_nothing_running() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let proxy = Proxy::start(server.addr());
    let chroot = server.chroot("dropped");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let errors: HashSet<String> = runtime.block_on(async {
        let options = options_at(proxy.addr(), &chroot)
            .max_in_flight(2)
            .max_queued(5);
        let client = connected(options).await;
        proxy.stall(Direction::ToClient, true);
        let mut callers = JoinSet::new();
        for _ in 0..50 {
            let client = client.clone();
            callers.spawn(async move { client.get(&path("/")).await });
        }
        tokio::task::yield_now().await;
        client.close().await;
        let mut errors = HashSet::new();
        while let Some(done) = soon("the callers", callers.join_next()).await {
            let error = done.expect("no panic").expect_err("nothing was answered");
            errors.insert(format!("{:?}", error.kind()));
        }
        errors
    });
    assert!(!errors.is_empty());
    let metrics = runtime.metrics();
    wait_until("all tasks to end", || metrics.num_alive_tasks() == 0);
}

#[tokio::test]
async fn watches_are_set_again_in_frames_that_the_server_takes() {
    const MOST: usize = 8 << 10;
    let Some(install) = support::newest() else {
        return;
    };
    let setup = support::Setup {
        java: vec![format!("-Djute.maxbuffer={MOST}")],
        ..support::Setup::default()
    };
    let server = support::RealServer::start_with(install, &setup);
    let proxy = Proxy::start(server.addr());
    let client = connected(options_at(proxy.addr(), "").server_frame_limit(MOST - 1)).await;
    let paths: Vec<ZPath> = (0..400)
        .map(|i| path(&format!("/{i}-{}", "x".repeat(40))))
        .collect();
    let mut watches = Vec::new();
    for path in &paths {
        let (stat, watch) = client.exists_watch(path).await.expect("an answer");
        assert_eq!(stat, None);
        watches.push(watch);
    }
    let mut states = client.states();
    proxy.cut();
    until(&mut states, SessionState::Suspended).await;
    until(&mut states, SessionState::Connected).await;
    for (path, watch) in paths.iter().zip(watches) {
        make(&client, path.as_str(), b"").await;
        let event = soon("the event", watch).await;
        assert!(matches!(event, WatchEvent::Node(_)), "{event:?}");
    }
    assert_eq!(client.session().epoch, 2, "the connection stayed");
    client.close().await;
}

#[tokio::test]
async fn a_server_that_leaves_an_answer_out_is_not_believed() {
    let fake = Fake::start("3.9.4", |conn, _| {
        conn.welcome(1, 10_000);
        conn.serve(|request| match request {
            Request::MultiRead(_) => (1, 0, MultiHeader::END.to_bytes()),
            _ => (1, ErrorCode::NoNode.code(), Vec::new()),
        });
    });
    // Any timeout may be asked for.
    let options = options_at(fake.addr(), "").session_timeout(Duration::MAX);
    let client = connected(options).await;
    let reads = client.multi_read().data(&path("/a")).data(&path("/b"));
    let error = soon("an answer", reads.send()).await.expect_err("it lacks");
    assert!(matches!(error.kind(), ErrorKind::BadReply(_)), "{error}");
    client.close().await;
}
