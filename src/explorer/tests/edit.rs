//! Editing: saves, outcomes that are unknown, and texts that must not be lost.

use super::scene::reply;
use super::*;

/// The root's value is here, and its editor is open.
pub fn editing(data: &[u8], version: i32) -> Scene {
    let mut scene = Scene::new();
    scene.children("/", &["a"]).data("/", Some(data), version);
    scene.keys("e");
    scene.asked();
    scene
}

pub fn write(scene: &Scene, data: &[u8], version: i32) -> Effect {
    Effect::Write {
        ticket: scene.ticket(),
        path: ZPath::root(),
        data: data.to_vec(),
        version,
    }
}

#[test]
fn a_text_is_saved_over_the_version_that_was_read() {
    let mut scene = editing(b"old\n", 3);
    scene.text("my ").keys("ctrl-s");
    assert_eq!(scene.deeds(), [write(&scene, b"my old\n", 3)]);
    scene.written("/", Ok(stat(4)));
    assert_eq!(scene.toast(), "/ saved as version 4");
    assert!(!scene.editor().is_unsaved());
    // What the watch tells of our own write is no news.
    scene.data("/", Some(b"my old\n"), 4);
    assert_eq!(scene.editor().newer(), None);
    scene.text("x").keys("ctrl-s");
    assert_eq!(scene.deeds(), [write(&scene, b"my xold\n", 4)]);
    scene.written("/", Ok(stat(5)));
    scene.keys("esc");
    assert!(scene.explorer.dialogs().is_empty());
}

#[test]
fn undo_and_redo() {
    let mut scene = editing(b"", 0);
    scene.text("ab").keys("ctrl-u");
    assert_eq!(scene.editor().bytes(), b"a");
    scene.keys("ctrl-r");
    assert_eq!(scene.editor().bytes(), b"ab");
    scene.send(Message::Paste("x\ny".to_owned()));
    assert_eq!(scene.editor().bytes(), b"abx\ny");
}

#[test]
fn leaving_asks_if_the_text_is_not_saved() {
    let mut scene = editing(b"", 0);
    scene.text("x").keys("esc");
    assert!(scene.editor().is_leaving());
    scene.keys("esc").text("y");
    assert_eq!(scene.editor().bytes(), b"xy", "the text is still there");
    scene.keys("esc s");
    assert_eq!(scene.deeds(), [write(&scene, b"xy", 0)]);
    scene.written("/", Ok(stat(1)));
    assert!(scene.explorer.dialogs().is_empty(), "saved, then left");
    scene
        .data("/", Some(b"xy"), 1)
        .keys("e")
        .text("z")
        .keys("esc d");
    assert!(scene.explorer.dialogs().is_empty());
    assert_eq!(scene.deeds(), []);
}

#[test]
fn a_save_that_ends_while_it_is_asked_whether_to_leave_leaves() {
    let mut scene = editing(b"", 0);
    scene.text("x").keys("ctrl-s esc");
    assert!(scene.editor().is_leaving());
    scene.written("/", Ok(stat(1)));
    assert!(scene.explorer.dialogs().is_empty());

    // Gone back to the text, it stays; and one save is enough.
    let mut scene = editing(b"", 0);
    scene.text("x").keys("ctrl-s");
    scene.asked();
    scene.keys("esc esc ctrl-s");
    assert_eq!(scene.deeds(), [], "it is on its way");
    scene.written("/", Ok(stat(1)));
    assert_eq!(scene.editor().base().stat.version, 1);
    assert!(!scene.editor().is_unsaved());

    // What needs an answer comes before the question.
    let mut scene = editing(b"", 0);
    scene.text("x").keys("ctrl-s esc");
    scene.written("/", Err(failure(ErrorCode::BadVersion)));
    assert!(scene.editor().is_leaving());
    scene.reread("/", Ok(reply(Some(b"theirs"), 1)));
    assert!(!scene.editor().is_leaving());
    assert!(matches!(scene.editor().phase(), Phase::Conflict(_)));
}

#[test]
fn only_the_key_itself_discards_a_text_and_only_a_save_that_was_sent_closes_it() {
    let mut scene = editing(b"", 0);
    scene.text("x").keys("esc ctrl-d alt-d");
    assert!(scene.editor().is_leaving());
    scene.state(SessionState::Suspended);
    scene.keys("s");
    assert!(scene.editor().notice().is_some(), "not sent");
    scene.state(SessionState::Connected);
    scene.keys("ctrl-s");
    scene.written("/", Ok(stat(1)));
    assert!(!scene.editor().is_unsaved(), "saved, and still open");
}

#[test]
fn quitting_with_an_unsaved_text_asks_and_ctrl_c_twice_quits() {
    let mut scene = editing(b"", 0);
    scene.text("q").keys("ctrl-c");
    assert_eq!(scene.deeds(), []);
    let Some(Dialog::Quit { unsaved }) = scene.explorer.dialogs().last() else {
        unreachable!("it asks")
    };
    assert_eq!(unsaved, &["the text of /"]);
    scene.keys("n");
    assert_eq!(scene.editor().bytes(), b"q");
    scene.keys("ctrl-c ctrl-c");
    assert_eq!(scene.deeds(), [Effect::Quit]);
    let mut scene = editing(b"", 0);
    scene.keys("ctrl-c");
    assert_eq!(scene.deeds(), [Effect::Quit], "nothing to lose");
}

#[test]
fn an_unknown_outcome_is_looked_up_when_the_connection_is_back() {
    for (theirs, version, end) in [
        (&b"xold"[..], 1, "was saved"),
        (b"old", 0, "save again"),
        (b"other", 1, "someone else wrote"),
        (b"other", 5, "someone else has written"),
    ] {
        let mut scene = editing(b"old", 0);
        scene.text("x").keys("ctrl-s");
        scene.state(SessionState::Suspended);
        scene.asked();
        scene.written("/", Err(lost()));
        assert!(
            scene
                .editor()
                .notice()
                .is_some_and(|notice| notice.contains("not known"))
        );
        assert_eq!(scene.deeds(), [], "no connection to read through");
        scene.state(SessionState::Connected);
        let again = Effect::Reread {
            ticket: scene.ticket(),
            path: ZPath::root(),
        };
        assert_eq!(scene.deeds(), [again]);
        scene.reread("/", Ok(reply(Some(theirs), version)));
        let said = format!(
            "{}{}",
            scene.toast(),
            scene.editor().notice().unwrap_or_default()
        );
        assert!(said.contains(end), "{said}");
        assert_eq!(scene.editor().bytes(), b"xold", "the text is kept");
        let conflict = matches!(scene.editor().phase(), Phase::Conflict(_));
        assert_eq!(conflict, theirs == b"other");
        assert_eq!(scene.editor().is_unsaved(), end != "was saved");
    }
}

#[test]
fn what_can_not_be_saved_is_not_sent() {
    let mut scene = editing(b"old", 0);
    scene.text("x");
    scene.state(SessionState::Suspended);
    scene.keys("ctrl-s");
    assert_eq!(scene.deeds(), []);
    let notice = |scene: &Scene| scene.editor().notice().unwrap_or_default().to_owned();
    assert!(
        notice(&scene).contains("no connection"),
        "{}",
        notice(&scene)
    );
    scene.state(SessionState::Connected);
    let limit = Settings::default().data_limit(&ZPath::root(), false);
    scene.send(Message::Paste("y".repeat(limit)));
    scene.asked();
    scene.keys("ctrl-s");
    assert_eq!(scene.deeds(), []);
    assert!(
        notice(&scene).contains(&limit.to_string()),
        "{}",
        notice(&scene)
    );
}

#[test]
fn bytes_that_are_no_plain_text_are_refused_with_the_reason() {
    for (data, reason) in [
        (&b"\xff"[..], "UTF-8"),
        (b"a\0b", "control"),
        (b"a\x1b[2J", "control"),
        (b"a\r\nb\nc", "line ends"),
        (b"a\rb", "line ends"),
        (b"a\r", "line ends"),
        (b"a\n\r\n", "line ends"),
        ("\u{85}".as_bytes(), "control"),
        (b"\x7f", "control"),
    ] {
        let mut scene = Scene::new();
        scene.data("/", Some(data), 0).keys("e");
        assert!(scene.explorer.dialogs().is_empty());
        assert!(scene.toast().contains(reason), "{}", scene.toast());
    }
}

#[test]
fn bytes_come_back_as_they_went_in() {
    for data in [
        &b""[..],
        b"\n",
        b"a",
        b"a\n",
        b"a\n\n",
        b"\ta\tb\n",
        b"a\r\nb\r\n",
        "é\u{202e}漢\n".as_bytes(),
    ] {
        let scene = editing(data, 0);
        assert_eq!(scene.editor().bytes(), data);
        assert!(!scene.editor().is_unsaved());
    }
    let mut scene = editing(b"a\r\nb", 0);
    scene.text("x").keys("enter");
    assert_eq!(scene.editor().bytes(), b"x\r\na\r\nb", "its own line ends");
}

#[test]
fn null_becomes_empty_only_when_that_is_saved() {
    let mut scene = Scene::new();
    scene.data("/", None, 0).keys("e").asked();
    assert_eq!(scene.editor().base().data, None);
    assert!(
        scene
            .editor()
            .notice()
            .is_some_and(|notice| notice.contains("null"))
    );
    scene.keys("ctrl-s");
    assert_eq!(scene.deeds(), [write(&scene, b"", 0)]);
    let mut scene = editing(b"", 0);
    scene.keys("ctrl-s");
    assert_eq!(scene.deeds(), [], "the server has it already");
}

#[test]
fn nothing_is_written_read_only() {
    let mut scene = Scene::with(Settings {
        read_only: true,
        ..Settings::default()
    });
    scene.children("/", &["a"]).data("/", Some(b""), 0).asked();
    scene.keys("e n d");
    assert_eq!((scene.deeds(), scene.explorer.dialogs().len()), (vec![], 0));
    assert!(scene.toast().contains("--read-only"));
    let mut scene = Scene::new();
    scene.state(SessionState::ReadOnly);
    scene.data("/", Some(b""), 0).keys("e");
    assert!(scene.toast().contains("quorum"), "{}", scene.toast());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig {
        failure_persistence: None,
        ..proptest::prelude::ProptestConfig::default()
    })]

    #[test]
    fn whatever_is_let_in_comes_back_byte_for_byte(
        parts in proptest::collection::vec(
            proptest::prop_oneof!["\\PC", "[\t\n\r ]", "\r\n", "\\pC"], 0..24,
        ),
    ) {
        let data = parts.concat().into_bytes();
        let base = reply(Some(&data), 0);
        if let Ok(editor) = Editor::new(ZPath::root(), base) {
            proptest::prop_assert_eq!(editor.bytes(), data);
            proptest::prop_assert!(!editor.is_unsaved());
        }
    }
}
