//! How connections end, and how they don't: closing while the server takes or answers nothing,
//! a process that was stopped, a server that swallows packets.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use zooscope::client::{Client, SessionState};
use zooscope::proto::OpCode;

use crate::common::{connected, options_at, path, soon, until};
use crate::fake::Fake;
use crate::storm::{no_task_is_left, tasks};

/// Far longer than any test waits: what ends, ends for another reason than silence.
const LONG: i32 = 120_000;

/// A server that reads nothing once it has a session.
fn deaf() -> Fake {
    Fake::start("3.9.4", |conn, _| {
        conn.welcome(1, LONG);
        // Until the client is gone.
        conn.ignore();
    })
}

/// Sends more than the sockets' buffers hold, until nothing goes any more.
async fn fill(client: &Client) {
    let data = vec![b'x'; 1_000_000];
    for _ in 0..20 {
        drop(client.set(&path("/n"), &data, None));
    }
    // There is one thread: at each turn the client's task does all it can, and nothing but
    // room in the sockets is what it can wait for. These are far more turns than it needs.
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_client_closes_although_the_server_takes_no_data() {
    let before = tasks();
    let fake = deaf();
    let client = connected(options_at(fake.addr(), "")).await;
    fill(&client).await;
    let answer = client.get(&path("/n"));
    soon("the end", client.close()).await;
    assert_eq!(client.session().state, SessionState::Closed);
    answer.await.expect_err("nobody has read it");
    no_task_is_left(before).await;
}

#[tokio::test]
async fn a_client_lets_go_of_its_session_although_the_server_takes_no_data() {
    let before = tasks();
    let fake = deaf();
    let client = connected(options_at(fake.addr(), "")).await;
    fill(&client).await;
    soon("the end", client.detach()).await;
    assert_eq!(client.session().state, SessionState::Closed);
    no_task_is_left(before).await;
}

#[tokio::test]
async fn a_server_that_answers_too_slowly_is_still_told_that_the_session_ends() {
    let before = tasks();
    let closed = Arc::new(AtomicBool::new(false));
    let told = closed.clone();
    let fake = Fake::start("3.9.4", move |conn, _| {
        conn.welcome(1, LONG);
        while let Some((xid, op, _)) = conn.request() {
            if op == OpCode::CloseSession.code() {
                told.store(true, Ordering::SeqCst);
                conn.reply(xid, 1, 0, b"");
                return;
            }
        }
    });
    let client = connected(options_at(fake.addr(), "").max_in_flight(2)).await;
    let replies: Vec<_> = (0..5).map(|_| client.get(&path("/n"))).collect();
    soon("the end", client.close()).await;
    assert!(closed.load(Ordering::SeqCst), "the server was told");
    for reply in replies {
        soon("a caller", reply).await.expect_err("no answer came");
    }
    no_task_is_left(before).await;
}

#[tokio::test]
async fn a_process_that_was_stopped_finds_its_connection_as_it_was() {
    let before = tasks();
    let fake = Fake::start("3.9.4", |conn, _| conn.serve_nothing(3_000));
    let client = connected(options_at(fake.addr(), "")).await;
    let mut states = client.states();
    // Nothing runs here for longer than silence may last: with nothing asked before, and with
    // an answer that comes meanwhile.
    let stop = || std::thread::sleep(Duration::from_millis(2_500));
    stop();
    // Whatever else the runtime has got round to before it was stopped.
    for turns in 0..3 {
        let reply = client.get(&path("/n"));
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        stop();
        soon("the answer", reply).await.expect("it waited here");
    }
    soon("another", client.get(&path("/n")))
        .await
        .expect("the connection lives");
    assert_eq!(states.next().await, Some(SessionState::Connected));
    assert_eq!(client.session().epoch, 1);
    client.close().await;
    no_task_is_left(before).await;
}

#[tokio::test]
async fn a_session_is_lost_by_the_clock_even_in_the_midst_of_an_attempt() {
    let before = tasks();
    let timeout = Duration::from_secs(3);
    let swallowed = Arc::new(Mutex::new(Vec::new()));
    let fake = Fake::start("3.9.4", move |conn, number| {
        if number == 0 {
            conn.welcome(1, 3_000);
            assert!(conn.request().is_some());
        } else {
            // No answer to the handshake, nor an end.
            swallowed.lock().expect("no panic").push(());
            conn.ignore();
        }
    });
    let client = connected(options_at(fake.addr(), "").session_timeout(timeout)).await;
    let mut states = client.states();
    drop(client.get(&path("/n")));
    until(&mut states, SessionState::Suspended).await;
    let since = Instant::now();
    until(&mut states, SessionState::Lost).await;
    // The second attempt would have lasted until twice the timeout.
    assert!(since.elapsed() < timeout * 5 / 3, "{:?}", since.elapsed());
    client.close().await;
    no_task_is_left(before).await;
}
