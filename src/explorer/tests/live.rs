//! What changes by itself: rows and values of others, the session, the connection.

use std::time::Duration;

use super::*;
use crate::proto::Stat;

#[test]
fn what_others_do_is_marked_for_a_moment() {
    let mut scene = Scene::new();
    scene.children("/", &["a", "c"]);
    assert_eq!(scene.row("/a").mark, None, "the first list is no news");
    scene.keys("G").children("/", &["a", "b", "c"]);
    assert_eq!(
        (scene.selected(), scene.row("/b").mark),
        ("/c", Some(Mark::New))
    );
    let children = Mark::Children {
        added: 1,
        removed: 0,
    };
    assert_eq!(scene.row("/").mark, Some(children));
    scene.explorer.take_dirty();
    scene.wait(Duration::from_secs(3));
    assert!(scene.explorer.take_dirty(), "the marks went");
    assert_eq!(scene.row("/b").mark, None);
    scene.wait(Duration::from_millis(1));
    assert!(!scene.explorer.take_dirty(), "nothing changed");
}

#[test]
fn a_lost_selection_is_told() {
    let mut scene = Scene::new();
    scene.children("/", &["a", "b"]).keys("j");
    scene.children("/", &["b"]);
    assert_eq!(scene.selected(), "/b");
    assert_eq!(scene.toast(), "/a was deleted; /b is selected now");
}

#[test]
fn the_value_follows_its_znode() {
    let mut scene = Scene::new();
    scene.children("/", &["a"]).data("/", Some(b"1"), 0);
    scene.data("/", Some(b"2"), 1);
    let value = scene.explorer.selected_value().expect("here");
    assert_eq!(value.data.as_deref(), Some(&b"2"[..]));
    assert_eq!(scene.row("/").mark, Some(Mark::Changed));
    scene.followed("/", Err(failure(ErrorCode::NoNode)));
    assert!(scene.explorer.selected_value().is_none());
}

#[test]
fn while_suspended_all_is_stale_and_afterwards_asked_for_again() {
    let mut scene = Scene::new();
    scene
        .children("/", &["a"])
        .data("/", Some(b"1"), 0)
        .peek(stat(0));
    scene.peek(stat(0));
    scene.asked();
    scene.state(SessionState::Suspended);
    assert!(scene.row("/").stale && scene.row("/a").stale);
    assert!(scene.explorer.is_detail_stale());
    scene.keys("j k");
    assert_eq!(scene.deeds(), [], "browsing goes on, nothing is sent");
    let soon = scene.now.mono + Duration::from_millis(200);
    scene.keys("j");
    assert_eq!(scene.explorer.deadline(), Some(soon));
    scene.wait(Duration::from_millis(200));
    assert_eq!(
        scene.explorer.detail().shown(),
        None,
        "no other's value stands in"
    );
    assert_eq!(scene.explorer.deadline(), None, "nothing waits");
    scene.state(SessionState::Connected);
    assert_eq!(scene.peeked().1, [path("/"), path("/a")]);
    assert!(scene.row("/").stale, "until the answers come");
    scene.peek(stat(0));
    scene.children("/", &["a"]);
    assert!(!scene.row("/").stale && !scene.row("/a").stale);
}

#[test]
fn a_value_that_did_not_change_is_no_longer_stale_once_a_newer_stat_says_so() {
    let mut scene = Scene::new();
    scene
        .children("/", &["a"])
        .data("/", Some(b"1"), 0)
        .peek(stat(0));
    scene.state(SessionState::Suspended);
    assert!(scene.explorer.is_detail_stale());
    scene.state(SessionState::Connected);
    assert!(scene.explorer.is_detail_stale(), "until the answers come");
    let grown = Stat {
        num_children: 7,
        ..stat(0)
    };
    scene.peek(grown);
    assert!(!scene.explorer.is_detail_stale());
    let value = scene.explorer.selected_value().expect("still shown");
    assert_eq!(
        value.stat.num_children, 7,
        "what is beside the data is news"
    );
    scene.state(SessionState::Suspended);
    scene.state(SessionState::Connected);
    scene.peek(stat(1));
    assert!(scene.explorer.is_detail_stale(), "other data is on its way");
}

#[test]
fn a_value_waited_for_when_the_connection_went_is_asked_for_again() {
    let mut scene = Scene::new();
    scene.children("/", &["a", "b"]).data("/", None, 0);
    scene.keys("j");
    scene.state(SessionState::Suspended);
    scene.keys("j");
    scene.asked();
    scene.state(SessionState::Connected);
    let asked = scene.asked();
    let follows =
        |effect: &&Effect| matches!(effect, Effect::Follow { path, .. } if path.as_str() == "/b");
    assert_eq!(asked.iter().filter(follows).count(), 1, "{asked:?}");
}

#[test]
fn what_could_not_be_had_is_asked_for_again_on_a_new_connection() {
    let mut scene = Scene::new();
    let (off, on) = (SessionState::Suspended, SessionState::Connected);
    scene.children("/", &["a"]).data("/", Some(b"1"), 0);
    // The ACL was on its way when the connection went.
    let ticket = scene.acl_ticket("/");
    scene.send(Message::Acl {
        ticket,
        path: path("/"),
        result: Err(lost()),
    });
    scene.state(off);
    scene.state(on);
    scene.peek(stat(0));
    scene.data("/", Some(b"1"), 0).acl("/");
    let shown = scene.explorer.detail().shown().expect("the root's");
    assert!(matches!(shown.acl, AclState::Known(_)), "{:?}", shown.acl);
    // That a value is refused may hold no more.
    scene.followed("/", Err(failure(ErrorCode::NoAuth)));
    scene.state(off);
    scene.asked();
    scene.state(on);
    let follows = |effect: &Effect| matches!(effect, Effect::Follow { path, .. } if path.is_root());
    assert!(scene.asked().iter().any(follows));
    scene.followed("/", Err(failure(ErrorCode::NoAuth)));
    assert!(!scene.explorer.is_detail_stale());
}

#[test]
fn a_value_whose_row_is_out_of_sight_does_not_stay_stale() {
    let names: Vec<String> = (0..50).map(|number| format!("{number:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut scene = Scene::new();
    scene
        .children("/", &names)
        .data("/", Some(b"1"), 0)
        .acl("/");
    let (target, rows) = (Target::Tree, 20);
    scene.send(Message::Wheel { target, rows });
    // Its loss and its end are one: nobody looked in between.
    let session = Session {
        expired: 1,
        ..scene.explorer.session().clone()
    };
    let before = scene.follow_ticket("/");
    scene.send(Message::Session(session));
    assert!(scene.explorer.is_detail_stale());
    assert_ne!(scene.follow_ticket("/"), before, "asked for anew");
    scene.data("/", Some(b"1"), 0);
    assert!(!scene.explorer.is_detail_stale());
}

#[test]
fn a_refusal_does_not_stay_stale_after_a_new_connection() {
    let mut scene = Scene::new();
    scene.children("/", &["a"]).peek(stat(0));
    scene.peek(stat(0));
    scene.keys("j l");
    scene.listed("/a", Err(failure(ErrorCode::NoAuth)));
    scene.state(SessionState::Suspended);
    scene.state(SessionState::Connected);
    // The watch tells the same refusal only once.
    scene.peek(stat(0));
    assert_eq!(scene.row("/a").fold, Fold::Forbidden);
    assert!(!scene.row("/a").stale);
}

#[test]
fn an_answer_that_was_overtaken_takes_nothing_back() {
    let mut scene = Scene::new();
    scene.children("/", &["a"]).data("/", Some(b"2"), 2);
    scene.explorer.take_dirty();
    scene.peek(stat(1));
    assert_eq!(scene.row("/").fact.stat().map(|stat| stat.version), Some(2));
}

#[test]
fn an_expired_session_is_told() {
    let mut scene = Scene::new();
    let session = Session {
        expired: 1,
        ..scene.explorer.session().clone()
    };
    scene.send(Message::Session(session));
    assert!(
        scene.toast().contains("session expired"),
        "{}",
        scene.toast()
    );
}

#[test]
fn a_ping_is_no_reason_to_ask_for_anything() {
    let mut scene = Scene::new();
    scene.children("/", &[]).data("/", None, 0).asked();
    let session = Session {
        round_trip: Some(Duration::from_millis(1)),
        ..scene.explorer.session().clone()
    };
    scene.explorer.take_dirty();
    scene.send(Message::Session(session.clone()));
    assert!(scene.explorer.take_dirty());
    scene.send(Message::Session(session));
    assert!(!scene.explorer.take_dirty());
    assert_eq!(scene.asked(), []);
}
