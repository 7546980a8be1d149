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
use crate::sizes::{DATA, ONE, PACK, WIDE, burst_paths, leaf_paths};
use crate::task::{Contender, Task};
use crate::turns::{Armed, Turn, calls, events};

pub async fn run(contender: Contender, task: Task, addr: SocketAddr) -> Metrics {
    let mut blaster = Blaster::connect(addr).await;
    match task {
        Task::Walk => {
            let paths: Vec<String> = leaf_paths().collect();
            let (frames, replies) = reads(contender, &paths);
            let stretch = Stretch::begin();
            blaster.blast(&frames, replies).await;
            stretch.end(paths.len())
        }
        Task::List => blaster.list().await,
        Task::Storm | Task::Neighbour => Metrics::default(),
        _ => unreachable!("done in turns"),
    }
}

pub async fn turn(contender: Contender, task: Task, addr: SocketAddr) -> Turn {
    let paths: Vec<String> = match task {
        Task::Get | Task::Set => burst_paths().collect(),
        _ => vec![ONE.to_owned()],
    };
    let (frames, replies) = match task {
        Task::Watch => (framed(&get(ONE, true)), 1),
        Task::Set => {
            let frames = paths.iter().map(|path| framed(&set(path, &DATA)));
            (frames.collect::<Vec<_>>().concat(), paths.len())
        }
        _ => reads(contender, &paths),
    };
    let blaster = (Mutex::new(Blaster::connect(addr).await), frames, replies);
    let ask = async |blaster: Rc<(Mutex<Blaster>, Vec<u8>, usize)>| {
        blaster.0.lock().await.blast(&blaster.1, blaster.2).await;
        // The event is a frame like any other.
        Armed(async move { blaster.0.lock().await.blast(&[], 1).await })
    };
    match task {
        Task::Watch => events(blaster, ask, addr),
        _ => calls(blaster, ask),
    }
}

/// Frames that read these znodes, and how many replies they bring.
fn reads(contender: Contender, paths: &[String]) -> (Vec<u8>, usize) {
    let frames: Vec<Vec<u8>> = match contender {
        Contender::RawPacked => {
            let packs = paths.chunks(PACK).map(|pack| {
                let reads = pack.iter().map(|path| get(path, false));
                framed(&Request::MultiRead(reads.collect()))
            });
            packs.collect()
        }
        _ => paths.iter().map(|path| framed(&get(path, false))).collect(),
    };
    (frames.concat(), frames.len())
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

fn framed(request: &Request<'_>) -> Vec<u8> {
    let mut frame = vec![0; 4];
    let op = request.op().code();
    RequestHeader { xid: 1, op }.encode(&mut frame);
    request.encode(&mut frame);
    let length = u32::try_from(frame.len() - 4).expect("a small frame");
    frame[..4].copy_from_slice(&length.to_be_bytes());
    frame
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

    async fn list(&mut self) -> Metrics {
        let path = WIDE.into();
        let frame = framed(&Request::GetChildren { path, watch: false });
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
