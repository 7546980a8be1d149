//! The client: a session with an ensemble, kept through losses, and every operation of the
//! protocol, typed. Speaks `proto`'s records over tokio's sockets.
//!
//! This room knows sockets, time and sessions. It refuses to know screens, and what anyone
//! does with a znode.

mod answer;
mod connect;
mod delete_tree;
mod error;
mod frames;
mod handle;
mod hosts;
mod multi_read;
mod options;
mod outbox;
mod probe;
mod read;
mod reply;
mod retry;
mod rotation;
mod sasl;
mod seek;
mod session;
mod shared;
mod slot;
mod state;
mod stream;
mod tls;
mod transaction;
mod version;
mod watch;
mod wire;
mod write;

pub use error::{Error, ErrorKind};
pub use handle::Client;
pub use hosts::{Host, Hosts, HostsError};
pub use multi_read::{MultiRead, Read};
pub use options::{Auth, Credentials, Options, Sasl, Secret, TlsOptions};
pub use retry::Retry;
pub use state::{SessionInfo, SessionState, States};
pub use transaction::{Done, Transaction};
pub use version::Version;
pub use watch::{NodeEvent, OneshotWatch, PersistentWatch, WatchEvent};
pub use write::{Created, Reconfig};
