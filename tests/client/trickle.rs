//! Few requests behind many unanswered ones: at a server near by they may wait for company, at
//! one far away they go at once.

use std::sync::mpsc;
use std::time::Duration;

use zooscope::client::{Client, SessionState};
use zooscope::proto::OpCode;

use crate::common::{connected, options_at, path, soon};
use crate::fake::{Conn, Fake};

/// Many enough for one more to be few.
const MANY: usize = 20;

/// What the server does after it has read so many requests.
#[derive(Clone, Copy)]
enum Then {
    Cut,
    /// Answers all but a few, and tells of the next request.
    Answer,
    /// Tells of the next request.
    Read,
}

/// A server that takes `delay` to answer pings, and a client with many requests on the wire.
/// What comes out of the first channel tells of the server: of its having read all, and of the
/// request after them. The second tells it to go on.
async fn busy(delay: Duration, then: Then) -> (Client, mpsc::Receiver<OpCode>, mpsc::Sender<()>) {
    let (tell, told) = mpsc::channel();
    let (go, gone) = mpsc::channel();
    let channels = std::sync::Mutex::new(Some((tell, gone)));
    let fake = Fake::start("3.9.4", move |conn, number| {
        let Some((tell, gone)) = channels.lock().expect("no panic").take() else {
            return;
        };
        assert_eq!(number, 0);
        conn.welcome(1, 6_000);
        let xids: Vec<i32> = (0..MANY)
            .map_while(|_| next(conn, delay).map(|(xid, _)| xid))
            .collect();
        tell.send(OpCode::GetData).expect("the test waits");
        match then {
            Then::Cut => return gone.recv().expect("the test lives"),
            Then::Answer => {
                gone.recv().expect("the test lives");
                for &xid in &xids[..MANY - 2] {
                    conn.reply(xid, 1, -101, b"");
                }
            }
            Then::Read => {}
        }
        if let Some((_, op)) = next(conn, delay) {
            tell.send(op).expect("the test waits");
        }
        conn.ignore();
    });
    let client = connected(options_at(fake.addr(), "")).await;
    let mut session = client.watch_session();
    // The first pong may have had to wait for this machine, not for the server.
    let measured = session.wait_for(|info| {
        let trip = info.round_trip;
        trip.is_some_and(|trip| !delay.is_zero() || trip < Duration::from_millis(5))
    });
    soon("the round trip", measured).await.expect("it lives");
    for _ in 0..MANY {
        drop(client.get(&path("/a")));
    }
    (client, told, go)
}

fn next(conn: &mut Conn, delay: Duration) -> Option<(i32, OpCode)> {
    loop {
        let (xid, op, _) = conn.receive()?;
        let op = OpCode::try_from(op).expect("an operation");
        if op != OpCode::Ping {
            return Some((xid, op));
        }
        std::thread::sleep(delay);
        conn.reply(xid, 0, 0, b"");
    }
}

async fn heard(told: mpsc::Receiver<OpCode>) -> (OpCode, mpsc::Receiver<OpCode>) {
    let heard = tokio::task::spawn_blocking(move || (told.recv(), told));
    let (op, told) = soon("the server's word", heard).await.expect("no panic");
    (op.expect("the server lives"), told)
}

#[tokio::test]
async fn at_a_server_near_by_one_request_waits_behind_many() {
    let (client, told, go) = busy(Duration::ZERO, Then::Cut).await;
    heard(told).await;
    let set = client.set(&path("/a"), b"", None);
    // The session has seen it.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    go.send(()).expect("the server waits");
    let error = soon("the end", set).await.expect_err("the server is gone");
    assert!(!error.may_have_been_applied(), "it was not sent: {error}");
    client.close().await;
}

#[tokio::test]
async fn it_goes_when_most_of_them_are_answered() {
    let (client, told, go) = busy(Duration::ZERO, Then::Answer).await;
    let (_, told) = heard(told).await;
    let set = client.set(&path("/a"), b"", None);
    go.send(()).expect("the server waits");
    assert_eq!(heard(told).await.0, OpCode::SetData);
    drop(set);
    client.detach().await;
}

#[tokio::test]
async fn at_a_server_far_away_it_goes_at_once() {
    let (client, told, _go) = busy(Duration::from_millis(20), Then::Read).await;
    let (_, told) = heard(told).await;
    let set = client.set(&path("/a"), b"", None);
    assert_eq!(heard(told).await.0, OpCode::SetData);
    drop(set);
    assert_eq!(client.session().state, SessionState::Connected);
    client.detach().await;
}

#[tokio::test]
async fn a_client_that_closes_sends_what_it_has() {
    let (client, told, _go) = busy(Duration::ZERO, Then::Read).await;
    let (_, told) = heard(told).await;
    drop(client.set(&path("/a"), b"", None));
    let closing = tokio::spawn(async move { client.close().await });
    assert_eq!(heard(told).await.0, OpCode::SetData);
    closing.abort();
}
