//! The tree against a plain model of itself, and the promises that a user would notice.

use proptest::prelude::*;

use super::*;
use crate::proto::Names;

fn path(text: &str) -> ZPath {
    ZPath::from_server(text)
}

fn reply(names: &[&str]) -> ChildrenReply {
    ChildrenReply {
        names: names.iter().collect(),
        stat: Stat::default(),
    }
}

/// A tree whose opened znodes have these children.
fn tree(lists: &[(&str, &[&str])]) -> Tree {
    let mut tree = Tree::default();
    tree.set_height(5);
    for (at, names) in lists {
        tree.open(&path(at), Ticket(1));
        tree.list(&path(at), Ticket(1), reply(names))
            .expect("awaited");
    }
    tree
}

fn rows(tree: &Tree) -> Vec<String> {
    let rows = (0..tree.len()).map(|row| tree.path(row).expect("a row"));
    rows.map(|path| path.to_string()).collect()
}

#[test]
fn rows_are_in_order_and_found_both_ways() {
    let tree = tree(&[
        ("/", &["b", "a", "c"]),
        ("/b", &["y", "x"]),
        ("/b/x", &["1"]),
    ]);
    assert_eq!(
        rows(&tree),
        ["/", "/a", "/b", "/b/x", "/b/x/1", "/b/y", "/c"]
    );
    for row in 0..tree.len() {
        assert_eq!(tree.row(&tree.path(row).expect("a row")), Some(row));
    }
    assert_eq!(tree.row(&path("/nope")), None);
    assert_eq!(tree.path(7), None);
}

#[test]
fn closing_closes_all_below_and_takes_the_selection_along() {
    let mut tree = tree(&[("/", &["a"]), ("/a", &["b"]), ("/a/b", &["c"])]);
    tree.select(&path("/a/b/c"));
    let mut closed = tree.close(&path("/a"));
    closed.sort();
    assert_eq!(closed, [path("/a"), path("/a/b")]);
    assert_eq!(tree.selected(), &path("/a"));
    assert_eq!(rows(&tree), ["/", "/a"]);
}

#[test]
fn a_new_list_keeps_what_is_open_and_reports_the_rest() {
    let mut tree = tree(&[("/", &["a", "b", "c"]), ("/a", &["1"]), ("/c", &["2", "3"])]);
    tree.select(&path("/c/3"));
    let listed = tree.list(&path("/"), Ticket(1), reply(&["c", "d", "aa", "bb"]));
    let listed = listed.expect("awaited");
    assert_eq!((listed.change.added, listed.change.removed), (3, 2));
    assert_eq!(listed.closed, [path("/a")]);
    assert_eq!(listed.lost, None);
    assert_eq!(rows(&tree), ["/", "/aa", "/bb", "/c", "/c/2", "/c/3", "/d"]);
    assert_eq!(tree.selected(), &path("/c/3"));
    assert_eq!(
        tree.list(&path("/"), Ticket(9), reply(&[])),
        None,
        "another's ticket"
    );
}

#[test]
fn a_lost_selection_goes_to_its_neighbour() {
    let mut tree = tree(&[("/", &["a", "b", "c"]), ("/b", &["x"])]);
    tree.select(&path("/b/x"));
    let listed = tree
        .list(&path("/"), Ticket(1), reply(&["a", "c"]))
        .expect("awaited");
    assert_eq!(
        (listed.lost, tree.selected()),
        (Some(path("/b/x")), &path("/c"))
    );
    tree.list(&path("/"), Ticket(1), reply(&["a"]));
    assert_eq!(tree.selected(), &path("/a"));
    tree.list(&path("/"), Ticket(1), reply(&[]));
    assert_eq!(tree.selected(), &ZPath::root());
}

#[test]
fn what_is_looked_at_stays_in_its_place() {
    let names: Vec<String> = (0..50).map(|n| format!("n{n:02}")).collect();
    let list = |names: &[String]| ChildrenReply {
        names: names.iter().collect(),
        stat: Stat::default(),
    };
    let mut tree = tree(&[("/", &[])]);
    tree.list(&path("/"), Ticket(1), list(&names));
    tree.select(&path("/n20"));
    tree.move_by(-2);
    let place = tree.selected_row() - tree.top();
    let more: Vec<String> = (0..9)
        .map(|n| format!("a{n}"))
        .chain(names.clone())
        .collect();
    tree.list(&path("/"), Ticket(1), list(&more));
    assert_eq!(tree.selected(), &path("/n18"));
    assert_eq!(tree.selected_row() - tree.top(), place);
    // With the selection out of sight, the first row on the screen stays.
    tree.scroll_by(20);
    let first = tree.path(tree.top());
    tree.list(&path("/"), Ticket(1), list(&names));
    assert_eq!(tree.path(tree.top()), first);
    assert_eq!(tree.selected(), &path("/n18"));
}

#[test]
fn refusals_look_like_what_they_are() {
    let failure = |code| Failure {
        code: Some(code),
        may_have_been_applied: false,
        text: "refused".to_owned(),
    };
    let mut tree = tree(&[("/", &["a"]), ("/a", &["b"]), ("/a/b", &["c"])]);
    tree.select(&path("/a/b/c"));
    assert_eq!(
        tree.fail(&path("/a"), Ticket(2), failure(ErrorCode::NoAuth)),
        None
    );
    let closed = tree.fail(&path("/a"), Ticket(1), failure(ErrorCode::NoAuth));
    assert_eq!(closed, Some(vec![path("/a/b")]));
    assert!(tree.load(&path("/a")).is_some_and(Load::is_forbidden));
    assert_eq!(rows(&tree), ["/", "/a"]);
    assert_eq!(tree.selected(), &path("/a"));
    // The connection's trouble takes no list away.
    tree.fail(
        &ZPath::root(),
        Ticket(1),
        failure(ErrorCode::ConnectionLoss),
    );
    assert!(tree.is_stale(&ZPath::root()));
    assert_eq!(rows(&tree), ["/", "/a"]);
}

#[test]
fn a_filter_leaves_what_it_finds_and_all_above() {
    let mut tree = tree(&[
        ("/", &["kafka", "solr", "x"]),
        ("/kafka", &["Brokers", "ids"]),
        ("/solr", &["brok"]),
    ]);
    tree.select(&path("/kafka/ids"));
    tree.set_filter(Some(Needle::new("brok")));
    assert_eq!(
        rows(&tree),
        ["/", "/kafka", "/kafka/Brokers", "/solr", "/solr/brok"]
    );
    assert_eq!(tree.hits(), Some(2));
    assert_eq!(tree.selected(), &path("/solr"), "the next row left");
    tree.list(&path("/"), Ticket(1), reply(&["broken", "kafka"]));
    assert_eq!(rows(&tree), ["/", "/broken", "/kafka", "/kafka/Brokers"]);
    tree.set_filter(Some(Needle::new("nothing")));
    assert_eq!(
        (rows(&tree), tree.selected()),
        (vec!["/".to_owned()], &ZPath::root())
    );
    tree.set_filter(None);
    assert_eq!(tree.len(), 5);
}

#[test]
fn a_million_rows_cost_what_ten_do() {
    let mut tree = Tree::default();
    tree.set_height(40);
    let names: Names = (0..1_000).map(|n| format!("n{n:04}")).collect();
    let list = |names: Names| ChildrenReply {
        names,
        stat: Stat::default(),
    };
    tree.open(&ZPath::root(), Ticket(1));
    tree.list(&ZPath::root(), Ticket(1), list(names.clone()));
    for name in names.iter() {
        let child = ZPath::root().child(name);
        tree.open(&child, Ticket(1));
        tree.list(&child, Ticket(1), list(names.clone()));
    }
    assert_eq!(tree.len(), 1_001_001);
    for row in [0, 1, 500_500, 1_001_000] {
        let path = tree.path(row).expect("a row");
        assert_eq!(tree.row(&path), Some(row));
    }
    tree.select_row(usize::MAX);
    assert_eq!(tree.selected(), &path("/n0999/n0999"));
}

/// Something done to a tree.
#[derive(Debug, Clone)]
enum Deed {
    Open(usize),
    Close(usize),
    List(usize, Vec<u8>),
    Fail(usize, bool),
    Select(usize),
    Scroll(isize),
    Height(usize),
    Filter(Option<u8>),
}

fn deed() -> impl Strategy<Value = Deed> {
    let names = proptest::collection::vec(0..20_u8, 0..12);
    prop_oneof![
        any::<usize>().prop_map(Deed::Open),
        any::<usize>().prop_map(Deed::Close),
        (any::<usize>(), names).prop_map(|(at, names)| Deed::List(at, names)),
        (any::<usize>(), any::<bool>()).prop_map(|(at, auth)| Deed::Fail(at, auth)),
        any::<usize>().prop_map(Deed::Select),
        (-30..30_isize).prop_map(Deed::Scroll),
        (0..20_usize).prop_map(Deed::Height),
        proptest::option::of(0..20_u8).prop_map(Deed::Filter),
    ]
}

fn apply(tree: &mut Tree, deed: Deed) {
    let row = |tree: &Tree, at: usize| tree.path(at % tree.len()).expect("a row");
    match deed {
        Deed::Open(at) => tree.open(&row(tree, at), Ticket(1)),
        Deed::Close(at) => drop(tree.close(&row(tree, at))),
        Deed::List(at, mut names) => {
            names.sort_unstable();
            names.dedup();
            let names = names.iter().map(|n| format!("n{n}")).collect();
            let stat = Stat::default();
            tree.list(&row(tree, at), Ticket(1), ChildrenReply { names, stat });
        }
        Deed::Fail(at, auth) => {
            let code = if auth {
                ErrorCode::NoAuth
            } else {
                ErrorCode::NoNode
            };
            let failure = Failure {
                code: Some(code),
                may_have_been_applied: false,
                text: String::new(),
            };
            tree.fail(&row(tree, at), Ticket(1), failure);
        }
        Deed::Select(at) => tree.select_row(at),
        Deed::Scroll(rows) => tree.scroll_by(rows),
        Deed::Height(height) => tree.set_height(height),
        Deed::Filter(name) => tree.set_filter(name.map(|n| Needle::new(&n.to_string()))),
    }
}

/// All rows, walked the slow and plain way.
fn plain(tree: &Tree) -> Vec<ZPath> {
    let (mut all, mut left) = (Vec::new(), vec![ZPath::root()]);
    while let Some(path) = left.pop() {
        if let Some(branch) = tree.branch(&path) {
            let names: Vec<&str> = branch.names.iter().collect();
            assert!(names.is_sorted());
            left.extend(names.iter().rev().map(|name| path.child(name)));
        }
        all.push(path);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_rows_and_selection_hold(deeds in proptest::collection::vec(deed(), 1..60)) {
        let mut tree = Tree::default();
        for deed in deeds {
            apply(&mut tree, deed);
            let all = plain(&tree);
            prop_assert_eq!(tree.all(), all.len());
            for (row, path) in all.iter().enumerate() {
                prop_assert_eq!(tree.path_among_all(row), Some(path.clone()));
                prop_assert_eq!(tree.row_among_all(path), Some(row));
            }
            let opened = tree.opened().filter(|path| !all.contains(path)).count();
            prop_assert_eq!(opened, 0, "opened, but without a row");
            let selected = tree.row(tree.selected());
            prop_assert!(selected.is_some_and(|row| row < tree.len()));
            prop_assert!(tree.top() <= tree.len().saturating_sub(tree.height()));
            prop_assert!(!tree.window().is_empty());
            for row in 0..tree.len() {
                let path = tree.path(row).expect("a row");
                prop_assert_eq!(tree.row(&path), Some(row));
            }
        }
    }
}
