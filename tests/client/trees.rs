//! `TreeWatch`: a subtree kept live, by one recursive watch or by many small ones.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use zooscope::client::{Auth, Client};
use zooscope::proto::{Acl, CreateMode, ErrorCode, OpCode, Perms};
use zooscope::recipe::{TreeEvent, TreeWatch};

use crate::common::{connected, open, options_at, path, soon};
use crate::support::{self, Proxy, Raw};

async fn make(client: &Client, at: &str, data: &str) {
    let made = client.create(&path(at), data.as_bytes(), &[], CreateMode::Persistent);
    made.await.expect("it can be made");
}

/// What a listener knows from the events alone.
#[derive(Debug, Default)]
struct Mirror {
    nodes: BTreeMap<String, String>,
    synced: usize,
    events: usize,
}

impl Mirror {
    fn apply(&mut self, event: TreeEvent) {
        self.events += 1;
        let text =
            |data: Option<Vec<u8>>| String::from_utf8(data.unwrap_or_default()).expect("text");
        match event {
            TreeEvent::Added(path, reply) => {
                let before = self.nodes.insert(path.to_string(), text(reply.data));
                assert_eq!(before, None, "{path} was added twice");
            }
            TreeEvent::Changed(path, reply) => {
                let before = self.nodes.insert(path.to_string(), text(reply.data));
                assert!(before.is_some(), "{path} was changed before it was added");
            }
            TreeEvent::Removed(path, _) => {
                let before = self.nodes.remove(path.as_str());
                assert!(before.is_some(), "{path} was removed before it was added");
                let below = format!("{path}/");
                let mut left = self.nodes.keys().filter(|other| other.starts_with(&below));
                assert_eq!(left.next(), None, "{path} was removed before its children");
            }
            TreeEvent::Synced => self.synced += 1,
            TreeEvent::Failed(error) => panic!("{error}"),
        }
    }

    async fn until(&mut self, what: &str, tree: &mut TreeWatch, done: impl Fn(&Self) -> bool) {
        soon(what, async {
            while !done(self) {
                self.apply(tree.next().await.expect("the client is open"));
            }
        })
        .await;
    }

    fn keys(&self) -> Vec<&str> {
        self.nodes.keys().map(String::as_str).collect()
    }
}

/// kazoo: `test_cache::KazooTreeCacheTests::test_start`
/// kazoo: `test_cache::KazooTreeCacheTests::test_delete_operation`
/// kazoo: `test_cache::KazooTreeCacheTests::test_children_operation`
/// kazoo: `test_cache::KazooTreeCacheTests::test_subtree_operation`
/// kazoo: `test_cache::KazooTreeCacheTests::test_root_recreated`
#[tokio::test]
async fn a_tree_is_told_and_kept_live_and_comes_and_goes() {
    for server in support::shared_all() {
        let client = open(server, "tree").await;
        make(&client, "/t", "0").await;
        make(&client, "/t/a", "1").await;
        make(&client, "/t/a/b", "2").await;
        let mut tree = TreeWatch::new(&client, &path("/t"));
        let mut mirror = Mirror::default();
        mirror
            .until("the start", &mut tree, |m| m.synced == 1)
            .await;
        assert_eq!(
            mirror.keys(),
            ["/t", "/t/a", "/t/a/b"],
            "{}",
            server.install()
        );
        make(&client, "/t/c", "3").await;
        client
            .set(&path("/t/a/b"), b"changed", None)
            .await
            .expect("there");
        mirror
            .until("the changes", &mut tree, |m| {
                m.nodes.contains_key("/t/c") && m.nodes["/t/a/b"] == "changed"
            })
            .await;
        let deleted = client.delete_recursive(&path("/t"), |_| {}).await;
        assert_eq!(deleted.expect("deleted"), 4);
        mirror
            .until("the end of it", &mut tree, |m| m.nodes.is_empty())
            .await;
        make(&client, "/t", "again").await;
        make(&client, "/t/d", "").await;
        mirror
            .until("its return", &mut tree, |m| m.nodes.len() == 2)
            .await;
        assert_eq!(mirror.nodes["/t"], "again");
        drop(tree);
        support::eventually("the watches to go", || client.watched() == 0).await;
        client.close().await;
    }
}

/// kazoo: `test_cache::KazooTreeCacheTests::test_session_reconnected`
#[tokio::test]
async fn what_changed_while_away_is_told_and_nothing_else() {
    for server in support::shared_all() {
        let recursive = server.install().is_at_least(&[3, 6]);
        for expire in [false, true] {
            let proxy = Proxy::start(server.addr());
            let chroot = server.chroot("away");
            let client = connected(options_at(proxy.addr(), &chroot)).await;
            let other = connected(options_at(server.addr(), &chroot)).await;
            for at in ["/stays", "/goes", "/goes/too", "/changes", "/back"] {
                make(&client, at, "1").await;
            }
            let mut tree = TreeWatch::new(&client, &path("/"));
            let mut mirror = Mirror::default();
            mirror
                .until("the start", &mut tree, |m| m.synced == 1)
                .await;
            assert_eq!(mirror.nodes.len(), 6);
            proxy.refuse(true);
            proxy.cut();
            if expire {
                let credentials = client.credentials().expect("a session");
                Raw::end_session(server.addr(), credentials.id, credentials.password.expose());
            }
            other
                .delete_recursive(&path("/goes"), |_| {})
                .await
                .expect("there");
            other
                .set(&path("/changes"), b"2", None)
                .await
                .expect("there");
            other.delete(&path("/back"), None).await.expect("there");
            make(&other, "/back", "2").await;
            make(&other, "/comes", "1").await;
            let before = mirror.events;
            proxy.refuse(false);
            let what = format!("the changes on {}", server.install());
            mirror
                .until(&what, &mut tree, |m| {
                    m.keys() == ["/", "/back", "/changes", "/comes", "/stays"]
                        && m.nodes["/changes"] == "2"
                        && m.nodes["/back"] == "2"
                        && (m.synced > 1 || !(expire || recursive))
                })
                .await;
            // Two removed, one added, one changed, one made again (told as one or as two).
            let told = mirror.events - before - (mirror.synced - 1);
            assert!((5..=6).contains(&told), "{told} events");
            make(&other, "/comes/later", "").await;
            mirror
                .until("what comes later", &mut tree, |m| m.nodes.len() == 6)
                .await;
            client.close().await;
            other.close().await;
        }
    }
}

#[tokio::test]
async fn a_storm_of_changes_ends_in_the_truth() {
    for server in support::shared_all() {
        let client = open(server, "storm").await;
        let mut all = Vec::new();
        for i in 0..300 {
            all.push(client.create(&path(&format!("/{i}")), b"", &[], CreateMode::Persistent));
        }
        for one in all {
            one.await.expect("made");
        }
        let mut tree = TreeWatch::new(&client, &path("/"));
        let mut mirror = Mirror::default();
        mirror
            .until("the start", &mut tree, |m| m.synced == 1)
            .await;
        let storm = async {
            for round in 0..5 {
                let sets: Vec<_> = (0..300)
                    .map(|i| {
                        let data = format!("{round}");
                        client.set(&path(&format!("/{i}")), data.as_bytes(), None)
                    })
                    .collect();
                for set in sets {
                    set.await.expect("there");
                }
            }
        };
        let ((), ()) = tokio::join!(
            storm,
            mirror.until("the last values", &mut tree, |m| {
                m.nodes.iter().all(|(at, value)| at == "/" || value == "4")
            })
        );
        assert_eq!(mirror.nodes.len(), 301);
        client.close().await;
    }
}

/// kazoo: `test_cache::KazooTreeCacheTests::test_exception_handler`
#[tokio::test]
async fn what_cannot_be_read_is_told_and_read_once_it_can_be() {
    for server in support::shared_all() {
        let options = options_at(server.addr(), &server.chroot("hidden"));
        let ann = Auth::digest("ann", "x");
        let owner = connected(options.clone().auth(ann.clone())).await;
        make(&owner, "/t", "").await;
        make(&owner, "/t/open", "1").await;
        let hers = [Acl::digest(Perms::ALL, "ann", "x")];
        for at in ["/t/hers", "/t/hers/below"] {
            let made = owner.create(&path(at), b"2", &hers, CreateMode::Persistent);
            made.await.expect("made");
        }
        let client = connected(options).await;
        let mut tree = TreeWatch::new(&client, &path("/t"));
        let (mut mirror, mut refused) = (Mirror::default(), 0);
        let mut told =
            async |mirror: &mut Mirror, refused: &mut usize| match soon("an event", tree.next())
                .await
                .expect("open")
            {
                TreeEvent::Failed(error) => {
                    assert!(error.is(ErrorCode::NoAuth), "{error}");
                    assert_eq!(error.path(), Some(&path("/t/hers")));
                    *refused += 1;
                }
                event => mirror.apply(event),
            };
        while mirror.synced == 0 {
            told(&mut mirror, &mut refused).await;
        }
        assert_eq!(mirror.keys(), ["/t", "/t/open"], "{}", server.install());
        assert!(refused > 0, "it must be told");
        // The rest is followed, and all of it as someone who may read it.
        owner.set(&path("/t/open"), b"3", None).await.expect("open");
        while mirror.nodes["/t/open"] != "3" {
            told(&mut mirror, &mut refused).await;
        }
        client.add_auth(ann).await.expect("digest never fails");
        while mirror.nodes.len() < 4 {
            told(&mut mirror, &mut refused).await;
        }
        owner
            .set(&path("/t/hers/below"), b"4", None)
            .await
            .expect("hers");
        while mirror.nodes["/t/hers/below"] != "4" {
            told(&mut mirror, &mut refused).await;
        }
        client.close().await;
        owner.close().await;
    }
}

/// What was large is not read by the hundred, lest the server build it all in memory at once.
#[tokio::test]
async fn large_znodes_are_read_few_at_a_time() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let proxy = Proxy::start(server.addr());
    let client = connected(options_at(proxy.addr(), &server.chroot("large"))).await;
    let large = "x".repeat(100_000);
    for i in 0..40 {
        make(&client, &format!("/{i}"), &large).await;
    }
    let mut tree = TreeWatch::new(&client, &path("/"));
    let mut mirror = Mirror::default();
    mirror
        .until("the start", &mut tree, |m| m.synced == 1)
        .await;
    let asked = || {
        let seen = proxy.seen();
        let reads = seen.iter().filter(|s| s.op == Some(OpCode::MultiRead));
        reads.count()
    };
    let before = asked();
    // All at once: the events come together.
    let mut all = client.transaction();
    for i in 0..40 {
        all = all.set(&path(&format!("/{i}")), b"small", None);
    }
    all.commit().await.expect("all are there");
    mirror
        .until("the changes", &mut tree, |m| {
            m.nodes
                .iter()
                .all(|(at, data)| at == "/" || data == "small")
        })
        .await;
    assert!(asked() - before >= 10, "{} requests", asked() - before);
    client.close().await;
}

/// Somewhere a tree can be followed: a server, as a second client sees it.
async fn planted(addr: SocketAddr, chroot: &str, nodes: &[&str]) -> Client {
    let client = connected(options_at(addr, chroot)).await;
    client.ensure_path(&path("/t"), &[]).await.expect("made");
    for at in nodes {
        make(&client, at, at).await;
    }
    client
}

/// Between servers that watch a whole subtree and those that can't, at one address, as behind
/// a balancer: what differs is told, and then every change.
async fn moves_between(new: SocketAddr, old: SocketAddr, chroot: &str) {
    let newer = planted(new, chroot, &["/t/both", "/t/new", "/t/new/too"]).await;
    let older = planted(old, chroot, &["/t/both", "/t/old", "/t/old/too"]).await;
    let proxy = Proxy::start(new);
    // The other server closes the connection of a session that has seen more than it has
    // itself: only the clock ends such a one.
    let timeout = Duration::from_millis(1200);
    let client = connected(options_at(proxy.addr(), chroot).session_timeout(timeout)).await;
    let mut tree = TreeWatch::new(&client, &path("/t"));
    let mut mirror = Mirror::default();
    mirror
        .until("the start", &mut tree, |m| m.synced == 1)
        .await;
    assert_eq!(mirror.keys(), ["/t", "/t/both", "/t/new", "/t/new/too"]);
    for (round, (server, name)) in [(&older, "old"), (&newer, "new"), (&older, "old")]
        .into_iter()
        .enumerate()
    {
        proxy.redirect(if name == "old" { old } else { new });
        proxy.cut();
        let (one, two) = (format!("/t/{name}"), format!("/t/{name}/too"));
        mirror
            .until(&format!("{name} {round}"), &mut tree, |m| {
                m.synced > round + 1 && m.nodes.contains_key(&one) && m.nodes.contains_key(&two)
            })
            .await;
        assert!(mirror.nodes.contains_key("/t/both"), "{mirror:?}");
        // Live again, at any depth; and it is all as it was for the next round.
        let deep = format!("{two}/deep");
        make(server, &deep, "1").await;
        mirror
            .until("a new one", &mut tree, |m| m.nodes.contains_key(&deep))
            .await;
        server.set(&path(&deep), b"2", None).await.expect("there");
        mirror
            .until("a new value", &mut tree, |m| m.nodes[&deep] == "2")
            .await;
        server.delete(&path(&deep), None).await.expect("there");
        mirror
            .until("its end", &mut tree, |m| m.nodes.len() == 4)
            .await;
    }
    drop(tree);
    support::eventually("the watches to go", || client.watched() == 0).await;
    for client in [client, newer, older] {
        client.close().await;
    }
}

#[tokio::test]
async fn a_tree_is_followed_from_new_servers_to_old_ones_and_back() {
    use zooscope::server::{Options, Server, Version};
    let as_old = |version| Options {
        version,
        tick: Duration::from_millis(100),
        ..Options::default()
    };
    let old = Server::start(as_old(Version::V3_4)).await.expect("a port");
    let new = Server::start(as_old(Version::V3_9)).await.expect("a port");
    let embedded = moves_between(new.addr(), old.addr(), "/moves");
    let servers = support::shared_all();
    let real = |new: bool| {
        let mut all = servers.iter().filter(|s| !s.install().is_embedded());
        all.find(|server| server.install().is_at_least(&[3, 6]) == new)
    };
    if let (Some(new), Some(old)) = (real(true), real(false)) {
        let chroot = new.chroot("moves");
        old.raw().create(&chroot, b"");
        let real = moves_between(new.addr(), old.addr(), &chroot);
        tokio::join!(embedded, real);
    } else {
        embedded.await;
    }
}
