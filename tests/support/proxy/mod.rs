//! A TCP proxy on loopback that misbehaves on order: it cuts, half-closes, stalls, delays,
//! splits and counts. It reads the lengths of frames and the operations in requests, so that
//! a test can cut exactly before a request is forwarded or exactly before its reply is.

mod pump;
mod rules;

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use zooscope::proto::OpCode;

use rules::Rules;
pub use rules::{Chaos, Cut, Direction};

/// A request that came from a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Counted from 0 in the order accepted.
    pub connection: usize,
    /// The client's number for the request.
    pub xid: i32,
    /// What it asks for; `None` for a code without a name.
    pub op: Option<OpCode>,
}

/// A proxy that lives as long as this value.
#[derive(Debug)]
pub struct Proxy {
    addr: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    upstream: Mutex<SocketAddr>,
    rules: Mutex<Rules>,
    changed: Condvar,
    links: Mutex<Vec<Arc<Link>>>,
    seen: Mutex<Vec<Seen>>,
    told: Mutex<BTreeSet<i64>>,
    /// Bytes that clients were given.
    answered: AtomicUsize,
    closing: AtomicBool,
}

/// A client's connection and the one that the proxy made for it.
#[derive(Debug)]
struct Link {
    number: usize,
    client: TcpStream,
    server: TcpStream,
    /// The xid whose reply is not to arrive.
    doomed: Mutex<Option<i32>>,
    /// How many directions are over.
    over: AtomicUsize,
}

impl Link {
    fn cut(&self) {
        drop(self.client.shutdown(Shutdown::Both));
        drop(self.server.shutdown(Shutdown::Both));
    }

    const fn target(&self, direction: Direction) -> &TcpStream {
        match direction {
            Direction::ToServer => &self.server,
            Direction::ToClient => &self.client,
        }
    }
}

impl Proxy {
    /// Listens on a free port and passes everything on to `upstream`.
    pub fn start(upstream: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let addr = listener
            .local_addr()
            .expect("a bound socket has an address");
        let shared = Arc::new(Shared {
            upstream: Mutex::new(upstream),
            rules: Mutex::default(),
            changed: Condvar::new(),
            links: Mutex::default(),
            seen: Mutex::default(),
            told: Mutex::default(),
            answered: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&shared);
        std::thread::spawn(move || accepting.accept(&listener));
        Self { addr, shared }
    }

    /// Where clients connect.
    pub const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `host:port` for a client.
    pub fn hosts(&self) -> String {
        self.addr.to_string()
    }

    /// Sends new connections elsewhere.
    pub fn redirect(&self, upstream: SocketAddr) {
        *lock(&self.shared.upstream) = upstream;
    }

    /// Ends all connections, now.
    pub fn cut(&self) {
        for link in lock(&self.shared.links).drain(..) {
            link.cut();
        }
    }

    /// Closes every connection in one direction only: the other end reads the end of the
    /// stream, and can go on writing.
    pub fn half_close(&self, direction: Direction) {
        for link in lock(&self.shared.links).iter() {
            drop(link.target(direction).shutdown(Shutdown::Write));
        }
    }

    /// Accepts connections and closes them at once, or does so no longer.
    pub fn refuse(&self, refuse: bool) {
        self.rule(|rules| rules.refuse = refuse);
    }

    /// Holds back what goes in one direction, or lets it go on.
    pub fn stall(&self, direction: Direction, stalled: bool) {
        self.rule(|rules| rules.way(direction).stalled = stalled);
    }

    /// Lets every piece wait this long.
    pub fn delay(&self, delay: Duration) {
        self.rule(|rules| rules.delay = delay);
    }

    /// Writes at most so many bytes at a time; 1 splits the stream at every byte.
    pub fn split(&self, bytes: Option<usize>) {
        self.rule(|rules| rules.split = bytes);
    }

    /// Ends the connection that carries the byte after the next `bytes` ones, once.
    pub fn close_after(&self, direction: Direction, bytes: usize) {
        self.rule(|rules| rules.way(direction).left = Some(bytes));
    }

    /// Ends the connection at the next request of this kind, once.
    pub fn cut_at(&self, op: OpCode, cut: Cut) {
        self.rule(|rules| rules.cut_at = Some((op, cut)));
    }

    /// Whether a cut that was ordered with [`cut_at`](Self::cut_at) is still to come.
    pub fn is_armed(&self) -> bool {
        lock(&self.shared.rules).cut_at.is_some()
    }

    /// Takes back what was ordered with [`cut_at`](Self::cut_at).
    pub fn disarm(&self) {
        self.rule(|rules| rules.cut_at = None);
    }

    /// Misbehaves at random, the same way for the same seed, or stops doing so.
    pub fn chaos(&self, chaos: Option<Chaos>) {
        self.rule(|rules| rules.chaos = chaos);
    }

    /// Swaps two texts of equal length in every frame, so that a client sees names which no
    /// real server would take.
    pub fn disguise(&self, at_server: &[u8], at_client: &[u8]) {
        assert_eq!(
            at_server.len(),
            at_client.len(),
            "lengths in frames must stay true"
        );
        let pair = (at_server.to_vec(), at_client.to_vec());
        self.rule(|rules| rules.disguise = Some(pair));
    }

    /// Every request so far, in the order they came.
    pub fn seen(&self) -> Vec<Seen> {
        lock(&self.shared.seen).clone()
    }

    /// The zxids of all replies so far: what a client was shown or promised was the state then.
    pub fn told(&self) -> BTreeSet<i64> {
        lock(&self.shared.told).clone()
    }

    /// How many bytes clients have been given.
    pub fn answered(&self) -> usize {
        self.shared.answered.load(Ordering::Relaxed)
    }

    /// How many connections are open.
    pub fn connections(&self) -> usize {
        lock(&self.shared.links).len()
    }

    fn rule(&self, change: impl FnOnce(&mut Rules)) {
        change(&mut lock(&self.shared.rules));
        self.shared.changed.notify_all();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Relaxed);
        self.rule(|rules| *rules = Rules::default());
        self.cut();
        // Wakes the thread that accepts, so that it sees that it is over.
        drop(TcpStream::connect(self.addr));
    }
}

impl Shared {
    fn accept(self: Arc<Self>, listener: &TcpListener) {
        for (number, client) in listener.incoming().enumerate() {
            if self.closing.load(Ordering::Relaxed) {
                return;
            }
            if let Ok(client) = client {
                // A server that is down looks like a connection closed at once.
                drop(self.connect(number, client));
            }
        }
    }

    fn connect(self: &Arc<Self>, number: usize, client: TcpStream) -> io::Result<()> {
        if lock(&self.rules).refuse {
            return Ok(());
        }
        let upstream = *lock(&self.upstream);
        let server = TcpStream::connect(upstream)?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let doomed = Mutex::default();
        let link = Arc::new(Link {
            number,
            client,
            server,
            doomed,
            over: AtomicUsize::new(0),
        });
        lock(&self.links).push(Arc::clone(&link));
        for direction in [Direction::ToServer, Direction::ToClient] {
            let (shared, link) = (Arc::clone(self), Arc::clone(&link));
            std::thread::spawn(move || pump::run(&shared, &link, direction));
        }
        Ok(())
    }

    fn forget(&self, link: &Link) {
        lock(&self.links).retain(|other| other.number != link.number);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
