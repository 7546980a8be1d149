//! Creating, reading, setting and deleting, as kazoo's suite has it.

use zooscope::client::ErrorKind;
use zooscope::proto::{Acl, CreateMode, ErrorCode, PathError, Perms, ZPath};

use super::{on_all, refused};
use crate::common::{connected, make, options_at, path};

/// kazoo: `test_client::TestClient::test_create_null_data`
/// kazoo: `test_client::TestClient::test_create_empty_string`
/// kazoo: `test_client::TestClient::test_set_null_data`
/// kazoo: `test_client::TestClient::test_set_empty_string`
#[tokio::test]
async fn null_and_empty_data_are_kept_apart() {
    on_all("null_and_empty_data_are_kept_apart", async |client, _| {
        let at = path("/a");
        client
            .create_nullable(&at, None, &[], CreateMode::Persistent)
            .await
            .expect("made");
        assert_eq!(client.get(&at).await.expect("there").data, None);
        client.set(&at, b"", None).await.expect("there");
        assert_eq!(client.get(&at).await.expect("there").data, Some(Vec::new()));
        client.set_nullable(&at, None, None).await.expect("there");
        assert_eq!(client.get(&at).await.expect("there").data, None);
    })
    .await;
}

/// kazoo: `test_client::TestClient::test_create_unicode_path`
/// kazoo: `test_client::TestClient::test_create_value`
/// kazoo: `test_paths::NormPathTestCase::test_normpath_unicode`
#[tokio::test]
async fn names_may_be_of_any_script() {
    on_all("names_may_be_of_any_script", async |client, _| {
        for name in ["/한글", "/ἀρχή", "/a b", "/.hidden", "/..."] {
            make(&client, name, name.as_bytes()).await;
            let back = client.get(&path(name)).await.expect("there");
            assert_eq!(back.data.as_deref(), Some(name.as_bytes()));
        }
        let names = client.get_children(&path("/")).await.expect("there");
        assert!(names.iter().any(|name| name == "한글"));
    })
    .await;
}

/// kazoo: `test_client::TestClient::test_create_invalid_path`
/// kazoo: `test_client::TestClient::test_get_children_invalid_path`
/// kazoo: `test_paths::NormPathTestCase::test_normpath_relative`
#[test]
fn what_no_server_takes_is_no_path() {
    for (bad, why) in [
        ("a", PathError::Relative),
        ("/a/./b", PathError::DotPart),
        ("/a/../b", PathError::DotPart),
        ("/a\0", PathError::BadChar('\0')),
        ("/a\u{1e}", PathError::BadChar('\u{1e}')),
    ] {
        assert_eq!(ZPath::new(bad), Err(why));
    }
}

/// kazoo: `test_client::TestClient::test_create_large_value`
#[tokio::test]
async fn large_data_is_sent_and_too_large_data_is_not() {
    on_all(
        "large_data_is_sent_and_too_large_data_is_not",
        async |client, server| {
            let epoch = client.session().epoch;
            make(&client, "/half", &vec![b'x'; 512 << 10]).await;
            let two = vec![b'x'; 2 << 20];
            let error = client
                .create(&path("/two"), &two, &[], CreateMode::Persistent)
                .await
                .expect_err("no server takes it");
            assert!(
                matches!(
                    error.kind(),
                    ErrorKind::RequestTooLarge {
                        limit: 0xf_ffff,
                        ..
                    }
                ),
                "{error}"
            );
            assert!(error.to_string().contains("jute.maxbuffer"), "{error}");
            assert!(!error.may_have_been_applied());
            // The longest that fits does fit.
            let overhead = server.chroot("x").len();
            let most = vec![b'x'; 0xf_ffff - 100 - overhead];
            client
                .set(&path("/half"), &most, None)
                .await
                .expect("it fits");
            assert_eq!(client.session().epoch, epoch, "no connection was lost");
        },
    )
    .await;
}

/// kazoo: `test_client::TestClient::test_create_ephemeral`
/// kazoo: `test_client::TestClient::test_create_no_ephemeral`
/// kazoo: `test_client::TestClient::test_create_ephemeral_no_children`
#[tokio::test]
async fn ephemerals_belong_to_the_session_and_have_no_children() {
    on_all(
        "ephemerals_belong_to_the_session_and_have_no_children",
        async |client, _| {
            let at = path("/e");
            client
                .create(&at, b"", &[], CreateMode::Ephemeral)
                .await
                .expect("made");
            let stat = client.stat(&at).await.expect("there");
            assert_eq!(stat.ephemeral_owner, client.session().id);
            for mode in [CreateMode::Persistent, CreateMode::Ephemeral] {
                let below = client.create(&at.child("x"), b"", &[], mode).await;
                refused(below, ErrorCode::NoChildrenForEphemerals);
            }
            make(&client, "/p", b"").await;
            assert_eq!(
                client
                    .stat(&path("/p"))
                    .await
                    .expect("there")
                    .ephemeral_owner,
                0
            );
        },
    )
    .await;
}

/// kazoo: `test_client::TestClient::test_create_sequence`
/// kazoo: `test_client::TestClient::test_create_ephemeral_sequence`
#[tokio::test]
async fn sequences_count_all_that_was_created() {
    on_all("sequences_count_all_that_was_created", async |client, _| {
        make(&client, "/folder", b"").await;
        let sequential = CreateMode::PersistentSequential;
        let mut names = Vec::new();
        for at in ["/folder/a", "/folder/a", "/folder/"] {
            let at = ZPath::from_server(at);
            let made = client
                .create(&at, b"", &[], sequential)
                .await
                .expect("made");
            names.push(made.path.to_string());
        }
        assert_eq!(
            names,
            [
                "/folder/a0000000000",
                "/folder/a0000000001",
                "/folder/0000000002"
            ]
        );
    })
    .await;
}

/// kazoo: `test_client::TestClient::test_create_makepath`
/// kazoo: `test_client::TestClient::test_create_makepath_incompatible_acls`
/// kazoo: `test_client::TestClient::test_create_no_makepath`
#[tokio::test]
async fn missing_parents_are_made_with_the_same_acl() {
    on_all(
        "missing_parents_are_made_with_the_same_acl",
        async |client, _| {
            let deep = path("/1/2/3/4/5");
            refused(
                client
                    .create(&deep, b"x", &[], CreateMode::Persistent)
                    .await,
                ErrorCode::NoNode,
            );
            let made = client.create_with_parents(&deep, b"x", &[], CreateMode::Persistent);
            assert_eq!(made.await.expect("made").path, deep);
            assert_eq!(
                client.get(&path("/1/2")).await.expect("there").data,
                Some(Vec::new())
            );
            let again = client.create_with_parents(&deep, b"x", &[], CreateMode::Persistent);
            refused(again.await, ErrorCode::NodeExists);
            // Under parents that allow no creation the last one can't be made.
            let closed = [Acl::world(Perms::READ)];
            let below =
                client.create_with_parents(&path("/r/s"), b"", &closed, CreateMode::Persistent);
            refused(below.await, ErrorCode::NoAuth);
        },
    )
    .await;
}

/// kazoo: `test_client::TestClient::test_ensure_path`
#[tokio::test]
async fn paths_are_ensured_whoever_else_does() {
    on_all("paths_are_ensured_whoever_else_does", async |client, _| {
        let deep = path("/x/y/z");
        client.ensure_path(&deep, &[]).await.expect("made");
        client.ensure_path(&deep, &[]).await.expect("there already");
        let other = path("/x/y/z/1/2/3");
        let all = (0..8)
            .map(|_| client.ensure_path(&other, &[]))
            .collect::<Vec<_>>();
        for one in all {
            one.await.expect("others' are as good");
        }
        assert!(client.exists(&other).await.expect("an answer").is_some());
    })
    .await;
}

/// kazoo: `test_client::TestClient::test_create_get_set`
/// kazoo: `test_client::TestClient::test_set`
/// kazoo: `test_client::TestClient::test_delete`
/// kazoo: `test_client::TestClient::test_sync`
/// kazoo: `test_client::TestClient::test_get_children_no_node`
#[tokio::test]
async fn versions_are_checked() {
    on_all("versions_are_checked", async |client, _| {
        make(&client, "/a", b"1").await;
        let at = path("/a");
        let before = client.stat(&at).await.expect("there");
        let after = client.set(&at, b"2", Some(0)).await.expect("version 0");
        assert!(after.mzxid > before.mzxid && after.version == 1);
        refused(client.set(&at, b"3", Some(0)).await, ErrorCode::BadVersion);
        refused(client.delete(&at, Some(0)).await, ErrorCode::BadVersion);
        client.delete(&at, Some(1)).await.expect("version 1");
        refused(client.delete(&at, None).await, ErrorCode::NoNode);
        refused(client.set(&at, b"", None).await, ErrorCode::NoNode);
        refused(client.get(&at).await, ErrorCode::NoNode);
        refused(client.get_children(&at).await, ErrorCode::NoNode);
        refused(client.stat(&at).await, ErrorCode::NoNode);
        client
            .sync(&path("/none/at/all"))
            .await
            .expect("any path will do");
    })
    .await;
}

/// kazoo: `test_client::TestClient::test_delete_recursive`
#[tokio::test]
async fn whole_trees_are_deleted_and_nothing_twice() {
    on_all(
        "whole_trees_are_deleted_and_nothing_twice",
        async |client, server| {
            make(&client, "/a", b"").await;
            make(&client, "/a/b", b"").await;
            refused(client.delete(&path("/a"), None).await, ErrorCode::NotEmpty);
            let deleted = client.delete_recursive(&path("/a"), |_| {}).await;
            assert_eq!(deleted.expect("deleted"), 2);
            let deleted = client.delete_recursive(&path("/a"), |_| {}).await;
            assert_eq!(deleted.expect("gone is as good"), 0);
            // The root of all is refused before anything is touched.
            let whole = connected(options_at(server.addr(), "")).await;
            let error = whole.delete_recursive(&path("/"), |_| {}).await;
            let error = error.expect_err("it belongs to ZooKeeper");
            assert!(matches!(error.kind(), ErrorKind::Invalid(_)), "{error}");
            whole.close().await;
        },
    )
    .await;
}

/// kazoo: `test_client::TestClient::test_create`
/// kazoo: `test_client::TestClient::test_create_exists`
/// kazoo: `test_client::TestClient::test_create_delete`
/// kazoo: `test_client::TestClient::test_exists`
#[tokio::test]
async fn what_is_created_is_there_until_it_is_deleted() {
    on_all("there", async |client, _| {
        let at = path("/1");
        let create = || client.create(&at, b"", &[], CreateMode::Persistent);
        assert_eq!(client.exists(&at).await.expect("an answer"), None);
        assert_eq!(create().await.expect("made").path, at);
        assert!(client.exists(&at).await.expect("an answer").is_some());
        refused(create().await, ErrorCode::NodeExists);
        let nested = client.exists(&path("/a/b/c/d")).await;
        assert_eq!(nested.expect("an answer"), None);
        client.delete(&at, None).await.expect("there");
        assert_eq!(client.exists(&at).await.expect("an answer"), None);
    })
    .await;
}

/// kazoo: `test_client::TestClient::test_get_children`
/// kazoo: `test_client::TestClient::test_get_children2`
/// kazoo: `test_client::TestClient::test_get_children2_many_nodes`
#[tokio::test]
async fn children_are_listed_with_their_parents_stat_or_without() {
    on_all("listed", async |client, _| {
        for name in ["b", "c", "d"] {
            client
                .ensure_path(&path("/a").child(name), &[])
                .await
                .expect("made");
        }
        let at = path("/a");
        let all = ["b", "c", "d"];
        let names = client.get_children(&at).await.expect("there").sorted();
        assert_eq!(names.iter().collect::<Vec<_>>(), all);
        let reply = client.get_children_with_stat(&at).await.expect("there");
        assert_eq!(reply.names.sorted().iter().collect::<Vec<_>>(), all);
        assert_eq!(reply.stat, client.get(&at).await.expect("there").stat);
        assert_eq!((reply.stat.num_children, reply.stat.cversion), (3, 3));
        let leaf = client.get_children(&at.child("b")).await;
        assert_eq!(leaf.expect("there").len(), 0);
        let none = client.get_children_with_stat(&path("/none")).await;
        refused(none, ErrorCode::NoNode);
    })
    .await;
}
