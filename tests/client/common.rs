//! What the client's tests share: opening one, making paths, waiting with a limit.

use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use zooscope::client::{Client, Options, SessionState, States};
use zooscope::proto::{CreateMode, ZPath};

use crate::support::{LIMIT, RealServer};

pub fn path(text: &str) -> ZPath {
    ZPath::new(text).expect("a valid path")
}

/// Options for one server, in a chroot of the test's own.
pub fn options(server: &RealServer, test: &str) -> Options {
    options_at(server.addr(), &server.chroot(test))
}

pub fn options_at(addr: SocketAddr, chroot: &str) -> Options {
    let hosts = format!("{addr}{chroot}");
    Options::new(&hosts)
        .expect("a connect string")
        .session_timeout(Duration::from_secs(10))
        .max_backoff(Duration::from_millis(100))
}

/// A client in a chroot of the test's own.
pub async fn open(server: &RealServer, test: &str) -> Client {
    connected(options(server, test)).await
}

pub async fn connected(options: Options) -> Client {
    let client = Client::connect(options);
    soon("the session", client.connected())
        .await
        .expect("a session");
    client.ask_version().await;
    client
}

/// Waits for what should take milliseconds.
pub async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, future)
        .await
        .unwrap_or_else(|_| panic!("waited {LIMIT:?} for: {what}"))
}

/// Reads states until this one comes; answers all that came.
pub async fn until(states: &mut States, wanted: SessionState) -> Vec<SessionState> {
    let mut seen = Vec::new();
    soon("a state", async {
        while let Some(state) = states.next().await {
            seen.push(state);
            if state == wanted {
                return;
            }
        }
        panic!("{wanted:?} never came, but {seen:?}");
    })
    .await;
    seen
}

/// Lets a recipe go on until whatever it asks for now is answered, which must be no news.
pub async fn tells_nothing<T: std::fmt::Debug>(client: &Client, next: impl Future<Output = T>) {
    let mut next = pin!(next);
    // Answers come in the order of the requests, and one request may lead to another.
    let answered = async {
        for _ in 0..3 {
            client.exists(&ZPath::root()).await.expect("an answer");
        }
    };
    let told = tokio::select! {
        biased;
        item = &mut next => Poll::Ready(item),
        () = soon("answers", answered) => poll_fn(|cx| Poll::Ready(next.as_mut().poll(cx))).await,
    };
    assert!(told.is_pending(), "{told:?}");
}

/// Creates a persistent znode open to all.
pub async fn make(client: &Client, at: &str, data: &[u8]) {
    let made = client.create(&path(at), data, &[], CreateMode::Persistent);
    made.await.expect("it can be made");
}
