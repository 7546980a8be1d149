//! The client: a session with an ensemble, kept through losses, and every operation of the
//! protocol, typed. Speaks `proto`'s records over tokio's sockets.
//!
//! This room knows sockets, time and sessions. It refuses to know screens, and what anyone
//! does with a znode.
//!
//! # Deliberately different from kazoo
//! - No callbacks and no handlers: states, watches and recipes are streams and futures, so
//!   nothing overlaps, nothing blocks the connection, and dropping one ends it. What a
//!   listener does, and whether it fails, concerns no other.
//! - No start, stop and restart: a client is opened once and closed once. [`Client::open`]
//!   waits for the session as `start` does, and says why there is none; another client is
//!   opened with the same options.
//! - CONNECTED is announced after authentication, not before. LOST is announced before the
//!   next session, and by the clock where no server is left to say so.
//! - One-shot watches survive a reconnect (kazoo's fire and are gone), and watches of all
//!   kinds are taken off the server when nobody waits any more. Persistent watches say where
//!   they may have missed something ([`WatchEvent::Gap`]).
//! - A failed transaction is an error with the operation's index and code, not a list.
//!   Committing takes it, so it can't be committed twice; dropping it does nothing.
//! - An error names operation, path and server, and says whether a write may have been
//!   applied; [`Retry`] never repeats such a write blindly.
//! - What servers can't take is refused here, before it costs the connection: frames too
//!   long, operations too new for the version at hand. Requests that need the version wait
//!   for it in their place, so that all leave in the order of the calls.
//! - Replies in the wrong order cost the connection; kazoo's client ends by them.
//! - A chroot is stripped by whole parts of a path, from every reply and event.
//! - Auth replies are matched by themselves, so they may overtake others.
//! - A relative path, or one with `.` or `..` or a doubled slash, is no path; kazoo mends some.
//! - A session's id and password are told after a close, too: a detached session is resumed
//!   with them.
//! - A host that swallows packets gets its share of the session's time, not all of it.
//! - Pings go whatever else is sent, so that their round trip is never an old one.
//! - SASL GSSAPI (Kerberos) is there with the cargo feature `gssapi`, for it needs a Kerberos
//!   library; without it there is no such mechanism to name. A KDC that can't be reached is
//!   tried again, as a server is, and so is a ticket that can't be had by a client that has
//!   been connected: it may just be renewed. Otherwise a refusal is final.
//! - A server that hangs up in the midst of SASL may just be going; servers before 3.5.9, which
//!   refuse so, are taken at their word when it happens three times in a row. (kazoo takes the
//!   first for a refusal, of any version.)
//! - No default ACL but "everyone may do all", and types are checked by the compiler.
//!
//! # By example
//!
//! ## Reading and writing
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use zooscope::{client::*, proto::*, server};
//! # let server = server::Server::start(server::Options::default()).await?;
//! # let hosts = server.hosts();
//! let client = Client::connect(Options::new(&hosts)?);
//! let path = ZPath::new("/config/app")?;
//! let made = client
//!     .create_with_parents(&path, b"v1", &[], CreateMode::Persistent)
//!     .await?;
//! let read = client.get(&made.path).await?;
//! assert_eq!(read.data.as_deref(), Some(&b"v1"[..]));
//! // Only if nobody wrote in between:
//! client.set(&path, b"v2", Some(read.stat.version)).await?;
//! let error = client.set(&path, b"v3", Some(0)).await.unwrap_err();
//! assert!(error.is(ErrorCode::BadVersion) && !error.may_have_been_applied());
//! client.delete_recursive(&ZPath::new("/config")?, |_| {}).await?;
//! client.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! ## Following the session
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use zooscope::{client::*, proto::*, server};
//! # let server = server::Server::start(server::Options::default()).await?;
//! # let hosts = server.hosts();
//! let client = Client::connect(Options::new(&hosts)?);
//! let mut states = client.states();
//! while let Some(state) = states.next().await {
//!     if state == SessionState::Connected {
//!         break;
//!     }
//! }
//! let info = client.session();
//! assert_ne!(info.id, 0);
//! assert_eq!(info.server.as_deref(), Some(hosts.as_str()));
//! # client.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! ## Watching
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use zooscope::{client::*, proto::*, server};
//! # let server = server::Server::start(server::Options::default()).await?;
//! # let hosts = server.hosts();
//! let client = Client::connect(Options::new(&hosts)?);
//! let path = ZPath::new("/a")?;
//! // Once, set by the same request that looks:
//! let (stat, watch) = client.exists_watch(&path).await?;
//! assert_eq!(stat, None);
//! // For as long as it is held (3.6+), with all below:
//! let root = ZPath::root();
//! let mut all = client
//!     .add_watch(&root, AddWatchMode::PersistentRecursive)
//!     .await?;
//! client.create(&path, b"", &[], CreateMode::Ephemeral).await?;
//! let WatchEvent::Node(event) = watch.await else {
//!     unreachable!("the session lives");
//! };
//! assert_eq!(event.kind, EventType::NodeCreated);
//! assert!(matches!(all.next().await, Some(WatchEvent::Node(event)) if event.path == path));
//! # client.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! ## Several at once
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use zooscope::{client::*, proto::*, server};
//! # let server = server::Server::start(server::Options::default()).await?;
//! # let hosts = server.hosts();
//! let client = Client::connect(Options::new(&hosts)?);
//! let (a, b) = (ZPath::new("/a")?, ZPath::new("/b")?);
//! let done = client
//!     .transaction()
//!     .create(&a, b"1", &[], CreateMode::Persistent)
//!     .check(&a, 0)
//!     .create(&b, b"2", &[], CreateMode::Persistent)
//!     .commit()
//!     .await?;
//! assert_eq!(done.len(), 3);
//! let reads = client.multi_read().data(&a).data(&b).send().await?;
//! assert!(reads.iter().all(Result::is_ok));
//! // Requests leave in the order of the calls; nobody need wait for one to make the next.
//! let replies: Vec<_> = (0..100).map(|_| client.get(&a)).collect();
//! for reply in replies {
//!     reply.await?;
//! }
//! # client.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! ## Identities
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use zooscope::{client::*, proto::*, server};
//! # let server = server::Server::start(server::Options::default()).await?;
//! # let hosts = server.hosts();
//! let options = Options::new(&hosts)?;
//! let ann = Client::connect(options.clone().auth(Auth::digest("ann", "secret")));
//! let path = ZPath::new("/hers")?;
//! let acl = [Acl::digest(Perms::ALL, "ann", "secret")];
//! ann.create(&path, b"", &acl, CreateMode::Persistent).await?;
//! let other = Client::connect(options);
//! assert!(other.get(&path).await.unwrap_err().is(ErrorCode::NoAuth));
//! other.add_auth(Auth::digest("ann", "secret")).await?;
//! other.get(&path).await?;
//! # ann.close().await;
//! # other.close().await;
//! # Ok(())
//! # }
//! ```
//!
//! ## Losses
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use zooscope::{client::*, proto::*, server};
//! # let server = server::Server::start(server::Options::default()).await?;
//! # let hosts = server.hosts();
//! let client = Client::connect(Options::new(&hosts)?);
//! let path = ZPath::new("/a")?;
//! client.create(&path, b"1", &[], CreateMode::Persistent).await?;
//! # server.drop_all_connections();
//! // Reads may be repeated as they are, writes where it is known what became of the first.
//! let retry = Retry::default().tries(Some(10));
//! let read = retry.run(|| client.get(&path)).await?;
//! retry.set(&client, &path, b"2", read.stat.version).await?;
//! # client.close().await;
//! # Ok(())
//! # }
//! ```

mod answer;
mod answered;
mod connect;
mod delete_tree;
mod error;
mod find;
mod gate;
mod handle;
mod hosts;
mod learn;
mod line;
mod multi_read;
mod options;
mod outbox;
mod pauses;
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
mod timers;
mod tls;
mod transaction;
mod version;
mod watch;
mod wire;
mod write;

pub(crate) use answered::Answered;
pub use error::{Error, ErrorKind};
pub use handle::Client;
pub use hosts::{Host, Hosts, HostsError};
pub(crate) use multi_read::Asked;
pub use multi_read::{MultiRead, Read, Reads};
pub use options::{Auth, Credentials, Options, Secret, TlsOptions};
pub use retry::Retry;
#[cfg(feature = "gssapi")]
pub use sasl::Kerberos;
pub use sasl::Sasl;
pub use state::{SessionInfo, SessionState, States};
pub use transaction::{Done, Transaction};
pub use version::Version;
pub use watch::{NodeEvent, OneshotWatch, PersistentWatch, WatchEvent};
pub use write::{Created, Reconfig};
