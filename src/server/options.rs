//! What a server is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use super::version::Version;
use crate::proto::SERVER_FRAME_LIMIT;

/// How a server should be. `Options::default()` is a 3.9 on an ephemeral loopback port.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Which ZooKeeper to behave as.
    pub version: Version,
    /// The unit of session expiry; sessions may last from 2 to 20 of it.
    pub tick: Duration,
    /// Whether TTL nodes may be made. A real server says no unless told otherwise.
    pub ttl_nodes: bool,
    /// How often containers and TTL nodes are looked after (a real server: 60 s).
    pub sweep_every: Duration,
    /// The longest frame a client may send, in bytes.
    pub frame_limit: usize,
    /// A connection for which more bytes of events wait than this is closed: it reads too
    /// slowly, or not at all. So is one that asks for more in a single multi-read.
    pub outbox_limit: usize,
    /// How many connections there may be at once; more are closed at once.
    pub max_connections: usize,
    /// The digest (`user:hash`) that may do everything.
    pub super_digest: Option<String>,
    /// What time it is for the server when it starts, in milliseconds since 1970; none: the
    /// machine's. With it, times and session ids come out the same on every run.
    pub starts_at: Option<i64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            version: Version::default(),
            tick: Duration::from_secs(2),
            ttl_nodes: true,
            sweep_every: Duration::from_secs(60),
            frame_limit: SERVER_FRAME_LIMIT,
            outbox_limit: 64 << 20,
            max_connections: 10_000,
            super_digest: None,
            starts_at: None,
        }
    }
}
