//! Little room: what matters most is still said, and what can't be seen is not done.

use crate::explorer::{Effect, Message};
use crate::ui::fixture::Scene;

#[test]
fn a_message_about_a_long_path_is_shown_on_every_screen() {
    for (width, height) in [(40, 10), (100, 30)] {
        let mut scene = Scene::new(width, height);
        let (what, result) = ("data", Err(format!("/{} has gone", "x".repeat(3_000))));
        scene.send(Message::Copied { what, result });
        let shown = scene.text().join("\n");
        assert!(shown.contains("data was not copied"), "{shown}");
        assert!(shown.contains("has gone"), "{shown}");
    }
}

#[test]
fn what_has_to_be_typed_is_said_on_the_smallest_screen() {
    let mut scene = Scene::new(40, 10);
    scene.keys("right j d y x enter");
    let shown = scene.text().join(" ");
    for part in [
        "its name: locks",
        "│ x ",
        "not its name",
        "enter delete all",
    ] {
        assert!(shown.contains(part), "{part} in {:#?}", scene.text());
    }
}

#[test]
fn what_is_wrong_with_a_new_znode_is_said_on_the_smallest_screen() {
    for height in 10..14 {
        let mut scene = Scene::new(40, height);
        scene.keys("n enter");
        let shown = scene.text().join("\n");
        assert!(shown.contains("the name is missing"), "{shown}");
    }
}

#[test]
fn the_help_scrolls_to_its_end_and_back_at_once() {
    for height in [10, 14, 30, 60] {
        let mut scene = Scene::new(100, height);
        scene.keys("? end");
        let end = scene.text().join("\n");
        assert!(end.contains("shift + drag"), "{end}");
        scene.keys("up");
        assert_eq!(scene.text().join("\n") == end, height == 60, "{height}");
    }
}

#[test]
fn too_small_says_so_down_to_twenty_columns() {
    let scene = Scene::new(20, 5);
    let shown = scene.text().join("\n");
    assert!(shown.contains("Too small"), "{shown}");
    assert!(shown.contains("needs 40 x 10"), "{shown}");
}

#[test]
fn what_can_not_be_seen_is_not_done() {
    let mut scene = Scene::new(100, 30);
    scene.keys("right right right right right");
    scene.resize(20, 5);
    scene.keys("d y n e").send(Message::Paste("text".into()));
    assert!(scene.explorer.dialogs().is_empty());
    assert!(scene.text().join("\n").contains("q quits"));
    // A text that is not saved is neither changed nor lost.
    scene.resize(100, 30);
    scene.keys("e x");
    scene.resize(20, 5);
    scene.unanswered.clear();
    scene.keys("q z").send(Message::Paste("text".into()));
    assert_eq!(scene.unanswered, []);
    assert!(scene.text().join("\n").contains("unsaved"));
    scene.resize(100, 30);
    let shown = scene.text().join("\n");
    assert!(
        shown.contains("x{") && !shown.contains("xq") && !shown.contains("text"),
        "{shown}"
    );
    scene.keys("esc d");
    scene.resize(20, 5);
    scene.keys("q");
    assert_eq!(scene.unanswered, [Effect::Quit]);
}
