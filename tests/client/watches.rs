//! Watches of all kinds on every version: what fires them, what they survive, what is told
//! to the server when they go.

use zooscope::client::{Client, NodeEvent, PersistentWatch, WatchEvent};
use zooscope::proto::{AddWatchMode, CreateMode, EventType};

use EventType::{NodeChildrenChanged, NodeCreated, NodeDataChanged, NodeDeleted};

use crate::common::{connected, open, options_at, path, soon, until};
use crate::support::{self, Proxy, eventually, four_letter_word};
use zooscope::client::SessionState;

async fn make(client: &Client, at: &str) {
    let made = client.create(&path(at), b"", &[], CreateMode::Persistent);
    made.await.expect("it can be made");
}

fn told(event: &WatchEvent) -> (EventType, String) {
    match event {
        WatchEvent::Node(NodeEvent { kind, path, .. }) => (*kind, path.to_string()),
        other => panic!("{other:?}"),
    }
}

async fn next(watch: &mut PersistentWatch) -> (EventType, String) {
    let event = soon("an event", watch.next()).await;
    told(&event.expect("the client is open"))
}

/// kazoo: `test_client::TestClient::test_exists_watch`
#[tokio::test]
async fn one_shot_watches_fire_once_for_what_they_are_for() {
    for server in support::shared_all() {
        let client = open(server, "oneshot").await;
        make(&client, "/a").await;
        let (_, data) = client.get_watch(&path("/a")).await.expect("it is there");
        let (_, child) = client
            .get_children_watch(&path("/a"))
            .await
            .expect("it is there");
        let (_, absent) = client.exists_watch(&path("/a/b")).await.expect("an answer");
        make(&client, "/a/b").await;
        let created = soon("created", absent).await;
        assert_eq!(told(&created), (NodeCreated, "/a/b".to_owned()));
        let changed = soon("children", child).await;
        assert_eq!(told(&changed), (NodeChildrenChanged, "/a".to_owned()));
        client
            .set(&path("/a"), b"x", None)
            .await
            .expect("it is there");
        let changed = soon("data", data).await;
        assert_eq!(told(&changed), (NodeDataChanged, "/a".to_owned()));
        assert_eq!(client.watched(), 0, "{}", server.install());
        client.close().await;
    }
}

#[tokio::test]
async fn a_read_of_what_is_absent_leaves_no_watch() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let client = open(server, "absent").await;
    assert!(client.get_watch(&path("/none")).await.is_err());
    assert!(client.get_children_watch(&path("/none")).await.is_err());
    assert_eq!(client.watched(), 0);
    client.close().await;
}

#[tokio::test]
async fn watches_are_set_again_after_a_reconnect_and_tell_what_was_missed() {
    for server in support::shared_all() {
        let proxy = Proxy::start(server.addr());
        let chroot = server.chroot("rearm");
        let client = connected(options_at(proxy.addr(), &chroot)).await;
        let other = connected(options_at(server.addr(), &chroot)).await;
        for node in ["/data", "/child", "/gone", "/quiet"] {
            make(&client, node).await;
        }
        let (_, data) = client.get_watch(&path("/data")).await.expect("there");
        let (_, child) = client
            .get_children_watch(&path("/child"))
            .await
            .expect("there");
        let (_, gone) = client.get_watch(&path("/gone")).await.expect("there");
        let (_, mut quiet) = client.get_watch(&path("/quiet")).await.expect("there");
        let (_, absent) = client.exists_watch(&path("/new")).await.expect("an answer");
        let mut states = client.states();
        proxy.refuse(true);
        proxy.cut();
        until(&mut states, SessionState::Suspended).await;
        other.set(&path("/data"), b"x", None).await.expect("there");
        make(&other, "/child/c").await;
        other.delete(&path("/gone"), None).await.expect("there");
        make(&other, "/new").await;
        proxy.refuse(false);
        let data = soon("data", data).await;
        assert_eq!(told(&data), (NodeDataChanged, "/data".to_owned()));
        let child = soon("child", child).await;
        assert_eq!(told(&child), (NodeChildrenChanged, "/child".to_owned()));
        let gone = soon("gone", gone).await;
        assert_eq!(told(&gone), (NodeDeleted, "/gone".to_owned()));
        let absent = soon("new", absent).await;
        assert_eq!(told(&absent), (NodeCreated, "/new".to_owned()));
        assert_eq!(quiet.try_event(), None, "{}", server.install());
        other.set(&path("/quiet"), b"x", None).await.expect("there");
        let quiet = soon("quiet", quiet).await;
        assert_eq!(told(&quiet), (NodeDataChanged, "/quiet".to_owned()));
        client.close().await;
        other.close().await;
    }
}

#[tokio::test]
async fn dropped_watches_are_taken_off_the_server() {
    for server in support::shared_all() {
        if !server.install().is_at_least(&[3, 5]) {
            continue;
        }
        let client = open(server, "removed").await;
        make(&client, "/a").await;
        let (_, one) = client.get_watch(&path("/a")).await.expect("there");
        let (_, two) = client.get_watch(&path("/a")).await.expect("there");
        let mine = || {
            let text = four_letter_word(server.addr(), "wchp").expect("an answer");
            text.lines()
                .any(|line| line.ends_with("/a") && line.contains("removed"))
        };
        assert!(mine(), "{}", server.install());
        drop(one);
        client.sync(&path("/")).await.expect("an answer");
        assert!(mine(), "the other one still waits");
        drop(two);
        eventually("the server to forget", || !mine()).await;
        client.close().await;
    }
}

#[tokio::test]
async fn persistent_watches_go_on_and_say_where_they_may_have_missed_something() {
    for server in support::shared_all() {
        if !server.install().is_at_least(&[3, 6]) {
            continue;
        }
        let proxy = Proxy::start(server.addr());
        let chroot = server.chroot("persistent");
        let client = connected(options_at(proxy.addr(), &chroot)).await;
        let mut one = client
            .add_watch(&path("/a"), AddWatchMode::Persistent)
            .await
            .expect("3.6");
        let mut all = client
            .add_watch(&path("/"), AddWatchMode::PersistentRecursive)
            .await
            .expect("3.6");
        make(&client, "/a").await;
        make(&client, "/a/b").await;
        client.delete(&path("/a/b"), None).await.expect("there");
        client.delete(&path("/a"), None).await.expect("there");
        for (kind, at) in [
            (NodeCreated, "/a"),
            (NodeChildrenChanged, "/a"),
            (NodeChildrenChanged, "/a"),
            (NodeDeleted, "/a"),
        ] {
            assert_eq!(next(&mut one).await, (kind, at.to_owned()));
        }
        for (kind, at) in [
            (NodeCreated, "/a"),
            (NodeCreated, "/a/b"),
            (NodeDeleted, "/a/b"),
            (NodeDeleted, "/a"),
        ] {
            assert_eq!(next(&mut all).await, (kind, at.to_owned()));
        }
        proxy.cut();
        assert_eq!(soon("gap", all.next()).await, Some(WatchEvent::Gap));
        assert_eq!(soon("gap", one.next()).await, Some(WatchEvent::Gap));
        make(&client, "/a").await;
        assert_eq!(next(&mut all).await, (NodeCreated, "/a".to_owned()));
        assert_eq!(next(&mut one).await, (NodeCreated, "/a".to_owned()));
        client.close().await;
        assert_eq!(soon("the end", all.next()).await, None);
    }
}

/// Before 3.9 a path has one mode, and the last registration wins: nobody may notice.
#[tokio::test]
async fn watches_of_all_kinds_on_one_path_cost_nobody_an_event() {
    for server in support::shared_all() {
        if !server.install().is_at_least(&[3, 6]) {
            continue;
        }
        let client = open(server, "overlap").await;
        make(&client, "/a").await;
        let at = path("/a");
        let (_, mut before) = client.get_children_watch(&at).await.expect("there");
        let mut recursive = client
            .add_watch(&at, AddWatchMode::PersistentRecursive)
            .await
            .expect("3.6");
        if !server.install().is_at_least(&[3, 9]) {
            // Its place on the server went to the recursive one.
            assert_eq!(soon("before", before).await, WatchEvent::Gap);
            before = client.get_children_watch(&at).await.expect("there").1;
        }
        let mut persistent = client
            .add_watch(&at, AddWatchMode::Persistent)
            .await
            .expect("3.6");
        if !server.install().is_at_least(&[3, 9]) {
            assert_eq!(soon("before", before).await, WatchEvent::Gap);
            before = client.get_children_watch(&at).await.expect("there").1;
        }
        let (_, data) = client.get_watch(&at).await.expect("there");
        let (_, child) = client.get_children_watch(&at).await.expect("there");
        make(&client, "/a/b").await;
        client.set(&path("/a/b"), b"x", None).await.expect("there");
        client.set(&at, b"x", None).await.expect("there");
        let own = |kind| (kind, "/a".to_owned());
        assert_eq!(
            told(&soon("before", before).await),
            own(NodeChildrenChanged)
        );
        assert_eq!(told(&soon("child", child).await), own(NodeChildrenChanged));
        assert_eq!(told(&soon("data", data).await), own(NodeDataChanged));
        for kind in [NodeCreated, NodeDataChanged] {
            assert_eq!(next(&mut recursive).await, (kind, "/a/b".to_owned()));
        }
        assert_eq!(next(&mut recursive).await, own(NodeDataChanged));
        assert_eq!(next(&mut persistent).await, own(NodeChildrenChanged));
        assert_eq!(next(&mut persistent).await, own(NodeDataChanged));
        // With the recursive one gone, the persistent one goes on. Before 3.9 the server has to
        // be told, and until it is what happens there may be missed.
        drop(recursive);
        if !server.install().is_at_least(&[3, 9]) {
            assert_eq!(soon("gap", persistent.next()).await, Some(WatchEvent::Gap));
        }
        make(&client, "/a/c").await;
        assert_eq!(next(&mut persistent).await, own(NodeChildrenChanged));
        drop(persistent);
        eventually("no watch to be left", || client.watched() == 0).await;
        client.close().await;
    }
}
