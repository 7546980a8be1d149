//! A minimal, blocking client: "another client" of a test, and the one that ends sessions
//! behind their owner's back. Built on `zooscope::proto` and the standard library alone, so
//! that an error of `zooscope::client` can't hide itself.

use std::borrow::Cow;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use zooscope::proto::{
    Acl, ChildrenReply, ConnectRequest, ConnectResponse, CreateMode, CreateReply, DataReply,
    Decode, Encode, ErrorCode, Perms, Reader, ReplyHeader, Request, RequestHeader, Stat,
    WatchedEvent, xid,
};

const PATIENCE: Duration = Duration::from_secs(30);

/// Why a raw request has no result.
#[derive(Debug, PartialEq, Eq)]
pub enum Failed {
    /// The server refused it.
    Refused(ErrorCode),
    /// The connection is gone, in the words of the system.
    Gone(String),
}

impl From<io::Error> for Failed {
    fn from(error: io::Error) -> Self {
        Self::Gone(error.to_string())
    }
}

/// One connection with its session. It sends no pings: sessions last a minute.
#[derive(Debug)]
pub struct Raw {
    socket: TcpStream,
    /// What the server answered to the handshake.
    pub session: ConnectResponse,
    /// Notifications that came between replies.
    pub events: Vec<WatchedEvent>,
    xid: i32,
}

impl Raw {
    /// A new session of a minute.
    pub fn connect(addr: SocketAddr) -> Self {
        Self::attach(addr, 60_000, 0, &[0; 16]).expect("a real server gives a session")
    }

    /// A new session (`id` 0) or the one with this id and password. An expired one comes back
    /// with a timeout of 0 or less.
    pub fn attach(addr: SocketAddr, timeout_ms: i32, id: i64, password: &[u8]) -> io::Result<Self> {
        let mut socket = TcpStream::connect(addr)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let request = ConnectRequest {
            protocol_version: 0,
            last_zxid_seen: 0,
            timeout_ms,
            session_id: id,
            password: password.to_vec(),
            read_only: Some(false),
        };
        send(&mut socket, &request.to_bytes())?;
        let frame = receive(&mut socket)?;
        let session = ConnectResponse::parse(&frame).map_err(io::Error::other)?;
        let events = Vec::new();
        Ok(Self {
            socket,
            session,
            events,
            xid: 0,
        })
    }

    /// Ends somebody's session as an expiry would: takes it over and closes it.
    pub fn end_session(addr: SocketAddr, id: i64, password: &[u8]) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let mut thief = Self::attach(addr, 10_000, id, password).expect("an answer");
            if thief.session.timeout_ms <= 0 {
                return;
            }
            assert_eq!(thief.session.session_id, id, "another session was resumed");
            match thief.call(&Request::CloseSession) {
                // Its owner was quick to take it back, or the close's answer was lost.
                Err(Failed::Gone(_)) if Instant::now() < deadline => {}
                answer => {
                    answer.expect("the session is closed");
                    return;
                }
            }
        }
    }

    /// Sends a request and returns its reply's record.
    pub fn call(&mut self, request: &Request<'_>) -> Result<Vec<u8>, Failed> {
        let sent = self.send(request)?;
        self.reply(sent)
    }

    /// Sends a request and returns its xid.
    pub fn send(&mut self, request: &Request<'_>) -> io::Result<i32> {
        self.xid += 1;
        let xid = match request {
            Request::Auth { .. } => xid::AUTH,
            Request::Ping => xid::PING,
            _ => self.xid,
        };
        let op = request.op().code();
        let mut frame = RequestHeader { xid, op }.to_bytes();
        request.encode(&mut frame);
        send(&mut self.socket, &frame)?;
        Ok(xid)
    }

    /// Waits for the reply of the request sent as `xid`.
    pub fn reply(&mut self, xid: i32) -> Result<Vec<u8>, Failed> {
        loop {
            let frame = receive(&mut self.socket)?;
            let mut reader = Reader::new(&frame);
            let header = ReplyHeader::decode(&mut reader).map_err(io::Error::other)?;
            if header.xid == xid::NOTIFICATION {
                let event = WatchedEvent::decode(&mut reader).map_err(io::Error::other)?;
                self.events.push(event);
            } else {
                assert_eq!(header.xid, xid, "replies come in order");
                let body = reader.rest().to_vec();
                return header
                    .error()
                    .map_or(Ok(body), |code| Err(Failed::Refused(code)));
            }
        }
    }

    /// Creates a persistent znode open to all; its parents must exist.
    pub fn create(&mut self, path: &str, data: &[u8]) -> String {
        self.create_as(path, data, CreateMode::Persistent)
            .unwrap_or_else(|error| failed("create", path, &error))
    }

    /// Creates a znode of any kind, open to all.
    pub fn create_as(
        &mut self,
        path: &str,
        data: &[u8],
        mode: CreateMode,
    ) -> Result<String, Failed> {
        self.create_with(path, data, &[Acl::new(Perms::ALL, "world", "anyone")], mode)
    }

    /// Creates a znode with an ACL.
    pub fn create_with(
        &mut self,
        path: &str,
        data: &[u8],
        acl: &[Acl],
        mode: CreateMode,
    ) -> Result<String, Failed> {
        let body = self.call(&Request::create(path, Some(data), acl, mode, false))?;
        Ok(record::<CreateReply>(&body).path)
    }

    /// Creates many children of `parent`, pipelined in batches.
    pub fn create_children<S: AsRef<str>>(
        &mut self,
        parent: &str,
        names: impl IntoIterator<Item = S>,
        data: &[u8],
    ) {
        let acl = [Acl::new(Perms::ALL, "world", "anyone")];
        let mut names = names.into_iter().peekable();
        while names.peek().is_some() {
            let batch: Vec<String> = names
                .by_ref()
                .take(500)
                .map(|name| format!("{parent}/{}", name.as_ref()))
                .collect();
            let creates = batch
                .iter()
                .map(|path| Request::create(path, Some(data), &acl, CreateMode::Persistent, false))
                .collect();
            self.call(&Request::Multi(creates))
                .expect("a batch of creates");
        }
    }

    /// Sets data without looking at the version.
    pub fn set(&mut self, path: &str, data: &[u8]) -> Stat {
        let data = Some(Cow::Borrowed(data));
        let request = Request::SetData {
            path: path.into(),
            data,
            version: -1,
        };
        let body = self
            .call(&request)
            .unwrap_or_else(|error| failed("set", path, &error));
        record(&body)
    }

    /// Data and Stat; `None` if there is no such znode.
    pub fn get(&mut self, path: &str) -> Option<DataReply> {
        match self.call(&Request::GetData {
            path: path.into(),
            watch: false,
        }) {
            Ok(body) => Some(record(&body)),
            Err(Failed::Refused(ErrorCode::NoNode)) => None,
            Err(error) => failed("get", path, &error),
        }
    }

    /// The names of the children, sorted.
    pub fn children(&mut self, path: &str) -> Vec<String> {
        let body = self
            .call(&Request::GetChildren2 {
                path: path.into(),
                watch: false,
            })
            .unwrap_or_else(|error| failed("list", path, &error));
        let mut names: Vec<String> = record::<ChildrenReply>(&body)
            .names
            .iter()
            .map(str::to_owned)
            .collect();
        names.sort();
        names
    }

    /// Deletes a znode without looking at the version.
    pub fn delete(&mut self, path: &str) {
        self.call(&Request::Delete {
            path: path.into(),
            version: -1,
        })
        .unwrap_or_else(|error| failed("delete", path, &error));
    }

    /// Adds an identity to the session.
    pub fn auth(&mut self, scheme: &str, auth: &[u8]) -> Result<(), Failed> {
        self.call(&Request::Auth {
            kind: 0,
            scheme: scheme.into(),
            auth: Some(auth.into()),
        })
        .map(drop)
    }

    /// Closes the connection and leaves the session to expire.
    pub fn abandon(self) {
        drop(self.socket.shutdown(Shutdown::Both));
    }

    /// Closes the session.
    pub fn close(mut self) {
        drop(self.call(&Request::CloseSession));
    }
}

/// Asks a server one of its four-letter words.
pub fn four_letter_word(addr: SocketAddr, word: &str) -> io::Result<String> {
    let mut socket = TcpStream::connect_timeout(&addr, Duration::from_secs(2))?;
    socket.set_read_timeout(Some(Duration::from_secs(2)))?;
    socket.write_all(word.as_bytes())?;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn send(socket: &mut TcpStream, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    let mut frame = length.to_be_bytes().to_vec();
    frame.extend_from_slice(body);
    socket.write_all(&frame)
}

fn receive(socket: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    socket.read_exact(&mut length)?;
    let mut frame = vec![0; u32::from_be_bytes(length) as usize];
    socket.read_exact(&mut frame)?;
    Ok(frame)
}

fn record<'a, T: Decode<'a>>(body: &'a [u8]) -> T {
    T::decode(&mut Reader::new(body)).expect("a real server's reply can be read")
}

#[expect(
    clippy::panic,
    reason = "a test's other client has no business failing"
)]
fn failed(what: &str, path: &str, error: &Failed) -> ! {
    panic!("{what} {path}: {error:?}");
}
