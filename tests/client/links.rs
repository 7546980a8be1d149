//! Links that die without a word, servers that are slow or not there, and how long each of
//! them may take.

use std::time::{Duration, Instant};

use zooscope::client::{Client, Options, SessionState};
use zooscope::proto::{AddWatchMode, Encode as _, EventType, KeeperState, OpCode, WatchedEvent};

use crate::common::{connected, options_at, path, soon, until};
use crate::fake::Fake;
use crate::support::eventually;

/// The link dies between a ping and its answer, but not before something else has come.
#[tokio::test]
async fn a_link_that_dies_before_a_pong_is_noticed_whatever_came_before() {
    let fake = Fake::start("3.9.4", |conn, number| {
        if number > 0 {
            return conn.serve_nothing(10_000);
        }
        conn.welcome(1, 1200);
        let ping = conn.receive().expect("the first goes at once");
        assert_eq!(ping.1, OpCode::Ping.code());
        let event = WatchedEvent {
            kind: EventType::NodeDataChanged,
            state: KeeperState::SYNC_CONNECTED,
            path: "/a".to_owned(),
        };
        conn.reply(-1, -1, 0, &event.to_bytes());
        conn.ignore();
    });
    let client = Client::connect(options_at(fake.addr(), ""));
    let mut states = client.states();
    until(&mut states, SessionState::Suspended).await;
    let trouble = client.session().trouble.expect("a reason");
    assert!(trouble.contains("nothing was heard"), "{trouble}");
    until(&mut states, SessionState::Connected).await;
    client.close().await;
}

/// kazoo: `test_utils::TestCreateTCPConnection::test_slow_connect`
#[tokio::test]
async fn a_host_that_answers_nothing_takes_no_more_than_its_share_of_the_time() {
    let slow = Fake::start("3.9.4", |conn, _| conn.ignore());
    let good = Fake::start("3.9.4", |conn, _| conn.serve_nothing(12_000));
    let (first, others) = (slow.addr(), vec![good.addr().to_string(); 5].join(","));
    let timeout = Duration::from_secs(12);
    let options = Options::new(&format!("{first},{others}"))
        .expect("hosts")
        .shuffle(false)
        .session_timeout(timeout);
    let begun = Instant::now();
    let client = connected(options).await;
    // One of six has two seconds.
    assert!(begun.elapsed() < timeout / 2, "{:?}", begun.elapsed());
    assert_eq!(slow.asked().len(), 1, "it was asked first");
    client.close().await;
}

#[tokio::test]
async fn a_long_pause_between_attempts_ends_with_the_client() {
    // Has a session for nobody.
    let fake = Fake::start("3.9.4", |_, _| {});
    let options = Options::new(&fake.addr().to_string()).expect("an address");
    let client = Client::connect(options);
    // After the sixth attempt there are 1.9 seconds to the next, at the very least.
    eventually("the sixth attempt", || fake.asked().len() == 6).await;
    let asked = Instant::now();
    client.close().await;
    assert!(
        asked.elapsed() < Duration::from_secs(1),
        "{:?}",
        asked.elapsed()
    );
    assert_eq!(client.session().state, SessionState::Closed);
    assert_eq!(fake.asked().len(), 6);
}

/// Where persistent watches have to be set again, the server is asked for its version first.
#[tokio::test]
async fn the_first_round_trip_is_a_pings_and_nothing_elses() {
    let first = Fake::start("3.9.4", |conn, _| {
        conn.welcome(1, 12_000);
        let xid = conn.request().expect("the watch").0;
        conn.reply(xid, 1, 0, &0i32.to_be_bytes());
        conn.request();
    });
    let slow = Duration::from_secs(2);
    let srvr = move |_| {
        std::thread::sleep(slow);
        Some("Zookeeper version: 3.9.4-fake, built on a test\n".to_owned())
    };
    let second = Fake::telling(srvr, |conn, _| {
        conn.welcome(1, 12_000);
        conn.serve(|_| (1, 0, Vec::new()));
    });
    let client = connected(options_at(first.addr(), "")).await;
    let watch = client.add_watch(&path("/a"), AddWatchMode::Persistent);
    let watch = watch.await.expect("3.9");
    let mut states = client.states();
    client
        .set_hosts(&second.addr().to_string().parse().expect("an address"))
        .expect("the same chroot");
    drop(client.get(&path("/last")));
    until(&mut states, SessionState::Suspended).await;
    until(&mut states, SessionState::Connected).await;
    let mut info = client.watch_session();
    let info = soon("the pong", info.wait_for(|info| info.round_trip.is_some())).await;
    let trip = info
        .expect("a snapshot")
        .round_trip
        .expect("it was waited for");
    assert!(trip < slow / 2, "{trip:?}");
    drop(watch);
    client.close().await;
}
