//! Opening, closing and what comes between, as kazoo's suite has it. There is no start and
//! stop: a client is opened once, and another one with the same options.

use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use zooscope::client::{Client, Credentials, ErrorKind, Options, Secret, SessionState};
use zooscope::proto::{CreateMode, ErrorCode};

use crate::common::{connected, make, options, options_at, path, soon, until};
use crate::support::{self, Direction, Proxy, eventually, free_port};

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

/// kazoo: `test_client::TestClientConstructor::test_connection_timeout`
/// kazoo: `test_client::TestClientConstructor::test_invalid_hostname`
#[tokio::test]
async fn opening_is_given_up_in_time_with_the_reason_and_without_a_trace() {
    let before = tasks();
    let dead = format!("127.0.0.1:{}", free_port());
    for (hosts, why) in [
        (dead.as_str(), "refused"),
        ("no-such-host.invalid:2181/a", "no such host"),
    ] {
        let options = Options::new(hosts).expect("hosts");
        let begun = Instant::now();
        let patience = Duration::from_millis(300);
        let error = Client::open(options, patience).await;
        let error = error.expect_err("nobody is there");
        assert!(begun.elapsed() < Duration::from_secs(3), "{hosts}");
        let ErrorKind::NotConnected { within, trouble } = error.kind() else {
            panic!("{error}");
        };
        assert_eq!(*within, patience);
        let host = hosts.split('/').next().expect("a host");
        assert!(trouble.contains(host) && trouble.contains(why), "{error}");
        eventually("its task to end", || tasks() <= before).await;
    }
    let Some(server) = support::shared_newest() else {
        return;
    };
    let client = Client::open(options(server, "open"), support::LIMIT).await;
    client.expect("a session").close().await;
}

/// kazoo: `test_client::TestConnection::test_restart`
/// kazoo: `test_client::TestConnection::test_double_start`
/// kazoo: `test_connection::TestConnectionHandler::test_connection_close`
/// kazoo: `test_client::TestConnection::test_no_connection`
/// kazoo: `test_client::TestClient::test_version_no_connection`
#[tokio::test]
async fn a_closed_client_stays_closed_and_its_options_open_another() {
    for server in support::shared_all() {
        let options = options(server, "again");
        let first = connected(options.clone()).await;
        let made = first.create(&path("/e"), b"", &[], CreateMode::Ephemeral);
        made.await.expect("made");
        let id = first.session().id;
        // A second one beside it has a session of its own.
        let second = connected(options.clone()).await;
        assert_ne!(second.session().id, id);
        assert!(second.stat(&path("/e")).await.is_ok());
        first.close().await;
        assert_eq!(first.connected().await, Err(SessionState::Closed));
        let error = first.get(&path("/")).await.expect_err("it is closed");
        assert!(error.is_final(), "{error}");
        assert_eq!(first.ask_version().await, None, "there is no server");
        assert_eq!(first.server_version(), None);
        let third = connected(options).await;
        assert_eq!(third.exists(&path("/e")).await.expect("an answer"), None);
        second.close().await;
        third.close().await;
    }
}

/// kazoo: `test_client::TestConnection::test_closed`
/// kazoo: `test_client::TestCallbacks::test_async_result_callbacks_are_always_called`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_race_with_closing_are_all_answered() {
    for server in support::shared_all() {
        let client = connected(options(server, "race")).await;
        let mut callers = JoinSet::new();
        for _ in 0..8 {
            let client = client.clone();
            callers.spawn(async move {
                loop {
                    if let Err(error) = client.get(&path("/")).await {
                        return error;
                    }
                }
            });
        }
        client.get(&path("/")).await.expect("open still");
        client.close().await;
        while let Some(error) = soon("the callers", callers.join_next()).await {
            let error = error.expect("no panic");
            let closed = error.is_final() || error.is_connection_loss();
            assert!(closed && !error.may_have_been_applied(), "{error}");
        }
    }
}

/// kazoo: `test_connection::TestConnectionHandler::test_with_bad_sessionid`
#[tokio::test]
async fn a_session_that_no_server_knows_is_replaced() {
    for server in support::shared_all() {
        let unknown = Credentials {
            id: 82_838_284_824,
            password: Secret::new([3; 16]),
            last_zxid: 0,
        };
        let client = Client::connect(options(server, "unknown").resume(unknown.clone()));
        let mut states = client.states();
        let seen = until(&mut states, SessionState::Connected).await;
        assert!(seen.contains(&SessionState::Lost), "{seen:?}");
        assert_ne!(client.session().id, unknown.id, "{}", server.install());
        client.get(&path("/")).await.expect("a session");
        client.close().await;
    }
}

/// kazoo: `test_connection::TestConnectionHandler::test_connection_read_timeout`
/// kazoo: `test_connection::TestConnectionHandler::test_connection_write_timeout`
#[tokio::test]
async fn a_request_that_gets_stuck_is_lost_and_the_client_comes_back() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    for direction in [Direction::ToClient, Direction::ToServer] {
        let proxy = Proxy::start(server.addr());
        let options = options_at(proxy.addr(), &server.chroot("stuck"));
        let client = connected(options.session_timeout(Duration::from_secs(2))).await;
        make(&client, "/a", b"1").await;
        proxy.stall(direction, true);
        let read = client.get(&path("/a"));
        let written = client.create(&path("/b"), b"", &[], CreateMode::Persistent);
        let error = soon("the read", read).await.expect_err("it got stuck");
        assert_eq!(error.code(), Some(ErrorCode::ConnectionLoss), "{error}");
        let error = soon("the create", written).await.expect_err("it got stuck");
        assert!(error.may_have_been_applied(), "{error}");
        proxy.stall(direction, false);
        soon("the next connection", client.connected())
            .await
            .expect("it comes back");
        let read = soon("a read", client.get(&path("/a"))).await;
        // The connection may be the one after the next: what was stalled goes on first.
        assert!(
            read.as_ref().is_ok_and(|read| read.stat.version == 0),
            "{read:?}"
        );
        client.close().await;
    }
}
