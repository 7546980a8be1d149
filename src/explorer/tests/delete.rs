//! Deleting: what is asked first, what is sent, and what is said when it comes out otherwise.

use super::scene::reply;
use super::*;
use crate::proto::DataReply;

/// The question is asked about /a, which has this version and so many children.
fn asking(version: i32, children: i32) -> Scene {
    let mut scene = Scene::new();
    scene.children("/", &["a", "b"]).keys("j d");
    scene.reread("/a", Ok(node(version, children)));
    scene.asked();
    scene
}

fn node(version: i32, children: i32) -> DataReply {
    let mut node = reply(Some(b"x"), version);
    node.stat.num_children = children;
    node
}

fn deletion(scene: &Scene) -> &Deletion {
    match scene.explorer.dialogs().last() {
        Some(Dialog::Delete(deletion)) => deletion,
        other => unreachable!("{other:?}"),
    }
}

fn ended(scene: &mut Scene, result: Result<u64, Failure>) {
    let (ticket, path) = (scene.ticket(), path("/a"));
    scene.send(Message::Deleted {
        ticket,
        path,
        result,
    });
}

#[test]
fn a_znode_goes_after_a_question_and_with_its_version() {
    let mut scene = asking(3, 0);
    assert_eq!(deletion(&scene).step, Step::Asking(node(3, 0).stat));
    scene.keys("x enter ctrl-y alt-y");
    assert_eq!(scene.deeds(), [], "only a clear yes");
    scene.keys("y");
    let delete = Effect::Delete {
        ticket: scene.ticket(),
        path: path("/a"),
        version: 3,
    };
    assert_eq!(scene.deeds(), [delete]);
    ended(&mut scene, Ok(1));
    assert_eq!(
        (scene.toast(), scene.explorer.dialogs().len()),
        ("/a deleted", 0)
    );
    scene.children("/", &["b"]);
    assert_eq!((scene.selected(), scene.toast()), ("/b", "/a deleted"));
    let mut scene = asking(3, 0);
    scene.keys("n");
    assert_eq!((scene.deeds(), scene.explorer.dialogs().len()), (vec![], 0));
}

#[test]
fn a_tree_goes_only_after_its_name_was_typed() {
    let mut scene = asking(0, 2);
    scene.keys("y");
    assert_eq!(scene.deeds(), []);
    scene.text("b").keys("enter");
    assert_eq!(scene.deeds(), []);
    assert!(deletion(&scene).notice.is_some());
    scene.keys("backspace").text("a").keys("enter");
    let delete = Effect::DeleteTree {
        ticket: scene.ticket(),
        path: path("/a"),
    };
    assert_eq!(scene.deeds(), [delete]);
    let (ticket, path) = (scene.ticket(), path("/a"));
    scene.send(Message::Deleting {
        ticket,
        path,
        deleted: 7,
    });
    assert!(matches!(
        deletion(&scene).step,
        Step::Running {
            deleted: 7,
            tree: true,
            ..
        }
    ));
    ended(&mut scene, Ok(9));
    assert_eq!(scene.toast(), "/a deleted: 9 znodes in all");
}

#[test]
fn a_refusal_reads_the_znode_again_and_asks_anew() {
    for (failure, word) in [
        (failure(ErrorCode::NotEmpty), "children"),
        (failure(ErrorCode::BadVersion), "changed"),
        (lost(), "connection"),
    ] {
        let mut scene = asking(0, 0);
        scene.keys("y");
        scene.asked();
        ended(&mut scene, Err(failure));
        let again = Effect::Reread {
            ticket: scene.ticket(),
            path: path("/a"),
        };
        assert_eq!(scene.deeds(), [again]);
        assert!(
            deletion(&scene)
                .notice
                .as_ref()
                .is_some_and(|notice| notice.contains(word))
        );
        scene.reread("/a", Ok(node(1, 1)));
        assert_eq!(deletion(&scene).step, Step::Asking(node(1, 1).stat));
    }
}

#[test]
fn a_znode_made_anew_after_the_question_is_asked_about_again() {
    for (children, keys) in [(0, "y"), (2, "y a enter")] {
        let mut scene = asking(0, children);
        let mut other = node(0, children);
        (other.stat.czxid, other.stat.mzxid) = (200, 200);
        scene.data("/", None, 0);
        scene.followed("/a", Ok(other.clone()));
        scene.asked();
        scene.keys(keys);
        let again = Effect::Reread {
            ticket: scene.ticket(),
            path: path("/a"),
        };
        assert_eq!(scene.deeds(), [again]);
        scene.reread("/a", Ok(other.clone()));
        assert_eq!(deletion(&scene).step, Step::Asking(other.stat));
        scene.keys(keys);
        assert!(matches!(deletion(&scene).step, Step::Running { .. }));
    }
}

#[test]
fn what_is_gone_already_is_no_trouble() {
    let mut scene = asking(0, 0);
    scene.keys("y");
    ended(&mut scene, Err(failure(ErrorCode::NoNode)));
    assert_eq!(scene.toast(), "/a was gone already");
    let mut scene = asking(0, 0);
    scene.keys("y");
    scene.state(SessionState::Suspended);
    ended(&mut scene, Err(lost()));
    assert_eq!(deletion(&scene).step, Step::Reading(None));
    scene.state(SessionState::Connected);
    scene.reread("/a", Err(failure(ErrorCode::NoNode)));
    assert_eq!(
        (scene.toast(), scene.explorer.dialogs().len()),
        ("/a is gone", 0)
    );
}

#[test]
fn that_another_deletes_it_is_news_even_after_a_deletion_of_ours() {
    // Ours failed.
    let mut scene = asking(0, 0);
    scene.keys("y");
    ended(&mut scene, Err(failure(ErrorCode::NoAuth)));
    scene.children("/", &["b"]);
    assert!(
        scene.toast().contains("/a was deleted"),
        "{}",
        scene.toast()
    );
    // Ours went well, and another made it anew.
    let mut scene = asking(0, 0);
    scene.keys("y");
    ended(&mut scene, Ok(1));
    scene.children("/", &["b"]);
    assert_eq!(scene.toast(), "/a deleted");
    scene.children("/", &["a", "b"]).keys("k");
    assert_eq!(scene.selected(), "/a");
    scene.children("/", &["b"]);
    assert!(
        scene.toast().contains("/a was deleted"),
        "{}",
        scene.toast()
    );
}

#[test]
fn a_tree_of_which_not_all_may_go_says_why_and_what_went_is_no_news() {
    let mut scene = asking(0, 2);
    scene.keys("y a enter");
    let failure = Failure {
        may_have_been_applied: true,
        ..failure(ErrorCode::NoAuth)
    };
    let why = failure.text.clone();
    ended(&mut scene, Err(failure));
    assert_eq!((scene.toast(), scene.explorer.dialogs().len()), (&*why, 0));
    scene.children("/", &["b"]);
    assert_eq!((scene.selected(), scene.toast()), ("/b", &*why));
}

#[test]
fn the_root_and_the_servers_own_stay() {
    let mut scene = Scene::new();
    scene.children("/", &["zookeeper"]).keys("d").asked();
    assert!(scene.toast().contains("root"));
    scene.keys("j d");
    assert!(scene.toast().contains("/zookeeper"));
    assert_eq!((scene.deeds(), scene.explorer.dialogs().len()), (vec![], 0));
}
