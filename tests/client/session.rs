//! Sessions: states, expiry, resuming, closing.

use std::time::{Duration, Instant};

use zooscope::client::{Client, Credentials, Options, Secret, SessionState};
use zooscope::proto::{CreateMode, ErrorCode};

use crate::common::{connected, open, options, path, soon, until};
use crate::support::{self, Proxy, Raw};

use SessionState::{Closed, Connected, Connecting, Lost, Suspended};

/// kazoo: `test_client::TestClientTransitions::test_connection_and_disconnection`
#[tokio::test]
async fn a_client_connects_and_closes_and_says_so() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let client = Client::connect(options(server, "states"));
    let mut states = client.states();
    assert_eq!(until(&mut states, Connected).await, [Connecting, Connected]);
    let info = client.session();
    assert_eq!(info.server.as_deref(), Some(server.hosts().as_str()));
    assert_ne!(info.id, 0);
    assert_eq!(info.timeout, Duration::from_secs(10));
    client.close().await;
    assert_eq!(until(&mut states, Closed).await, [Closed]);
    assert_eq!(states.next().await, None);
    let error = client.get(&path("/")).await.expect_err("it is closed");
    assert!(error.to_string().contains("closed"), "{error}");
}

#[tokio::test]
async fn a_lost_connection_is_suspended_and_the_session_goes_on() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let proxy = Proxy::start(server.addr());
    let client = connected(super::common::options_at(
        proxy.addr(),
        &server.chroot("drop"),
    ))
    .await;
    let id = client.session().id;
    client
        .create(&path("/e"), b"", &[], CreateMode::Ephemeral)
        .await
        .expect("made");
    let mut states = client.states();
    proxy.cut();
    assert_eq!(until(&mut states, Suspended).await, [Connected, Suspended]);
    assert_eq!(until(&mut states, Connected).await, [Connected]);
    assert_eq!(client.session().id, id);
    assert!(
        client
            .exists(&path("/e"))
            .await
            .expect("an answer")
            .is_some()
    );
    client.close().await;
}

/// kazoo: `test_client::TestClientTransitions::test_connection_and_disconnection`
#[tokio::test]
async fn expiry_is_told_before_the_new_session() {
    for server in support::shared_all() {
        let client = open(server, "expiry").await;
        let before = client.session();
        client
            .create(&path("/e"), b"", &[], CreateMode::Ephemeral)
            .await
            .expect("made");
        let mut states = client.states();
        let credentials = client.credentials().expect("a session");
        Raw::end_session(server.addr(), credentials.id, credentials.password.expose());
        assert_eq!(
            until(&mut states, Lost).await,
            [Connected, Suspended, Lost],
            "{}",
            server.install()
        );
        assert_eq!(until(&mut states, Connected).await, [Connected]);
        let after = client.session();
        assert_ne!(after.id, before.id);
        assert_eq!(after.expired, 1);
        assert_eq!(client.exists(&path("/e")).await.expect("an answer"), None);
        client.close().await;
    }
}

/// kazoo: `test_client::TestClient::test_update_host_list`
#[tokio::test]
async fn other_servers_are_for_the_next_connection_and_the_chroot_stays() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let chroot = server.chroot("hosts");
    let (first, second) = (Proxy::start(server.addr()), Proxy::start(server.addr()));
    let client = connected(super::common::options_at(first.addr(), &chroot)).await;
    let id = client.session().id;
    let hosts = format!("{}{chroot}", second.addr()).parse().expect("hosts");
    client.set_hosts(&hosts).expect("the same chroot");
    client
        .get(&path("/"))
        .await
        .expect("the connection is kept");
    assert_eq!(
        client.session().server.as_deref(),
        Some(first.hosts().as_str())
    );
    let mut states = client.states();
    first.cut();
    until(&mut states, Suspended).await;
    until(&mut states, Connected).await;
    let info = client.session();
    assert_eq!(info.server.as_deref(), Some(second.hosts().as_str()));
    assert_eq!(info.id, id);
    let elsewhere = format!("{}/elsewhere", second.addr())
        .parse()
        .expect("hosts");
    assert!(client.set_hosts(&elsewhere).is_err());
    client.close().await;
}

/// kazoo: `test_client::TestClient::test_create_on_broken_connection`
#[tokio::test]
async fn no_session_is_renewed_that_shall_not_be() {
    for server in support::shared_all() {
        let client = connected(options(server, "renew").renew(false)).await;
        let mut states = client.states();
        let credentials = client.credentials().expect("a session");
        Raw::end_session(server.addr(), credentials.id, credentials.password.expose());
        let seen = until(&mut states, Closed).await;
        assert_eq!(seen, [Connected, Suspended, Lost, Closed]);
        let error = client.get(&path("/")).await.expect_err("it is over");
        assert_eq!(error.code(), Some(ErrorCode::SessionExpired), "{error}");
    }
}

/// kazoo: `test_connection::TestConnectionHandler::test_with_bad_sessionid`
#[tokio::test]
async fn a_session_is_resumed_with_its_password_and_not_without() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let options = options(server, "resume");
    let first = connected(options.clone()).await;
    first
        .create(&path("/e"), b"", &[], CreateMode::Ephemeral)
        .await
        .expect("made");
    let credentials = first.credentials().expect("a session");
    assert!(!format!("{credentials:?}").contains(&format!("{:?}", credentials.password.expose())));
    first.detach().await;
    let second = connected(options.clone().resume(credentials.clone())).await;
    assert_eq!(second.session().id, credentials.id);
    assert!(
        second
            .exists(&path("/e"))
            .await
            .expect("an answer")
            .is_some()
    );
    second.detach().await;
    let wrong = Credentials {
        password: Secret::new(vec![7; 16]),
        ..credentials.clone()
    };
    let third = Client::connect(options.resume(wrong));
    let mut states = third.states();
    assert_eq!(
        until(&mut states, Connected).await,
        [Connecting, Lost, Connected]
    );
    assert_ne!(third.session().id, credentials.id);
    third.close().await;
}

#[tokio::test]
async fn dropping_the_last_handle_closes_the_session() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let options = options(server, "dropped");
    let other = connected(options.clone()).await;
    let client = connected(options).await;
    let clone = client.clone();
    client
        .create(&path("/e"), b"", &[], CreateMode::Ephemeral)
        .await
        .expect("made");
    drop(client);
    assert!(
        other
            .exists(&path("/e"))
            .await
            .expect("an answer")
            .is_some()
    );
    let (_, gone) = other.exists_watch(&path("/e")).await.expect("an answer");
    let asked = Instant::now();
    drop(clone);
    soon("the ephemeral to go", gone).await;
    assert!(
        asked.elapsed() < Duration::from_secs(3),
        "it expired instead of being closed"
    );
    other.close().await;
}

/// kazoo: `test_client::TestClientConstructor::test_invalid_hostname`
#[tokio::test]
async fn a_name_that_cannot_be_resolved_delays_nothing() {
    let client = Client::connect(Options::new("no-such-host.invalid:2181").expect("hosts"));
    let mut info = client.watch_session();
    soon("the trouble", info.wait_for(|info| info.trouble.is_some()))
        .await
        .expect("a snapshot");
    let asked = Instant::now();
    client.close().await;
    assert!(asked.elapsed() < Duration::from_secs(1));
}
