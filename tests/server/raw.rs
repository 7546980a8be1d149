//! A client of the tests' own: it sends the frames it is told to and returns what comes, in
//! order, without pings, retries or opinions. It can therefore send what no client should.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use zooscope::proto::{
    ConnectRequest, ConnectResponse, Decode as _, Encode as _, Reader, ReplyHeader, Request,
    RequestHeader, WatchedEvent,
};

/// Long enough for a busy machine; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A frame from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub header: ReplyHeader,
    pub body: Vec<u8>,
}

/// One socket.
pub struct Raw {
    stream: TcpStream,
    pub session: i64,
    pub password: Vec<u8>,
    xid: i32,
}

impl Raw {
    /// A socket without a session.
    pub fn dial(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_nodelay(true).expect("a TCP socket");
        Self {
            stream,
            session: 0,
            password: vec![0; 16],
            xid: 0,
        }
    }

    /// A socket with a new session.
    pub fn connect(addr: SocketAddr) -> Self {
        let mut raw = Self::dial(addr);
        let response = raw.handshake(0, &[0; 16], 0).expect("a new session");
        raw.session = response.session_id;
        raw.password = response.password;
        raw
    }

    /// Sends a handshake; `None` if the server closes instead of answering.
    pub fn handshake(
        &mut self,
        session_id: i64,
        password: &[u8],
        last_zxid_seen: i64,
    ) -> Option<ConnectResponse> {
        let request = ConnectRequest {
            protocol_version: 0,
            last_zxid_seen,
            timeout_ms: 30_000,
            session_id,
            password: password.to_vec(),
            read_only: Some(false),
        };
        self.send_frame(&request.to_bytes());
        let frame = self.receive_frame()?;
        Some(ConnectResponse::parse(&frame).expect("a handshake's response"))
    }

    /// Sends bytes as they are.
    pub fn send_raw(&mut self, bytes: &[u8]) {
        // The server may have closed already; the next receive tells.
        let _ = self.stream.write_all(bytes);
    }

    /// Sends zeros, at most so many, until the server has taken none for a while. Returns how
    /// many it took, the operating system's buffers included.
    pub fn send_as_much_as_is_taken(&mut self, most: usize) -> usize {
        let stalled = Some(Duration::from_millis(500));
        self.stream.set_write_timeout(stalled).expect("a timeout");
        let zeros = vec![0; 1 << 20];
        let mut taken = 0;
        while taken < most {
            match self.stream.write(&zeros) {
                Ok(count) => taken += count,
                Err(_) => break,
            }
        }
        taken
    }

    /// Sends one frame.
    pub fn send_frame(&mut self, payload: &[u8]) {
        let length = u32::try_from(payload.len()).expect("a short frame");
        let mut frame = length.to_be_bytes().to_vec();
        frame.extend_from_slice(payload);
        self.send_raw(&frame);
    }

    /// The next frame's payload, or `None` at the end.
    pub fn receive_frame(&mut self) -> Option<Vec<u8>> {
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).ok()?;
        let mut payload = vec![0; usize::try_from(u32::from_be_bytes(length)).ok()?];
        self.stream.read_exact(&mut payload).ok()?;
        Some(payload)
    }

    /// The next reply or event, or `None` at the end.
    pub fn receive(&mut self) -> Option<Frame> {
        let payload = self.receive_frame()?;
        let mut reader = Reader::new(&payload);
        let header = ReplyHeader::decode(&mut reader).expect("a header");
        let body = reader.rest().to_vec();
        Some(Frame { header, body })
    }

    /// Sends a request and returns its xid.
    pub fn send(&mut self, request: &Request<'_>) -> i32 {
        self.xid += 1;
        let header = RequestHeader {
            xid: self.xid,
            op: request.op().code(),
        };
        let mut payload = header.to_bytes();
        request.encode(&mut payload);
        self.send_frame(&payload);
        self.xid
    }

    /// Sends a request and returns everything up to its reply, the reply last.
    pub fn call(&mut self, request: &Request<'_>) -> (Vec<WatchedEvent>, Frame) {
        let xid = self.send(request);
        let mut events = Vec::new();
        loop {
            let frame = self.receive().expect("a reply");
            if frame.header.xid == -1 {
                events.push(event(&frame));
                continue;
            }
            assert_eq!(frame.header.xid, xid, "replies come in order");
            return (events, frame);
        }
    }

    /// The error of a request, 0 if there is none.
    pub fn err(&mut self, request: &Request<'_>) -> i32 {
        self.call(request).1.header.err
    }

    /// Whether anything comes in that time. Nothing is read.
    pub fn hears_within(&mut self, time: Duration) -> bool {
        self.stream.set_read_timeout(Some(time)).expect("a timeout");
        let heard = self.stream.peek(&mut [0]).is_ok();
        self.stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a timeout");
        heard
    }

    /// Reads to the end of the connection.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        // A reset is an end, too.
        let _ = self.stream.read_to_end(&mut rest);
        rest
    }
}

/// The event in a notification.
pub fn event(frame: &Frame) -> WatchedEvent {
    WatchedEvent::decode(&mut Reader::new(&frame.body)).expect("an event")
}
