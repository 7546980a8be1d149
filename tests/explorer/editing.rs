//! What the editor refuses, and what it asks before a text is lost.

use crossterm::event::Event;
use zooscope::proto::{OpCode, SERVER_FRAME_LIMIT};

use super::stage::Stage;
use super::support::{Driver, Proxy};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_are_no_text_are_shown_as_hex_and_never_edited() {
    let Some(mut stage) = Stage::new("binary") else {
        return;
    };
    let path = stage.path("/binary");
    stage.raw.create(&path, b"\xff\xfe\x00binary");
    let mut app = stage.open().await;
    app.wait_for("binary").await;
    app.keys("j");
    app.wait_for("fffe 0062").await;
    app.keys("e");
    app.wait_for("not UTF-8").await;
    app.keys("x<C-s>");
    let data = stage.raw.get(&path).and_then(|reply| reply.data);
    assert_eq!(data.as_deref(), Some(b"\xff\xfe\x00binary".as_slice()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_that_the_server_would_not_take_is_refused_before_it_is_sent() {
    let Some(mut stage) = Stage::new("long") else {
        return;
    };
    stage.create("/value", "short");
    let proxy = Proxy::start(stage.server.addr());
    let mut app = Driver::open(&stage.hosts_at(&proxy.hosts()));
    app.wait_for("value").await;
    app.keys("j");
    app.wait_for("short").await;
    app.keys("e");
    app.event(Event::Paste("x".repeat(SERVER_FRAME_LIMIT)));
    app.keys("<C-s>");
    app.wait_for("not sent: 1048580 bytes").await;
    app.wait_for("CONNECTED").await;
    let sent = proxy.seen();
    assert!(sent.iter().all(|seen| seen.op != Some(OpCode::SetData)));
    assert_eq!(stage.data("/value").as_deref(), Some("short"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quitting_and_leaving_with_an_unsaved_text_ask_first() {
    let Some(mut stage) = Stage::new("unsaved") else {
        return;
    };
    stage.create("/value", "saved text");
    let mut app = stage.open().await;
    app.wait_for("value").await;
    app.keys("j");
    app.wait_for("saved text").await;
    app.keys("e<end> and more");
    app.wait_for("saved text and more").await;
    app.keys("<C-c>");
    app.wait_for("would be lost").await;
    app.keys("<esc>");
    app.wait_gone("would be lost").await;
    app.wait_for("saved text and more").await;
    app.keys("<esc>");
    app.wait_for("is not saved").await;
    app.keys("d");
    app.wait_gone("is not saved").await;
    assert_eq!(stage.data("/value").as_deref(), Some("saved text"));
    app.keys("q");
    app.ended().await.expect("a screen in memory has no errors");
}
