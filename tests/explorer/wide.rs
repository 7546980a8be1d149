//! A node with 100,000 children: it opens, it scrolls, it follows, and only what is on the
//! screen is asked for.

use zooscope::proto::OpCode;

use super::stage::Stage;
use super::support::{Driver, Proxy};

const WIDE: usize = 100_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_children_open_and_scroll() {
    let Some(mut stage) = Stage::new("wide") else {
        return;
    };
    stage.create("/wide", "");
    let names = (0..WIDE).map(|number| format!("child-{number:06}"));
    let parent = stage.path("/wide");
    super::support::blocking(|| stage.raw.create_children(&parent, names, b"x"));

    let proxy = Proxy::start(stage.server.addr());
    let mut app = Driver::open(&stage.hosts_at(&proxy.hosts()));
    app.wait_for("wide").await;
    app.keys("j<right>");
    app.wait_for("child-000010").await;
    app.keys("G");
    app.wait_for("child-099999").await;
    app.keys("<pgup><pgup>");
    app.wait_gone("child-099999").await;
    app.keys("g");
    app.wait_for("child-000000").await;

    stage.create("/wide/child-000000-and-a-half", "");
    app.wait_for("child-000000-and-a-half").await;
    let seen = proxy.seen();
    let single = seen.iter().filter(|seen| {
        matches!(
            seen.op,
            Some(OpCode::Exists | OpCode::GetData | OpCode::GetChildren2)
        )
    });
    let count = single.count();
    assert!(
        count < 1000,
        "{count} single requests for a screen of 30 rows"
    );
}
