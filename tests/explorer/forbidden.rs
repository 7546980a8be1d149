//! A znode that this session may not read looks like one, and blocks nothing else.

use zooscope::proto::{Acl, CreateMode, Perms};

use super::stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forbidden_znode_says_so_and_the_rest_works() {
    let Some(mut stage) = Stage::new("forbidden") else {
        return;
    };
    let acl = [Acl::new(
        Perms::ALL,
        "digest",
        "nobody:AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    )];
    let path = stage.path("/forbidden");
    stage
        .raw
        .create_with(&path, b"secret", &acl, CreateMode::Persistent)
        .expect("created");
    stage.create("/open", "readable");
    let mut app = stage.open().await;
    app.wait_for("forbidden").await;
    app.keys("j<right>");
    app.wait_for("no permission").await;
    assert!(!app.text().contains("secret"));
    app.keys("G");
    app.wait_for("readable").await;
}
