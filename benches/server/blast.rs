//! A client that only blasts ready-made frames and counts replies, so that the server is what
//! is measured: one thread per connection, a window of requests in flight.

use std::io::{BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use zooscope::proto::{Acl, ConnectRequest, CreateMode, Encode as _, Request, RequestHeader};

/// Bytes of each znode.
pub const DATA: usize = 100;
/// Requests in flight on a connection.
pub const WINDOW: usize = 200;
const ZNODES: usize = 1_000;
/// Half of the window is sent anew whenever half has been answered.
const BATCH: usize = WINDOW / 2;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// getData without a watch.
    Reads,
    /// setData of any version.
    Writes,
}

impl Load {
    pub const ALL: [Self; 2] = [Self::Reads, Self::Writes];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Reads => "getData",
            Self::Writes => "setData",
        }
    }
}

/// One connection with a session.
pub struct Blast {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
    scratch: Vec<u8>,
}

/// A session that does nothing.
pub struct Idle(TcpStream);

impl Idle {
    pub fn connect(addr: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(addr).expect("a server");
        stream.set_nodelay(true).expect("a TCP socket");
        let request = ConnectRequest {
            protocol_version: 0,
            last_zxid_seen: 0,
            timeout_ms: 40_000,
            session_id: 0,
            password: vec![0; 16],
            read_only: Some(false),
        };
        let frame = framed(|out| request.encode(out));
        stream.write_all(&frame).expect("a connection");
        // The response has 37 bytes and a length.
        stream.read_exact(&mut [0; 41]).expect("a response");
        Self(stream)
    }
}

impl Blast {
    pub fn connect(addr: SocketAddr) -> Self {
        let Idle(writer) = Idle::connect(addr);
        let reader = writer.try_clone().expect("a second handle");
        Self {
            reader: BufReader::with_capacity(256 << 10, reader),
            writer,
            scratch: Vec::new(),
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        self.writer.write_all(bytes).expect("a connection");
    }

    fn receive(&mut self) -> &[u8] {
        let mut length = [0; 4];
        self.reader.read_exact(&mut length).expect("a reply");
        self.scratch.resize(
            usize::try_from(u32::from_be_bytes(length)).expect("a length"),
            0,
        );
        self.reader.read_exact(&mut self.scratch).expect("a reply");
        &self.scratch
    }

    /// Reads so many replies, all of them good.
    fn receive_good(&mut self, count: usize) {
        for _ in 0..count {
            let reply = self.receive();
            assert_eq!(
                reply.get(12..16),
                Some(&[0; 4][..]),
                "the reply is no error"
            );
        }
    }
}

fn framed(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut frame = vec![0; 4];
    write(&mut frame);
    let length = u32::try_from(frame.len() - 4).expect("a short frame");
    frame[..4].copy_from_slice(&length.to_be_bytes());
    frame
}

fn request(xid: usize, request: &Request<'_>) -> Vec<u8> {
    framed(|out| {
        RequestHeader {
            xid: i32::try_from(xid).expect("a small number"),
            op: request.op().code(),
        }
        .encode(out);
        request.encode(out);
    })
}

fn path(number: usize) -> String {
    format!("/blast/znode-{number:05}")
}

/// Makes the znodes that are read and written.
pub fn fill(addr: SocketAddr) {
    let mut blast = Blast::connect(addr);
    let (acl, mode) = (Acl::open_unsafe(), CreateMode::Persistent);
    let data = [b'x'; DATA];
    let paths = std::iter::once("/blast".to_owned()).chain((0..ZNODES).map(path));
    let mut batch = Vec::new();
    for (number, path) in paths.enumerate() {
        let create = Request::create(&path, Some(&data), &acl, mode, false);
        batch.extend(request(number + 1, &create));
    }
    blast.send(&batch);
    blast.receive_good(ZNODES + 1);
}

/// Requests per second over all connections.
pub fn run(addr: SocketAddr, load: Load, connections: usize, time: Duration) -> f64 {
    let began = Instant::now();
    let threads: Vec<_> = (0..connections)
        .map(|seed| std::thread::spawn(move || blast(addr, load, seed, began + time)))
        .collect();
    let done: u32 = threads
        .into_iter()
        .map(|thread| thread.join().expect("no failed request"))
        .sum();
    f64::from(done) / began.elapsed().as_secs_f64()
}

fn blast(addr: SocketAddr, load: Load, seed: usize, until: Instant) -> u32 {
    let mut blast = Blast::connect(addr);
    let batches = batches(load, seed);
    blast.send(&batches[0]);
    let mut answered = 0;
    for batch in batches.iter().cycle().skip(1) {
        if Instant::now() >= until {
            break;
        }
        blast.send(batch);
        blast.receive_good(BATCH);
        answered += u32::try_from(BATCH).expect("a small number");
    }
    blast.receive_good(BATCH);
    answered
}

/// Ready-made batches of requests for znodes in no order.
fn batches(load: Load, seed: usize) -> Vec<Vec<u8>> {
    let data = [b'y'; DATA];
    let mut at = seed * 37;
    let mut batch = || {
        let mut bytes = Vec::new();
        for xid in 1..=BATCH {
            at = (at + 7_919) % ZNODES;
            let path = path(at);
            bytes.extend(request(
                xid,
                &match load {
                    Load::Reads => Request::GetData {
                        path: path.as_str().into(),
                        watch: false,
                    },
                    Load::Writes => Request::SetData {
                        path: path.as_str().into(),
                        data: Some(data[..].into()),
                        version: -1,
                    },
                },
            ));
        }
        bytes
    };
    (0..10).map(|_| batch()).collect()
}
