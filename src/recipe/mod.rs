//! Recipes: what kazoo's are, built on the client's public operations alone.
//!
//! [`Walk`] reads a whole subtree, [`TreeWatch`] keeps one live.
//! [`ChildrenWatch`] and [`DataWatch`] follow one znode through deletion, re-creation, lost
//! connections and lost sessions; [`PatientChildrenWatch`] tells a list once it has come to
//! rest. This room refuses to know sockets and frames.
//!
//! # Deliberately different from kazoo
//! - A `ChildrenWatch` survives the znode's deletion (kazoo's ends silently). Whoever wants it
//!   to end with its session follows [`Client::states`](crate::client::Client::states).
//! - Errors are told, not hidden, and what ends one is waited for: a refusal is tried again as
//!   someone else and, as no watch tells of a new ACL, now and then.
//! - What is told is the znode as it is, without the event that made us look.
//! - After a lost session a `ChildrenWatch` goes by how often the list has changed (kazoo's by
//!   the names in it).
//! - `PatientChildrenWatch` goes on after its first list, and never takes a list for resting
//!   that no connection has watched meanwhile.
//! - `TreeWatch` keeps no data, unlike `TreeCache`, needs one watch for all of a subtree where
//!   the server can (3.6+), and doesn't create its root.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use zooscope::{client::*, proto::*, recipe::*, server};
//! # let server = server::Server::start(server::Options::default()).await?;
//! let client = Client::connect(Options::new(&server.hosts())?);
//! let root = ZPath::root();
//! let mut children = ChildrenWatch::new(&client, &root);
//! let first = children.next().await.expect("the client is open")?;
//! assert_eq!(first.names.iter().collect::<Vec<_>>(), ["zookeeper"]);
//! client.create(&root.child("a"), b"1", &[], CreateMode::Persistent).await?;
//! let second = children.next().await.expect("the client is open")?;
//! assert_eq!(second.names.len(), 2);
//!
//! let mut walk = Walk::new(&client, &root);
//! let mut visited = 0;
//! while let Some(node) = walk.next().await {
//!     visited += usize::from(node.is_ok());
//! }
//! assert!(visited >= 3);
//!
//! let mut tree = TreeWatch::new(&client, &root.child("a"));
//! assert!(matches!(tree.next().await, Some(TreeEvent::Added(..))));
//! assert!(matches!(tree.next().await, Some(TreeEvent::Synced)));
//! # client.close().await;
//! # Ok(())
//! # }
//! ```

mod children;
mod data;
mod follow;
mod level;
mod patient;
mod tree;
mod walk;

pub use children::ChildrenWatch;
pub use data::DataWatch;
pub use patient::PatientChildrenWatch;
pub use tree::{TreeEvent, TreeWatch};
pub use walk::{Visited, Walk};
