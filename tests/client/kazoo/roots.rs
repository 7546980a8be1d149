//! Chroots, as kazoo's suite has them. They are stripped by whole parts; kazoo compares text.

use zooscope::client::{Done, WatchEvent};
use zooscope::proto::{CreateMode, ErrorCode, ZPath};

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

/// In a transaction kazoo loses the slash that keeps such a znode below its chroot.
#[tokio::test]
async fn what_has_only_a_number_for_a_name_is_made_below_the_chroot() {
    for server in support::shared_all() {
        let (home, root) = (server.chroot("numbers"), ZPath::root());
        let sequential = CreateMode::PersistentSequential;
        let client = connected(options_at(server.addr(), &home)).await;
        let made = client.create(&root, b"", &[], sequential).await;
        assert_eq!(made.expect("made").path, path("/0000000000"));
        let both = client.transaction();
        let both = both.create(&root, b"", &[], sequential);
        let both = both.create(&path("/b"), b"", &[], CreateMode::Persistent);
        let done = both.commit().await.expect("made");
        let Done::Created(made) = &done[0] else {
            panic!("{done:?}");
        };
        assert_eq!(made.path, path("/0000000001"));
        let names = client.get_children(&root).await.expect("there").sorted();
        let names: Vec<_> = names.iter().collect();
        assert_eq!(names, ["0000000000", "0000000001", "b"], "{home}");
        let deeper = client.chroot(&path("/not/yet"));
        let made = deeper.create_with_parents(&root, b"", &[], sequential);
        assert_eq!(made.await.expect("made").path, path("/0000000000"));
        let whole = connected(options_at(server.addr(), "")).await;
        let names = whole.get_children(&root).await.expect("there");
        let beside = names.iter().filter(|name| name.starts_with(&home[1..]));
        assert_eq!(beside.collect::<Vec<_>>(), [&home[1..]]);
        for client in [client, whole] {
            client.close().await;
        }
    }
}
