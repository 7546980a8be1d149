//! The connection breaks while a write is under way: its outcome is unknown, and is found out.

use zooscope::proto::OpCode;

use super::stage::Stage;
use super::support::{Cut, Driver, Proxy};

/// Saves "mine" over "original" through a proxy that cuts as told.
async fn save(stage: &mut Stage, cut: Cut) -> (Driver, Proxy) {
    stage.create("/value", "original");
    let proxy = Proxy::start(stage.server.addr());
    let mut app = Driver::open(&stage.hosts_at(&proxy.hosts()));
    app.wait_for("value").await;
    app.keys("j");
    app.wait_for("original").await;
    app.keys("e<end>");
    app.keys(" and mine");
    app.wait_for("original and mine").await;
    proxy.cut_at(OpCode::SetData, cut);
    app.keys("<C-s>");
    (app, proxy)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_whose_reply_was_lost_turns_out_to_be_saved() {
    let Some(mut stage) = Stage::new("applied") else {
        return;
    };
    let (mut app, proxy) = save(&mut stage, Cut::BeforeReply).await;
    app.wait_for("but /value was saved: version 1").await;
    app.wait_for("CONNECTED").await;
    assert_eq!(stage.data("/value").as_deref(), Some("original and mine"));
    let path = stage.path("/value");
    assert_eq!(
        stage.raw.get(&path).map(|reply| reply.stat.version),
        Some(1),
        "written once"
    );
    assert_eq!(writes(&proxy), 1, "the write was not sent again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_never_arrived_turns_out_not_to_be_saved() {
    let Some(mut stage) = Stage::new("unapplied") else {
        return;
    };
    let (mut app, proxy) = save(&mut stage, Cut::BeforeRequest).await;
    app.wait_for("before the text arrived: save again").await;
    assert_eq!(stage.data("/value").as_deref(), Some("original"));
    assert_eq!(writes(&proxy), 1, "nothing was sent again unasked");
    // The text is still there, and saving it again works.
    app.wait_for("original and mine").await;
    app.keys("<C-s>");
    let saved = || stage.data("/value").as_deref() == Some("original and mine");
    super::support::eventually("the second save", saved).await;
}

fn writes(proxy: &Proxy) -> usize {
    let seen = proxy.seen();
    seen.iter()
        .filter(|seen| seen.op == Some(OpCode::SetData))
        .count()
}
