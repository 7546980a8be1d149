//! Going around the tree: what is asked for when rows are opened, closed, selected and seen.

use std::time::Duration;

use super::*;
use crate::proto::{ChildrenReply, Stat};

#[test]
fn children_are_asked_for_when_a_row_opens_and_let_go_when_it_closes() {
    let mut scene = Scene::new();
    let root = Effect::Open {
        ticket: Ticket(1),
        path: ZPath::root(),
    };
    assert_eq!(scene.deeds(), [root]);
    scene.children("/", &["b", "a"]);
    assert_eq!(scene.rows(), ["/", "/a", "/b"]);
    assert_eq!(scene.deeds(), [], "never before it is opened");
    scene.keys("j enter");
    let ticket = scene.open_ticket("/a");
    assert_eq!(
        scene.deeds(),
        [Effect::Open {
            ticket,
            path: path("/a")
        }]
    );
    assert_eq!(scene.row("/a").fold, Fold::Loading);
    scene.children("/a", &["x"]).keys("l l");
    assert_eq!(
        (scene.selected(), scene.row("/a").fold),
        ("/a/x", Fold::Open)
    );
    scene.children("/a/x", &["1"]).asked();
    scene.keys("h h h");
    assert_eq!(scene.selected(), "/a");
    let close = |text| Effect::Close { path: path(text) };
    assert_eq!(scene.deeds(), [close("/a/x"), close("/a")]);
    assert_eq!(scene.row("/a").fold, Fold::Closed);
}

#[test]
fn only_rows_on_the_screen_are_asked_about_in_one_batch_at_a_time() {
    let names: Vec<String> = (0..100_000).map(|n| format!("n{n:05}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut scene = Scene::new();
    let (first, paths) = scene.peeked();
    assert_eq!(paths, [ZPath::root()]);
    scene.asked();
    scene.children("/", &names);
    assert_eq!(scene.asked(), [], "a batch is under way");
    scene.send(Message::Peeked {
        ticket: first,
        rows: Vec::new(),
    });
    let (second, paths) = scene.peeked();
    assert_eq!(paths.len(), 9, "the screen's ten rows, but for the root");
    // While it is under way, scrolling asks for nothing; afterwards, for what is seen then.
    scene.keys("G");
    assert_eq!(scene.peeked().0, second);
    scene.peek(stat(0));
    let (third, paths) = scene.peeked();
    assert_eq!((paths.len(), paths[9].as_str()), (10, "/n99999"));
    scene.peek(stat(0));
    assert_eq!(scene.peeked().0, third, "all is known");
    // Ten seconds later, what is on the screen is asked for again, and nothing else.
    let deadline = scene.explorer.deadline().expect("rows grow old");
    assert_eq!(deadline, scene.now.mono + Duration::from_secs(10));
    scene.wait(Duration::from_secs(10));
    assert_eq!(scene.peeked().1, paths);
}

#[test]
fn what_is_not_known_is_not_guessed() {
    let mut scene = Scene::new();
    scene.children("/", &["lock-0000000007", "plain"]);
    let row = scene.row("/plain");
    assert_eq!((row.fold, row.children), (Fold::Closed, None));
    assert_eq!((row.has_data(), row.is_ephemeral()), (None, None));
    assert!(scene.row("/lock-0000000007").is_sequential() && !row.is_sequential());
    scene.send(Message::Peeked {
        ticket: scene.peeked().0,
        rows: Vec::new(),
    });
    scene.peek(Stat {
        ephemeral_owner: 7,
        data_length: 3,
        ..stat(0)
    });
    let row = scene.row("/plain");
    assert_eq!((row.fold, row.children), (Fold::Leaf, Some(0)));
    assert_eq!(
        (row.has_data(), row.is_ephemeral()),
        (Some(true), Some(true))
    );
    scene.keys("j l");
    assert_eq!(scene.toast(), "an ephemeral znode has no children");
}

#[test]
fn holding_a_key_loads_one_value_at_a_time_and_ends_on_the_last() {
    let mut scene = Scene::new();
    scene.children("/", &["a", "b", "c", "d"]);
    scene.data("/", None, 0).asked();
    scene.keys("j j j j");
    let follows = |effects: Vec<Effect>| -> Vec<String> {
        let path = |effect| match effect {
            Effect::Follow { path, .. } => Some(path.to_string()),
            _ => None,
        };
        effects.into_iter().filter_map(path).collect()
    };
    assert_eq!(follows(scene.asked()), ["/a"]);
    let shown = |scene: &Scene| {
        let shown = scene.explorer.detail().shown().expect("something");
        (shown.path.to_string(), scene.explorer.is_detail_stale())
    };
    assert_eq!(
        shown(&scene),
        ("/".to_owned(), true),
        "the old one stays, marked"
    );
    scene.data("/a", Some(b"a"), 0);
    assert_eq!(follows(scene.asked()), ["/d"]);
    assert_eq!(shown(&scene), ("/".to_owned(), true));
    scene.data("/d", Some(b"d"), 0);
    assert_eq!(shown(&scene), ("/d".to_owned(), false));
    scene.data("/a", Some(b"late"), 1);
    assert_eq!(shown(&scene).0, "/d", "an old ticket counts no more");
}

#[test]
fn an_acl_is_read_once_the_data_is_there_and_again_when_it_changed() {
    let mut scene = Scene::new();
    let reads = |scene: &mut Scene| {
        let asked = scene.asked();
        asked
            .iter()
            .filter(|effect| matches!(effect, Effect::ReadAcl { .. }))
            .count()
    };
    assert_eq!(reads(&mut scene), 0);
    scene.data("/", Some(b"{}"), 0);
    assert_eq!(reads(&mut scene), 1);
    scene.acl("/");
    let shown = scene.explorer.detail().shown().expect("shown");
    assert!(matches!(&shown.acl, AclState::Known(list) if list.len() == 1));
    scene.data("/", Some(b"{1}"), 1);
    assert_eq!(reads(&mut scene), 0, "the same ACL");
    let mut changed = scene::reply(None, 1);
    changed.stat.aversion = 1;
    scene.followed("/", Ok(changed));
    assert_eq!(reads(&mut scene), 1);
}

#[test]
fn a_path_is_gone_to_through_parents_that_open_one_by_one() {
    let mut scene = Scene::with(Settings {
        path: Some(path("/a/b/c")),
        ..Settings::default()
    });
    scene.children("/", &["a", "z"]);
    scene.children("/a", &["b"]);
    assert_eq!(scene.selected(), "/a/b");
    scene.children("/a/b", &["c", "d"]);
    assert_eq!(scene.selected(), "/a/b/c");
    scene.keys("p").text("/a/nope/x").keys("enter");
    assert_eq!(scene.selected(), "/a");
    assert!(
        scene.toast().contains("/a/nope does not exist"),
        "{}",
        scene.toast()
    );
    scene.keys("p ctrl-u").text("a/b").keys("enter");
    let Some(Dialog::GoTo(goto)) = scene.explorer.dialogs().last() else {
        unreachable!("it stays open")
    };
    assert!(
        goto.error
            .as_ref()
            .is_some_and(|error| error.contains("starts with /"))
    );
}

#[test]
fn trouble_with_one_row_leaves_the_others_alone() {
    let mut scene = Scene::new();
    scene.children("/", &["a", "b"]).keys("j l");
    scene.listed("/a", Err(failure(ErrorCode::NoAuth)));
    assert_eq!(scene.row("/a").fold, Fold::Forbidden);
    assert!(scene.row("/a").trouble.is_some());
    scene.keys("j l");
    scene.listed("/b", Err(failure(ErrorCode::NoNode)));
    assert_eq!(scene.row("/b").fold, Fold::Gone);
    // The list above names it again: it was made anew, and is opened anew.
    scene.asked();
    scene.children("/", &["a", "b"]);
    assert!(matches!(&scene.deeds()[..], [Effect::Open { path, .. }] if path.as_str() == "/b"));
    assert_eq!(scene.row("/b").fold, Fold::Loading);
}

#[test]
fn refresh_reads_the_selected_znode_anew() {
    let mut scene = Scene::new();
    scene.children("/", &["a"]).data("/", None, 0).peek(stat(0));
    scene.peek(stat(0));
    scene.asked();
    scene.keys("r");
    let asked = scene.asked();
    assert!(matches!(
        &asked[..],
        [Effect::Open { .. }, Effect::Follow { .. }, Effect::Peek { paths, .. }] if paths.len() == 2
    ));
}

#[test]
fn names_that_no_path_can_hold_do_no_harm() {
    let mut scene = Scene::new();
    let names = ["", "a/b", "..", "\u{1b}[2J", "ok"].iter().collect();
    scene.listed(
        "/",
        Ok(ChildrenReply {
            names,
            stat: stat(0),
        }),
    );
    assert_eq!(scene.rows(), ["/", "/\u{1b}[2J", "/..", "/ok"]);
}

#[test]
fn a_path_is_completed_from_what_is_loaded() {
    let mut scene = Scene::new();
    scene.children("/", &["app", "apple", "zoo"]).keys("j l");
    scene.children("/app", &["x1", "x2"]);
    let typed = |scene: &Scene| match scene.explorer.dialogs().last() {
        Some(Dialog::GoTo(goto)) => goto.input.text().to_owned(),
        other => unreachable!("{other:?}"),
    };
    scene.keys("p");
    assert_eq!(typed(&scene), "/app/", "ready to be gone on with");
    scene.keys("tab");
    assert_eq!(typed(&scene), "/app/x", "what both have in common");
    scene.text("1").keys("tab enter");
    assert_eq!(scene.selected(), "/app/x1");
    scene.keys("p").text("/app/x1").keys("left left left tab");
    assert_eq!(typed(&scene), "/app/x1", "what is before the cursor");
    scene.keys("esc p").text("/z").keys("tab tab");
    assert_eq!(typed(&scene), "/zoo/", "a second slash begins anew");
    scene.send(Message::Paste("/app/x2\n".to_owned()));
    assert_eq!(typed(&scene), "/app/x2");
    scene.keys("enter");
    assert_eq!(scene.selected(), "/app/x2");
}

#[test]
fn a_path_below_a_forbidden_znode_can_be_gone_to() {
    let mut scene = Scene::new();
    scene
        .children("/", &["a"])
        .keys("p")
        .text("a/b/c")
        .keys("enter");
    scene.listed("/a", Err(failure(ErrorCode::NoAuth)));
    assert_eq!(scene.rows(), ["/", "/a", "/a/b"]);
    scene.children("/a/b", &["c", "d"]);
    assert_eq!(scene.selected(), "/a/b/c");
    assert_eq!(scene.row("/a").fold, Fold::Forbidden);
    // That it is refused once more takes nothing away; a list replaces what was given.
    scene.listed("/a", Err(failure(ErrorCode::NoAuth)));
    assert_eq!(scene.selected(), "/a/b/c");
    scene.children("/a", &["b", "x"]);
    assert_eq!(
        scene.rows(),
        ["/", "/a", "/a/b", "/a/b/c", "/a/b/d", "/a/x"]
    );
}
