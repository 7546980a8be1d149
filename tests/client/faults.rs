//! Faults, on a real ensemble and through a proxy that misbehaves. Whatever happens: what
//! was acknowledged is there, what failed for sure is not, no watch is silently dead, no
//! task is left behind.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use zooscope::client::{Client, Error, Options, SessionState};
use zooscope::proto::{CreateMode, ErrorCode, ZPath};
use zooscope::recipe::{ChildrenWatch, DataWatch};

use crate::common::{connected, path, soon, until};
use crate::support::{self, Chaos, Ensemble, Proxy, blocking};

fn options(hosts: &str) -> Options {
    Options::new(hosts)
        .expect("hosts")
        .session_timeout(Duration::from_secs(4))
        .max_backoff(Duration::from_millis(300))
}

/// What became of each write, by name.
type Ledger = BTreeMap<String, Result<(), Error>>;

/// Writers that create one znode after another until told to stop, and two watches.
struct Load {
    stop: Arc<AtomicBool>,
    writers: Vec<JoinHandle<Ledger>>,
    /// What they write below; another one each time.
    home: ZPath,
    lists: ChildrenWatch,
    values: DataWatch,
}

impl Load {
    async fn start(client: &Client) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let home = path(&format!("/load-{}", COUNT.fetch_add(1, Ordering::Relaxed)));
        client.ensure_path(&home, &[]).await.expect("made");
        let stop = Arc::new(AtomicBool::new(false));
        let writers = (0..4).map(|writer| {
            let (client, stop, home) = (client.clone(), stop.clone(), home.clone());
            tokio::spawn(async move {
                let mut ledger = Ledger::new();
                for number in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let name = format!("{writer}-{number}");
                    let at = home.child(&name);
                    let made = client.create(&at, b"", &[], CreateMode::Persistent).await;
                    ledger.insert(name, made.map(drop));
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                ledger
            })
        });
        Self {
            writers: writers.collect(),
            stop,
            lists: ChildrenWatch::new(client, &home),
            values: DataWatch::new(client, &home),
            home,
        }
    }

    /// Stops writing and checks what must be true after any fault; answers how many writes
    /// were acknowledged.
    async fn check(mut self, client: &Client, what: &str) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        let mut ledger = Ledger::new();
        for writer in std::mem::take(&mut self.writers) {
            ledger.extend(soon("a writer's end", writer).await.expect("no panic"));
        }
        let there = read_until(|| async {
            client.sync(&self.home).await?;
            client.get_children(&self.home).await
        })
        .await;
        let there: std::collections::BTreeSet<&str> = there.iter().collect();
        let mut acknowledged = 0;
        for (name, result) in &ledger {
            let found = there.contains(name.as_str());
            match result {
                Ok(()) => {
                    acknowledged += 1;
                    assert!(found, "{what}: {name} was acknowledged and is lost");
                }
                Err(error) if !error.may_have_been_applied() => {
                    assert!(!found, "{what}: {name} is there, although: {error}");
                }
                Err(_) => {}
            }
        }
        assert_eq!(
            there
                .iter()
                .filter(|name| !ledger.contains_key(**name))
                .count(),
            0
        );
        self.watches_live(client, there.len(), what).await;
        acknowledged
    }

    /// Both watches tell what comes after the fault.
    async fn watches_live(&mut self, client: &Client, count: usize, what: &str) {
        let last = self.home.child("last");
        read_until(|| async {
            match client.create(&last, b"", &[], CreateMode::Persistent).await {
                Err(error) if !error.is(ErrorCode::NodeExists) => Err(error),
                _ => Ok(()),
            }
        })
        .await;
        soon(&format!("{what}: the last list"), async {
            loop {
                let names = self.lists.next().await.expect("open");
                if names.is_ok_and(|list| list.names.len() == count + 1) {
                    return;
                }
            }
        })
        .await;
        read_until(|| client.set(&self.home, b"last", None)).await;
        soon(&format!("{what}: the last value"), async {
            loop {
                let value = self.values.next().await.expect("open");
                if value.is_ok_and(|value| value.data.as_deref() == Some(b"last")) {
                    return;
                }
            }
        })
        .await;
    }
}

/// Repeats what does no harm to repeat.
async fn read_until<T, F>(mut request: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, Error>>,
{
    soon("an answer", async {
        loop {
            match request().await {
                Ok(value) => return value,
                Err(error) => assert!(error.is_connection_loss(), "{error}"),
            }
        }
    })
    .await
}

fn tasks() -> usize {
    Handle::current().metrics().num_alive_tasks()
}

async fn no_task_is_left(before: usize) {
    support::eventually("every task to end", || tasks() <= before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_ensemble_loses_members_and_nobody_loses_anything() {
    let Some(install) = support::newest() else {
        return;
    };
    let before = tasks();
    let mut ensemble = blocking(|| Ensemble::start(install));
    let client = connected(options(&ensemble.hosts())).await;

    let load = Load::start(&client).await;
    let leader = blocking(|| ensemble.leader());
    blocking(|| ensemble.member(leader).kill());
    tokio::time::sleep(Duration::from_secs(1)).await;
    let done = load.check(&client, "the leader killed").await;
    assert!(done > 0, "nothing was written at all");
    blocking(|| ensemble.restart(leader));

    let load = Load::start(&client).await;
    let follower = blocking(|| ensemble.follower());
    blocking(|| ensemble.member(follower).kill());
    load.check(&client, "a follower killed").await;
    blocking(|| ensemble.restart(follower));

    let load = Load::start(&client).await;
    for index in 0..3 {
        blocking(|| {
            ensemble.member(index).stop();
            ensemble.restart(index);
        });
    }
    load.check(&client, "a rolling restart").await;

    let load = Load::start(&client).await;
    blocking(|| {
        ensemble.member(0).kill();
        ensemble.member(1).kill();
    });
    let mut info = client.watch_session();
    let down = info.wait_for(|info| !info.state.is_connected());
    soon("the loss of the majority", down)
        .await
        .expect("a snapshot");
    blocking(|| {
        // A member alone does not come up, so both are started before either is awaited.
        ensemble.member(0).spawn();
        ensemble.restart(1);
    });
    load.check(&client, "the majority lost and back").await;

    client.close().await;
    drop(client);
    no_task_is_left(before).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_freezes_for_longer_than_the_session_costs_the_session_only() {
    let Some(install) = support::newest() else {
        return;
    };
    let before = tasks();
    let mut server = blocking(|| support::RealServer::start(install));
    let client = connected(options(&server.hosts())).await;
    let load = Load::start(&client).await;
    let mut states = client.states();
    server.process().freeze();
    until(&mut states, SessionState::Suspended).await;
    until(&mut states, SessionState::Lost).await;
    server.process().thaw();
    until(&mut states, SessionState::Connected).await;
    load.check(&client, "frozen").await;
    client.close().await;
    drop(client);
    no_task_is_left(before).await;
}

/// The seed is in every message; the faults are the same for the same seed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_at_random_loses_nothing() {
    for server in support::shared_all() {
        for seed in [1, 2, 3] {
            let before = tasks();
            let proxy = Proxy::start(server.addr());
            let hosts = format!("{}{}", proxy.addr(), server.chroot("chaos"));
            let client = connected(options(&hosts)).await;
            let load = Load::start(&client).await;
            proxy.chaos(Some(Chaos {
                seed,
                bytes: 3000,
                piece: 40,
                delay: Duration::from_millis(1),
            }));
            tokio::time::sleep(Duration::from_secs(2)).await;
            proxy.chaos(None);
            let what = format!("seed {seed} on {}", server.install());
            load.check(&client, &what).await;
            client.close().await;
            drop(client);
            no_task_is_left(before).await;
        }
    }
}

#[tokio::test]
async fn a_stream_split_at_every_byte_is_read_all_the_same() {
    for server in support::shared_all() {
        let proxy = Proxy::start(server.addr());
        proxy.split(Some(1));
        let hosts = format!("{}{}", proxy.addr(), server.chroot("split"));
        let client = connected(options(&hosts)).await;
        let at = path("/a");
        client
            .create(&at, &[7; 2000], &[], CreateMode::Persistent)
            .await
            .expect("made");
        let replies: Vec<_> = (0..20).map(|_| client.get(&at)).collect();
        for reply in replies {
            let data = reply.await.expect("there").data.expect("not null");
            assert_eq!(data, [7; 2000]);
        }
        client.close().await;
    }
}
