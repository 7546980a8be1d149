//! A ZooKeeper in memory, in this process, for the demo, for tests on machines without Java,
//! for files read offline, and for any fault that a test wants to see. It speaks the whole
//! client protocol of 3.9 (or 3.4, 3.6, 3.8) with the records of `proto`.
//!
//! It is no ZooKeeper for production: one process, nothing on disk, no ensemble.
//! `tree/` holds the znodes (PURE), `state/` executes requests, `connection.rs` owns a socket,
//! `handle.rs` is what the outside holds. It refuses to know the client and the screen.

pub mod actors;
mod clock;
mod connection;
mod faults;
mod handle;
mod local;
mod options;
mod seed;
mod sessions;
mod state;
mod tree;
mod version;

use std::io;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

pub use handle::Handle;
pub use local::Local;
pub use options::Options;
pub use seed::{DEMO, Residents, Seed, SeedError, SeedErrors};
pub use version::Version;

use connection::Shared;
use state::State;

/// How long to wait for free file descriptors.
const BREATH: Duration = Duration::from_millis(100);

/// The embedded server.
#[derive(Debug)]
pub struct Server;

impl Server {
    /// Starts a server on the current tokio runtime. It serves until its handle is dropped.
    ///
    /// # Errors
    /// If the address can't be listened on.
    pub async fn start(options: Options) -> io::Result<Handle> {
        let listener = TcpListener::bind(options.listen).await?;
        let addr = listener.local_addr()?;
        let options = Options {
            listen: addr,
            ..options
        };
        // Often enough for sessions to end within their tick, seldom enough to cost nothing.
        let heartbeat = (options.tick / 4).clamp(Duration::from_millis(10), BREATH * 5);
        let shared = Shared::new(State::new(options));
        let (stop, stopped) = watch::channel(());
        tokio::spawn(accept(listener, shared.clone(), stopped.clone()));
        tokio::spawn(beat(shared.clone(), heartbeat, stopped));
        Ok(Handle::new(addr, shared, stop))
    }
}

async fn accept(listener: TcpListener, shared: Shared, mut stop: watch::Receiver<()>) {
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    tokio::spawn(connection::serve(stream, shared.clone(), stop.clone()));
                }
                // Out of file descriptors, most likely: some will be free again soon.
                Err(_) => tokio::time::sleep(BREATH).await,
            }
        }
    }
}

async fn beat(shared: Shared, every: Duration, mut stop: watch::Receiver<()>) {
    let mut beat = interval(every);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.changed() => return,
            _ = beat.tick() => shared.lock().tick(),
        }
    }
}
