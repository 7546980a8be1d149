//! `zooscope::client` and its recipes.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use zooscope::client::{Client, Options};
use zooscope::proto::ZPath;

use crate::measure::{Metrics, Stretch, percentiles};
use crate::pipeline::{self, Seen, pipelined, repeat, set, walk};
use crate::sizes::{DATA, ONE, SIZES, WIDE, WINDOW, leaf_paths};
use crate::support::Raw;
use crate::task::Task;

pub async fn run(task: Task, addr: SocketAddr) -> Metrics {
    let options = Options::new(&addr.to_string()).expect("a good address");
    let client = Client::connect(options.session_timeout(Duration::from_secs(60)));
    client.connected().await.expect("a session");
    match task {
        Task::Latency => {
            let one = path(ONE);
            percentiles(repeat(SIZES.singles, async || read(&client, &one).await).await)
        }
        Task::Get => {
            let paths: Vec<ZPath> = leaf_paths().take(SIZES.gets).map(path).collect();
            let stretch = Stretch::begin();
            let bytes = pipelined(paths.iter(), |path| read(&client, path)).await;
            assert_eq!(bytes, SIZES.gets * DATA.len());
            stretch.end(SIZES.gets)
        }
        Task::Set => write(&client).await,
        Task::Walk => walk_tree(&client).await,
        Task::List => {
            let wide = path(WIDE);
            let list = async || {
                let names = client.get_children(&wide).await.expect("the node is there");
                assert_eq!(names.len(), SIZES.children);
            };
            percentiles(repeat(10, list).await)
        }
        Task::Watch => watch(&client, addr).await,
        Task::Storm => storm(&client, addr).await,
        Task::Neighbour => loop {
            walk_tree(&client).await;
        },
    }
}

fn path(text: impl AsRef<str>) -> ZPath {
    ZPath::new(text.as_ref()).expect("a good path")
}

async fn read(client: &Client, path: &ZPath) -> usize {
    let reply = client.get(path).await.expect("the node is there");
    reply.data.map_or(0, |data| data.len())
}

async fn write(client: &Client) -> Metrics {
    let paths: Vec<ZPath> = leaf_paths().take(SIZES.sets).map(path).collect();
    let stretch = Stretch::begin();
    let done = pipelined(paths.iter(), async |path| {
        let set = client.set(path, &DATA, None).await;
        set.map(|_| 1).expect("the node is there")
    })
    .await;
    stretch.end(done)
}

async fn walk_tree(client: &Client) -> Metrics {
    walk(
        async |folder| {
            let names = client.get_children(&path(&folder)).await;
            let names = names.expect("the node is there");
            (folder, names.iter().map(str::to_owned).collect())
        },
        |paths| {
            let reads = paths.map(async |text| {
                let node = client.get(&path(&text)).await.expect("the node is there");
                Seen {
                    path: text,
                    bytes: node.data.map_or(0, |data| data.len()),
                    children: node.stat.num_children,
                }
            });
            reads.buffered(WINDOW)
        },
    )
    .await
}

async fn watch(client: &Client, addr: SocketAddr) -> Metrics {
    let mut rival = Raw::connect(addr);
    let one = path(ONE);
    let mut times = Vec::new();
    for _ in 0..SIZES.events {
        let (_, watch) = client.get_watch(&one).await.expect("the node is there");
        let began = Instant::now();
        let xid = rival.send(&set(ONE, &DATA)).expect("the rival lives");
        watch.await;
        times.push(began.elapsed());
        rival.reply(xid).expect("the node is there");
    }
    percentiles(times)
}

async fn storm(client: &Client, addr: SocketAddr) -> Metrics {
    let client = client.clone();
    let arm = move |text: String| {
        let client = client.clone();
        async move {
            let node = client.get_watch(&path(text)).await;
            let (node, watch) = node.expect("the node is there");
            (
                node.data.unwrap_or_default(),
                async move { drop(watch.await) },
            )
        }
    };
    pipeline::storm(addr, arm).await
}
