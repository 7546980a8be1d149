//! With `--read-only` no write can leave the program, whatever the user tries.

use zooscope::client::Options;
use zooscope::explorer::Settings;
use zooscope::proto::{CreateMode, OpCode, ZPath};

use super::stage::Stage;
use super::support::{Driver, Proxy, start};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_key_of_the_explorer_sends_no_write() {
    let Some(mut stage) = Stage::new("read-only") else {
        return;
    };
    stage.create("/value", "untouched");
    stage.create("/value/child", "untouched");
    let proxy = Proxy::start(stage.server.addr());
    let options = Options::new(&stage.hosts_at(&proxy.hosts())).expect("a good host string");
    let settings = Settings {
        read_only: true,
        ..Settings::default()
    };
    let mut app = Driver::start(options.read_only(true), start(settings), (100, 30));
    app.wait_for("WRITES OFF").await;
    app.wait_for("value").await;
    app.keys("j");
    app.wait_for("untouched").await;
    for keys in [
        "exxx<C-s>",
        "nnew<ret><C-s>",
        "anew<ret><C-s>",
        "dyyyy",
        "<del>yy<ret>",
    ] {
        app.keys(keys);
        app.keys("<esc><esc><esc>");
    }
    app.keys("<end>r");

    // The guard stands in the client too: what a faulty explorer would ask is refused there.
    let client = app.client.clone();
    let (value, new) = (path("/value"), path("/new"));
    assert!(client.set(&value, b"x", None).await.is_err());
    assert!(client.delete(&path("/value/child"), None).await.is_err());
    assert!(
        client
            .create(&new, b"", &[], CreateMode::Persistent)
            .await
            .is_err()
    );
    // A request after all of them proves that they are not merely on their way.
    client.get(&value).await.expect("reads work");

    let wrote: Vec<_> = proxy
        .seen()
        .into_iter()
        .filter(|seen| seen.op.is_none_or(OpCode::is_write))
        .collect();
    assert_eq!(wrote, []);
    assert_eq!(stage.data("/value").as_deref(), Some("untouched"));
}

fn path(text: &str) -> ZPath {
    ZPath::new(text).expect("a good path")
}
