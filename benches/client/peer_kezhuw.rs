//! The crate `zookeeper-client`: as one writes it, and with its multi-reads packed by hand as
//! far as one might go.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use futures_util::stream::{LocalBoxStream, iter};
use futures_util::{Stream, StreamExt as _};
use zookeeper_client::{AddWatchMode, Client, MultiReadResult};

use crate::measure::{Metrics, percentiles};
use crate::pipeline::{self, NEW, Seen, make_storm, repeat, storm_took, walk};
use crate::sizes::{DATA, ONE, PACK, PACK_WINDOW, SIZES, STORM, WIDE, WINDOW, burst_paths};
use crate::task::{Contender, Task};
use crate::turns::{Armed, Turn, bursts, calls, events};

async fn open(addr: SocketAddr) -> Client {
    Client::connector()
        .with_session_timeout(Duration::from_secs(60))
        .connect(&addr.to_string())
        .await
        .expect("a session")
}

pub async fn turn(task: Task, addr: SocketAddr) -> Turn {
    let client = open(addr).await;
    if task == Task::Watch {
        let arm = async |client: Rc<Client>| {
            let armed = client.get_and_watch_data(ONE).await;
            Armed(armed.expect("the node is there").2.changed())
        };
        return events(client, arm, addr);
    }
    if task == Task::Latency {
        return calls(client, async |client: Rc<Client>| read(&client, ONE).await);
    }
    bursts(
        client,
        burst_paths().collect(),
        async move |client: &Client, path: &String| match task {
            Task::Set => write(client, path).await,
            _ => read(client, path).await,
        },
    )
}

pub async fn run(contender: Contender, task: Task, addr: SocketAddr) -> Metrics {
    let client = open(addr).await;
    // How many packs are in flight, if reads are packed.
    let packs = match contender {
        Contender::KezhuwPacked => Some(1),
        Contender::KezhuwAhead => Some(PACK_WINDOW),
        _ => None,
    };
    match task {
        Task::Walk => walk_tree(&client, packs).await,
        Task::List => percentiles(
            repeat(10, async || {
                let names = client.list_children(WIDE).await.expect("the node is there");
                assert_eq!(names.len(), SIZES.children);
            })
            .await,
        ),
        Task::Storm if packs.is_some() => packed_storm(&client, addr).await,
        Task::Storm => storm(&client, addr).await,
        Task::Neighbour => loop {
            walk_tree(&client, packs).await;
        },
        _ => unreachable!("done in turns"),
    }
}

async fn walk_tree(client: &Client, packs: Option<usize>) -> Metrics {
    let list = |path| list(client, path);
    match packs {
        Some(window) => walk(list, |paths| packed(client, paths, window)).await,
        None => walk(list, |paths| singles(client, paths)).await,
    }
}

async fn read(client: &Client, path: &str) -> usize {
    let (data, _) = client.get_data(path).await.expect("the node is there");
    data.len()
}

async fn list(client: &Client, path: String) -> (String, Vec<String>) {
    let names = client.list_children(&path).await;
    (path, names.expect("the node is there"))
}

async fn write(client: &Client, path: &str) -> usize {
    let set = client.set_data(path, &DATA, None).await;
    set.map(|_| DATA.len()).expect("the node is there")
}

fn singles<'a>(
    client: &'a Client,
    paths: LocalBoxStream<'a, String>,
) -> impl Stream<Item = Seen> + 'a {
    let reads = paths.map(async |path| {
        let (data, stat) = client.get_data(&path).await.expect("the node is there");
        Seen {
            path,
            bytes: data.len(),
            children: stat.num_children,
        }
    });
    reads.buffered(WINDOW)
}

fn packed<'a>(
    client: &'a Client,
    paths: LocalBoxStream<'a, String>,
    window: usize,
) -> impl Stream<Item = Seen> + 'a {
    let packs = paths.chunks(PACK).map(async |paths| {
        let results = multi_read(client, &paths).await;
        let seen = paths.into_iter().zip(results);
        iter(seen.map(|(path, (bytes, children))| Seen {
            path,
            bytes,
            children,
        }))
    });
    packs.buffered(window).flatten()
}

/// Lengths of data, and how many children.
async fn multi_read(client: &Client, paths: &[String]) -> Vec<(usize, i32)> {
    let mut reader = client.new_multi_reader();
    for path in paths {
        reader.add_get_data(path).expect("a good path");
    }
    let results = reader.commit().await.expect("the server knows multi-reads");
    results
        .into_iter()
        .map(|result| match result {
            MultiReadResult::Data { data, stat } => (data.len(), stat.num_children),
            other => unreachable!("{other:?}"),
        })
        .collect()
}

async fn storm(client: &Client, addr: SocketAddr) -> Metrics {
    let client = client.clone();
    let arm = move |path: String| {
        let client = client.clone();
        async move {
            let node = client.get_and_watch_data(&path).await;
            let (data, _, watcher) = node.expect("the node is there");
            (data, async move { drop(watcher.changed().await) })
        }
    };
    pipeline::storm(addr, arm).await
}

/// One recursive watch, and what changed read again a hundred at a time.
async fn packed_storm(client: &Client, addr: SocketAddr) -> Metrics {
    let mut watcher = client
        .watch(STORM, AddWatchMode::PersistentRecursive)
        .await
        .expect("3.6+");
    let began = make_storm(addr, NEW);
    let mut changed = Vec::new();
    let mut left = SIZES.storm;
    while left > 0 {
        changed.push(watcher.changed().await.path);
        if changed.len() == PACK || changed.len() == left {
            let results = multi_read(client, &changed).await;
            assert!(results.iter().all(|(bytes, _)| *bytes == NEW.len()));
            left -= changed.len();
            changed.clear();
        }
    }
    storm_took(began)
}
