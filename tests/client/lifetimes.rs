//! kazoo's behaviours, part two: requests and closing in the midst of losses, the guard
//! against writes, and futures that are dropped. (What differs on purpose: `kazoo.rs`.)

use zooscope::client::{Client, Error, ErrorKind, SessionState};
use zooscope::proto::{Acl, CreateMode, ErrorCode, OpCode};

use crate::common::{connected, make, open, options, options_at, path, soon, until};
use crate::soak::seed;
use crate::storm::{no_task_is_left, tasks};
use crate::support::{self, Cut, Proxy, Raw, RealServer};

/// kazoo: `test_client::TestClient::test_request_queuing_session_recovered`
#[tokio::test]
async fn requests_wait_for_the_connection_to_come_back() {
    let before = tasks();
    for server in support::shared_all() {
        let proxy = Proxy::start(server.addr());
        let client = connected(options_at(proxy.addr(), &server.chroot("queued"))).await;
        let mut states = client.states();
        proxy.refuse(true);
        proxy.cut();
        until(&mut states, SessionState::Suspended).await;
        let queued = client.create(&path("/a"), b"", &[], CreateMode::Persistent);
        proxy.refuse(false);
        soon("the create", queued)
            .await
            .expect("sent when connected");
        client.close().await;
    }
    no_task_is_left(before).await;
}

/// kazoo: `test_client::TestClient::test_request_queuing_session_expired`
/// kazoo: `test_client::TestClient::test_client_id`
#[tokio::test]
async fn requests_that_wait_fail_with_their_session() {
    let before = tasks();
    for server in support::shared_all() {
        let proxy = Proxy::start(server.addr());
        let client = connected(options_at(proxy.addr(), &server.chroot("spoilt"))).await;
        let mut states = client.states();
        proxy.refuse(true);
        proxy.cut();
        until(&mut states, SessionState::Suspended).await;
        let credentials = client.credentials().expect("a session");
        assert_eq!(credentials.password.expose().len(), 16);
        let queued = client.create(&path("/a"), b"", &[], CreateMode::Persistent);
        let (id, password) = (credentials.id, credentials.password.expose());
        Raw::end_session(server.addr(), id, password);
        proxy.refuse(false);
        let error = soon("the create", queued)
            .await
            .expect_err("the session is gone");
        assert_eq!(error.code(), Some(ErrorCode::SessionExpired), "{error}");
        assert!(!error.may_have_been_applied());
        client.close().await;
    }
    no_task_is_left(before).await;
}

/// Whether a lost write was applied is known where it can be, and not guessed elsewhere.
///
/// kazoo: `test_connection::TestConnectionDrop::test_connection_dropped`
#[tokio::test]
async fn a_lost_write_is_said_to_be_unknown() {
    let before = tasks();
    for server in support::shared_all() {
        for (cut, applied) in [(Cut::BeforeRequest, false), (Cut::BeforeReply, true)] {
            let proxy = Proxy::start(server.addr());
            let client = connected(options_at(proxy.addr(), &server.chroot("unknown"))).await;
            make(&client, "/a", b"1").await;
            proxy.cut_at(OpCode::SetData, cut);
            let large = vec![b'x'; 1_000_000];
            let error = client
                .set(&path("/a"), &large, None)
                .await
                .expect_err("cut");
            assert_eq!(error.code(), Some(ErrorCode::ConnectionLoss), "{error}");
            assert!(error.may_have_been_applied());
            let stat = client.stat(&path("/a")).await.expect("there");
            assert_eq!(stat.version, i32::from(applied), "{}", server.install());
            client.close().await;
        }
    }
    no_task_is_left(before).await;
}

async fn closed_in(server: &RealServer, prepare: impl AsyncFnOnce(&Client, &Proxy)) {
    let proxy = Proxy::start(server.addr());
    let client = connected(options_at(proxy.addr(), "")).await;
    prepare(&client, &proxy).await;
    soon("the end", client.close()).await;
    soon("the end again", client.close()).await;
    let error = client.get(&path("/")).await.expect_err("it is closed");
    assert!(matches!(error.kind(), ErrorKind::Closed), "{error}");
    assert_eq!(client.session().state, SessionState::Closed);
}

/// kazoo: `test_client::TestConnection::test_close_connecting_connection`
/// kazoo: `test_client::TestConnection::test_double_stop`
/// kazoo: `test_client::TestClient::test_create_on_broken_connection`
#[tokio::test]
async fn closing_works_in_every_state_and_twice() {
    let before = tasks();
    let Some(server) = support::shared_newest() else {
        return;
    };
    closed_in(server, async |_, _| {}).await;
    closed_in(server, async |_, proxy| proxy.cut()).await;
    closed_in(server, async |client, proxy| {
        let mut states = client.states();
        proxy.refuse(true);
        proxy.cut();
        until(&mut states, SessionState::Suspended).await;
    })
    .await;
    closed_in(server, async |_, proxy| {
        proxy.stall(support::Direction::ToClient, true);
    })
    .await;
    no_task_is_left(before).await;
}

#[tokio::test]
async fn what_was_queued_before_a_close_is_still_done() {
    let before = tasks();
    for server in support::shared_all() {
        let options = options(server, "drain");
        let client = connected(options.clone()).await;
        let other = connected(options).await;
        let all: Vec<_> = (0..500)
            .map(|i| {
                let at = path(&format!("/{i}"));
                client.create(&at, b"", &[], CreateMode::Persistent)
            })
            .collect();
        client.close().await;
        for one in all {
            one.await.expect("it was queued before");
        }
        let names = other.get_children(&path("/")).await.expect("there");
        assert_eq!(names.len(), 500);
        other.close().await;
    }
    no_task_is_left(before).await;
}

#[tokio::test]
async fn a_guarded_client_sends_no_write_by_any_method() {
    let before = tasks();
    for server in support::shared_all() {
        let proxy = Proxy::start(server.addr());
        let options = options_at(proxy.addr(), &server.chroot("guard")).read_only(true);
        let client = connected(options).await;
        try_to_write(&client).await;
        assert_eq!(
            client.get_children(&path("/")).await.expect("a read").len(),
            0
        );
        client.close().await;
        let writes = proxy.seen();
        assert!(
            writes
                .iter()
                .all(|seen| seen.op.is_none_or(|op| !op.is_write()))
        );
    }
    no_task_is_left(before).await;
}

/// A future that is dropped takes nothing from the others.
#[tokio::test]
async fn cancelled_requests_shift_nothing() {
    let before = tasks();
    let seed = seed(1);
    for server in support::shared_all() {
        let mut random = fastrand::Rng::with_seed(seed);
        let client = open(server, "cancelled").await;
        for i in 0..100u32 {
            make(&client, &format!("/{i}"), &i.to_be_bytes()).await;
        }
        let mut kept = Vec::new();
        for i in 0..3000u32 {
            let reply = client.get(&path(&format!("/{}", i % 100)));
            if random.bool() {
                kept.push((i % 100, reply));
            }
        }
        for (i, reply) in kept {
            let data = reply.await.expect("there").data.expect("not null");
            assert_eq!(data, i.to_be_bytes(), "seed {seed}");
        }
        client.close().await;
    }
    no_task_is_left(before).await;
}

async fn try_to_write(client: &Client) {
    let guarded = |error: Error| {
        assert!(matches!(error.kind(), ErrorKind::ReadOnlyClient), "{error}");
    };
    let at = path("/a");
    let mode = CreateMode::Persistent;
    guarded(
        client
            .create(&at, b"", &[], mode)
            .await
            .expect_err("guarded"),
    );
    guarded(
        client
            .create(&at, b"", &[], CreateMode::Container)
            .await
            .expect_err("guarded"),
    );
    guarded(
        client
            .create_with_parents(&at, b"", &[], mode)
            .await
            .expect_err("guarded"),
    );
    guarded(client.ensure_path(&at, &[]).await.expect_err("guarded"));
    guarded(client.set(&at, b"", None).await.expect_err("guarded"));
    guarded(client.delete(&at, None).await.expect_err("guarded"));
    guarded(
        client
            .delete_recursive(&at, |_| {})
            .await
            .expect_err("guarded"),
    );
    guarded(
        client
            .set_acl(&at, &Acl::open_unsafe(), None)
            .await
            .expect_err("guarded"),
    );
    guarded(
        client
            .transaction()
            .check(&at, 0)
            .commit()
            .await
            .expect_err("guarded"),
    );
    let change = zooscope::client::Reconfig::Replace("");
    guarded(client.reconfig(&change, None).await.expect_err("guarded"));
}
