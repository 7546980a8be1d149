//! The yardstick: frames made beforehand, replies counted and not looked at, beyond that they
//! are no errors. No client can be faster on the same server.

use std::net::SocketAddr;
use std::rc::Rc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use zooscope::proto::{ConnectRequest, Encode as _, Request, RequestHeader};

use crate::measure::{Metrics, Stretch, percentiles};
use crate::pipeline::{repeat, set};
use crate::sizes::{DATA, ONE, PACK, SIZES, WIDE, leaf_paths};
use crate::task::{Contender, Task};
use crate::turns::{Armed, Turn, calls, events};

pub async fn run(contender: Contender, task: Task, addr: SocketAddr) -> Metrics {
    let mut blaster = Blaster::connect(addr).await;
    let packed = contender == Contender::RawPacked;
    let count = match task {
        Task::Get => SIZES.gets,
        _ => SIZES.nodes,
    };
    match task {
        Task::Get | Task::Walk if packed => blaster.read_packed(count).await,
        Task::Get | Task::Walk => blaster.read(count).await,
        Task::Set => blaster.write().await,
        Task::List => blaster.list().await,
        Task::Storm | Task::Neighbour => Metrics::default(),
        Task::Latency | Task::Watch => unreachable!("done in turns"),
    }
}

pub async fn turn(task: Task, addr: SocketAddr) -> Turn {
    let mut frame = Vec::new();
    append(&mut frame, &get(ONE, task == Task::Watch));
    let blaster = (Mutex::new(Blaster::connect(addr).await), frame);
    let ask = async |blaster: Rc<(Mutex<Blaster>, Vec<u8>)>| {
        blaster.0.lock().await.blast(&blaster.1, 1).await;
        // The event is a frame like any other.
        Armed(async move { blaster.0.lock().await.blast(&[], 1).await })
    };
    match task {
        Task::Watch => events(blaster, ask, addr),
        _ => calls(blaster, ask),
    }
}

struct Blaster {
    socket: TcpStream,
    /// Bytes received that are no whole frame yet.
    partial: Vec<u8>,
}

fn get(path: &str, watch: bool) -> Request<'_> {
    Request::GetData {
        path: path.into(),
        watch,
    }
}

fn append(frames: &mut Vec<u8>, request: &Request<'_>) {
    let start = frames.len();
    frames.extend_from_slice(&[0; 4]);
    let op = request.op().code();
    RequestHeader { xid: 1, op }.encode(frames);
    request.encode(frames);
    let length = u32::try_from(frames.len() - start - 4).expect("a small frame");
    frames[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

impl Blaster {
    async fn connect(addr: SocketAddr) -> Self {
        let mut socket = TcpStream::connect(addr).await.expect("the server listens");
        socket.set_nodelay(true).expect("a TCP socket");
        let request = ConnectRequest {
            protocol_version: 0,
            last_zxid_seen: 0,
            timeout_ms: 60_000,
            session_id: 0,
            password: vec![0; 16],
            read_only: Some(false),
        };
        let body = request.to_bytes();
        let length = u32::try_from(body.len()).expect("45").to_be_bytes();
        let frame = [length.as_slice(), &body].concat();
        socket
            .write_all(&frame)
            .await
            .expect("the handshake is sent");
        let mut answer = [0; 41];
        socket.read_exact(&mut answer).await.expect("a session");
        Self {
            socket,
            partial: Vec::with_capacity(1 << 18),
        }
    }

    /// Sends everything and waits for as many replies, both at once.
    async fn blast(&mut self, frames: &[u8], replies: usize) {
        let (mut from, mut to) = self.socket.split();
        let partial = &mut self.partial;
        let count = async {
            let mut seen = 0;
            while seen < replies {
                let length = from.read_buf(partial).await.expect("the server answers");
                assert!(length > 0, "the server closed after {seen} replies");
                seen += whole_frames(partial);
            }
        };
        let (sent, ()) = tokio::join!(to.write_all(frames), count);
        sent.expect("the server reads");
    }

    async fn read(&mut self, count: usize) -> Metrics {
        let mut frames = Vec::new();
        for path in leaf_paths().take(count) {
            append(&mut frames, &get(&path, false));
        }
        let stretch = Stretch::begin();
        self.blast(&frames, count).await;
        stretch.end(count)
    }

    async fn read_packed(&mut self, count: usize) -> Metrics {
        let mut frames = Vec::new();
        let paths: Vec<String> = leaf_paths().take(count).collect();
        let packs = paths.chunks(PACK);
        let replies = packs.len();
        for pack in packs {
            let reads = pack.iter().map(|path| get(path, false)).collect();
            append(&mut frames, &Request::MultiRead(reads));
        }
        let stretch = Stretch::begin();
        self.blast(&frames, replies).await;
        stretch.end(count)
    }

    async fn write(&mut self) -> Metrics {
        let mut frames = Vec::new();
        for path in leaf_paths().take(SIZES.sets) {
            append(&mut frames, &set(&path, &DATA));
        }
        let stretch = Stretch::begin();
        self.blast(&frames, SIZES.sets).await;
        stretch.end(SIZES.sets)
    }

    async fn list(&mut self) -> Metrics {
        let mut frame = Vec::new();
        let path = WIDE.into();
        append(&mut frame, &Request::GetChildren { path, watch: false });
        percentiles(repeat(10, async || self.blast(&frame, 1).await).await)
    }
}

/// Drops the whole frames at the front of `bytes`, and counts them.
fn whole_frames(bytes: &mut Vec<u8>) -> usize {
    let (mut at, mut count) = (0, 0);
    while let Some(length) = bytes[at..].first_chunk::<4>() {
        let end = at + 4 + u32::from_be_bytes(*length) as usize;
        if end > bytes.len() {
            break;
        }
        assert_eq!(
            &bytes[at + 16..at + 20],
            &[0; 4],
            "the server refused a request"
        );
        (at, count) = (end, count + 1);
    }
    bytes.drain(..at);
    count
}
