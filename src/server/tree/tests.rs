//! Properties of the tree that hold whatever is done to it.

use std::fmt::Write as _;

use fastrand::Rng;

use super::{Change, CreateOp, Lifetime, Tree, TreeRules, Txn, Version};
use crate::proto::{Acl, AclId, ErrorCode, Perms};

const PATHS: [&str; 9] = [
    "/a",
    "/b",
    "/a/x",
    "/a/y",
    "/b/x",
    "/a/x/1",
    "/a/x/2",
    "/zookeeper/quota/a",
    "/zookeeper/quota/a/zookeeper_limits",
];

fn tree() -> Tree {
    Tree::new(TreeRules {
        version: Version::V3_9,
        ttl_nodes: true,
    })
}

/// Everything that clients or the sweep could ever notice.
fn dump(tree: &Tree) -> String {
    let mut text = String::new();
    let mut todo = vec![("/".to_owned(), tree.find("/").expect("the root"))];
    while let Some((path, id)) = todo.pop() {
        let node = tree.node(id);
        writeln!(
            text,
            "{path} {:?} {:?} {:?} {} {:?}",
            node.data,
            node.stat(),
            node.lifetime,
            node.created,
            tree.acl_of(id)
        )
        .expect("memory");
        let above = path.trim_end_matches('/');
        for name in node.names() {
            let id = node.child(name).expect("a child");
            todo.push((format!("{above}/{name}"), id));
        }
    }
    let mut owners: Vec<_> = tree.owners().collect();
    owners.sort();
    write!(
        text,
        "{owners:?} {:?} {:?} {}",
        tree.mortal,
        tree.quotas,
        tree.node_count()
    )
    .expect("memory");
    text
}

fn act(tree: &mut Tree, random: &mut Rng, zxid: i64, log: &mut Vec<Change>) {
    let ids = [AclId {
        scheme: "ip".to_owned(),
        id: "127.0.0.1".to_owned(),
    }];
    let txn = Txn {
        zxid,
        time: zxid * 10,
        session: random.i64(1..4),
        ids: &ids,
    };
    let path = PATHS[random.usize(..PATHS.len())];
    let data = [b'x'; 5];
    let acls = [
        Acl::open_unsafe(),
        Acl::read_unsafe(),
        vec![Acl::ip(Perms::ALL, "127.0.0.1")],
    ];
    let acl = &acls[random.usize(..acls.len())];
    // What is refused must change nothing, which the dumps would show.
    let _refused: Result<(), ErrorCode> = match random.u8(..8) {
        0..4 => {
            let flags = random.i32(0..=6);
            let ttl_ms = if flags < 5 { -1 } else { 1_000 };
            let op = CreateOp {
                path,
                data: Some(&data[..random.usize(..5)]),
                acl,
                flags,
                ttl_ms,
            };
            tree.create(txn, op, log).map(drop)
        }
        4 | 5 => tree.delete(txn, path, -1, log),
        6 => tree.set_data(txn, path, Some(b"new"), -1, log).map(drop),
        _ => tree.set_acl(txn, path, acl, -1, log).map(drop),
    };
}

#[test]
fn what_is_rolled_back_leaves_no_trace() {
    for seed in 0..40 {
        let mut random = Rng::with_seed(seed);
        let mut tree = tree();
        for zxid in 1..40 {
            let before = dump(&tree);
            let mut log = Vec::new();
            for _ in 0..random.usize(..8) {
                act(&mut tree, &mut random, zxid, &mut log);
            }
            if random.bool() {
                tree.roll_back(log);
                assert_eq!(dump(&tree), before, "seed {seed}, zxid {zxid}");
            } else {
                let changes = log.len();
                let events = tree.commit(log).len();
                assert!(events <= 2 * changes);
            }
        }
    }
}

#[test]
fn the_last_user_of_an_acl_frees_it() {
    for seed in 0..20 {
        let mut random = Rng::with_seed(seed);
        let mut tree = tree();
        for zxid in 1..60 {
            let mut log = Vec::new();
            act(&mut tree, &mut random, zxid, &mut log);
            tree.commit(log);
        }
        // Everything but the server's own nodes goes, the deepest first.
        for _ in 0..4 {
            for path in dump(&tree)
                .lines()
                .filter_map(|line| line.split(' ').next())
            {
                if !matches!(
                    path,
                    "/" | "/zookeeper" | "/zookeeper/quota" | "/zookeeper/config"
                ) {
                    let mut log = Vec::new();
                    tree.delete_unasked(100, path, &mut log);
                    tree.commit(log);
                }
            }
        }
        assert_eq!(tree.node_count(), 5, "{}", dump(&tree));
        assert_eq!(tree.acls.in_use(), 2, "world:anyone's all, and config's");
    }
}

/// What a client wrote into a quota's count is no reason to fail.
#[test]
fn a_count_at_its_end_stays_there() {
    let mut tree = tree();
    let txn = Txn {
        zxid: 1,
        time: 1,
        session: 1,
        ids: &[],
    };
    let make = |tree: &mut Tree, path: &str, data: &[u8]| {
        let mut log = Vec::new();
        let op = CreateOp {
            path,
            data: Some(data),
            acl: &Acl::open_unsafe(),
            flags: 0,
            ttl_ms: -1,
        };
        tree.create(txn, op, &mut log).expect("a new node");
        tree.commit(log);
    };
    let stats = "/zookeeper/quota/a/zookeeper_stats";
    make(&mut tree, "/a", b"");
    make(&mut tree, "/zookeeper/quota/a", b"");
    make(&mut tree, "/zookeeper/quota/a/zookeeper_limits", b"count=5");
    make(&mut tree, stats, b"");
    let most = format!("count={0},bytes={0}", i64::MAX);
    let mut log = Vec::new();
    tree.set_data(txn, stats, Some(most.as_bytes()), -1, &mut log)
        .expect("an open node");
    tree.commit(log);
    make(&mut tree, "/a/b", b"more");
    let id = tree.find(stats).expect("made above");
    assert_eq!(tree.node(id).data.as_deref(), Some(most.as_bytes()));
}

#[test]
fn the_sweep_takes_the_childless_whose_time_is_over() {
    let mut tree = tree();
    let acl = Acl::open_unsafe();
    let make = |tree: &mut Tree, path: &str, flags: i32, ttl_ms: i64| {
        let mut log = Vec::new();
        let txn = Txn {
            zxid: 1,
            time: 1_000,
            session: 1,
            ids: &[],
        };
        let op = CreateOp {
            path,
            data: None,
            acl: &acl,
            flags,
            ttl_ms,
        };
        tree.create(txn, op, &mut log).expect("a new node");
        tree.commit(log);
    };
    make(&mut tree, "/ttl", 5, 500);
    make(&mut tree, "/busy", 5, 500);
    make(&mut tree, "/busy/child", 0, -1);
    make(&mut tree, "/container", 4, -1);
    assert_eq!(tree.overdue(1_500), [""; 0]);
    assert_eq!(tree.overdue(1_501), ["/ttl"]);
    make(&mut tree, "/container/child", 0, -1);
    let mut log = Vec::new();
    tree.delete_unasked(2, "/container/child", &mut log);
    tree.commit(log);
    assert_eq!(tree.overdue(1_501), ["/container", "/ttl"]);
    let id = tree.find("/container").expect("a container");
    assert_eq!(tree.node(id).lifetime, Lifetime::Container);
}
