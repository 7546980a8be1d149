//! Servers that tell no version and don't know all operations: by what they drop a connection
//! once, they are not asked again.

use std::sync::{Arc, Mutex};

use zooscope::client::{Client, Done, WatchEvent};
use zooscope::proto::{
    AddWatchMode, CreateMode, CreateReply, DataReply, Encode as _, ErrorCode, MultiResult, OpCode,
    Request, Stat, encode_multi_reply,
};

use crate::common::{connected, options_at, path, soon};
use crate::fake::Fake;

type Asked = Arc<Mutex<Vec<OpCode>>>;

/// It drops the connection for `unknown`, and at a delete. Everything else it does.
fn of_another_make(unknown: OpCode, asked: &Asked) -> Fake {
    let log = asked.clone();
    Fake::start("of another make", move |conn, _| {
        conn.welcome(1, 10_000);
        while let Some((xid, op, body)) = conn.request() {
            let op = OpCode::try_from(op).expect("an operation");
            log.lock().expect("no panic").push(op);
            if op == unknown {
                conn.reply(xid, -1, ErrorCode::Unimplemented.code(), b"");
                return;
            }
            let (data, stat) = (None, Stat::default());
            match op {
                OpCode::Delete => return,
                OpCode::AddWatch => conn.reply(xid, 1, 0, &[0; 4]),
                OpCode::Multi => {
                    let request = Request::decode(op, &mut zooscope::proto::Reader::new(&body));
                    conn.reply(xid, 1, 0, &done(&request.expect("a transaction")));
                }
                _ => conn.reply(xid, 1, 0, &DataReply { data, stat }.to_bytes()),
            }
        }
    })
}

/// As a server does that tells Stats if it is asked to.
fn done(request: &Request<'_>) -> Vec<u8> {
    let Request::Multi(parts) = request else {
        panic!("{request:?}");
    };
    let result = |part: &Request<'_>| MultiResult::Created {
        path: "/a".to_owned(),
        stat: (part.op() == OpCode::Create2).then(Stat::default),
    };
    let mut record = Vec::new();
    encode_multi_reply(&parts.iter().map(result).collect::<Vec<_>>(), &mut record);
    record
}

fn count(asked: &Asked, op: OpCode) -> usize {
    let asked = asked.lock().expect("no panic");
    asked.iter().filter(|other| **other == op).count()
}

/// Waits for the next connection, of which it is known that nothing is known.
async fn again(client: &Client, epoch: u64) {
    let mut info = client.watch_session();
    let again = info.wait_for(|info| info.epoch == epoch && info.state.is_connected());
    soon("the next connection", again)
        .await
        .expect("a snapshot");
    assert_eq!(client.ask_version().await, None);
}

#[tokio::test]
async fn watches_are_taken_off_no_server_that_can_not_take_them_off() {
    let asked = Asked::default();
    let fake = of_another_make(OpCode::RemoveWatches, &asked);
    let client = connected(options_at(fake.addr(), "")).await;
    let (at, mode) = (path("/a"), AddWatchMode::PersistentRecursive);
    drop(client.add_watch(&at, mode).await.expect("known"));
    again(&client, 2).await;
    drop(client.add_watch(&at, mode).await.expect("known"));
    // It is answered after whatever was sent before.
    client.get(&at).await.expect("the connection stays");
    assert_eq!(client.session().epoch, 2);
    assert_eq!(count(&asked, OpCode::RemoveWatches), 1);
    client.close().await;
}

#[tokio::test]
async fn watches_are_not_set_again_where_they_can_not_be() {
    let asked = Asked::default();
    let fake = of_another_make(OpCode::SetWatches, &asked);
    let client = connected(options_at(fake.addr(), "")).await;
    let at = path("/a");
    // The first costs a connection more, the second doesn't.
    for epoch in [3, 4] {
        let (_, watch) = client.get_watch(&at).await.expect("there");
        drop(client.delete(&at, None));
        assert_eq!(soon("the gap", watch).await, WatchEvent::Gap);
        again(&client, epoch).await;
    }
    client.get(&at).await.expect("the connection stays");
    assert_eq!(client.session().epoch, 4);
    assert_eq!(count(&asked, OpCode::SetWatches), 1);
    client.close().await;
}

/// With persistent watches it is another operation.
#[tokio::test]
async fn persistent_watches_end_where_they_can_not_be_set_again() {
    let asked = Asked::default();
    let fake = of_another_make(OpCode::SetWatches2, &asked);
    let client = connected(options_at(fake.addr(), "")).await;
    let at = path("/a");
    for (epoch, times) in [(3, 1), (4, 1)] {
        let mode = AddWatchMode::Persistent;
        let mut watch = client.add_watch(&at, mode).await.expect("known");
        drop(client.delete(&at, None));
        let over = async { while watch.next().await.is_some() {} };
        soon("the end of the watch", over).await;
        again(&client, epoch).await;
        assert_eq!(count(&asked, OpCode::SetWatches2), times);
    }
    // One-shot watches are.
    let (_, watch) = client.get_watch(&at).await.expect("there");
    drop(client.delete(&at, None));
    again(&client, 5).await;
    client.get(&at).await.expect("the connection stays");
    assert_eq!(count(&asked, OpCode::SetWatches), 1);
    drop(watch);
    client.close().await;
}

/// What a server has only switched off, it says no to by a transaction of its own, and stays.
#[tokio::test]
async fn what_is_switched_off_may_be_switched_on() {
    let fake = Fake::start("of another make", |conn, _| {
        conn.welcome(1, 10_000);
        let mut asked = 0;
        conn.serve(|request| match request {
            Request::Create { op, .. } if *op == OpCode::CreateTtl => {
                asked += 1;
                if asked == 1 {
                    return (7, ErrorCode::Unimplemented.code(), Vec::new());
                }
                let (path, stat) = ("/a".to_owned(), Some(Stat::default()));
                (8, 0, CreateReply { path, stat }.to_bytes())
            }
            _ => (8, ErrorCode::NoNode.code(), Vec::new()),
        });
    });
    let client = connected(options_at(fake.addr(), "")).await;
    let (at, kind) = (path("/a"), CreateMode::PersistentTtl { ttl_ms: 1000 });
    let error = client.create(&at, b"", &[], kind).await;
    assert!(error.expect_err("off").is(ErrorCode::Unimplemented));
    let made = client.create(&at, b"", &[], kind).await;
    made.expect("it is on now");
    client.close().await;
}

/// A create that tells its Stat might make it refuse the whole.
#[tokio::test]
async fn a_transaction_asks_for_nothing_that_is_not_surely_known() {
    let asked = Asked::default();
    let fake = of_another_make(OpCode::WhoAmI, &asked);
    let client = connected(options_at(fake.addr(), "")).await;
    let both = client.transaction();
    let both = both.create(&path("/a"), b"", &[], CreateMode::Persistent);
    let done = both.commit().await.expect("made");
    let Done::Created(made) = &done[0] else {
        panic!("{done:?}");
    };
    assert_eq!(made.stat, None);
    client.close().await;
}
