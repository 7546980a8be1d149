//! What of the tests' support a benchmark needs: real servers, and a second client.
#![expect(dead_code, reason = "the tests use the rest")]

#[path = "../../tests/support/install.rs"]
mod install;
#[path = "../../tests/support/ports.rs"]
mod ports;
#[path = "../../tests/support/process.rs"]
mod process;
#[path = "../../tests/support/raw.rs"]
mod raw;
#[path = "../../tests/support/server.rs"]
mod server;
#[path = "../../tests/support/wait.rs"]
mod wait;

pub use install::{Install, all};
pub use raw::Raw;
pub use server::{RealServer, Setup};
