//! The crate `tokio-zookeeper`, which knows no multi-read and no persistent watch.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio_zookeeper::{ZooKeeper, ZooKeeperBuilder};

use crate::measure::{Metrics, percentiles};
use crate::pipeline::{self, Seen, repeat, walk};
use crate::sizes::{DATA, ONE, SIZES, WIDE, WINDOW, burst_paths};
use crate::task::Task;
use crate::turns::{Armed, Turn, bursts, calls, events};

async fn open(addr: SocketAddr) -> ZooKeeper {
    let mut builder = ZooKeeperBuilder::default();
    builder.set_timeout(Duration::from_secs(60));
    builder.connect(&addr).await.expect("a session").0
}

pub async fn turn(task: Task, addr: SocketAddr) -> Turn {
    let client = open(addr).await;
    if task == Task::Watch {
        let arm = async |client: Rc<ZooKeeper>| {
            let node = client.with_watcher().get_data(ONE).await;
            let node = node.expect("the server answers");
            Armed(node.expect("the node is there").0)
        };
        return events(client, arm, addr);
    }
    if task == Task::Latency {
        return calls(client, async |client: Rc<ZooKeeper>| {
            read(&client, ONE).await
        });
    }
    bursts(
        client,
        burst_paths().collect(),
        async move |client: &ZooKeeper, path: &String| match task {
            Task::Set => write(client, path).await,
            _ => read(client, path).await,
        },
    )
}

pub async fn run(task: Task, addr: SocketAddr) -> Metrics {
    let client = open(addr).await;
    match task {
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
        Task::Storm => storm(&client, addr).await,
        Task::Neighbour => Metrics::default(),
        _ => unreachable!("done in turns"),
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

async fn write(client: &ZooKeeper, path: &str) -> usize {
    let set = client.set_data(path, None, DATA.to_vec()).await;
    let set = set.expect("the server answers");
    set.map(|_| DATA.len()).expect("the node is there")
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
