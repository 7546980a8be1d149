//! The loops that every crate is driven by in the same way, and the rival that changes nodes.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::thread::{JoinHandle, spawn};
use std::time::{Duration, Instant};

use futures_util::stream::LocalBoxStream;
use futures_util::{Stream, StreamExt as _, stream};
use tokio::sync::mpsc::channel;
use tokio::task::JoinSet;
use zooscope::proto::Request;

use crate::measure::{Metrics, Stretch};
use crate::sizes::{DATA, TREE, WINDOW, storm_paths, tree_size};
use crate::support::Raw;

/// Does `work` for each item with [`WINDOW`] of them in flight, and counts what was answered.
pub async fn pipelined<T, F: Future<Output = usize>>(
    items: impl Iterator<Item = T>,
    work: impl FnMut(T) -> F,
) -> usize {
    in_flight(items, WINDOW, work)
        .fold(0, |sum, count| async move { sum + count })
        .await
}

pub fn in_flight<T, F: Future>(
    items: impl Iterator<Item = T>,
    window: usize,
    work: impl FnMut(T) -> F,
) -> impl Stream<Item = F::Output> {
    stream::iter(items).map(work).buffered(window)
}

/// What a walk needs to know of a node it has read.
pub struct Seen {
    pub path: String,
    pub bytes: usize,
    pub children: i32,
}

/// A walk as one writes it with a crate that has none: level by level, list the folders a few
/// at a time, read their children many at a time, go on with those that have children. Nothing
/// is kept but the next level's folders.
pub async fn walk<'a, L, R>(
    list: impl Fn(String) -> L,
    read: impl Fn(LocalBoxStream<'a, String>) -> R,
) -> Metrics
where
    L: Future<Output = (String, Vec<String>)> + 'a,
    R: Stream<Item = Seen>,
{
    let stretch = Stretch::begin();
    let mut level = vec![TREE.to_owned()];
    // The root is known: these crates are spared its read.
    let (mut nodes, mut bytes) = (1, DATA.len());
    while !level.is_empty() {
        let folders: Vec<L> = std::mem::take(&mut level).into_iter().map(&list).collect();
        let paths = in_flight(folders.into_iter(), 4, |list| list).flat_map(children);
        let mut seen = pin!(read(paths.boxed_local()));
        while let Some(node) = seen.next().await {
            nodes += 1;
            bytes += node.bytes;
            if node.children > 0 {
                level.push(node.path);
            }
        }
    }
    let metrics = stretch.end(nodes).with_memory();
    walked(nodes, bytes);
    metrics
}

/// A walk that left something out is none.
pub fn walked(nodes: usize, bytes: usize) {
    assert_eq!(nodes, tree_size(), "the walk saw so many nodes");
    assert_eq!(bytes, nodes * DATA.len(), "and so many bytes");
}

fn children((folder, names): (String, Vec<String>)) -> impl Stream<Item = String> {
    stream::iter(names).map(move |name| format!("{folder}/{name}"))
}

/// Another client sets every node of the storm to `data`; answers when it began.
pub fn make_storm(addr: SocketAddr, data: &'static [u8]) -> JoinHandle<Instant> {
    let mut raw = Raw::connect(addr);
    spawn(move || {
        let paths: Vec<String> = storm_paths().collect();
        let began = Instant::now();
        for batch in paths.chunks(500) {
            let sets = batch.iter().map(|path| set(path, data)).collect();
            raw.call(&Request::Multi(sets))
                .expect("the nodes are there");
        }
        raw.close();
        began
    })
}

pub fn set<'a>(path: &'a str, data: &'a [u8]) -> Request<'a> {
    Request::SetData {
        path: path.into(),
        data: Some(data.into()),
        version: -1,
    }
}

/// One task and one one-shot watch for each node, as one writes it with a crate that has
/// nothing better: read and watch, wait, read again, until the new data is there.
pub async fn storm<A, W>(
    addr: SocketAddr,
    arm: impl Fn(String) -> A + Clone + Send + 'static,
) -> Metrics
where
    A: Future<Output = (Vec<u8>, W)> + Send,
    W: Future<Output = ()> + Send,
{
    let mut tasks = JoinSet::new();
    let (armed, mut all_armed) = channel::<()>(1);
    for path in storm_paths() {
        let (arm, armed) = (arm.clone(), armed.clone());
        tasks.spawn(async move {
            let (_, mut event) = arm(path.clone()).await;
            drop(armed);
            loop {
                event.await;
                let (data, next) = arm(path.clone()).await;
                if data == NEW {
                    return;
                }
                event = next;
            }
        });
    }
    drop(armed);
    assert!(all_armed.recv().await.is_none(), "nothing is ever sent");
    let began = make_storm(addr, NEW);
    while tasks.join_next().await.is_some() {}
    storm_took(began)
}

/// `ms` from the storm's beginning until now.
pub fn storm_took(began: JoinHandle<Instant>) -> Metrics {
    let end = Instant::now();
    let began = began.join().expect("the storm was made");
    Metrics::default().with("ms", (end - began).as_secs_f64() * 1e3)
}

/// How long each of `count` runs took.
pub async fn repeat<T>(count: usize, mut work: impl AsyncFnMut() -> T) -> Vec<Duration> {
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let began = Instant::now();
        work().await;
        times.push(began.elapsed());
    }
    times
}

/// Storms end when every node has been read with this.
pub const NEW: &[u8] = b"new";
