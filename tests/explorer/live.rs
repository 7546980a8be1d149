//! Another client changes what is on the screen, and the screen follows.

use super::stage::{Stage, selected};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_screen_follows_writes_creates_and_deletes_of_another_client() {
    let Some(mut stage) = Stage::new("live") else {
        return;
    };
    for name in ["/b", "/d", "/f"] {
        stage.create(name, "first value");
    }
    let mut app = stage.open().await;
    app.wait_for("f").await;
    app.keys("jj");
    app.wait_for("first value").await;
    assert!(selected(&app).contains('d'), "{}", selected(&app));

    stage.set("/d", "second value");
    app.wait_for("second value").await;
    stage.set("/d", "third value");
    app.wait_for("third value").await;

    // Rows come and go above the selection, which stays on its znode.
    for round in 0..3 {
        let name = format!("/a-{round}-new");
        stage.create(&name, "");
        app.wait_for(&name[1..]).await;
        assert!(selected(&app).contains('d'), "{}", selected(&app));
    }
    stage.raw.delete(&stage.path("/a-1-new"));
    app.wait_gone("a-1-new").await;
    assert!(selected(&app).contains('d'), "{}", selected(&app));

    // The selected znode goes: the selection moves to what is nearest.
    stage.create("/e-next", "value of the next");
    app.wait_for("e-next").await;
    stage.raw.delete(&stage.path("/d"));
    app.wait_for("value of the next").await;
    assert!(selected(&app).contains("e-next"), "{}", selected(&app));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_opened_node_below_follows_and_a_closed_one_is_no_longer_watched() {
    let Some(mut stage) = Stage::new("below") else {
        return;
    };
    stage.create("/deep", "");
    stage.create("/deep/one", "");
    let proxy = super::support::Proxy::start(stage.server.addr());
    let mut app = super::support::Driver::open(&stage.hosts_at(&proxy.hosts()));
    app.wait_for("deep").await;
    app.keys("j<right>");
    app.wait_for("one").await;
    stage.create("/deep/two", "");
    app.wait_for("two").await;

    app.keys("<left>");
    app.wait_gone("two").await;
    let lists = || {
        let seen = proxy.seen();
        let lists = |op| matches!(op, zooscope::proto::OpCode::GetChildren2);
        seen.iter()
            .filter(|seen| seen.op.is_some_and(lists))
            .count()
    };
    let before = lists();
    stage.create("/deep/three", "");
    stage.create("/visible", "");
    app.wait_for("visible").await;
    // The root was listed again for the new row, the closed node was not.
    assert!(lists() <= before + 2, "{} lists after {before}", lists());
    app.keys("<right>");
    app.wait_for("three").await;
}
