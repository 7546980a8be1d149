//! The program in a real (pseudo-)terminal: it takes the terminal over, and however it ends
//! or stops, the terminal is afterwards as it was before.

#[path = "../support/mod.rs"]
mod support;

mod demo;
mod hostile;
mod identity;
mod leaving;
mod stopping;
mod usage;

use support::{Modes, Pty, RealServer, Size};

const SIZE: Size = (30, 100);

/// All that the explorer switches on.
const TAKEN: Modes = Modes {
    alternate: true,
    mouse: true,
    paste: true,
    hidden: true,
};

/// A shared server with a chroot that holds two znodes; `host:port/chroot`.
fn seeded(test: &str) -> Option<(&'static RealServer, String)> {
    let server = support::shared_newest()?;
    let root = server.chroot(test);
    let mut raw = server.raw();
    raw.create(&format!("{root}/alpha"), br#"{"name": "first"}"#);
    raw.create(&format!("{root}/beta"), b"second");
    raw.close();
    Some((server, root))
}

/// The explorer on that chroot, connected and drawn.
fn explorer(server: &RealServer, root: &str) -> Pty {
    let hosts = format!("{}{root}", server.hosts());
    let pty = Pty::zooscope(&[&hosts], SIZE);
    pty.wait_for("CONNECTED");
    pty.wait_for("beta");
    pty
}

/// Whether nothing is left switched on and the line is as a fresh terminal has it.
fn is_restored(pty: &Pty) -> bool {
    pty.modes() == Modes::PLAIN && pty.is_cooked()
}
