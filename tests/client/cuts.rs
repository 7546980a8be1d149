//! Connections that end, halt or crawl at every point: the client comes back from all of it,
//! with its session, and what it says of its requests is true.

use std::collections::BTreeMap;
use std::time::Duration;

use zooscope::client::{Client, SessionState};
use zooscope::proto::{CreateMode, OpCode};
use zooscope::recipe::{TreeEvent, TreeWatch, Walk};

use crate::common::{connected, make, options_at, path, soon, until};
use crate::storm::{no_task_is_left, tasks};
use crate::support::{self, Chaos, Cut, Direction, Proxy};

/// The handshake has 41 bytes, what follows it a few hundred more.
#[tokio::test]
async fn a_connection_that_ends_after_any_number_of_bytes_is_replaced() {
    let before = tasks();
    for server in support::shared_all() {
        let chroot = server.chroot("bytes");
        // All servers' handshakes are alike: every byte of one will do.
        let step = if server.install().is_at_least(&[3, 9]) {
            1
        } else {
            5
        };
        for direction in [Direction::ToServer, Direction::ToClient] {
            for bytes in (0..48).step_by(step).chain([60, 77, 100, 150, 222]) {
                let proxy = Proxy::start(server.addr());
                proxy.close_after(direction, bytes);
                let client = Client::connect(options_at(proxy.addr(), &chroot));
                for _ in 0..3 {
                    let read = soon("a read", client.exists(&path("/none"))).await;
                    match read {
                        Ok(found) => assert_eq!(found, None),
                        Err(error) => assert!(error.is_connection_loss(), "{error}"),
                    }
                }
                let made = client.create(&path("/e"), b"", &[], CreateMode::Ephemeral);
                let sure = match soon("a create", made).await {
                    Ok(_) => Some(true),
                    Err(error) if error.may_have_been_applied() => None,
                    Err(_) => Some(false),
                };
                // By now no cut is left to come.
                soon("the session", client.connected())
                    .await
                    .expect("it comes back");
                let found = soon("a read", client.exists(&path("/e"))).await;
                if let (Ok(found), Some(sure)) = (found, sure) {
                    assert_eq!(found.is_some(), sure, "{direction:?} after {bytes}");
                }
                let lost = client.session().expired;
                assert_eq!(lost, 0, "sessions, {direction:?} after {bytes}");
                client.close().await;
            }
        }
    }
    no_task_is_left(before).await;
}

#[tokio::test]
async fn half_closed_and_silent_connections_are_given_up() {
    let before = tasks();
    let Some(server) = support::shared_newest() else {
        return;
    };
    for direction in [Direction::ToServer, Direction::ToClient] {
        for stall in [false, true] {
            let proxy = Proxy::start(server.addr());
            let mut options = options_at(proxy.addr(), &server.chroot("half"));
            if stall {
                // Silence is noticed by the clock.
                options = options.session_timeout(Duration::from_secs(3));
            }
            let client = connected(options).await;
            let id = client.session().id;
            let mut states = client.states();
            if stall {
                proxy.stall(direction, true);
            } else {
                proxy.half_close(direction);
            }
            until(&mut states, SessionState::Suspended).await;
            proxy.stall(direction, false);
            let seen = until(&mut states, SessionState::Connected).await;
            if !stall || !seen.contains(&SessionState::Lost) {
                let now = client.session();
                let what = format!("{direction:?}, stalled: {stall}");
                assert_eq!((now.id, now.expired), (id, 0), "{what}");
            }
            client.exists(&path("/")).await.expect("an answer");
            client.close().await;
        }
    }
    no_task_is_left(before).await;
}

#[tokio::test]
async fn a_slow_link_is_no_broken_one() {
    let before = tasks();
    let Some(server) = support::shared_newest() else {
        return;
    };
    let proxy = Proxy::start(server.addr());
    proxy.delay(Duration::from_millis(100));
    let client = connected(options_at(proxy.addr(), &server.chroot("slow"))).await;
    let replies: Vec<_> = (0..50).map(|_| client.exists(&path("/"))).collect();
    for reply in replies {
        soon("a slow answer", reply).await.expect("an answer");
    }
    let info = client.session();
    assert_eq!(info.epoch, 1, "one connection did it all");
    assert!(
        info.round_trip
            .is_some_and(|trip| trip >= Duration::from_millis(200))
    );
    client.close().await;
    no_task_is_left(before).await;
}

/// Each cut takes hundreds of requests with it, and there is one after every few hundred.
#[tokio::test]
async fn a_tree_is_deleted_through_any_number_of_cuts() {
    let before = tasks();
    let Some(server) = support::shared_newest() else {
        return;
    };
    let chroot = server.chroot("patience");
    let proxy = Proxy::start(server.addr());
    let client = connected(options_at(proxy.addr(), &chroot)).await;
    let made: Vec<_> = (0..2500)
        .map(|i| {
            let at = path(&format!("/{i}"));
            client.create(&at, b"", &[], CreateMode::Persistent)
        })
        .collect();
    for one in made {
        one.await.expect("made");
    }
    let cutting = async {
        for op in [OpCode::Multi, OpCode::Delete].into_iter().cycle() {
            proxy.cut_at(op, Cut::BeforeRequest);
            while proxy.is_armed() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    };
    let root = path("/");
    let deleting = client.delete_recursive(&root, |_| {});
    let deleted = soon("the deletion", async {
        tokio::select! {
            deleted = deleting => deleted,
            () = cutting => unreachable!("it goes on and on"),
        }
    });
    assert_eq!(deleted.await.expect("all of it"), 2501);
    assert!(client.session().epoch > 10, "{}", client.session().epoch);
    client.close().await;
    no_task_is_left(before).await;
}

type Nodes = BTreeMap<String, Vec<u8>>;

fn note(known: &mut Nodes, event: TreeEvent) {
    match event {
        TreeEvent::Added(path, reply) | TreeEvent::Changed(path, reply) => {
            known.insert(path.to_string(), reply.data.unwrap_or_default());
        }
        TreeEvent::Removed(path, _) => drop(known.remove(path.as_str())),
        TreeEvent::Synced | TreeEvent::Failed(_) => {}
    }
}

async fn truth(client: &Client) -> Nodes {
    let mut nodes = Nodes::new();
    let mut walk = Walk::new(client, &path("/"));
    while let Some(visited) = soon("a znode", walk.next()).await {
        let visited = visited.expect("no cuts here");
        let data = visited.reply.data.unwrap_or_default();
        nodes.insert(visited.path.to_string(), data);
    }
    nodes
}

async fn change_at_random(client: &Client, random: &mut fastrand::Rng) {
    let at = path(&format!("/{}", random.u32(0..20)));
    // Whether it is there or not: both are part of the game.
    match random.u32(0..4) {
        0 => drop(client.delete(&at, None).await),
        1 => drop(client.create(&at, b"", &[], CreateMode::Persistent).await),
        _ => drop(client.set(&at, &random.u32(..).to_be_bytes(), None).await),
    }
}

/// What a listener is told adds up to the truth, whatever happens to its connection.
#[tokio::test]
async fn a_tree_followed_through_chaos_is_the_tree() {
    let before = tasks();
    for server in support::shared_all() {
        for seed in [11, 12] {
            let chroot = server.chroot("chaos-tree");
            let proxy = Proxy::start(server.addr());
            let client = connected(options_at(proxy.addr(), &chroot)).await;
            let other = connected(options_at(server.addr(), &chroot)).await;
            for i in 0..20 {
                make(&other, &format!("/{i}"), b"").await;
            }
            let mut tree = TreeWatch::new(&client, &path("/"));
            proxy.chaos(Some(Chaos {
                seed,
                bytes: 4000,
                piece: 200,
                delay: Duration::from_millis(1),
            }));
            let mut random = fastrand::Rng::with_seed(seed);
            let mut known = Nodes::new();
            for _ in 0..200 {
                change_at_random(&other, &mut random).await;
                let little = Duration::from_millis(2);
                while let Ok(event) = tokio::time::timeout(little, tree.next()).await {
                    note(&mut known, event.expect("the client is open"));
                }
            }
            proxy.chaos(None);
            let truth = truth(&other).await;
            let what = format!("the truth of seed {seed} on {}", server.install());
            soon(&what, async {
                while known != truth {
                    note(&mut known, tree.next().await.expect("the client is open"));
                }
            })
            .await;
            client.close().await;
            other.close().await;
        }
    }
    no_task_is_left(before).await;
}
