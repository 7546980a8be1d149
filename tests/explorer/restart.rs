//! The server goes and comes back under the explorer.

use super::support::{Driver, RealServer, newest};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn suspended_then_connected_the_view_right_and_the_watches_armed() {
    let Some(install) = newest() else {
        return;
    };
    let mut server = RealServer::start(install);
    let mut raw = server.raw();
    raw.create("/kept", b"old value");
    raw.create("/opened", b"");
    raw.create("/opened/inside", b"");
    raw.close();
    let mut app = Driver::open(&server.hosts());
    app.wait_for("opened").await;
    app.keys("jj<right>");
    app.wait_for("inside").await;
    app.keys("k");
    app.wait_for("old value").await;

    server.kill();
    app.wait_for("SUSPENDED").await;
    assert!(
        app.text().contains("old value"),
        "what was known can still be read"
    );
    app.keys("jj");
    app.wait_for("inside").await;
    app.keys("kk");

    server.restart();
    app.wait_gone("SUSPENDED").await;
    app.wait_for("CONNECTED").await;
    app.wait_for("old value").await;
    assert!(app.text().contains("inside"));

    // The watches are armed: the data's, the root's and that of the node opened below.
    let mut raw = server.raw();
    raw.set("/kept", b"new value");
    app.wait_for("new value").await;
    raw.create("/a-newcomer", b"");
    app.wait_for("a-newcomer").await;
    raw.create("/opened/also-inside", b"");
    app.wait_for("also-inside").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_changed_while_the_server_could_not_be_reached_is_shown_afterwards() {
    let Some(mut stage) = super::stage::Stage::new("missed") else {
        return;
    };
    stage.create("/changed", "old value");
    stage.create("/deleted", "");
    let proxy = super::support::Proxy::start(stage.server.addr());
    let mut app = Driver::open(&stage.hosts_at(&proxy.hosts()));
    app.wait_for("deleted").await;
    app.keys("j");
    app.wait_for("old value").await;

    proxy.refuse(true);
    proxy.cut();
    app.wait_for("SUSPENDED").await;
    stage.set("/changed", "new value");
    stage.raw.delete(&stage.path("/deleted"));
    stage.create("/created", "");
    proxy.refuse(false);
    app.wait_gone("SUSPENDED").await;
    app.wait_for("new value").await;
    app.wait_for("created").await;
    app.wait_gone("deleted").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_its_member_of_an_ensemble_dies_the_session_moves_to_another() {
    let Some(install) = newest() else {
        return;
    };
    let mut ensemble = super::support::blocking(|| super::support::Ensemble::start(install));
    let leader = ensemble.leader();
    ensemble.raw(leader).create("/value", b"before");
    let mut app = Driver::open(&ensemble.hosts());
    app.wait_for("value").await;
    app.keys("j");
    app.wait_for("before").await;
    let session = app.client.credentials().expect("a session").id;
    let server = |app: &Driver| app.client.session().server.map(|server| server.to_string());
    let first = server(&app).expect("the client knows where it is connected");
    let member = (0..3).find(|&index| ensemble.addr(index).to_string() == first);

    ensemble.member(member.expect("one of the three")).kill();
    // With two members left to try, SUSPENDED may last for less than a frame.
    app.wait_until("another member in the status bar", |text| {
        text.contains("CONNECTED") && !text.contains(&first)
    })
    .await;
    assert_ne!(server(&app), Some(first));
    let now = app.client.credentials().map(|now| now.id);
    assert_eq!(now, Some(session), "the same session");
    let leader = ensemble.leader();
    ensemble.raw(leader).set("/value", b"after");
    app.wait_for("after").await;
}
