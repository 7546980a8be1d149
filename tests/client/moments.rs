//! What is so at the very moment when something is told: nobody is so quick as to see a state
//! that is over, or to be taken for one who came too early.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Wake, Waker};

use tokio::sync::oneshot;
use zooscope::client::{Auth, Client, Credentials, ErrorKind, Options, Secret, SessionState};
use zooscope::proto::{DataReply, Encode as _, ErrorCode, OpCode, Request, Stat};

use crate::common::{connected, options_at, path, soon};
use crate::fake::{Conn, Fake};
use crate::support::{eventually, wait_until};

/// A task that runs within the call that wakes it: no other thread could be faster.
struct AtOnce(Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>);

impl AtOnce {
    /// Runs a task; what it answers is told.
    fn run<T: Send + 'static>(
        task: impl Future<Output = T> + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (tell, told) = oneshot::channel();
        let task = async move { drop(tell.send(task.await)) };
        Arc::new(Self(Mutex::new(Some(Box::pin(task))))).wake();
        told
    }
}

impl Wake for AtOnce {
    fn wake(self: Arc<Self>) {
        let waker = Waker::from(self.clone());
        let mut task = self.0.try_lock().expect("it wakes nobody that wakes it");
        if let Some(running) = &mut *task
            && running
                .as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_ready()
        {
            *task = None;
        }
    }
}

fn at(fake: &Fake) -> Options {
    options_at(fake.addr(), "")
}

fn data() -> Vec<u8> {
    let (data, stat) = (None, Stat::default());
    DataReply { data, stat }.to_bytes()
}

#[tokio::test]
async fn who_asks_on_seeing_the_loss_waits_for_the_next_connection() {
    let fake = Fake::start("3.9.4", |conn, number| {
        conn.welcome(1, 10_000);
        if number == 0 {
            conn.request();
        } else {
            conn.serve(|_| (1, 0, data()));
        }
    });
    let client = connected(at(&fake)).await;
    let (mut info, listener) = (client.watch_session(), client.clone());
    let second = AtOnce::run(async move {
        let lost = info.wait_for(|info| info.state == SessionState::Suspended);
        lost.await.map(drop).expect("the client lives");
        listener.get(&path("/second")).await
    });
    let first = client.get(&path("/first")).await;
    first.expect_err("it costs the connection");
    let second = soon("the answer", second).await.expect("it was asked for");
    second.expect("it waited");
    client.close().await;
}

/// A server that answers no read, and ends the connection in one way or another.
fn ends(conn: &mut Conn, refuses: bool) {
    conn.welcome(1, 10_000);
    conn.request().expect("the read");
    let (xid, op, _) = conn.request().expect("what ends it");
    if refuses {
        assert_eq!(op, OpCode::Auth.code());
        conn.reply(xid, 0, ErrorCode::AuthFailed.code(), b"");
        conn.request();
    }
}

#[tokio::test]
async fn whose_request_fails_with_the_client_sees_that_it_has_ended() {
    for (refuses, wanted) in [
        (false, SessionState::Closed),
        (true, SessionState::AuthFailed),
    ] {
        let fake = Fake::start("3.9.4", move |conn, _| ends(conn, refuses));
        let client = connected(at(&fake)).await;
        let (reply, listener) = (client.get(&path("/a")), client.clone());
        let seen = AtOnce::run(async move {
            reply.await.expect_err("it is not answered");
            listener.session().state
        });
        if refuses {
            let refused = client.add_auth(Auth::new("no-such-scheme", "x")).await;
            refused.expect_err("it is refused");
        } else {
            client.close().await;
        }
        assert_eq!(soon("the failure", seen).await, Ok(wanted));
        client.close().await;
    }
}

#[tokio::test]
async fn an_identity_that_was_not_answered_before_the_end_was_not_added() {
    let fake = Fake::start("3.9.4", |conn, _| {
        conn.welcome(1, 10_000);
        conn.request().expect("the identity");
        conn.request().expect("the wish to end");
    });
    let client = connected(at(&fake)).await;
    let added = AtOnce::run(client.add_auth(Auth::digest("ann", "x")));
    client.close().await;
    let error = soon("the failure", added).await.expect("it has ended");
    let error = error.expect_err("nobody has answered");
    assert!(matches!(error.kind(), ErrorKind::Closed), "{error}");
}

/// The connection had begun with the identities of before, and its session is another than was
/// asked for: what waited for that is failed.
#[tokio::test]
async fn an_identity_added_while_the_session_expires_reaches_the_next() {
    let asks = Arc::new(AtomicBool::new(false));
    let added = Arc::new(AtomicBool::new(false));
    let identities = Arc::new(Mutex::new(Vec::new()));
    let (tell, wait, log) = (asks.clone(), added.clone(), identities.clone());
    let fake = Fake::start("3.9.4", move |conn, _| {
        conn.welcome(222, 10_000);
        let (xid, ..) = conn.request().expect("the first identity");
        tell.store(true, Ordering::SeqCst);
        wait_until("the second identity", || wait.load(Ordering::SeqCst));
        conn.reply(xid, 0, 0, b"");
        conn.serve(|request| {
            if let Request::Auth { auth, .. } = request {
                let auth = auth.as_deref().map(<[u8]>::to_vec);
                log.lock().expect("no panic").push(auth.expect("one"));
            }
            (1, 0, Vec::new())
        });
    });
    let resumed = Credentials {
        id: 111,
        password: Secret::new([1; 16]),
        last_zxid: 5,
    };
    let ann = Auth::digest("ann", "x");
    let client = Client::connect(at(&fake).auth(ann).resume(resumed));
    eventually("the first identity", || asks.load(Ordering::SeqCst)).await;
    let bob = client.add_auth(Auth::digest("bob", "y"));
    added.store(true, Ordering::SeqCst);
    soon("the answer", bob).await.expect("it is added");
    let identities = identities.lock().expect("no panic").clone();
    assert_eq!(identities, [b"bob:y"]);
    assert_eq!(client.session().expired, 1);
    client.close().await;
}
