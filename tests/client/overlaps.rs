//! Watches of all kinds on the same few znodes, set and dropped all at once: none is ever
//! silently dead. Before 3.9 a path has one mode, and the last registration wins.

use zooscope::client::{Client, WatchEvent};
use zooscope::proto::{AddWatchMode, CreateMode, EventType, ZPath};

use crate::common::{make, open, path, soon};
use crate::support::{self, RealServer};

fn with_persistent() -> impl Iterator<Item = &'static RealServer> {
    let all = support::shared_all().into_iter();
    all.filter(|server| server.install().is_at_least(&[3, 6]))
}

/// The read was made without a watch of its own, as the persistent one stood for it.
#[tokio::test]
async fn a_watch_learns_that_what_it_leans_on_went_before_it_was_there() {
    for server in with_persistent() {
        let client = open(server, "leaning").await;
        let at = path("/a");
        make(&client, "/a", b"").await;
        for mode in [AddWatchMode::Persistent, AddWatchMode::PersistentRecursive] {
            let feed = client.add_watch(&at, mode).await.expect("3.6");
            let data = client.get_watch(&at);
            let there = client.exists_watch(&at);
            let children = client.get_children_watch(&at);
            drop(feed);
            let (_, data) = data.await.expect("there");
            let (_, there) = there.await.expect("there");
            let (_, children) = children.await.expect("there");
            client.set(&at, b"", None).await.expect("there");
            make(&client, "/a/b", b"").await;
            for (name, watch) in [("data", data), ("exists", there), ("children", children)] {
                let what = format!("{name} on {}, {mode:?}", server.install());
                soon(&what, watch).await;
            }
            client.delete(&path("/a/b"), None).await.expect("there");
        }
        client.close().await;
    }
}

/// Sets a watch, changes what it watches, and waits to be told; over and over.
async fn watch_and_change(client: Client, other: Client, seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    for round in 0..60 {
        let at = path(&format!("/{}", random.u32(0..2)));
        let kind = random.u32(0..5);
        let what = format!("seed {seed}, round {round}, kind {kind}");
        match kind {
            0 => {
                let (_, watch) = client.get_watch(&at).await.expect("there");
                other.set(&at, b"", None).await.expect("there");
                soon(&what, watch).await;
            }
            1 => {
                let (_, watch) = client.exists_watch(&at).await.expect("there");
                other.set(&at, b"", None).await.expect("there");
                soon(&what, watch).await;
            }
            2 => {
                let (_, watch) = client.get_children_watch(&at).await.expect("there");
                give_birth(&other, &at).await;
                soon(&what, watch).await;
            }
            _ => stand(&client, &other, &at, kind == 3, &what).await,
        }
    }
}

async fn give_birth(other: &Client, at: &ZPath) -> ZPath {
    let mode = CreateMode::EphemeralSequential;
    let born = other.create(&at.child("n-"), b"", &[], mode).await;
    born.expect("made").path
}

/// A persistent watch tells of several changes, or says that it may have missed some.
async fn stand(client: &Client, other: &Client, at: &ZPath, recursive: bool, what: &str) {
    let mode = if recursive {
        AddWatchMode::PersistentRecursive
    } else {
        AddWatchMode::Persistent
    };
    let mut watch = client.add_watch(at, mode).await.expect("3.6");
    for _ in 0..3 {
        let stat = other.set(at, b"", None).await.expect("there");
        let born = give_birth(other, at).await;
        let wanted = if recursive { &born } else { at };
        let kind = if recursive {
            EventType::NodeCreated
        } else {
            EventType::NodeChildrenChanged
        };
        let what = format!("{what}, version {}", stat.version);
        soon(&what, async {
            loop {
                match watch.next().await.expect("the client is open") {
                    WatchEvent::Node(event) if event.kind == kind && event.path == *wanted => break,
                    WatchEvent::Gap => break,
                    _ => {}
                }
            }
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_watch_dies_among_others_that_come_and_go() {
    for server in with_persistent() {
        let chroot = server.chroot("overlaps");
        let options = || crate::common::options_at(server.addr(), &chroot);
        let client = crate::common::connected(options()).await;
        let other = crate::common::connected(options()).await;
        for at in ["/0", "/1"] {
            make(&client, at, b"").await;
        }
        let all: Vec<_> = (1..=8)
            .map(|seed| tokio::spawn(watch_and_change(client.clone(), other.clone(), seed)))
            .collect();
        for one in all {
            one.await.expect("no watch is dead");
        }
        client.close().await;
        other.close().await;
    }
}
