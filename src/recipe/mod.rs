//! Recipes: what kazoo's are, built on the client's public operations alone.
//!
//! [`Walk`] reads a whole subtree, [`TreeWatch`] keeps one live.
//! [`ChildrenWatch`] and [`DataWatch`] follow one znode through deletion, re-creation, lost
//! connections and lost sessions. They differ from kazoo's on purpose: a `ChildrenWatch`
//! survives the znode's deletion (kazoo's ends silently), and both report errors instead of
//! hiding them. This room refuses to know sockets and frames.

mod children;
mod data;
mod follow;
mod tree;
mod walk;

pub use children::ChildrenWatch;
pub use data::DataWatch;
pub use tree::{TreeEvent, TreeWatch};
pub use walk::{Visited, Walk};
