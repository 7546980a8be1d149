//! Whose session it is, and that it is kept: from one client to the next, while no server can
//! authenticate us, and by nobody once the task that ran it is gone.

use std::time::{Duration, Instant};

use zooscope::client::{Auth, Client, Credentials, Options, Secret, SessionState};
use zooscope::proto::{DataReply, Encode as _, OpCode, Stat};

use crate::common::{options_at, path, soon, until};
use crate::fake::{Conn, Fake};
use crate::support::free_port;

use SessionState::{Closed, Connected, Connecting, Suspended};

fn serve(conn: &mut Conn) {
    conn.serve(|_| {
        let (data, stat) = (None, Stat::default());
        (1, 0, DataReply { data, stat }.to_bytes())
    });
}

fn credentials() -> Credentials {
    Credentials {
        id: 1,
        password: Secret::new([1; 16]),
        last_zxid: 0,
    }
}

/// How long it lives is for those to say who gave it: this client has asked nobody yet.
#[tokio::test]
async fn a_resumed_session_is_not_given_up_before_a_server_was_asked() {
    let begun = Instant::now();
    let fake = Fake::start("3.9.4", move |conn, _| {
        if begun.elapsed() > Duration::from_millis(1500) {
            conn.welcome(1, 10_000);
            serve(conn);
        }
    });
    let options = options_at(fake.addr(), "").session_timeout(Duration::from_millis(300));
    let client = Client::connect(options.resume(credentials()));
    let mut states = client.states();
    let seen = until(&mut states, Connected).await;
    assert_eq!(seen, [Connecting, Connected]);
    assert_eq!(fake.asked().last().expect("it was asked").session_id, 1);
    client.close().await;
}

/// Whether the server answers the identity that every connection begins with.
fn authenticates(conn: &mut Conn, answers: bool) -> bool {
    let Some((xid, op, _)) = conn.request() else {
        return false;
    };
    assert_eq!(op, OpCode::Auth.code());
    if answers {
        conn.reply(xid, 0, 0, b"");
    }
    answers
}

#[tokio::test]
async fn a_session_lives_on_while_only_the_authentication_fails() {
    let begun = Instant::now();
    let fake = Fake::start("3.9.4", move |conn, number| {
        conn.welcome(1, 1500);
        // For twice as long as the session would live unheard of.
        let answers = number == 0 || begun.elapsed() > Duration::from_secs(4);
        if authenticates(conn, answers) && number > 0 {
            serve(conn);
        }
    });
    let ann = Auth::digest("ann", "x");
    let client = Client::connect(options_at(fake.addr(), "").auth(ann));
    let mut states = client.states();
    until(&mut states, Suspended).await;
    assert_eq!(until(&mut states, Connected).await, [Connected]);
    assert!(fake.asked().len() > 3, "it was tried again and again");
    client.close().await;
}

#[tokio::test]
async fn a_session_given_before_the_authentication_failed_is_taken_up_again() {
    let fake = Fake::start("3.9.4", |conn, number| {
        match (number, conn.asked.session_id) {
            // It is forgotten once, which is no loss: nobody was told of it.
            (3, 7) => {
                conn.welcome(0, 0);
            }
            (_, id) => {
                conn.welcome(if id == 0 { 7 } else { id }, 10_000);
                if authenticates(conn, number == 6) {
                    serve(conn);
                }
            }
        }
    });
    let ann = Auth::digest("ann", "x");
    let client = Client::connect(options_at(fake.addr(), "").auth(ann));
    let mut states = client.states();
    assert_eq!(until(&mut states, Connected).await, [Connecting, Connected]);
    let asked = fake.asked();
    let ids: Vec<_> = asked.iter().map(|asked| asked.session_id).collect();
    assert_eq!(ids, [0, 7, 7, 7, 0, 7, 7]);
    assert_eq!(
        (&asked[0].password, &asked[1].password),
        (&vec![0; 16], &vec![9; 16])
    );
    let info = client.session();
    assert_eq!((info.id, info.expired), (7, 0));
    client.close().await;
}

#[tokio::test]
async fn a_session_to_be_resumed_can_be_handed_on_at_once() {
    let dead = Options::new(&format!("127.0.0.1:{}", free_port())).expect("an address");
    let client = Client::connect(dead.resume(credentials()));
    assert_eq!(client.credentials(), Some(credentials()));
    client.close().await;
    assert_eq!(client.credentials(), Some(credentials()));
}

#[test]
fn a_client_whose_task_never_ran_leaves_nobody_waiting() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
    };
    let fake = Fake::start("3.9.4", |_, _| {});
    let gone = runtime();
    let client = gone.block_on(async { Client::connect(options_at(fake.addr(), "")) });
    let asked = client.get(&path("/before"));
    drop(gone);
    runtime().block_on(async {
        soon("an answer", asked).await.expect_err("nobody asks");
        let late = soon("an answer", client.get(&path("/after"))).await;
        assert!(late.expect_err("nobody asks").is_final());
        let begun = Instant::now();
        client.close().await;
        assert!(begun.elapsed() < Duration::from_secs(5), "it is closed");
        assert_eq!(client.session().state, Closed);
    });
    assert_eq!(fake.asked().len(), 0, "the task never ran");
}
