//! The hand behind a script: a session of its own that reads the server's zxid and, with the
//! super user's rights, removes what a script has left.

use std::net::SocketAddr;

use zooscope::proto::{
    Acl, ChildrenReply, ConnectRequest, Decode as _, Encode as _, Reader, ReplyHeader, Request, xid,
};

use super::script::Call;
use super::wire::{Arrived, Wire};

/// What the super user's digest must be: this is `super:test`.
pub const SUPER_DIGEST: &str = "super:D/InIHSb7yEEbrWz8b9l71RjZJU=";
pub const SUPER: &[u8] = b"super:test";

/// A session that may do everything.
#[derive(Debug)]
pub struct Control {
    wire: Wire,
}

impl Control {
    /// Opens the session.
    pub fn new(addr: SocketAddr) -> Self {
        let wire = Wire::connect(addr).expect("the server is there");
        let hello = ConnectRequest {
            protocol_version: 0,
            last_zxid_seen: 0,
            timeout_ms: 40_000,
            session_id: 0,
            password: vec![0; 16],
            read_only: Some(false),
        };
        wire.send([hello.to_bytes()]);
        let mut control = Self { wire };
        control.frame();
        let (header, _) = control.call(
            xid::AUTH,
            &Request::Auth {
                kind: 0,
                scheme: "digest".into(),
                auth: Some(SUPER.into()),
            },
        );
        assert_eq!(header.err, 0, "the super user is let in");
        control
    }

    /// The last transaction's number.
    pub fn zxid(&mut self) -> i64 {
        self.call(xid::PING, &Request::Ping).0.zxid
    }

    /// Deletes everything but what a server always has, gives all rights back, and closes.
    pub fn clean(mut self) {
        let open = Acl::open_unsafe();
        for path in ["/", "/zookeeper", "/zookeeper/quota"] {
            self.call(
                1,
                &Request::SetAcl {
                    path: path.into(),
                    acl: open.as_slice().into(),
                    aversion: -1,
                },
            );
        }
        for kept in ["/zookeeper/quota", "/zookeeper", "/"] {
            self.delete_below(kept);
        }
        let left = self.children("/");
        assert_eq!(left, ["zookeeper"], "the script's nodes are gone");
        self.call(2, &Request::CloseSession);
        self.wire.drain();
    }

    fn delete_below(&mut self, parent: &str) {
        for name in self.children(parent) {
            let path = if parent == "/" {
                format!("/{name}")
            } else {
                format!("{parent}/{name}")
            };
            if !matches!(
                path.as_str(),
                "/zookeeper" | "/zookeeper/quota" | "/zookeeper/config"
            ) {
                self.delete_below(&path);
                self.call(
                    1,
                    &Request::Delete {
                        path: path.into(),
                        version: -1,
                    },
                );
            }
        }
    }

    fn children(&mut self, path: &str) -> Vec<String> {
        let (header, body) = self.call(
            1,
            &Request::GetChildren2 {
                path: path.into(),
                watch: false,
            },
        );
        if header.err != 0 {
            return Vec::new();
        }
        let reply = ChildrenReply::decode(&mut Reader::new(&body)).expect("children");
        reply.names.sorted().iter().map(str::to_owned).collect()
    }

    fn call(&mut self, xid: i32, request: &Request<'_>) -> (ReplyHeader, Vec<u8>) {
        self.wire.send([Call::new(xid, request).frame(0)]);
        let frame = self.frame();
        let mut reader = Reader::new(&frame);
        let header = ReplyHeader::decode(&mut reader).expect("a reply");
        (header, reader.rest().to_vec())
    }

    fn frame(&mut self) -> Vec<u8> {
        let arrived = self.wire.receive();
        let Arrived::Frame(frame) = arrived else {
            assert_eq!(arrived, Arrived::End, "the control session is answered");
            return Vec::new();
        };
        frame
    }
}
