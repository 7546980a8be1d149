//! Seeds as users write them: right ones, ones with everything wrong at once, and what a
//! server makes of them.

use super::*;
use crate::proto::Acl;

fn parse(text: &str) -> Seed {
    Seed::parse(text).expect("the seed is right")
}

#[test]
fn a_node_says_what_it_holds_and_who_may_what() {
    let seed = parse(
        r#"
        sessions = ["a"]
        [[node]]
        path = "/x/y"
        text = "hello"
        acl = ["world:anyone:r"]
        owner = "a"
        [[node]]
        path = "/n"
        null = true
        [[node]]
        path = "/h"
        hex = "FF 00 0a"
        [[node]]
        path = "/b"
        base64 = "AAEC"
        [[node]]
        path = "/r"
        repeat = { text = "abc", bytes = 5 }
        "#,
    );
    let data = |path: &str| seed.nodes[path].data.clone();
    assert_eq!(data("/x"), Some(vec![]));
    assert_eq!(data("/x/y"), Some(b"hello".to_vec()));
    assert_eq!(data("/n"), None);
    assert_eq!(data("/h"), Some(vec![0xff, 0, 10]));
    assert_eq!(data("/b"), Some(vec![0, 1, 2]));
    assert_eq!(data("/r"), Some(b"abcab".to_vec()));
    assert_eq!(seed.nodes["/x/y"].acl, Acl::read_unsafe());
    assert_eq!(seed.nodes["/x/y"].mode, CreateMode::Ephemeral);
}

#[test]
fn rules_make_wide_and_deep_nodes() {
    let seed = parse(
        r#"
        [[node]]
        path = "/wide"
        children = [{ count = 5000, name = "c-{n:05}", text = "{n}" }]
        [[node]]
        path = "/deep"
        [[node.children]]
        count = 30
        name = "level-{n}"
        first = 1
        nested = true
        "#,
    );
    assert_eq!(seed.len(), 5_000 + 30 + 2);
    assert_eq!(seed.nodes["/wide/c-04999"].data, Some(b"4999".to_vec()));
    let deepest = seed
        .nodes
        .keys()
        .map(|path| path.matches('/').count())
        .max();
    assert_eq!(deepest, Some(31));
    assert!(seed.nodes.contains_key("/deep/level-1/level-2/level-3"));
}

#[test]
fn ages_come_from_parents_and_parents_are_never_younger() {
    let seed = parse(
        r#"
        [[node]]
        path = "/"
        age = "9d"
        [[node]]
        path = "/e"
        [[node]]
        path = "/a"
        age = "1d"
        [[node]]
        path = "/a/b/c"
        age = "2d"
        [[node]]
        path = "/a/d"
        "#,
    );
    let age = |path: &str| seed.nodes[path].age.map(|age| age.as_secs() / 86_400);
    assert_eq!(age("/e"), Some(9));
    assert_eq!(age("/a"), Some(2));
    assert_eq!(age("/a/b"), Some(2));
    assert_eq!(age("/a/d"), Some(1));
}

#[test]
fn every_mistake_is_reported_with_its_line() {
    let text = r#"sessions = ["a"]
colour = "red"
[[node]]
path = "/a"
text = "one"
hex = "0g"
gzip = "two"
acl = ["world:anyone:q", "nobody"]
owner = "b"
container = true
agee = "3d"
[[node]]
path = "a//b"
[[node]]
text = 3
[[node]]
path = "/a/b"
age = "soon"
version = "one"
ttl_ms = 0
[[node]]
path = "/a"
children = [{ count = 5 }, { count = 2, name = "same" }, 7]
"#;
    let errors = Seed::parse(text).expect_err("it is all wrong");
    let lines: Vec<usize> = errors.0.iter().map(|error| error.line).collect();
    let expected = [
        2, 6, 7, 8, 8, 9, 10, 11, 13, 14, 17, 18, 19, 20, 22, 23, 23, 23, 23,
    ];
    assert_eq!(lines, expected, "\n{errors}");
    let all = errors.to_string();
    for part in [
        "line 2: there is no key named colour",
        "line 6: /a: hex: 'g' is no hex digit",
        "line 9: /a: b is not among the sessions",
        "line 11: /a: there is no key named agee",
        "line 13: a//b: a path starts with /",
        "line 22: /a: line 4 has this znode already",
    ] {
        assert!(all.contains(part), "{part} is missing:\n{all}");
    }
}

#[test]
fn broken_toml_is_told_with_the_line() {
    let errors = Seed::parse("[[node]]\npath = \"/a\"\ntext = \n[[node]\n").expect_err("broken");
    assert!(errors.0.iter().any(|error| error.line == 3), "{errors}");
    assert!(errors.0.iter().any(|error| error.line == 4), "{errors}");
}

#[tokio::test]
async fn a_planted_tree_looks_lived_in() {
    let server = crate::server::Server::start(crate::server::Options::default());
    let server = server.await.expect("loopback has a free port");
    let local = server.local();
    let seed = parse(
        r#"
        sessions = ["worker"]
        [[node]]
        path = "/"
        text = "root"
        [[node]]
        path = "/old"
        age = "9d"
        changed = "1h"
        version = 7
        [[node]]
        path = "/locks/lock-0000000041"
        owner = "worker"
        age = "3h"
        "#,
    );
    let residents = local.plant(&seed).expect("nothing is refused");
    let stat = |path: &str| local.exists(path).expect("it was planted");
    let (old, lock) = (stat("/old"), stat("/locks/lock-0000000041"));
    assert_eq!(lock.ephemeral_owner, residents["worker"]);
    assert_eq!(old.version, 7);
    assert!(old.czxid < lock.czxid && lock.czxid < old.mzxid);
    assert_eq!(lock.ctime - old.ctime, (9 * 24 - 3) * 3_600_000);
    assert_eq!(old.mtime - lock.ctime, 2 * 3_600_000);
    assert_eq!(
        local.get_data("/").expect("the root").0,
        Some(b"root".to_vec())
    );
    let mode = CreateMode::PersistentSequential;
    let next = local.create(0, "/locks/lock-", None, &Acl::open_unsafe(), mode);
    assert_eq!(next, Ok("/locks/lock-0000000042".to_owned()));
}

#[tokio::test]
async fn what_the_server_refuses_is_told() {
    let options = crate::server::Options {
        version: crate::server::Version::V3_4,
        ..Default::default()
    };
    let server = crate::server::Server::start(options).await;
    let server = server.expect("loopback has a free port");
    let seed = parse("[[node]]\npath = \"/c\"\ncontainer = true\n[[node]]\npath = \"/d\"");
    let errors = server
        .local()
        .plant(&seed)
        .expect_err("3.4 has no containers");
    assert_eq!(errors.0.len(), 1, "{errors}");
    assert!(server.local().exists("/d").is_some());
}

#[tokio::test]
async fn the_demo_is_planted_without_a_refusal() {
    let server = crate::server::Server::start(crate::server::Options::default());
    let server = server.await.expect("loopback has a free port");
    let seed = parse(DEMO);
    let residents = server.local().plant(&seed).expect("nothing is refused");
    for (path, node) in &seed.nodes {
        let stat = server.local().exists(path).expect("it was planted");
        let owner = node.owner.as_ref().map_or(0, |name| residents[name]);
        assert_eq!(stat.ephemeral_owner, owner, "{path}");
    }
    let queue = "/zookeeper/quota/queues/thumbnails/zookeeper_stats";
    let (stats, _) = server.local().get_data(queue).expect("the quota's node");
    let stats = String::from_utf8(stats.unwrap_or_default()).expect("text");
    assert!(stats.starts_with("count=7,bytes="), "{stats}");
}
