//! A scripted server: does what no real one can be brought to do at will.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use zooscope::proto::{
    ConnectRequest, ConnectResponse, DataReply, Decode as _, Encode, OpCode, Reader, ReplyHeader,
    Request, RequestHeader, Stat,
};

/// A server that follows a script: what it does on its first connection, its second …
pub struct Fake {
    addr: SocketAddr,
    /// Every handshake request, in order.
    asked: Arc<Mutex<Vec<ConnectRequest>>>,
    writable: Arc<AtomicBool>,
}

/// One connection, after the first four bytes were found to be no four-letter word.
pub struct Conn {
    stream: TcpStream,
    /// What the client asked for.
    pub asked: ConnectRequest,
}

impl Fake {
    /// `script` is called with each connection and its number, from 0; the connection ends
    /// when it returns. `version` is what `srvr` answers.
    pub fn start(version: &str, script: impl Fn(&mut Conn, usize) + Send + Sync + 'static) -> Self {
        let srvr = format!("Zookeeper version: {version}-fake, built on a test\n");
        Self::telling(move |_| Some(srvr.clone()), script)
    }

    /// The same with one answer to each `srvr`, counted from 0; `None` is silence.
    pub fn telling(
        srvr: impl Fn(usize) -> Option<String> + Send + 'static,
        script: impl Fn(&mut Conn, usize) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
        let addr = listener.local_addr().expect("it is bound");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (log, script) = (asked.clone(), Arc::new(script));
        let writable = Arc::new(AtomicBool::new(false));
        let says_so = writable.clone();
        std::thread::spawn(move || {
            let (mut number, mut words) = (0, 0);
            // The sockets on which nothing is said.
            let mut silent = Vec::new();
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut first = [0; 4];
                if stream.read_exact(&mut first).is_err() {
                    continue;
                }
                if &first == b"srvr" {
                    match srvr(words) {
                        Some(text) => drop(stream.write_all(text.as_bytes())),
                        None => silent.push(stream),
                    }
                    words += 1;
                    continue;
                }
                if &first == b"isro" {
                    let rw = says_so.load(Ordering::SeqCst);
                    drop(stream.write_all(if rw { b"rw" } else { b"ro" }));
                    continue;
                }
                let Some(asked) = handshake(&mut stream, first) else {
                    continue;
                };
                log.lock().expect("no panic").push(asked.clone());
                let script = script.clone();
                std::thread::spawn(move || script(&mut Conn { stream, asked }, number));
                number += 1;
            }
        });
        Self {
            addr,
            asked,
            writable,
        }
    }

    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// From now on `isro` is answered by "rw".
    pub fn says_that_it_takes_writes(&self) {
        self.writable.store(true, Ordering::SeqCst);
    }

    pub fn asked(&self) -> Vec<ConnectRequest> {
        self.asked.lock().expect("no panic").clone()
    }
}

fn handshake(stream: &mut TcpStream, length: [u8; 4]) -> Option<ConnectRequest> {
    let length = usize::try_from(i32::from_be_bytes(length)).ok()?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    ConnectRequest::decode(&mut Reader::new(&body)).ok()
}

impl Conn {
    /// Gives the session `id` a timeout.
    pub fn welcome(&mut self, id: i64, timeout_ms: i32) {
        self.give(id, timeout_ms, false);
    }

    /// The same of a server without a quorum.
    pub fn welcome_read_only(&mut self, id: i64, timeout_ms: i32) {
        self.give(id, timeout_ms, true);
    }

    fn give(&mut self, id: i64, timeout_ms: i32, read_only: bool) {
        let response = ConnectResponse {
            protocol_version: 0,
            timeout_ms,
            session_id: id,
            password: vec![9; 16],
            read_only: Some(read_only),
        };
        self.frame(&response.to_bytes());
    }

    /// Sends a frame.
    pub fn frame(&mut self, body: &[u8]) {
        let length = i32::try_from(body.len()).expect("short").to_be_bytes();
        let _ = self.stream.write_all(&[&length[..], body].concat());
    }

    /// Sends bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Sends a reply.
    pub fn reply(&mut self, xid: i32, zxid: i64, err: i32, body: &[u8]) {
        let mut frame = ReplyHeader { xid, zxid, err }.to_bytes();
        frame.extend_from_slice(body);
        self.frame(&frame);
    }

    /// The next request that is no ping (pings are answered); `None` when the client is gone.
    pub fn request(&mut self) -> Option<(i32, i32, Vec<u8>)> {
        loop {
            let (xid, op, body) = self.receive()?;
            if op != OpCode::Ping.code() {
                return Some((xid, op, body));
            }
            self.reply(xid, 0, 0, b"");
        }
    }

    /// The next request, be it a ping.
    pub fn receive(&mut self) -> Option<(i32, i32, Vec<u8>)> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).ok()?;
        let length = usize::try_from(i32::from_be_bytes(length)).ok()?;
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).ok()?;
        let mut reader = Reader::new(&body);
        let header = RequestHeader::decode(&mut reader).ok()?;
        Some((header.xid, header.op, reader.rest().to_vec()))
    }

    /// The client's next SASL token, and the xid to answer it with.
    pub fn sasl_token(&mut self) -> Option<(i32, Vec<u8>)> {
        let (xid, op, body) = self.request()?;
        assert_eq!(
            op,
            OpCode::Sasl.code(),
            "nothing comes before the end of SASL"
        );
        let token = Reader::new(&body).buffer("token").expect("a token");
        Some((xid, token.expect("never null").to_vec()))
    }

    /// Answers it; `None` is jute's null.
    pub fn say_sasl(&mut self, xid: i32, token: Option<&[u8]>) {
        let length = token.map_or(-1, |token| i32::try_from(token.len()).expect("short"));
        let body = [&length.to_be_bytes()[..], token.unwrap_or_default()].concat();
        self.reply(xid, 0, 0, &body);
    }

    /// Takes nothing any more and says nothing, for longer than any test waits.
    #[expect(clippy::unused_self, reason = "its socket stays open meanwhile")]
    pub fn ignore(&mut self) {
        std::thread::sleep(crate::support::LIMIT * 2);
    }

    /// Answers every request with `answer`'s code and record until the client is gone.
    pub fn serve(&mut self, mut answer: impl FnMut(&Request<'_>) -> (i64, i32, Vec<u8>)) {
        while let Some((xid, op, body)) = self.request() {
            if op == OpCode::CloseSession.code() {
                self.reply(xid, 1, 0, b"");
                return;
            }
            let op = OpCode::try_from(op).expect("an operation");
            let request = Request::decode(op, &mut Reader::new(&body)).expect("a request");
            let (zxid, err, record) = answer(&request);
            self.reply(xid, zxid, err, &record);
        }
    }

    /// Gives a session, and answers every read with a znode that holds nothing.
    pub fn serve_nothing(&mut self, timeout_ms: i32) {
        self.welcome(1, timeout_ms);
        let (data, stat) = (None, Stat::default());
        let record = DataReply { data, stat }.to_bytes();
        self.serve(|_| (1, 0, record.clone()));
    }
}
