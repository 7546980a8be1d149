//! The crate `tokio-zookeeper`, which knows no multi-read and no persistent watch.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use tokio_zookeeper::{ZooKeeper, ZooKeeperBuilder};

use crate::measure::{Metrics, Stretch, percentiles};
use crate::pipeline::{self, Seen, pipelined, repeat, set, walk};
use crate::sizes::{DATA, ONE, SIZES, WIDE, WINDOW, leaf_paths};
use crate::support::Raw;
use crate::task::Task;

pub async fn run(task: Task, addr: SocketAddr) -> Metrics {
    let mut builder = ZooKeeperBuilder::default();
    builder.set_timeout(Duration::from_secs(60));
    let (client, _events) = builder.connect(&addr).await.expect("a session");
    match task {
        Task::Latency => {
            percentiles(repeat(SIZES.singles, async || read(&client, ONE).await).await)
        }
        Task::Get => {
            let paths: Vec<String> = leaf_paths().take(SIZES.gets).collect();
            let stretch = Stretch::begin();
            let bytes = pipelined(paths.iter(), |path| read(&client, path)).await;
            assert_eq!(bytes, SIZES.gets * DATA.len());
            stretch.end(SIZES.gets)
        }
        Task::Set => write(&client).await,
        Task::Walk => {
            walk(
                |path| list(&client, path),
                |paths| paths.map(|path| seen(&client, path)).buffered(WINDOW),
            )
            .await
        }
        Task::List => percentiles(
            repeat(10, async || {
                let (_, names) = list(&client, WIDE.to_owned()).await;
                assert_eq!(names.len(), SIZES.children);
            })
            .await,
        ),
        Task::Watch => watch(&client, addr).await,
        Task::Storm => storm(&client, addr).await,
        Task::Neighbour => Metrics::default(),
    }
}

async fn read(client: &ZooKeeper, path: &str) -> usize {
    let node = client.get_data(path).await.expect("the server answers");
    node.expect("the node is there").0.len()
}

async fn seen(client: &ZooKeeper, path: String) -> Seen {
    let node = client.get_data(&path).await.expect("the server answers");
    let (data, stat) = node.expect("the node is there");
    Seen {
        path,
        bytes: data.len(),
        children: stat.num_children,
    }
}

async fn list(client: &ZooKeeper, path: String) -> (String, Vec<String>) {
    let names = client.get_children(&path).await;
    let names = names.expect("the server answers");
    (path, names.expect("the node is there"))
}

async fn write(client: &ZooKeeper) -> Metrics {
    let paths: Vec<String> = leaf_paths().take(SIZES.sets).collect();
    let stretch = Stretch::begin();
    let done = pipelined(paths.iter(), async |path| {
        let set = client.set_data(path, None, DATA.to_vec()).await;
        set.map(|_| 1).expect("the server answers")
    })
    .await;
    stretch.end(done)
}

async fn watch(client: &ZooKeeper, addr: SocketAddr) -> Metrics {
    let mut rival = Raw::connect(addr);
    let mut times = Vec::new();
    for _ in 0..SIZES.events {
        let node = client
            .with_watcher()
            .get_data(ONE)
            .await
            .expect("the server answers");
        let (event, _, _) = node.expect("the node is there");
        let began = Instant::now();
        let xid = rival.send(&set(ONE, &DATA)).expect("the rival lives");
        event.await.expect("an event");
        times.push(began.elapsed());
        rival.reply(xid).expect("the node is there");
    }
    percentiles(times)
}

async fn storm(client: &ZooKeeper, addr: SocketAddr) -> Metrics {
    let client = client.clone();
    let arm = move |path: String| {
        let client = client.clone();
        async move {
            let node = client.with_watcher().get_data(&path).await;
            let node = node.expect("the server answers");
            let (event, data, _) = node.expect("the node is there");
            (data, async move { drop(event.await) })
        }
    };
    pipeline::storm(addr, arm).await
}
