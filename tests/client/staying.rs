//! What ends a recipe or a watch, and what must not: a session that is not renewed, another
//! handle that takes watches away, a server that is too busy.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use zooscope::client::{Retry, WatchEvent};
use zooscope::proto::{
    AddWatchMode, ChildrenReply, DataReply, Encode as _, ErrorCode, EventType, KeeperState,
    MultiResult, Names, OpCode, Request, Stat, WatchedEvent, WatcherType, encode_multi_reply,
};
use zooscope::recipe::{ChildrenWatch, DataWatch, TreeEvent, TreeWatch, Walk};

use crate::common::{connected, make, open, options, options_at, path, soon, tells_nothing};
use crate::fake::{Conn, Fake};
use crate::support::{self, Raw, RealServer};

/// What became of each, told over a channel: a task that spins lets no timeout of its own
/// runtime fire.
fn told_by_all(server: &'static RealServer, tell: &mpsc::Sender<&'static str>) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let tell = tell.clone();
    runtime.block_on(async move {
        let client = connected(options(server, "over").renew(false)).await;
        let root = path("/");
        let mut values = DataWatch::new(&client, &root);
        let mut lists = ChildrenWatch::new(&client, &root);
        let mut tree = TreeWatch::new(&client, &root);
        values.next().await.expect("open").expect("there");
        lists.next().await.expect("open").expect("there");
        while !matches!(tree.next().await, Some(TreeEvent::Synced)) {}
        let credentials = client.credentials().expect("a session");
        Raw::end_session(server.addr(), credentials.id, credentials.password.expose());
        while values.next().await.is_some() {}
        tell.send("values").expect("the test waits");
        while lists.next().await.is_some() {}
        tell.send("lists").expect("the test waits");
        while tree.next().await.is_some() {}
        tell.send("tree").expect("the test waits");
        let mut walk = Walk::new(&client, &root);
        while walk.next().await.is_some() {}
        tell.send("walk").expect("the test waits");
        let mut late = TreeWatch::new(&client, &root);
        while late.next().await.is_some() {}
        tell.send("a late tree").expect("the test waits");
        let error = Retry::default().run(|| client.get(&root)).await;
        let error = error.expect_err("it is over");
        assert!(error.is_final() && !error.is_transient(), "{error}");
        assert_eq!(error.code(), Some(ErrorCode::SessionExpired), "{error}");
        tell.send("a retry").expect("the test waits");
    });
}

#[test]
fn nothing_goes_on_after_a_session_that_is_not_renewed() {
    for server in support::shared_all() {
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || told_by_all(server, &tell));
        for what in ["values", "lists", "tree", "walk", "a late tree", "a retry"] {
            let next = told.recv_timeout(support::LIMIT);
            assert_eq!(next, Ok(what), "{}", server.install());
        }
    }
}

/// Another handle takes the watches away: recipes watch again, and tell nothing twice.
#[tokio::test]
async fn watches_that_are_taken_away_end_no_recipe() {
    for server in support::shared_all() {
        let client = open(server, "taken").await;
        make(&client, "/a", b"1").await;
        let mut tree = TreeWatch::new(&client, &path("/"));
        let mut values = DataWatch::new(&client, &path("/a"));
        let mut events = Vec::new();
        while !matches!(events.last(), Some(TreeEvent::Synced)) {
            events.push(soon("an event", tree.next()).await.expect("open"));
        }
        values.next().await.expect("open").expect("there");
        for at in ["/", "/a"] {
            client.remove_watches(&path(at), WatcherType::Any);
        }
        tells_nothing(&client, values.next()).await;
        let again = soon("all of it", tree.next()).await;
        assert!(matches!(again, Some(TreeEvent::Synced)), "{again:?}");
        client.set(&path("/a"), b"2", None).await.expect("there");
        let value = soon("the value", values.next()).await.expect("open");
        assert_eq!(value.expect("there").data.as_deref(), Some(&b"2"[..]));
        let changed = soon("the change", tree.next()).await.expect("open");
        assert!(matches!(changed, TreeEvent::Changed(at, _) if at == path("/a")));
        client.close().await;
    }
}

/// One znode, at a server that is too busy for the first request of each kind.
fn busy(conn: &mut Conn, asked: &Mutex<Vec<OpCode>>) {
    let (data, stat) = (Some(b"x".to_vec()), Stat::default());
    let value = DataReply { data, stat };
    let names: Names = [""; 0].into_iter().collect();
    conn.welcome(1, 10_000);
    conn.serve(|request| {
        let mut asked = asked.lock().expect("no panic");
        let first = !asked.contains(&request.op());
        asked.push(request.op());
        let mut record = Vec::new();
        match request {
            _ if first => return (1, ErrorCode::ThrottledOp.code(), record),
            Request::GetData { .. } => value.encode(&mut record),
            Request::GetChildren2 { .. } => {
                let names = names.clone();
                ChildrenReply { names, stat }.encode(&mut record);
            }
            Request::AddWatch { .. } => record.extend_from_slice(&[0; 4]),
            Request::MultiRead(reads) => {
                let results = reads.iter().map(|read| match read {
                    Request::GetData { .. } => MultiResult::Data(value.clone()),
                    _ => MultiResult::Children(names.clone()),
                });
                encode_multi_reply(&results.collect::<Vec<_>>(), &mut record);
            }
            _ => return (1, ErrorCode::NoNode.code(), record),
        }
        (1, 0, record)
    });
}

#[tokio::test]
async fn a_busy_server_is_asked_again_by_every_recipe() {
    for version in ["3.4.6", "3.9.4"] {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        let fake = Fake::start(version, move |conn, _| busy(conn, &log));
        let client = connected(options_at(fake.addr(), "")).await;
        let mut tree = TreeWatch::new(&client, &path("/a"));
        let first = soon("the znode", tree.next()).await;
        assert!(matches!(first, Some(TreeEvent::Added(..))), "{first:?}");
        let second = soon("the end of it", tree.next()).await;
        assert!(matches!(second, Some(TreeEvent::Synced)), "{second:?}");
        asked.lock().expect("no panic").clear();
        let mut values = DataWatch::new(&client, &path("/a"));
        let value = soon("the value", values.next()).await.expect("open");
        assert_eq!(value.expect("in the end").data.as_deref(), Some(&b"x"[..]));
        asked.lock().expect("no panic").clear();
        let mut walk = Walk::new(&client, &path("/a"));
        let visited = soon("the znode", walk.next()).await.expect("one");
        assert_eq!(visited.expect("in the end").path, path("/a"));
        assert!(soon("the end of it", walk.next()).await.is_none());
        assert_eq!(client.session().epoch, 1, "{version}");
        client.close().await;
    }
}

/// A server that refuses the watches for now is left, not taken for one that has none.
#[tokio::test]
async fn a_persistent_watch_survives_a_server_too_busy_to_set_it_again() {
    let fake = Fake::start("3.9.4", |conn, number| {
        conn.welcome(1, 10_000);
        if number == 0 {
            let xid = conn.request().expect("the watch").0;
            conn.reply(xid, 1, 0, &0i32.to_be_bytes());
            conn.request();
            return;
        }
        let (xid, op, _) = conn.request().expect("the watches");
        assert_eq!((xid, op), (-8, OpCode::SetWatches2.code()));
        let code = if number == 1 {
            ErrorCode::ThrottledOp.code()
        } else {
            0
        };
        conn.reply(xid, 1, code, b"");
        if number > 1 {
            let event = WatchedEvent {
                kind: EventType::NodeCreated,
                state: KeeperState::SYNC_CONNECTED,
                path: "/a".to_owned(),
            };
            conn.reply(-1, -1, 0, &event.to_bytes());
        }
        conn.request();
    });
    let client = connected(options_at(fake.addr(), "")).await;
    let mode = AddWatchMode::Persistent;
    let mut watch = client.add_watch(&path("/a"), mode).await.expect("3.9");
    drop(client.get(&path("/last")));
    assert_eq!(soon("a gap", watch.next()).await, Some(WatchEvent::Gap));
    let event = soon("the event", async {
        loop {
            match watch.next().await {
                Some(WatchEvent::Gap) => {}
                event => return event,
            }
        }
    });
    assert!(matches!(event.await, Some(WatchEvent::Node(_))));
    assert_eq!(fake.asked().len(), 3);
    client.close().await;
}
