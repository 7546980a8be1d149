//! The explorer by key scripts: what it asks of the world, and what it shows then. The world
//! here is the test itself, which answers when and as it likes.

mod browse;
mod chaos;
mod delete;
mod edit;
mod live;
mod popups;
mod rivals;
mod scene;

use scene::{Scene, failure, lost, stat};

use super::*;
use crate::proto::{CreateMode, ErrorCode, ZPath};

fn path(text: &str) -> ZPath {
    ZPath::from_server(text)
}
