//! `ChildrenWatch` and `DataWatch`: kazoo's call rules, and where ours differ.

use zooscope::client::{Client, Error, ErrorKind};
use zooscope::proto::{Acl, ChildrenReply, CreateMode, DataReply, ErrorCode, OpCode, Perms};
use zooscope::recipe::{ChildrenWatch, DataWatch};

use crate::common::{connected, open, options, options_at, path, soon, tells_nothing};
use crate::support::{self, Proxy, Raw, eventually};

async fn make(client: &Client, at: &str, data: &[u8]) {
    let made = client.create(&path(at), data, &[], CreateMode::Persistent);
    made.await.expect("it can be made");
}

async fn children(watch: &mut ChildrenWatch) -> Result<Vec<String>, Error> {
    let item: Result<ChildrenReply, Error> = soon("a list", watch.next())
        .await
        .expect("the client is open");
    item.map(|reply| reply.names.sorted().iter().map(str::to_owned).collect())
}

async fn data(watch: &mut DataWatch) -> Result<String, Error> {
    let item: Result<DataReply, Error> = soon("data", watch.next())
        .await
        .expect("the client is open");
    item.map(|reply| String::from_utf8(reply.data.unwrap_or_default()).expect("text"))
}

fn no_node<T: std::fmt::Debug>(item: Result<T, Error>) {
    let error = item.expect_err("it is absent");
    assert!(error.is(ErrorCode::NoNode), "{error}");
}

/// kazoo: `test_watchers::KazooChildrenWatcherTests::test_child_watcher`
/// kazoo: `test_watchers::KazooDataWatcherTests::test_no_such_node_for_children_watch`
#[tokio::test]
async fn children_are_told_at_once_after_changes_and_through_deletion() {
    for server in support::shared_all() {
        let client = open(server, "children").await;
        let mut watch = ChildrenWatch::new(&client, &path("/a"));
        no_node(children(&mut watch).await);
        make(&client, "/a", b"").await;
        assert_eq!(
            children(&mut watch).await.expect("a list"),
            Vec::<String>::new()
        );
        make(&client, "/a/fred", b"").await;
        assert_eq!(children(&mut watch).await.expect("a list"), ["fred"]);
        client.delete(&path("/a/fred"), None).await.expect("there");
        assert_eq!(
            children(&mut watch).await.expect("a list"),
            Vec::<String>::new()
        );
        client.delete(&path("/a"), None).await.expect("there");
        no_node(children(&mut watch).await);
        make(&client, "/a", b"").await;
        assert_eq!(
            children(&mut watch).await.expect("a list"),
            Vec::<String>::new()
        );
        drop(watch);
        eventually("the watch to go", || client.watched() == 0).await;
        client.close().await;
    }
}

/// kazoo: `test_watchers::KazooDataWatcherTests::test_data_watcher`
/// kazoo: `test_watchers::KazooDataWatcherTests::test_no_such_node`
/// kazoo: `test_watchers::KazooDataWatcherTests::test_watcher_repeat_delete`
#[tokio::test]
async fn data_is_told_at_once_after_changes_and_through_deletion() {
    for server in support::shared_all() {
        let client = open(server, "data").await;
        let mut watch = DataWatch::new(&client, &path("/a"));
        no_node(data(&mut watch).await);
        make(&client, "/a", b"1").await;
        assert_eq!(data(&mut watch).await.expect("data"), "1");
        client.set(&path("/a"), b"1", None).await.expect("there");
        assert_eq!(data(&mut watch).await.expect("equal bytes count"), "1");
        client.delete(&path("/a"), None).await.expect("there");
        no_node(data(&mut watch).await);
        make(&client, "/a", b"2").await;
        assert_eq!(data(&mut watch).await.expect("data"), "2");
        client.close().await;
    }
}

/// kazoo: `test_watchers::KazooDataWatcherTests::test_datawatch_across_session_expire`
/// kazoo: `test_watchers::KazooChildrenWatcherTests::test_child_watch_session_loss`
/// kazoo: `test_watchers::KazooDataWatcherTests::test_watcher_with_closing`
#[tokio::test]
async fn a_lost_session_is_told_only_by_what_changed() {
    for server in support::shared_all() {
        let options = options(server, "expired");
        let client = connected(options.clone()).await;
        let other = connected(options).await;
        make(&client, "/a", b"1").await;
        let mut lists = ChildrenWatch::new(&client, &path("/a"));
        let mut values = DataWatch::new(&client, &path("/a"));
        assert_eq!(children(&mut lists).await.expect("a list").len(), 0);
        assert_eq!(data(&mut values).await.expect("data"), "1");
        let credentials = client.credentials().expect("a session");
        Raw::end_session(server.addr(), credentials.id, credentials.password.expose());
        let mut info = client.watch_session();
        let again = info.wait_for(|info| info.expired == 1 && info.state.is_connected());
        soon("a new session", again).await.expect("a snapshot");
        // Both are read again, and told only because of the changes that follow.
        let both = async {
            tokio::select! {
                item = lists.next() => format!("{item:?}"),
                item = values.next() => format!("{item:?}"),
            }
        };
        tells_nothing(&client, both).await;
        other.set(&path("/a"), b"2", None).await.expect("there");
        make(&other, "/a/b", b"").await;
        assert_eq!(children(&mut lists).await.expect("a list"), ["b"]);
        assert_eq!(data(&mut values).await.expect("data"), "2");
        client.close().await;
        assert!(soon("the end", lists.next()).await.is_none());
        assert!(soon("the end", values.next()).await.is_none());
        other.close().await;
    }
}

#[tokio::test]
async fn a_refused_read_is_told_once_and_tried_again_as_someone_else() {
    for server in support::shared_all() {
        let client = open(server, "refused").await;
        let acl = [Acl::digest(Perms::ALL, "ann", "secret")];
        client
            .create(&path("/a"), b"1", &acl, CreateMode::Persistent)
            .await
            .expect("made");
        let mut values = DataWatch::new(&client, &path("/a"));
        let error = data(&mut values).await.expect_err("it is ann's");
        assert!(error.is(ErrorCode::NoAuth), "{error}");
        let ann = zooscope::client::Auth::digest("ann", "secret");
        client.add_auth(ann).await.expect("digest never fails");
        assert_eq!(data(&mut values).await.expect("data"), "1");
        client.close().await;
    }
}

#[tokio::test]
async fn cancelling_next_loses_nothing() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let client = open(server, "cancel").await;
    make(&client, "/a", b"0").await;
    let mut values = DataWatch::new(&client, &path("/a"));
    let mut last = String::new();
    let mut sent = 0;
    while last != "50" {
        tokio::select! {
            biased;
            value = data(&mut values) => last = value.expect("data"),
            () = tokio::task::yield_now() => {
                if sent < 50 {
                    sent += 1;
                    client.set(&path("/a"), sent.to_string().as_bytes(), None).await.expect("there");
                }
            }
        }
    }
    client.close().await;
}

/// No watch tells of a new ACL, so the read is tried again now and then, at little cost.
#[tokio::test]
async fn a_refused_read_is_tried_again_when_the_acl_may_have_changed() {
    for server in support::shared_all() {
        let proxy = Proxy::start(server.addr());
        let chroot = server.chroot("opened");
        let client = connected(options_at(proxy.addr(), &chroot)).await;
        let ann = zooscope::client::Auth::digest("ann", "secret");
        let owner = connected(options_at(server.addr(), &chroot).auth(ann)).await;
        let acl = [Acl::digest(Perms::ALL, "ann", "secret")];
        owner
            .create(&path("/a"), b"1", &acl, CreateMode::Persistent)
            .await
            .expect("made");
        let mut values = DataWatch::new(&client, &path("/a"));
        let mut lists = ChildrenWatch::new(&client, &path("/a"));
        let error = data(&mut values).await.expect_err("it is ann's");
        assert!(error.is(ErrorCode::NoAuth), "{error}");
        let error = children(&mut lists).await.expect_err("it is ann's");
        assert!(error.is(ErrorCode::NoAuth), "{error}");
        let open = owner.set_acl(&path("/a"), &Acl::open_unsafe(), None);
        open.await.expect("hers to give");
        assert_eq!(data(&mut values).await.expect("everyone's"), "1");
        assert_eq!(children(&mut lists).await.expect("everyone's").len(), 0);
        // From then on it is watched, not asked for.
        owner.set(&path("/a"), b"2", None).await.expect("there");
        assert_eq!(data(&mut values).await.expect("everyone's"), "2");
        let reads = proxy.seen();
        let reads = reads.iter().filter(|s| s.op == Some(OpCode::GetData));
        assert!(reads.count() <= 5, "{}", server.install());
        client.close().await;
        owner.close().await;
    }
}

/// What is too large is read again only once it is another.
#[tokio::test]
async fn an_over_large_value_is_told_once_and_the_next_one_too() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let proxy = Proxy::start(server.addr());
    let chroot = server.chroot("large");
    let client = connected(options_at(proxy.addr(), &chroot).frame_limit(10_000)).await;
    let other = connected(options_at(server.addr(), &chroot)).await;
    make(&other, "/a", &vec![b'x'; 20_000]).await;
    let mut values = DataWatch::new(&client, &path("/a"));
    let error = data(&mut values).await.expect_err("too large");
    let too_large = |error: &Error| matches!(error.kind(), ErrorKind::ReplyTooLarge { .. });
    assert!(too_large(&error), "{error}");
    let asked = |op| proxy.seen().iter().filter(|s| s.op == Some(op)).count();
    // Twice: once more after the first pause, when it is not known yet what was too large.
    let patient = async {
        eventually("two looks", || asked(OpCode::Exists) >= 2).await;
    };
    tokio::select! {
        item = data(&mut values) => panic!("nothing has changed: {item:?}"),
        () = patient => {}
    }
    assert_eq!(asked(OpCode::GetData), 2);
    other.set(&path("/a"), b"small", None).await.expect("there");
    assert_eq!(data(&mut values).await.expect("it fits"), "small");
    client.close().await;
    other.close().await;
}
