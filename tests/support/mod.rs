//! What every test binary shares: real ZooKeeper servers and ensembles on free ports, a
//! fault-injecting proxy, and a second client that owes nothing to `zooscope::client`.
//! It knows processes, ports and the wire. It refuses to know what is being tested.
//!
//! Servers come from Debian's package `zookeeper` and from the folder that the environment
//! variable `ZOOSCOPE_SERVERS` names: one folder of jars per version in it. Without any, a
//! test says on stderr that it is skipped; with `ZOOSCOPE_REQUIRE_SERVERS=1` it fails.
#![expect(
    dead_code,
    unused_imports,
    reason = "every test binary compiles this module and uses its own part of it"
)]

mod driver;
mod ensemble;
mod history;
mod install;
mod ports;
mod process;
mod proxy;
mod pty;
mod raw;
mod secure;
mod server;
mod wait;

pub use driver::{Driver, start, text_of};
pub use ensemble::Ensemble;
pub use history::{Flaw, History};
pub use install::{Install, all, newest, servers};
pub use ports::free_port;
pub use process::{Jvm, Start, guard};
pub use proxy::{Chaos, Cut, Direction, Proxy, Seen};
pub use pty::{Modes, Pty, Size, own_variables, plain};
pub use raw::{Failed, Raw, four_letter_word};
pub use secure::{certificates, sasl_server, tls_server};
pub use server::{RealServer, Setup, shared, shared_all, shared_newest};
pub use wait::{LIMIT, blocking, eventually, wait_until};

/// These two keep the expectations above true in a binary that uses everything else.
const NEVER_USED: () = ();
use NEVER_USED as NEVER_IMPORTED;
