//! Watches of all kinds on the same few znodes, set and dropped all at once: none is ever
//! silently dead. Before 3.9 a path has one mode, and the last registration wins.

use zooscope::client::{Client, PersistentWatch, WatchEvent};
use zooscope::proto::{AddWatchMode, CreateMode, EventType, ZPath};

use crate::common::{connected, make, open, options_at, path, soon};
use crate::support::{self, Direction, Proxy, RealServer, eventually, four_letter_word};

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

/// Waits until a watch tells this of this znode; answers whether it told of a gap before.
async fn told(watch: &mut PersistentWatch, kind: EventType, at: &str, what: &str) -> bool {
    let mut gap = false;
    soon(what, async {
        loop {
            match watch.next().await.expect("the client is open") {
                WatchEvent::Node(event) if event.kind == kind && event.path == path(at) => break,
                WatchEvent::Gap => gap = true,
                other => panic!("{other:?} before {kind:?} of {at}"),
            }
        }
    })
    .await;
    gap
}

/// Before 3.9 the second one must not take the place of the first, whichever it is.
#[tokio::test]
async fn watches_of_both_modes_asked_for_in_one_breath_both_stand() {
    for server in with_persistent() {
        let client = open(server, "breath").await;
        make(&client, "/a", b"").await;
        let at = path("/a");
        for recursive_first in [true, false] {
            let one = client.add_watch(&at, mode(recursive_first));
            let two = client.add_watch(&at, mode(!recursive_first));
            let (one, two) = (one.await.expect("3.6"), two.await.expect("3.6"));
            let (mut recursive, mut persistent) = if recursive_first {
                (one, two)
            } else {
                (two, one)
            };
            let what = format!("{}, {recursive_first}", server.install());
            for round in 0..2 {
                let child = format!("/a/{recursive_first}{round}");
                make(&client, &child, b"").await;
                let kind = EventType::NodeChildrenChanged;
                assert!(!told(&mut persistent, kind, "/a", &what).await, "{what}");
                let kind = EventType::NodeCreated;
                assert!(!told(&mut recursive, kind, &child, &what).await, "{what}");
            }
        }
        client.close().await;
    }
}

const fn mode(recursive: bool) -> AddWatchMode {
    if recursive {
        AddWatchMode::PersistentRecursive
    } else {
        AddWatchMode::Persistent
    }
}

/// Whether the server has a watch of a znode whose path ends so.
fn is_watched(server: &RealServer, end: &str) -> bool {
    let text = four_letter_word(server.addr(), "wchp").expect("an answer");
    text.lines().any(|line| line.ends_with(end))
}

/// What happens before the server knows that the recursive watch went is told, or there is
/// word of a gap; and it learns of it even if the client's queue is full at that moment.
#[tokio::test]
async fn a_persistent_watch_outlives_a_recursive_one_beside_it() {
    for server in with_persistent() {
        let chroot = server.chroot("outlives");
        let proxy = Proxy::start(server.addr());
        let slow = options_at(proxy.addr(), &chroot);
        let client = connected(slow.max_in_flight(2).max_queued(2)).await;
        let other = connected(options_at(server.addr(), &chroot)).await;
        make(&other, "/a", b"").await;
        let at = path("/a");
        for full in [false, true] {
            let what = format!("{}, full: {full}", server.install());
            let recursive = client.add_watch(&at, mode(true)).await.expect("3.6");
            let mut persistent = client.add_watch(&at, mode(false)).await.expect("3.6");
            let (_, leaning) = client.get_children_watch(&at).await.expect("there");
            proxy.stall(Direction::ToServer, true);
            let reads: Vec<_> = (0..4 * u8::from(full)).map(|_| client.get(&at)).collect();
            drop(recursive);
            make(&other, &format!("/a/{full}"), b"").await;
            proxy.stall(Direction::ToServer, false);
            for read in reads {
                soon(&what, read).await.expect("there");
            }
            let first = soon(&what, persistent.next()).await;
            let missed = first == Some(WatchEvent::Gap);
            assert!(missed != server.install().is_at_least(&[3, 9]), "{what}");
            soon(&what, leaning).await;
            // From here on the server tells of it itself: nothing is left of the other.
            client.sync(&at).await.expect("an answer");
            while persistent.try_next().is_some() {}
            make(&other, &format!("/a/{full}/below"), b"").await;
            make(&other, &format!("/a/{full}2"), b"").await;
            told(&mut persistent, EventType::NodeChildrenChanged, "/a", &what).await;
            drop(persistent);
            let end = format!("{chroot}/a");
            eventually("the server to forget", || !is_watched(server, &end)).await;
        }
        client.close().await;
        other.close().await;
    }
}

/// What a request asks for is decided when it gets into the queue, not when it was made: it
/// may be overtaken while there is no room.
#[tokio::test]
async fn a_read_that_waited_for_room_does_not_take_the_place_of_a_persistent_watch() {
    for server in with_persistent() {
        let chroot = server.chroot("parked");
        let proxy = Proxy::start(server.addr());
        let slow = options_at(proxy.addr(), &chroot);
        let client = connected(slow.max_in_flight(1).max_queued(1)).await;
        let other = connected(options_at(server.addr(), &chroot)).await;
        make(&other, "/a", b"").await;
        let at = path("/a");
        proxy.stall(Direction::ToServer, true);
        let fillers: Vec<_> = (0..3).map(|_| client.exists(&at)).collect();
        let read = client.get_watch(&at);
        let feed = client.add_watch(&at, AddWatchMode::Persistent);
        proxy.stall(Direction::ToServer, false);
        for filler in fillers {
            soon("an answer", filler).await.expect("there");
        }
        let mut feed = soon("the watch", feed).await.expect("3.6");
        let (_, data) = soon("the read", read).await.expect("there");
        let what = server.install().to_string();
        for _ in 0..2 {
            other.set(&at, b"", None).await.expect("there");
            told(&mut feed, EventType::NodeDataChanged, "/a", &what).await;
        }
        soon(&what, data).await;
        client.close().await;
        other.close().await;
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
    let mut watch = client.add_watch(at, mode(recursive)).await.expect("3.6");
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
        let options = || options_at(server.addr(), &chroot);
        let client = connected(options()).await;
        let other = connected(options()).await;
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
