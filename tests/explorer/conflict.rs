//! Someone else writes while a text is being edited: nothing is overwritten unasked.

use super::stage::Stage;
use super::support::{Driver, eventually};

/// An explorer whose save has just met another client's write.
async fn conflict(stage: &mut Stage) -> Driver {
    stage.create("/value", "original");
    let mut app = stage.open().await;
    app.wait_for("value").await;
    app.keys("j");
    app.wait_for("original").await;
    app.keys("e<end>");
    app.keys(" and mine");
    app.wait_for("original and mine").await;
    stage.set("/value", "written by them");
    app.keys("<C-s>");
    app.wait_for("written by them").await;
    app.wait_for("original and mine").await;
    assert_eq!(stage.data("/value").as_deref(), Some("written by them"));
    app
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn taking_theirs_puts_their_text_into_the_editor() {
    let Some(mut stage) = Stage::new("theirs") else {
        return;
    };
    let mut app = conflict(&mut stage).await;
    app.keys("t");
    app.wait_gone("original and mine").await;
    app.wait_for("written by them").await;
    // The editor now stands on their version: a further change is saved without a conflict.
    app.keys("<end> and me<C-s>");
    let saved = || stage.data("/value").as_deref() == Some("written by them and me");
    eventually("the text on top of theirs", saved).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writing_mine_goes_on_top_of_their_version() {
    let Some(mut stage) = Stage::new("mine") else {
        return;
    };
    let app = conflict(&mut stage).await;
    app.keys("m");
    let saved = || stage.data("/value").as_deref() == Some("original and mine");
    eventually("my text on the server", saved).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writing_mine_meets_a_third_write_and_asks_again() {
    let Some(mut stage) = Stage::new("third") else {
        return;
    };
    let mut app = conflict(&mut stage).await;
    stage.set("/value", "written once more");
    app.keys("m");
    app.wait_for("written once more").await;
    assert_eq!(stage.data("/value").as_deref(), Some("written once more"));
    app.keys("m");
    let saved = || stage.data("/value").as_deref() == Some("original and mine");
    eventually("my text on the server", saved).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn going_on_editing_writes_nothing_and_keeps_my_text() {
    let Some(mut stage) = Stage::new("go-on") else {
        return;
    };
    let mut app = conflict(&mut stage).await;
    app.keys("e");
    app.keys(", still");
    app.wait_for("original and mine, still").await;
    assert_eq!(stage.data("/value").as_deref(), Some("written by them"));
    // Leaving asks, since the text is not saved.
    app.keys("<esc>");
    app.wait_for("not saved").await;
}
