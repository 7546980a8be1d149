//! The server that lies, until it repents: from then on every connection is an honest one,
//! and those that were lied on are cut.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fastrand::Rng;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use zooscope::proto::{ConnectRequest, Decode as _, OpCode, Reader, Request, RequestHeader, xid};

use super::answer;
use crate::fuzz::mutate;

pub struct Liar {
    addr: SocketAddr,
    lying: watch::Sender<bool>,
    told: Arc<Told>,
    listening: JoinHandle<()>,
}

/// How much was told.
#[derive(Default)]
struct Told {
    connections: AtomicU64,
    lies: AtomicU64,
}

impl Liar {
    pub async fn start(mut rng: Rng) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let addr = listener
            .local_addr()
            .expect("a bound socket has an address");
        let lying = watch::Sender::new(true);
        let told = Arc::new(Told::default());
        let (listens, tells) = (lying.subscribe(), told.clone());
        let release = rng.usize(..);
        let listening = tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.expect("a connection");
                tells.connections.fetch_add(1, Ordering::Relaxed);
                // Or else a long run leaves the machine without free ports.
                drop(socket.set_zero_linger());
                // And pieces wait for nothing but what this server makes them wait for.
                drop(socket.set_nodelay(true));
                let lie = *listens.borrow();
                let mut until = listens.clone();
                let rng = rng.fork();
                let mut server = Line {
                    socket,
                    rng,
                    lie,
                    told: tells.clone(),
                    release,
                    zxid: 16,
                };
                tokio::spawn(async move {
                    tokio::select! {
                        _ = until.wait_for(|lying| lie && !*lying) => {}
                        _ = server.talk() => {}
                    }
                });
            }
        });
        Self {
            addr,
            lying,
            told,
            listening,
        }
    }

    pub fn hosts(&self) -> String {
        self.addr.to_string()
    }

    /// No more lies.
    pub fn repent(&self) {
        self.lying.send_replace(false);
    }

    /// Stops listening; answers how many connections there were, and how many lies.
    pub fn end(self) -> (u64, u64) {
        self.listening.abort();
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        (count(&self.told.connections), count(&self.told.lies))
    }
}

/// One connection.
struct Line {
    socket: TcpStream,
    rng: Rng,
    lie: bool,
    told: Arc<Told>,
    /// Which ZooKeeper it says it is.
    release: usize,
    zxid: i64,
}

impl Line {
    /// Serves the connection to its end; `None` is the end.
    async fn talk(&mut self) -> Option<()> {
        let mut first = [0; 4];
        self.socket.read_exact(&mut first).await.ok()?;
        if &first == b"srvr" {
            let text = self.bend(answer::srvr(self.release));
            self.write(&text).await?;
            // Closed at once, the answer would be lost with the connection.
            self.socket.shutdown().await.ok()?;
            return self.socket.read(&mut first).await.ok().map(drop);
        }
        let frame = self.body(first).await?;
        let asked = ConnectRequest::decode(&mut Reader::new(&frame)).ok()?;
        let over = self.lie && self.rng.u8(..12) == 0;
        let timeout_ms = if over { 0 } else { asked.timeout_ms };
        let response = answer::handshake(asked.session_id, timeout_ms);
        // Most lies are for those who got in.
        if self.rng.u8(..4) == 0 {
            self.frame(response).await?;
        } else {
            self.write(&framed(&response)).await?;
        }
        loop {
            let mut length = [0; 4];
            self.socket.read_exact(&mut length).await.ok()?;
            let frame = self.body(length).await?;
            self.answer(&frame).await?;
        }
    }

    async fn body(&mut self, length: [u8; 4]) -> Option<Vec<u8>> {
        let mut frame = vec![0; u32::from_be_bytes(length) as usize];
        self.socket.read_exact(&mut frame).await.ok()?;
        Some(frame)
    }

    async fn answer(&mut self, frame: &[u8]) -> Option<()> {
        let mut reader = Reader::new(frame);
        let header = RequestHeader::decode(&mut reader).expect("the client sends headers");
        let op = OpCode::try_from(header.op).expect("the client sends known operations");
        let request = Request::decode(op, &mut reader).expect("the client sends whole records");
        assert!(reader.rest().is_empty(), "and nothing more: {request:?}");
        self.zxid += 1;
        let reply = answer::to(&mut self.rng, header.xid, self.zxid, &request);
        self.frame(reply).await?;
        if self.lie && self.rng.u8(..16) == 0 {
            let event = answer::notification(&mut self.rng);
            self.frame(event).await?;
        }
        (op != OpCode::CloseSession).then_some(())
    }

    /// Sends a frame, or whatever a liar makes of it.
    async fn frame(&mut self, body: Vec<u8>) -> Option<()> {
        if !self.lie {
            return self.write(&framed(&body)).await;
        }
        match self.rng.u8(..100) {
            0..75 => self.write(&framed(&body)).await,
            chance => {
                self.told.lies.fetch_add(1, Ordering::Relaxed);
                self.lie(chance, body).await
            }
        }
    }

    async fn lie(&mut self, chance: u8, body: Vec<u8>) -> Option<()> {
        let sent = framed(&body);
        let bytes = match chance {
            // The frame is whole, what is in it is not.
            75..84 => framed(&mutate::some(&mut self.rng, &[body])),
            // Not even the frame is.
            84..88 => mutate::some(&mut self.rng, &[sent]),
            88 => [sent.clone(), sent].concat(),
            89 => Vec::new(),
            90 => [sent, framed(&answer::notification(&mut self.rng))].concat(),
            91 => with_number(body, xid::PING),
            92 => with_number(body, xid::AUTH),
            93 => with_number(body, xid::SET_WATCHES),
            94 => {
                let number = self.rng.i32(-9..40);
                with_number(body, number)
            }
            // Longer than the client will take, and never sent in full.
            95 => [&(self.rng.u32(60_000..200_000)).to_be_bytes(), &*body].concat(),
            96 => {
                self.socket
                    .write_all(&sent[..self.rng.usize(..sent.len())])
                    .await
                    .ok()?;
                return None;
            }
            97 => {
                std::future::pending::<()>().await;
                return None;
            }
            98 => (0..self.rng.usize(..200))
                .map(|_| self.rng.u8(..))
                .collect(),
            _ => return None,
        };
        self.write(&bytes).await
    }

    /// Now and then bends bytes that are in no frame.
    fn bend(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        if self.lie && self.rng.u8(..3) == 0 {
            return mutate::some(&mut self.rng, &[bytes]);
        }
        bytes
    }

    /// Writes in pieces, of any length while lying.
    async fn write(&mut self, mut bytes: &[u8]) -> Option<()> {
        while self.lie && bytes.len() > 1 && self.rng.u8(..3) == 0 {
            let (piece, rest) = bytes.split_at(self.rng.usize(1..bytes.len()));
            self.socket.write_all(piece).await.ok()?;
            bytes = rest;
            match self.rng.u8(..8) {
                0 => tokio::time::sleep(Duration::from_millis(1)).await,
                _ => tokio::task::yield_now().await,
            }
        }
        self.socket.write_all(bytes).await.ok()
    }
}

fn framed(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("short");
    [&length.to_be_bytes(), body].concat()
}

/// The frame, as if it answered request `number`.
fn with_number(mut body: Vec<u8>, number: i32) -> Vec<u8> {
    if let Some(first) = body.first_chunk_mut::<4>() {
        *first = number.to_be_bytes();
    }
    framed(&body)
}
