//! The session expires: that is said, a new one is made, and the view lives on.

use super::stage::Stage;
use super::support::{Raw, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_session_is_announced_replaced_and_the_view_is_live_again() {
    let Some(mut stage) = Stage::new("expired") else {
        return;
    };
    stage.create("/value", "before");
    let mut app = stage.open().await;
    app.wait_for("value").await;
    app.keys("j");
    app.wait_for("before").await;
    let old = app.client.credentials().expect("a session");

    let addr = stage.server.addr();
    let (id, password) = (old.id, old.password.expose().to_vec());
    let thief = tokio::task::spawn_blocking(move || Raw::end_session(addr, id, &password));
    thief.await.expect("the session is ended");

    // LOST may be on the screen for less than a frame; that it happened stays to be read.
    app.wait_for("expired").await;
    eventually("another session", || {
        app.client
            .credentials()
            .is_some_and(|new| new.id != old.id && new.id != 0)
    })
    .await;
    app.wait_for("CONNECTED").await;
    app.wait_for(&format!(
        "0x{:x}",
        app.client.credentials().expect("a session").id
    ))
    .await;
    stage.set("/value", "after");
    app.wait_for("after").await;
    stage.create("/newcomer", "");
    app.wait_for("newcomer").await;
}
