//! Popups: what their keys do, and what they leave alone.

use super::*;

#[test]
fn a_child_is_created_and_gone_to() {
    let mut scene = Scene::new();
    scene.children("/", &["a"]).keys("j n").asked();
    scene
        .text("task-")
        .keys("tab")
        .text("do")
        .keys("alt-enter")
        .text("it")
        .keys("tab space tab space enter");
    let ticket = scene.ticket();
    let create = Effect::Create {
        ticket,
        path: path("/a/task-"),
        data: b"do\nit".to_vec(),
        mode: CreateMode::EphemeralSequential,
        parents: false,
    };
    assert_eq!(scene.deeds(), [create]);
    let made = path("/a/task-0000000000");
    let (at, result) = (path("/a/task-"), Ok(made));
    scene.send(Message::Created {
        ticket,
        path: at,
        result,
    });
    assert_eq!(scene.toast(), "/a/task-0000000000 created");
    assert!(scene.explorer.dialogs().is_empty());
    scene.children("/a", &["task-0000000000"]);
    assert_eq!(scene.selected(), "/a/task-0000000000");
}

#[test]
fn a_popup_opened_before_the_new_znode_has_a_row_keeps_the_selection_it_names() {
    for key in ["d", "n", "e", "p", ":", "?"] {
        let mut scene = Scene::new();
        scene.children("/", &["a"]).data("/", None, 0).keys("j");
        scene.data("/a", Some(b"x"), 0);
        scene.keys("n").text("b").keys("enter");
        let (ticket, made) = (scene.ticket(), path("/a/b"));
        scene.send(Message::Created {
            ticket,
            path: made.clone(),
            result: Ok(made),
        });
        scene.keys(key);
        assert_eq!(scene.explorer.dialogs().len(), 1, "{key}");
        scene.children("/a", &["b"]);
        assert_eq!(scene.selected(), "/a", "{key}");
    }
}

#[test]
fn a_create_that_fails_keeps_what_was_typed() {
    let mut scene = Scene::new();
    scene.children("/", &[]).keys("n").text("a/b").keys("enter");
    let form = |scene: &Scene| match scene.explorer.dialogs().last() {
        Some(Dialog::Create(form)) => form.clone(),
        other => unreachable!("{other:?}"),
    };
    assert!(
        form(&scene)
            .error
            .is_some_and(|error| error.contains("slash"))
    );
    scene.keys("up space enter");
    let ticket = scene.ticket();
    let (at, result) = (path("/a/b"), Err(failure(ErrorCode::NoAuth)));
    scene.send(Message::Created {
        ticket,
        path: at,
        result,
    });
    assert!(
        form(&scene)
            .error
            .is_some_and(|error| error.contains("NoAuth"))
    );
    scene.keys("esc");
    assert!(form(&scene).leaving, "asked once");
    scene.keys("esc");
    assert!(scene.explorer.dialogs().is_empty());
}

#[test]
fn a_filter_is_typed_kept_and_cleared() {
    let mut scene = Scene::new();
    scene.children("/", &["kafka", "solr", "spark"]);
    scene.keys("/").text("s");
    assert_eq!(scene.rows(), ["/", "/solr", "/spark"]);
    scene.text("p");
    assert_eq!(scene.rows(), ["/", "/spark"]);
    assert_eq!(scene.row("/spark").hit, Some(0..2));
    scene.keys("down enter");
    assert_eq!(
        (scene.selected(), scene.explorer.filter_input()),
        ("/spark", None)
    );
    scene.children("/", &["kafka", "sparse", "spark"]);
    assert_eq!(
        scene.rows(),
        ["/", "/spark", "/sparse"],
        "kept, and kept up to date"
    );
    scene.keys("esc esc");
    assert_eq!((scene.rows().len(), scene.selected()), (4, "/spark"));
    scene.keys("/").text("q").keys("esc");
    assert_eq!(scene.rows().len(), 4);
}

#[test]
fn the_palette_runs_what_it_finds() {
    let mut scene = Scene::new();
    scene.children("/", &["a"]).asked();
    scene.keys("ctrl-p").text("copy p").keys("enter");
    let copy = Effect::Copy {
        what: "path",
        bytes: b"/".to_vec(),
    };
    assert_eq!(scene.deeds(), [copy]);
    scene.send(Message::Copied {
        what: "path",
        result: Ok("sent to the terminal".to_owned()),
    });
    assert_eq!(scene.toast(), "path copied: sent to the terminal");
    scene.state(SessionState::Suspended);
    scene.keys(":").text("create");
    scene.keys("enter");
    assert!(matches!(scene.explorer.dialogs(), [Dialog::Palette(_)]));
    scene.state(SessionState::Connected);
    scene.keys("enter");
    let now = scene.explorer.dialogs();
    assert!(matches!(now, [Dialog::Create(_)]), "possible again");
    scene.keys("esc ctrl-p").text("help").keys("enter");
    assert!(matches!(scene.explorer.dialogs(), [Dialog::Help { .. }]));
}

#[test]
fn help_scrolls_and_closes() {
    let mut scene = Scene::new();
    scene.keys("?");
    scene.keys("j j k end q");
    assert!(scene.explorer.dialogs().is_empty());
    assert_eq!(
        scene.deeds().len(),
        1,
        "the root's children, and no quitting"
    );
}

#[test]
fn hints_are_what_the_keys_do() {
    let mut scene = Scene::new();
    let keys = |scene: &Scene| -> Vec<String> {
        let hints = scene.explorer.hints();
        hints
            .into_iter()
            .filter(|hint| hint.enabled)
            .map(|hint| hint.key)
            .collect()
    };
    assert!(keys(&scene).contains(&"n".to_owned()));
    assert!(
        !keys(&scene).contains(&"e".to_owned()),
        "no value to edit yet"
    );
    scene.data("/", Some(b""), 0).keys("e");
    assert_eq!(keys(&scene), ["ctrl-s", "esc", "ctrl-u", "ctrl-r"]);
}

#[test]
fn clicks_mean_what_lies_under_them() {
    let mut scene = Scene::new();
    scene.children("/", &["a", "b"]).asked();
    let click = |target, double| Message::Click { target, double };
    scene.send(click(Target::Row(2), false));
    assert_eq!(scene.selected(), "/b");
    scene.send(click(Target::Row(1), true));
    assert_eq!(
        (scene.selected(), scene.row("/a").fold),
        ("/a", Fold::Loading)
    );
    scene.send(click(Target::Fold(1), false));
    assert_eq!(scene.row("/a").fold, Fold::Closed);
    scene.send(click(Target::Detail, false));
    assert_eq!(scene.explorer.focus(), Focus::Detail);
    scene.keys("?");
    scene.send(click(Target::Row(2), false));
    assert_eq!(scene.selected(), "/a", "not through a popup");
    scene.send(click(Target::Row(99), false));
}

#[test]
fn ends_of_the_program() {
    let mut scene = Scene::new();
    scene.asked();
    scene.keys("ctrl-z m q");
    assert_eq!(
        scene.deeds(),
        [Effect::Suspend, Effect::Mouse(false), Effect::Quit]
    );
    scene.send(Message::Terminate);
    assert_eq!(scene.deeds(), [Effect::Quit]);
}

#[test]
fn a_filter_that_hides_what_was_opened_says_so() {
    let mut scene = Scene::new();
    scene.children("/", &["kafka", "x"]);
    scene.keys("/").text("kaf").keys("enter j l");
    scene.children("/kafka", &["brokers"]);
    assert!(scene.toast().contains("filter hides"), "{}", scene.toast());
    assert_eq!(scene.explorer.hints()[0].label, "clear filter");
    scene.keys("esc esc");
    assert_eq!(scene.rows(), ["/", "/kafka", "/kafka/brokers", "/x"]);
}

#[test]
fn no_data_is_not_copied() {
    let mut scene = Scene::new();
    scene.data("/", Some(b""), 0).keys("Y").asked();
    assert_eq!(scene.toast(), "there is no data to copy");
    scene.data("/", Some(b"\xff"), 1).keys("Y");
    let copy = Effect::Copy {
        what: "data",
        bytes: vec![255],
    };
    assert_eq!(scene.deeds(), [copy]);
}
