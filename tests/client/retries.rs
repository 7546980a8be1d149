//! Trying again without harm: what happened to a write whose answer was lost is found out.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use zooscope::client::{Client, Retry};
use zooscope::proto::{
    CreateMode, CreateReply, DataReply, Encode as _, ErrorCode, Names, OpCode, Reader, Request,
    Stat, ZPath,
};

use crate::common::{connected, make, open, options_at, path, soon};
use crate::fake::Fake;
use crate::support::{self, Cut, Proxy, RealServer};

async fn cut_client(server: &RealServer) -> (Proxy, Client) {
    let proxy = Proxy::start(server.addr());
    let client = connected(options_at(proxy.addr(), &server.chroot("retry"))).await;
    (proxy, client)
}

fn retry() -> Retry {
    Retry::default()
        .delay(Duration::from_millis(5))
        .deadline(Some(Duration::from_secs(20)))
}

#[tokio::test]
async fn reads_and_idempotent_writes_survive_any_cut() {
    for server in support::shared_all() {
        for cut in [Cut::BeforeRequest, Cut::BeforeReply] {
            let (proxy, client) = cut_client(server).await;
            let at = path("/a");
            client
                .create(&at, b"0", &[], CreateMode::Persistent)
                .await
                .expect("made");

            proxy.cut_at(OpCode::GetData, cut);
            let read = soon("a read", retry().run(|| client.get(&at))).await;
            assert_eq!(read.expect("there").data.as_deref(), Some(&b"0"[..]));
            assert!(!proxy.is_armed());

            proxy.cut_at(OpCode::SetData, cut);
            let set = soon("a set", retry().set(&client, &at, b"1", 0)).await;
            assert_eq!(set.expect("set once").version, 1, "{cut:?}");

            // Somebody else's version is not taken for ours.
            proxy.cut_at(OpCode::SetData, Cut::BeforeRequest);
            let set = soon("a set", retry().set(&client, &at, b"2", 0)).await;
            let error = set.expect_err("version 1");
            assert!(error.is(ErrorCode::BadVersion), "{error}");

            proxy.cut_at(OpCode::Delete, cut);
            soon("a delete", retry().delete(&client, &at, Some(1)))
                .await
                .expect("deleted once");
            assert_eq!(client.exists(&at).await.expect("an answer"), None);
            let error = retry().delete(&client, &at, None).await;
            assert!(error.expect_err("gone").is(ErrorCode::NoNode));
            client.close().await;
        }
    }
}

#[tokio::test]
async fn a_protected_create_makes_one_znode_whatever_is_cut() {
    for server in support::shared_all() {
        let tells_stat = server.install().is_at_least(&[3, 5]);
        let op = if tells_stat {
            OpCode::Create2
        } else {
            OpCode::Create
        };
        for cut in [Cut::BeforeRequest, Cut::BeforeReply] {
            let (proxy, client) = cut_client(server).await;
            proxy.cut_at(op, cut);
            let create = retry();
            let at = path("/lock-");
            let kind = CreateMode::EphemeralSequential;
            let create = create.create_protected(&client, &at, b"x", &[], kind);
            let made = soon("a create", create).await.expect("made once").path;
            assert!(!proxy.is_armed(), "the cut was not made");
            let names = client.get_children(&path("/")).await.expect("there");
            let names: Vec<_> = names.iter().map(|name| format!("/{name}")).collect();
            assert_eq!(names, [made.as_str()], "{cut:?} on {}", server.install());
            assert!(made.as_str().starts_with("/_c_"));
            client.close().await;
        }
    }
}

#[tokio::test]
async fn an_unknown_outcome_is_given_back_and_not_repeated() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let (proxy, client) = cut_client(server).await;
    proxy.cut_at(OpCode::Create2, Cut::BeforeReply);
    let at = path("/n-");
    let kind = CreateMode::PersistentSequential;
    let made = retry().run(|| client.create(&at, b"", &[], kind)).await;
    assert!(made.expect_err("cut").may_have_been_applied());
    let names = client.get_children(&path("/")).await.expect("there");
    assert_eq!(names.len(), 1, "it was made once");
    // -1 is whatever version: such a write can't be told from another's.
    let at = path("/").child(names.get(0).expect("one"));
    proxy.cut_at(OpCode::SetData, Cut::BeforeReply);
    let set = soon("a set", retry().set(&client, &at, b"1", -1)).await;
    assert!(set.expect_err("cut").may_have_been_applied());
    let stat = client.stat(&at).await.expect("there");
    assert_eq!(stat.version, 1, "it was set once");
    let set = retry().set(&client, &at, b"2", -1).await;
    assert_eq!(set.expect("nothing was lost").version, 2);
    client.close().await;
}

/// A version that is gone by says nothing of a write whose answer was lost before.
#[tokio::test]
async fn a_set_that_was_overwritten_is_not_said_to_have_failed_for_sure() {
    for server in support::shared_all() {
        let (proxy, client) = cut_client(server).await;
        let at = path("/a");
        client
            .create(&at, b"0", &[], CreateMode::Persistent)
            .await
            .expect("made");
        let other = client.clone();
        proxy.cut_at(OpCode::SetData, Cut::BeforeReply);
        let slow = retry().delay(Duration::from_millis(300)).jitter(0.0);
        let overwrite = async {
            while other.get(&at).await.map_or(0, |now| now.stat.version) < 1 {}
            other.set(&at, b"theirs", Some(1)).await.expect("next")
        };
        let ours = slow.set(&client, &at, b"ours", 0);
        let (ours, _) = soon("both", async { tokio::join!(ours, overwrite) }).await;
        let error = ours.expect_err("it can't be told any more");
        assert!(error.may_have_been_applied(), "{error}");
        client.close().await;
    }
}

/// Another server than the one that lost the answer may lag behind it.
#[tokio::test]
async fn a_protected_create_looks_for_its_znode_where_all_is_up_to_date() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let (proxy, client) = cut_client(server).await;
    proxy.cut_at(OpCode::Create2, Cut::BeforeReply);
    let (retry, at) = (retry(), path("/n-"));
    let kind = CreateMode::PersistentSequential;
    let create = retry.create_protected(&client, &at, b"", &[], kind);
    soon("a create", create).await.expect("made once");
    let after = proxy.seen().into_iter().filter_map(|seen| seen.op);
    let after: Vec<_> = after.skip_while(|op| *op != OpCode::Create2).collect();
    let place = |op| after.iter().position(|seen| *seen == op);
    assert!(
        place(OpCode::Sync) < place(OpCode::GetChildren),
        "{after:?}"
    );
    assert!(place(OpCode::Sync).is_some());
    client.close().await;
}

/// A session that is over for its client may live on at the server for a while, and with it
/// what was made in it: that is not what was asked for.
#[tokio::test]
async fn a_protected_ephemeral_is_of_the_session_that_lives() {
    let (mark, deleted) = (Arc::new(Mutex::new(String::new())), Arc::default());
    let (seen, gone): (_, Arc<Mutex<Vec<String>>>) = (mark.clone(), deleted);
    let script = gone.clone();
    let fake = Fake::start("3.9.4", move |conn, number| {
        conn.welcome(1, 10_000);
        if number == 0 {
            // The create is carried out, and nothing is said of it.
            while let Some((_, op, body)) = conn.request() {
                if op == OpCode::Create2.code() {
                    let path = Reader::new(&body).string("path").expect("a path");
                    *seen.lock().expect("no panic") = format!("{}7", &path[1..]);
                    return;
                }
            }
        }
        let stranger = Stat {
            ephemeral_owner: 99,
            ..Stat::default()
        };
        conn.serve(|request| match request {
            Request::GetChildren { .. } => {
                let name = seen.lock().expect("no panic").clone();
                (1, 0, Names::from_iter([name]).to_bytes())
            }
            Request::Exists { .. } => (1, 0, stranger.to_bytes()),
            Request::Delete { path, .. } => {
                script.lock().expect("no panic").push(path.to_string());
                (1, 0, Vec::new())
            }
            Request::Create { path, .. } => {
                let (path, stat) = (format!("{path}8"), Some(Stat::default()));
                (1, 0, CreateReply { path, stat }.to_bytes())
            }
            _ => (1, 0, Vec::new()),
        });
    });
    let client = connected(options_at(fake.addr(), "")).await;
    let (retry, at) = (retry(), path("/n-"));
    let kind = CreateMode::EphemeralSequential;
    let create = retry.create_protected(&client, &at, b"", &[], kind);
    let made = soon("a create", create).await.expect("made").path;
    let stranger = format!("/{}", mark.lock().expect("no panic"));
    assert!(made.as_str().ends_with('8'), "{made} is of another session");
    assert_eq!(*gone.lock().expect("no panic"), [stranger]);
    client.close().await;
}

/// A server that waits for the others in vain (ClickHouse Keeper) says so of what is then done
/// all the same.
#[tokio::test]
async fn a_write_that_the_server_lost_sight_of_is_not_repeated_blindly() {
    for code in [ErrorCode::ConnectionLoss, ErrorCode::OperationTimeout] {
        let made: Arc<Mutex<Vec<String>>> = Arc::default();
        let there = made.clone();
        let fake = Fake::start("3.9.4", move |conn, _| {
            conn.welcome(1, 10_000);
            let (there, mut reads) = (there.clone(), 0);
            conn.serve(|request| {
                let mut there = there.lock().expect("no panic");
                match request {
                    Request::Create { path, .. } => {
                        let (path, stat) =
                            (format!("{path}{}", there.len()), Some(Stat::default()));
                        there.push(path.clone());
                        if there.len() == 1 {
                            return (1, code.code(), Vec::new());
                        }
                        (1, 0, CreateReply { path, stat }.to_bytes())
                    }
                    Request::GetChildren { .. } => {
                        let names = there.iter().map(|path| path[1..].to_owned());
                        (1, 0, names.collect::<Names>().to_bytes())
                    }
                    Request::GetData { .. } => {
                        reads += 1;
                        let (data, stat) = (None, Stat::default());
                        let failed = if reads == 1 { code.code() } else { 0 };
                        (1, failed, DataReply { data, stat }.to_bytes())
                    }
                    _ => (1, 0, Stat::default().to_bytes()),
                }
            });
        });
        let client = connected(options_at(fake.addr(), "")).await;
        let (at, kind) = (path("/n-"), CreateMode::PersistentSequential);
        let create = || client.create(&at, b"", &[], kind);
        let error = soon("a create", retry().run(create)).await;
        assert!(
            error.expect_err("unknown").may_have_been_applied(),
            "{code}"
        );
        made.lock().expect("no panic").clear();
        let retry = retry();
        let create = retry.create_protected(&client, &at, b"", &[], kind);
        let found = soon("a create", create).await.expect("it is found").path;
        assert_eq!(*made.lock().expect("no panic"), [found.as_str()], "{code}");
        // A read does no harm.
        let read = soon("a read", retry.run(|| client.get(&at))).await;
        read.expect("answered the second time");
        client.close().await;
    }
}

/// The delete is carried out, its answer lost, and another makes the znode anew.
#[tokio::test]
async fn what_another_made_since_is_not_deleted() {
    for server in support::shared_all() {
        let chroot = server.chroot("anew");
        let proxy = Proxy::start(server.addr());
        let client = connected(options_at(proxy.addr(), &chroot)).await;
        let other = connected(options_at(server.addr(), &chroot)).await;
        let at = path("/a");
        make(&client, "/a", b"ours").await;
        proxy.cut_at(OpCode::Delete, Cut::BeforeReply);
        let slow = retry().delay(Duration::from_millis(300)).jitter(0.0);
        let anew = async {
            while other.exists(&at).await.expect("an answer").is_some() {}
            make(&other, "/a", b"theirs").await;
        };
        let ours = slow.delete(&client, &at, Some(0));
        let (ours, ()) = soon("both", async { tokio::join!(ours, anew) }).await;
        let error = ours.expect_err("whose it is can't be told");
        assert!(error.may_have_been_applied(), "{error}");
        let there = other.get(&at).await.expect("it is left alone");
        assert_eq!(there.data.as_deref(), Some(&b"theirs"[..]));
        for client in [client, other] {
            client.close().await;
        }
    }
}

/// A new session begins without a zxid: what the old one had heard of stays true.
#[tokio::test]
async fn a_znode_is_the_same_if_it_was_made_before_the_first_attempt() {
    for (made, times) in [(5, 2), (6, 1)] {
        let asked = Arc::new(Mutex::new(0));
        let count = asked.clone();
        let fake = Fake::start("3.9.4", move |conn, number| {
            // The session has expired when it is to be resumed.
            let (id, timeout) = [(1, 10_000), (0, 0), (2, 10_000)][number];
            conn.welcome(id, timeout);
            while let Some((xid, op, _)) = conn.request() {
                let stat = Stat {
                    czxid: made,
                    ..Stat::default()
                };
                if op == OpCode::Delete.code() {
                    *count.lock().expect("no panic") += 1;
                    if number == 0 {
                        return;
                    }
                }
                conn.reply(xid, 5, 0, &stat.to_bytes());
            }
        });
        let client = connected(options_at(fake.addr(), "")).await;
        let at = path("/a");
        client.exists(&at).await.expect("an answer");
        let deleted = soon("a delete", retry().delete(&client, &at, None)).await;
        assert_eq!(deleted.is_ok(), times == 2, "{deleted:?}");
        assert_eq!(*asked.lock().expect("no panic"), times);
        client.close().await;
    }
}

/// The mark is the whole name then.
#[tokio::test]
async fn a_protected_create_needs_no_name() {
    for server in support::shared_all() {
        let client = open(server, "nameless").await;
        make(&client, "/folder", b"").await;
        let retry = retry();
        for (at, above) in [("/folder/", "/folder/_c_"), ("/", "/_c_")] {
            let (at, kind) = (ZPath::from_server(at), CreateMode::PersistentSequential);
            let made = retry.create_protected(&client, &at, b"", &[], kind);
            let made = made.await.expect("made").path;
            let name = made.as_str().strip_prefix(above).expect("in its place");
            // The mark's digits and dash, the number's digits.
            assert_eq!(name.len(), 32 + 1 + 10, "{made}");
        }
        client.close().await;
    }
}
