//! `zooscope::client` and its recipes.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use zooscope::client::{Client, Options};
use zooscope::proto::ZPath;
use zooscope::recipe::{TreeEvent, TreeWatch, Walk};

use crate::measure::{Metrics, Stretch, percentiles};
use crate::pipeline::{NEW, make_storm, repeat, storm_took, walked};
use crate::sizes::{DATA, ONE, SIZES, STORM, TREE, WIDE, burst_paths};
use crate::task::Task;
use crate::turns::{Armed, Turn, bursts, calls, events};

async fn open(addr: SocketAddr) -> Client {
    let options = Options::new(&addr.to_string()).expect("a good address");
    let client = Client::connect(options.session_timeout(Duration::from_secs(60)));
    client.connected().await.expect("a session");
    // The client asks the server's version on a connection of its own; that, too, is part of
    // opening it.
    client.ask_version().await;
    client
}

pub async fn turn(task: Task, addr: SocketAddr) -> Turn {
    let client = (open(addr).await, path(ONE));
    if task == Task::Watch {
        let arm = async |client: Rc<(Client, ZPath)>| {
            let armed = client.0.get_watch(&client.1).await;
            Armed(armed.expect("the node is there").1)
        };
        return events(client, arm, addr);
    }
    if task == Task::Latency {
        return calls(client, async |client: Rc<(Client, ZPath)>| {
            read(&client.0, &client.1).await
        });
    }
    bursts(
        client.0,
        burst_paths().map(path).collect(),
        async move |client: &Client, path: &ZPath| match task {
            Task::Set => write(client, path).await,
            _ => read(client, path).await,
        },
    )
}

pub async fn run(task: Task, addr: SocketAddr) -> Metrics {
    let client = open(addr).await;
    match task {
        Task::Walk => walk_tree(&client).await,
        Task::List => {
            let wide = path(WIDE);
            let list = async || {
                let names = client.get_children(&wide).await.expect("the node is there");
                assert_eq!(names.len(), SIZES.children);
            };
            percentiles(repeat(10, list).await)
        }
        Task::Storm => storm(&client, addr).await,
        Task::Neighbour => loop {
            walk_tree(&client).await;
        },
        _ => unreachable!("done in turns"),
    }
}

fn path(text: impl AsRef<str>) -> ZPath {
    ZPath::new(text.as_ref()).expect("a good path")
}

async fn read(client: &Client, path: &ZPath) -> usize {
    let reply = client.get(path).await.expect("the node is there");
    reply.data.map_or(0, |data| data.len())
}

async fn write(client: &Client, path: &ZPath) -> usize {
    let set = client.set(path, &DATA, None).await;
    set.map(|_| DATA.len()).expect("the node is there")
}

async fn walk_tree(client: &Client) -> Metrics {
    let stretch = Stretch::begin();
    let mut walk = Walk::new(client, &path(TREE));
    let (mut nodes, mut bytes) = (0, 0);
    while let Some(visited) = walk.next().await {
        let visited = visited.expect("the node is there");
        nodes += 1;
        bytes += visited.reply.data.map_or(0, |data| data.len());
    }
    let metrics = stretch.end(nodes).with_memory();
    walked(nodes, bytes);
    metrics
}

async fn storm(client: &Client, addr: SocketAddr) -> Metrics {
    let mut tree = TreeWatch::new(client, &path(STORM));
    while !matches!(
        tree.next().await.expect("the client lives"),
        TreeEvent::Synced
    ) {}
    let began = make_storm(addr, NEW);
    let mut seen = HashSet::new();
    while seen.len() < SIZES.storm {
        if let Some(TreeEvent::Changed(path, reply)) = tree.next().await
            && reply.data.as_deref() == Some(NEW)
        {
            seen.insert(path);
        }
    }
    storm_took(began)
}
