//! Where the explorer begins: at a path, at nothing, at the wrong address.

use zooscope::client::Options;
use zooscope::explorer::Settings;
use zooscope::proto::ZPath;

use super::stage::{Stage, selected};
use super::support::{Driver, free_port, start};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_path_is_selected_with_its_parents_open() {
    let Some(mut stage) = Stage::new("start") else {
        return;
    };
    for path in ["/a", "/a/b", "/a/b/deep", "/a/z", "/other"] {
        stage.create(path, path);
    }
    let settings = Settings {
        path: Some(ZPath::new("/a/b/deep").expect("a good path")),
        ..Settings::default()
    };
    let options = Options::new(&stage.hosts()).expect("a good host string");
    let mut app = Driver::start(options, start(settings), (100, 30));
    app.wait_for("/a/b/deep").await;
    app.wait_until("all of its lineage", |text| {
        ["deep", "z", "other"]
            .iter()
            .all(|name| text.contains(name))
    })
    .await;
    assert!(selected(&app).contains("deep"), "{}", selected(&app));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_is_said_and_quitting_is_quick() {
    let mut app = Driver::open(&format!("127.0.0.1:{}", free_port()));
    app.wait_for("CONNECTING").await;
    app.wait_for("refused").await;
    app.keys("q");
    app.ended().await.expect("a screen in memory has no errors");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chroot_that_does_not_exist_is_said() {
    let Some(stage) = Stage::new("chroot") else {
        return;
    };
    let mut app = Driver::open(&format!("{}/no-such-znode", stage.server.hosts()));
    app.wait_for("does the chroot").await;
}
