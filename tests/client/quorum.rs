//! What needs an ensemble: read-only servers and the way back, and reconfiguration.

use std::time::{Duration, Instant};

use zooscope::client::{Auth, Client, Error, Options, Reconfig, SessionState};
use zooscope::proto::{CreateMode, ErrorCode};

use crate::common::{connected, path, soon, until};
use crate::fake::Fake;
use crate::storm::{no_task_is_left, tasks};
use crate::support::{self, Ensemble, Setup, blocking, eventually, free_port};

fn refused<T: std::fmt::Debug>(result: Result<T, Error>, code: ErrorCode) {
    let error = result.expect_err("it must be refused");
    assert!(error.is(code), "{error}, not {code}");
}

/// Waits until so many pings more were answered.
async fn pongs(client: &Client, count: u32) {
    let mut info = client.watch_session();
    let mut last = client.session().round_trip;
    for _ in 0..count {
        let another = info.wait_for(move |info| ![None, last].contains(&info.round_trip));
        let info = soon("a pong", another).await.expect("the client lives");
        last = info.round_trip;
    }
}

/// kazoo: `test_connection::TestReadOnlyMode::test_read_only`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_only_server_answers_reads_until_there_is_a_quorum_again() {
    let before = tasks();
    let Some(install) = support::newest() else {
        return;
    };
    let setup = Setup {
        java: vec!["-Dreadonlymode.enabled=true".to_owned()],
        config: vec!["localSessionsEnabled=true".to_owned()],
        ..Setup::default()
    };
    let mut ensemble = blocking(|| Ensemble::start_with(install, &setup));
    let writer = connected(Options::new(&ensemble.hosts()).expect("hosts")).await;
    writer
        .create(&path("/a"), b"old", &[], CreateMode::Persistent)
        .await
        .expect("made");
    writer.close().await;
    blocking(|| {
        ensemble.member(1).kill();
        ensemble.member(2).kill();
    });
    let options = Options::new(&ensemble.hosts()).expect("hosts");
    let options = options.session_timeout(Duration::from_secs(4));
    let client = Client::connect(options.allow_read_only_server(true));
    let mut states = client.states();
    until(&mut states, SessionState::ConnectedReadOnly).await;
    // For longer than the session would live without them, three to a timeout.
    let epoch = client.session().epoch;
    pongs(&client, 5).await;
    assert_eq!(client.session().epoch, epoch, "it is the same connection");
    let read = client.get(&path("/a")).await.expect("reads are answered");
    assert_eq!(read.data.as_deref(), Some(&b"old"[..]));
    let made = client.create(&path("/b"), b"", &[], CreateMode::Persistent);
    refused(made.await, ErrorCode::NotReadOnly);
    refused(client.sync(&path("/")).await, ErrorCode::NotReadOnly);
    let commit = client.transaction().delete(&path("/a"), None).commit();
    refused(commit.await, ErrorCode::NotReadOnly);
    let (_, watch) = client
        .get_watch(&path("/a"))
        .await
        .expect("reads are answered");
    blocking(|| ensemble.restart(1));
    until(&mut states, SessionState::Connected).await;
    client
        .set(&path("/a"), b"new", None)
        .await
        .expect("a quorum");
    soon("the event", watch).await;
    client.close().await;
    no_task_is_left(before).await;
}

fn without_a_quorum() -> Fake {
    Fake::start("3.9.4", |conn, _| {
        conn.welcome_read_only(1, 10_000);
        conn.serve(|_| (1, ErrorCode::NotReadOnly.code(), Vec::new()));
    })
}

/// Found by asking the other servers, while this one goes on being read-only.
#[tokio::test]
async fn a_server_that_takes_writes_is_looked_for() {
    let before = tasks();
    let Some(server) = support::shared_newest() else {
        return;
    };
    let fake = without_a_quorum();
    let hosts = format!("{},{}", fake.addr(), server.addr());
    let options = Options::new(&hosts)
        .expect("hosts")
        .shuffle(false)
        .allow_read_only_server(true);
    let client = Client::connect(options);
    let mut states = client.states();
    until(&mut states, SessionState::ConnectedReadOnly).await;
    let seen = until(&mut states, SessionState::Connected).await;
    // The read-only server's session was its own: there was none to lose.
    assert!(!seen.contains(&SessionState::Lost), "{seen:?}");
    let info = client.session();
    assert_eq!(info.server.as_deref(), Some(server.hosts().as_str()));
    assert_eq!(info.expired, 0);
    client.close().await;
    no_task_is_left(before).await;
}

#[tokio::test]
async fn servers_named_meanwhile_are_asked_whether_they_take_writes() {
    let (fake, other) = (
        without_a_quorum(),
        Fake::start("3.9.4", |conn, _| {
            conn.welcome(2, 10_000);
            conn.serve(|_| (1, 0, Vec::new()));
        }),
    );
    other.says_that_it_takes_writes();
    let options = Options::new(&fake.addr().to_string()).expect("an address");
    let options = options.shuffle(false).allow_read_only_server(true);
    let client = Client::connect(options);
    let mut states = client.states();
    until(&mut states, SessionState::ConnectedReadOnly).await;
    let hosts = format!("{},{}", fake.addr(), other.addr());
    client
        .set_hosts(&hosts.parse().expect("hosts"))
        .expect("the same chroot");
    until(&mut states, SessionState::Connected).await;
    assert_eq!(client.session().id, 2);
    assert_eq!(fake.asked().len(), 1, "the other was tried first");
    client.close().await;
}

/// Each time the connection that answers reads is given up for it.
#[tokio::test]
async fn a_server_that_takes_writes_but_not_us_is_tried_ever_more_seldom() {
    let (fake, promising) = (without_a_quorum(), Fake::start("3.9.4", |_, _| {}));
    promising.says_that_it_takes_writes();
    let hosts = format!("{},{}", fake.addr(), promising.addr());
    let options = Options::new(&hosts).expect("hosts");
    let options = options.shuffle(false).allow_read_only_server(true);
    let begun = Instant::now();
    let client = Client::connect(options);
    eventually("the fifth connection", || fake.asked().len() == 5).await;
    assert_eq!(promising.asked().len(), 4);
    // Four searches of two pauses each, of 100 ms, of 200, of 400 and of 800.
    assert!(
        begun.elapsed() >= Duration::from_secs(3),
        "{:?}",
        begun.elapsed()
    );
    client.close().await;
}

/// kazoo: `test_client::TestReconfig::test_no_super_auth`
/// kazoo: `test_client::TestReconfig::test_add_remove_observer`
/// kazoo: `test_client::TestReconfig::test_bad_input`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_ensemble_is_changed_by_who_may() {
    let before = tasks();
    let Some(install) = support::newest() else {
        return;
    };
    let digest = "super:D/InIHSb7yEEbrWz8b9l71RjZJU=";
    let setup = Setup {
        java: vec![format!(
            "-Dzookeeper.DigestAuthenticationProvider.superDigest={digest}"
        )],
        config: vec!["reconfigEnabled=true".to_owned()],
        ..Setup::default()
    };
    let ensemble = blocking(|| Ensemble::start_with(install, &setup));
    let options = Options::new(&ensemble.hosts()).expect("hosts");
    let client = connected(options.session_timeout(Duration::from_secs(20))).await;
    let (quorum, election, port) = (free_port(), free_port(), free_port());
    let member = format!("server.100=127.0.0.1:{quorum}:{election}:observer;127.0.0.1:{port}");
    let add = Reconfig::Change {
        joining: &member,
        leaving: "",
    };
    refused(client.reconfig(&add, None).await, ErrorCode::NoAuth);
    client
        .add_auth(Auth::digest("super", "test"))
        .await
        .expect("digest never fails");
    let config = client.get_config().await.expect("a config");
    let text = |data: Option<Vec<u8>>| String::from_utf8(data.expect("not null")).expect("text");
    assert!(text(config.data).contains("version="));
    let after = client.reconfig(&add, None).await.expect("super may");
    assert!(text(after.data).contains("server.100="));
    refused(
        client.reconfig(&add, Some(0x7fff_ffff_0000)).await,
        ErrorCode::BadVersion,
    );
    let nonsense = Reconfig::Change {
        joining: "nonsense",
        leaving: "",
    };
    refused(
        client.reconfig(&nonsense, None).await,
        ErrorCode::BadArguments,
    );
    let remove = Reconfig::Change {
        joining: "",
        leaving: "100",
    };
    let gone = client.reconfig(&remove, None).await.expect("super may");
    assert!(!text(gone.data).contains("server.100="));
    // Seen through any chroot.
    let inner = client.chroot(&path("/some/where"));
    assert!(text(inner.get_config().await.expect("a config").data).contains("version="));
    client.close().await;
    no_task_is_left(before).await;
}
