//! Others write, delete and create while a text is edited: nothing of theirs or of ours is
//! lost unasked.

use super::edit::{editing, write};
use super::scene::reply;
use super::*;
use crate::proto::{DataReply, Stat};

/// The znode is read once more.
fn again(scene: &Scene) -> Effect {
    Effect::Reread {
        ticket: scene.ticket(),
        path: ZPath::root(),
    }
}

/// Another znode of the same name, just as new as the one that was read.
fn made_anew(data: &[u8]) -> DataReply {
    let stat = Stat {
        czxid: 200,
        mzxid: 200,
        ..stat(0)
    };
    DataReply {
        data: Some(data.to_vec()),
        stat,
    }
}

#[test]
fn a_change_by_another_is_noted_at_once() {
    let mut scene = editing(b"old", 0);
    scene.data("/", Some(b"theirs"), 7);
    assert_eq!(scene.editor().newer(), Some(7));
    scene.followed("/", Err(failure(ErrorCode::NoNode)));
    assert!(scene.editor().is_gone());

    let mut scene = Scene::new();
    scene.children("/", &["a", "b"]).keys("j");
    scene.data("/", None, 0).data("/a", Some(b"x"), 0).keys("e");
    scene.children("/", &["b"]);
    assert_eq!(scene.selected(), "/b");
    assert!(
        scene.editor().is_gone(),
        "told by the list, if that came first"
    );
}

/// Another wrote "theirs" as version 1 while we edited.
fn conflict() -> Scene {
    let mut scene = editing(b"old", 0);
    scene.text("my ").keys("ctrl-s");
    scene.written("/", Err(failure(ErrorCode::BadVersion)));
    scene.reread("/", Ok(reply(Some(b"theirs"), 1)));
    scene.asked();
    scene
}

#[test]
fn a_conflict_shows_theirs_against_mine() {
    let scene = conflict();
    let Phase::Conflict(conflict) = scene.editor().phase() else {
        unreachable!("a conflict")
    };
    let lines = [
        Line::Theirs("theirs".to_owned()),
        Line::Mine("my old".to_owned()),
    ];
    assert_eq!(conflict.lines.as_deref(), Some(&lines[..]));
    assert_eq!(scene.editor().newer(), Some(1));
}

#[test]
fn a_conflict_can_be_ended_in_three_ways() {
    let mut scene = conflict();
    scene.keys("t");
    assert_eq!(scene.editor().bytes(), b"theirs");
    assert!(!scene.editor().is_unsaved());
    scene.keys("ctrl-u ctrl-u");
    assert_eq!(scene.editor().bytes(), b"my old", "undo brings mine back");

    let mut scene = conflict();
    scene.keys("m");
    assert_eq!(scene.deeds(), [write(&scene, b"my old", 1)]);

    let mut scene = conflict();
    scene.keys("e").text("x").keys("ctrl-s");
    assert_eq!(
        scene.deeds(),
        [again(&scene)],
        "nothing is overwritten unasked"
    );
    scene.reread("/", Ok(reply(Some(b"theirs"), 1)));
    assert!(matches!(scene.editor().phase(), Phase::Conflict(_)));
}

#[test]
fn theirs_that_is_no_text_never_enters_the_editor() {
    let mut scene = editing(b"old", 0);
    scene.text("x").keys("ctrl-s");
    scene.written("/", Err(failure(ErrorCode::BadVersion)));
    scene.reread("/", Ok(reply(Some(b"\xff\xfe"), 1)));
    scene.keys("t");
    assert_eq!(scene.editor().bytes(), b"xold");
    assert!(
        scene
            .editor()
            .notice()
            .is_some_and(|notice| notice.contains("UTF-8"))
    );
    scene.keys("e m");
    assert_eq!(scene.editor().bytes(), b"xmold", "back in the text");
}

#[test]
fn a_znode_deleted_meanwhile_takes_no_text_with_it() {
    let mut scene = editing(b"old", 0);
    scene.text("x").keys("ctrl-s");
    scene.written("/", Err(failure(ErrorCode::NoNode)));
    assert_eq!(scene.editor().phase(), &Phase::Vanished);
    assert_eq!(scene.editor().bytes(), b"xold");
    scene.asked();
    scene.keys("c");
    let create = Effect::Create {
        ticket: scene.ticket(),
        path: ZPath::root(),
        data: b"xold".to_vec(),
        mode: CreateMode::Persistent,
        parents: true,
    };
    assert_eq!(scene.deeds(), [create]);
    let ticket = scene.ticket();
    let (path, result) = (ZPath::root(), Ok(ZPath::root()));
    scene.send(Message::Created {
        ticket,
        path,
        result,
    });
    scene.reread("/", Ok(reply(Some(b"xold"), 0)));
    assert_eq!(scene.editor().phase(), &Phase::Editing);
    assert!(!scene.editor().is_unsaved());
}

#[test]
fn a_znode_made_anew_under_the_same_version_is_not_overwritten_unasked() {
    let mut scene = editing(b"old", 0);
    scene.text("my ");
    scene.followed("/", Ok(made_anew(b"another")));
    assert_eq!(scene.editor().newer(), Some(0));
    scene.keys("ctrl-s");
    assert_eq!(scene.deeds(), [again(&scene)], "not written");
    scene.reread("/", Ok(made_anew(b"another")));
    assert!(matches!(scene.editor().phase(), Phase::Conflict(_)));
    scene.keys("m");
    assert_eq!(
        scene.deeds(),
        [write(&scene, b"my old", 0)],
        "on the user's word"
    );
}

#[test]
fn after_its_last_news_a_znode_is_looked_at_before_it_is_written() {
    let mut scene = editing(b"old", 0);
    scene.followed("/", Err(failure(ErrorCode::NoNode)));
    scene.keys("ctrl-s");
    assert_eq!(
        scene.deeds(),
        [again(&scene)],
        "even a text that is not changed"
    );
    scene.reread("/", Err(failure(ErrorCode::NoNode)));
    assert_eq!(scene.editor().phase(), &Phase::Vanished);

    let mut scene = editing(b"old", 0);
    scene.followed("/", Err(failure(ErrorCode::NoNode)));
    scene.keys("ctrl-s");
    scene.reread("/", Ok(made_anew(b"another")));
    assert!(matches!(scene.editor().phase(), Phase::Conflict(_)));
    assert!(!scene.editor().is_gone());
}

#[test]
fn a_paste_goes_into_the_text_only_where_the_text_has_the_keys() {
    let paste = || Message::Paste("pasted".to_owned());
    let mut scene = conflict();
    scene.send(paste());
    scene.keys("m");
    assert_eq!(scene.deeds(), [write(&scene, b"my old", 1)]);
    scene.send(paste());
    scene.written("/", Ok(stat(2)));
    assert_eq!(scene.editor().bytes(), b"my old");
    scene.text("x").keys("esc");
    scene.send(paste());
    assert_eq!(scene.editor().bytes(), b"my xold");
}

#[test]
fn a_text_too_long_for_a_create_is_not_sent_as_one() {
    let mut scene = editing(b"old", 0);
    let limit = Settings::default().data_limit(&ZPath::root(), true);
    scene.send(Message::Paste("y".repeat(limit)));
    scene.keys("ctrl-s");
    scene.written("/", Err(failure(ErrorCode::NoNode)));
    scene.asked();
    scene.keys("c");
    assert_eq!(scene.deeds(), []);
    let notice = scene.editor().notice().unwrap_or_default();
    assert!(notice.contains(&limit.to_string()), "{notice}");
}

#[test]
fn a_reading_that_failed_is_told_and_can_be_tried_again() {
    let mut scene = conflict();
    scene.keys("m");
    scene.written("/", Err(lost()));
    scene.reread("/", Err(failure(ErrorCode::NoAuth)));
    let notice = scene.editor().notice().unwrap_or_default();
    assert!(notice.contains("NoAuth"), "{notice}");
    assert_eq!(scene.explorer.hints()[0].label, "read again");
    scene.asked();
    scene.keys("ctrl-s");
    assert_eq!(scene.deeds(), [again(&scene)]);
}
