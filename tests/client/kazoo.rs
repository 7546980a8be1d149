//! kazoo's behaviours, test by test, in the meaning of its own suite for the client, its
//! transactions and its ACLs. (Connections are in `session.rs` and `traps.rs`, watches in
//! `watches.rs` and `recipes.rs`, retries beside their code and in
//! `retries.rs`, identities in `security.rs`, the rest in `lifetimes.rs`.)
//!
//! Different on purpose:
//! - A closed or refused client is told by the error's kind; there is no start and stop.
//! - Paths are checked before anything is sent; kazoo mends some and sends the rest. A
//!   relative path is no path here.
//! - What is too large for servers is refused before it costs the connection.
//! - A failed transaction is an error with index and code; kazoo returns a list of errors.
//! - A recursive delete is batched, and says how many znodes went.
//! - CONNECTED is announced after authentication, not before.
//! - Requests that were queued and not sent when a connection broke fail as surely not done.
//! - One-shot watches survive reconnects; kazoo's fire and are gone.
//! - `ChildrenWatch` survives the znode's deletion; callbacks are streams, so nothing
//!   overlaps and "return False to stop" is dropping it.

use zooscope::client::{Done, Error, ErrorKind};
use zooscope::proto::{Acl, CreateMode, ErrorCode, PathError, Perms, ZPath};

use crate::common::{connected, make, open, options_at, path, soon};
use crate::support;

fn refused<T: std::fmt::Debug>(result: Result<T, Error>, code: ErrorCode) {
    let error = result.expect_err("it must be refused");
    assert!(error.is(code), "{error}, not {code}");
}

/// Runs the test on a server of every version, one client each.
macro_rules! on_all {
    ($name:ident, $client:ident, $body:block) => {
        on_all!($name, $client, server, $body);
    };
    ($name:ident, $client:ident, $server:ident, $body:block) => {
        #[tokio::test]
        async fn $name() {
            for $server in support::shared_all() {
                let $client = open($server, stringify!($name)).await;
                $body
                $client.close().await;
            }
        }
    };
}

on_all!(null_and_empty_data_are_kept_apart, client, {
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
});

on_all!(names_may_be_of_any_script, client, {
    for name in ["/한글", "/ἀρχή", "/a b", "/.hidden", "/..."] {
        make(&client, name, name.as_bytes()).await;
        let back = client.get(&path(name)).await.expect("there");
        assert_eq!(back.data.as_deref(), Some(name.as_bytes()));
    }
    let names = client.get_children(&path("/")).await.expect("there");
    assert!(names.iter().any(|name| name == "한글"));
});

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

on_all!(
    large_data_is_sent_and_too_large_data_is_not,
    client,
    server,
    {
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
    }
);

on_all!(
    duplicate_acls_are_merged_and_none_means_open,
    client,
    server,
    {
        let read = Acl::world(Perms::READ);
        let twice = [read.clone(), read.clone(), Acl::world(Perms::ALL)];
        let at = path("/a");
        client
            .create(&at, b"", &twice, CreateMode::Persistent)
            .await
            .expect("made");
        let back = client.get_acl(&at).await.expect("there").acl;
        assert_eq!(back.len(), 2, "{}", server.install());
        make(&client, "/b", b"").await;
        let back = client.get_acl(&path("/b")).await.expect("there").acl;
        assert_eq!(back, Acl::open_unsafe());
        refused(client.set_acl(&at, &[], None).await, ErrorCode::InvalidAcl);
        refused(client.get_acl(&path("/none")).await, ErrorCode::NoNode);
        refused(
            client.set_acl(&at, &twice, Some(7)).await,
            ErrorCode::BadVersion,
        );
    }
);

on_all!(
    ephemerals_belong_to_the_session_and_have_no_children,
    client,
    {
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
    }
);

on_all!(sequences_count_all_that_was_created, client, {
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
});

on_all!(missing_parents_are_made_with_the_same_acl, client, {
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
    let below = client.create_with_parents(&path("/r/s"), b"", &closed, CreateMode::Persistent);
    refused(below.await, ErrorCode::NoAuth);
});

on_all!(paths_are_ensured_whoever_else_does, client, {
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
});

on_all!(versions_are_checked, client, {
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
});

on_all!(whole_trees_are_deleted_and_nothing_twice, client, server, {
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
});

on_all!(transactions_are_all_or_nothing, client, {
    let done = client
        .transaction()
        .create(&path("/a"), b"1", &[], CreateMode::Persistent)
        .create(&path("/b"), b"2", &[], CreateMode::Ephemeral)
        .create(&path("/s"), b"3", &[], CreateMode::PersistentSequential)
        .commit()
        .await
        .expect("all can be made");
    let paths: Vec<String> = done
        .iter()
        .map(|done| match done {
            Done::Created(created) => created.path.to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(paths[..2], ["/a", "/b"]);
    assert!(paths[2].starts_with("/s00000000"), "{paths:?}");
    let failed = client
        .transaction()
        .set(&path("/a"), b"changed", None)
        .delete(&path("/b"), None)
        .delete(&path("/none"), None)
        .check(&path("/a"), 99)
        .commit()
        .await
        .expect_err("the third fails");
    let (index, code) = (2, ErrorCode::NoNode);
    assert_eq!(failed.kind(), &ErrorKind::Transaction { index, code });
    assert_eq!(failed.path(), Some(&path("/none")));
    let unchanged = client.get(&path("/a")).await.expect("there");
    assert_eq!(unchanged.data.as_deref(), Some(&b"1"[..]));
    assert_eq!(
        client.transaction().commit().await.expect("empty is legal"),
        []
    );
});

on_all!(another_root_is_seen_by_parts_only, client, server, {
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
    let zooscope::client::WatchEvent::Node(event) = event else {
        panic!("{event:?}");
    };
    assert_eq!(event.path, path("/x"));
});

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
