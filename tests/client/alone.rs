//! A request that comes alone: whoever makes it sends it.

use std::sync::mpsc;
use std::time::Duration;

use zooscope::client::Options;
use zooscope::proto::OpCode;
use zooscope::server::{self, Server};

use crate::common::{connected, options_at, path, soon};
use crate::fake::Fake;

/// The next of the requests that the server was sent, while nothing else of this thread runs.
fn told(by: &mpsc::Receiver<OpCode>) -> Option<OpCode> {
    by.recv_timeout(Duration::from_secs(30)).ok()
}

#[tokio::test]
async fn it_is_with_the_server_though_nothing_else_runs() {
    let (tell, hear) = mpsc::channel();
    let fake = Fake::start("3.9.4", move |conn, _| {
        conn.welcome(1, 60_000);
        while let Some((xid, op, _)) = conn.receive() {
            let op = OpCode::try_from(op).expect("an operation");
            if op != OpCode::Ping {
                tell.send(op).expect("the test lives");
            }
            conn.reply(xid, 1, if op == OpCode::Ping { 0 } else { -101 }, b"");
        }
    });
    let client = connected(options_at(fake.addr(), "")).await;
    for op in [OpCode::GetData, OpCode::SetData, OpCode::GetData] {
        // With this answer everything is answered.
        soon("the answer", client.exists(&path("/a")))
            .await
            .expect("it answers");
        assert_eq!(told(&hear), Some(OpCode::Exists));
        // Dropped at once, and its answer with it: asked is asked.
        match op {
            OpCode::SetData => drop(client.set(&path("/a"), b"", None)),
            _ => drop(client.get(&path("/a"))),
        }
        assert_eq!(told(&hear), Some(op));
    }
    soon("the end", client.detach()).await;
}

/// Answers come while the session's task looks elsewhere, and callers come and go.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn none_is_missed_whatever_thread_it_comes_from() {
    let server = Server::start(server::Options::default())
        .await
        .expect("loopback");
    let client = connected(Options::new(&server.hosts()).expect("its hosts")).await;
    let callers = (0..3).map(|pause: u32| {
        let client = client.clone();
        tokio::spawn(async move {
            for turn in 0..20_000 {
                client.exists(&path("/zookeeper")).await.expect("it lives");
                // Now they meet and now they don't.
                if turn % 64 < pause * 16 {
                    tokio::task::yield_now().await;
                }
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        soon("the caller", caller).await.expect("no panic");
    }
    assert_eq!(client.session().epoch, 1);
    client.close().await;
}
