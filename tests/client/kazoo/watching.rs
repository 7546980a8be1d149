//! Watches and watchers, as kazoo's suite has them, as far as `watches.rs` and `recipes.rs`
//! have not: what a lost session, a failing watcher and one that stops mean for the others.

use zooscope::client::WatchEvent;
use zooscope::recipe::{ChildrenWatch, DataWatch, TreeEvent, TreeWatch};

use super::on_all;
use crate::common::{connected, make, options, path, soon};
use crate::support::{self, Raw, eventually};

/// kazoo: `test_client::TestConnection::test_watch_trigger_expire`
#[tokio::test]
async fn every_watch_is_told_when_its_session_is_lost() {
    for server in support::shared_all() {
        let client = connected(options(server, "watch-lost")).await;
        make(&client, "/a", b"").await;
        let (_, data) = client.get_watch(&path("/a")).await.expect("there");
        let (_, child) = client.get_children_watch(&path("/a")).await.expect("there");
        let (_, none) = client
            .exists_watch(&path("/none"))
            .await
            .expect("an answer");
        let credentials = client.credentials().expect("a session");
        Raw::end_session(server.addr(), credentials.id, credentials.password.expose());
        for watch in [data, child, none] {
            let event = soon("the word", watch).await;
            assert_eq!(event, WatchEvent::Gap, "{}", server.install());
        }
        assert_eq!(client.watched(), 0);
        client.close().await;
    }
}

/// kazoo: `test_client::TestClient::test_exists_watcher_exception`
#[tokio::test]
async fn a_watcher_that_fails_hurts_no_other() {
    on_all("failing", async |client, _| {
        let at = path("/a");
        let (_, failing) = client.exists_watch(&at).await.expect("an answer");
        let (_, good) = client.exists_watch(&at).await.expect("an answer");
        let failing = tokio::spawn(async move {
            let event = failing.await;
            panic!("what a watcher does is its own affair: {event:?}");
        });
        make(&client, "/a", b"").await;
        assert!(
            matches!(soon("the event", good).await, WatchEvent::Node(event) if event.path == at)
        );
        let failed = soon("its failure", failing).await;
        assert!(failed.is_err_and(|error| error.is_panic()));
        client.set(&at, b"x", None).await.expect("there");
    })
    .await;
}

/// kazoo: `test_watchers::KazooDataWatcherTests::test_func_stops`
/// kazoo: `test_watchers::KazooDataWatcherTests::test_data_watcher_once`
/// kazoo: `test_watchers::KazooChildrenWatcherTests::test_func_stops`
/// kazoo: `test_watchers::KazooChildrenWatcherTests::test_child_watcher_once`
/// kazoo: `test_watchers::KazooChildrenWatcherTests::test_child_watcher_remove_session_watcher`
#[tokio::test]
async fn a_recipe_that_is_dropped_leaves_nothing_and_its_likes_go_on() {
    on_all("stops", async |client, server| {
        make(&client, "/a", b"1").await;
        let mut values = DataWatch::new(&client, &path("/a"));
        let mut lists = ChildrenWatch::new(&client, &path("/a"));
        let mut others = DataWatch::new(&client, &path("/a"));
        for _ in 0..2 {
            let value = soon("the value", values.next()).await.expect("open");
            let data = value.expect("there").data.expect("not null");
            let next = [data[0] + 1];
            client.set(&path("/a"), &next, None).await.expect("there");
        }
        soon("the list", lists.next())
            .await
            .expect("open")
            .expect("there");
        drop((values, lists));
        let last = soon("the last value", async {
            loop {
                let value = others.next().await.expect("open").expect("there");
                if value.data.as_deref() == Some(b"3") {
                    return value.stat.version;
                }
            }
        });
        assert_eq!(last.await, 2, "{}", server.install());
        drop(others);
        eventually("every watch to go", || client.watched() == 0).await;
    })
    .await;
}

/// kazoo: `test_cache::KazooTreeCacheTests::test_close`
#[tokio::test]
async fn a_tree_that_is_dropped_takes_only_its_own_watches_along() {
    on_all("own-watches", async |client, server| {
        let at = path("/foo");
        make(&client, "/foo", b"").await;
        make(&client, "/foo/bar", b"").await;
        let mut tree = TreeWatch::new(&client, &path("/"));
        while !matches!(
            soon("all of it", tree.next()).await,
            Some(TreeEvent::Synced)
        ) {}
        let (_, data) = client.get_watch(&at).await.expect("there");
        let (_, child) = client.get_children_watch(&at).await.expect("there");
        drop(tree);
        client.set(&at, b"x", None).await.expect("there");
        make(&client, "/foo/baz", b"").await;
        for watch in [data, child] {
            let event = soon("the event", watch).await;
            let own = matches!(&event, WatchEvent::Node(event) if event.path == at);
            assert!(own, "{event:?} on {}", server.install());
        }
        eventually("every watch to go", || client.watched() == 0).await;
    })
    .await;
}
