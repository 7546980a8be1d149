//! Chroots, as kazoo's suite has them. They are stripped by whole parts; kazoo compares text.

use zooscope::client::WatchEvent;
use zooscope::proto::{CreateMode, ErrorCode};

use super::{on_all, refused};
use crate::common::{connected, make, options_at, path, soon};
use crate::support;

/// kazoo: `test_client::TestClient::test_create_async_returns_unchrooted_path`
#[tokio::test]
async fn another_root_is_seen_by_parts_only() {
    on_all(
        "another_root_is_seen_by_parts_only",
        async |client, server| {
            make(&client, "/a", b"").await;
            make(&client, "/ab", b"").await;
            let inner = client.chroot(&path("/a"));
            let made = inner
                .create(&path("/x"), b"", &[], CreateMode::Ephemeral)
                .await;
            assert_eq!(made.expect("made").path, path("/x"));
            assert!(
                client
                    .exists(&path("/a/x"))
                    .await
                    .expect("an answer")
                    .is_some()
            );
            client
                .create(&path("/ab/y"), b"", &[], CreateMode::Ephemeral)
                .await
                .expect("made");
            if server.install().is_at_least(&[3, 6]) {
                let mine = inner.get_ephemerals(&path("/")).await.expect("3.6");
                assert_eq!(mine, [path("/x")]);
            }
            let (_, watch) = inner.exists_watch(&path("/x")).await.expect("an answer");
            inner.delete(&path("/x"), None).await.expect("there");
            let event = soon("the event", watch).await;
            let WatchEvent::Node(event) = event else {
                panic!("{event:?}");
            };
            assert_eq!(event.path, path("/x"));
        },
    )
    .await;
}

/// kazoo: `test_client::TestConnection::test_chroot_warning`
/// kazoo: `test_client::TestNonChrootClient::test_create`
#[tokio::test]
async fn a_missing_chroot_fails_no_connection() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let client = connected(options_at(server.addr(), "/not/there/yet")).await;
    let made = client.create(&path("/a"), b"", &[], CreateMode::Persistent);
    refused(made.await, ErrorCode::NoNode);
    client
        .ensure_path(&path("/"), &[])
        .await
        .expect("made, all of it");
    make(&client, "/a", b"").await;
    let whole = connected(options_at(server.addr(), "")).await;
    let deleted = whole.delete_recursive(&path("/not"), |_| {}).await;
    assert_eq!(deleted.expect("deleted"), 4);
}
