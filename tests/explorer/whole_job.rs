//! The main job from beginning to end.

use super::stage::Stage;
use super::support::{Driver, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connect_browse_edit_create_delete_and_quit() {
    let Some(mut stage) = Stage::new("job") else {
        return;
    };
    stage.create("/app", "");
    stage.create("/app/config", "");
    stage.create("/app/config/web", r#"{"port":8080,"hosts":["a","b"]}"#);
    stage.create("/app/config/worker", "plain text");

    // Three levels, each asked for when it is opened.
    let mut app = stage.open().await;
    app.wait_for("app").await;
    app.keys("j<right>");
    app.wait_for("config").await;
    app.keys("j<right>");
    app.wait_for("worker").await;

    // The selected znode: pretty JSON, Stat, ACL.
    app.keys("j");
    app.wait_for("\"port\": 8080").await;
    for field in [
        "czxid",
        "mzxid",
        "pzxid",
        "ctime",
        "mtime",
        "version",
        "cversion",
        "aversion",
        "ephemeralOwner",
        "dataLength",
        "numChildren",
    ] {
        app.wait_for(field).await;
    }
    app.wait_for("world:anyone").await;

    // Edit and save: the server holds the new bytes.
    app.keys("j");
    app.wait_for("plain text").await;
    app.keys("e<end>, edited<C-s>");
    app.wait_for("plain text, edited").await;
    let saved = || stage.data("/app/config/worker").as_deref() == Some("plain text, edited");
    eventually("the server holding the new bytes", saved).await;

    app.wait_for("saved as version 1").await;

    create_and_delete(&mut app, &mut stage).await;
    app.keys("q");
    app.ended().await.expect("a screen in memory has no errors");
}

/// A child of the selected znode, made and unmade.
async fn create_and_delete(app: &mut Driver, stage: &mut Stage) {
    // Create a child; it appears, and the server has it.
    app.keys("<esc>n");
    app.wait_for("create").await;
    app.keys("new-child<ret>");
    app.wait_for("new-child created").await;
    eventually("the new znode", || {
        stage.data("/app/config/worker/new-child").is_some()
    })
    .await;

    // It is gone to as soon as the list names it.
    app.wait_until("the new znode selected", |screen| {
        screen
            .lines()
            .any(|line| line.starts_with('›') && line.contains("new-child"))
    })
    .await;

    // Delete asks first and names what goes.
    app.keys("d");
    app.wait_for("delete /app/config/worker/new-child").await;
    app.wait_for("Delete it?").await;
    assert!(
        stage.data("/app/config/worker/new-child").is_some(),
        "nothing goes unasked"
    );
    app.keys("y");
    eventually("the znode gone", || {
        stage.data("/app/config/worker/new-child").is_none()
    })
    .await;
    app.wait_for("new-child deleted").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_znode_with_children_goes_only_after_its_name_was_typed() {
    let Some(mut stage) = Stage::new("tree") else {
        return;
    };
    stage.create("/doomed", "");
    stage.create("/doomed/a", "");
    stage.create("/doomed/a/b", "");
    stage.create("/doomed/c", "");
    stage.create("/kept", "");
    let mut app = stage.open().await;
    app.wait_for("doomed").await;
    app.keys("jd");
    app.wait_for("2 children").await;
    app.keys("y");
    app.wait_for("type its name").await;
    app.keys("wrong<ret>");
    app.wait_for("nothing is deleted").await;
    assert!(stage.data("/doomed/a/b").is_some());
    app.keys("<C-u>doomed<ret>");
    app.wait_for("4 znodes in all").await;
    assert_eq!(stage.data("/doomed"), None);
    assert!(stage.data("/kept").is_some());
}
