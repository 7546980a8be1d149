//! The demo, as somebody meets it who has nothing installed: one command, a tree at once, an
//! address that other clients can use, and nothing left when it ends.

use std::net::{SocketAddr, TcpStream};

use super::support::{Pty, Raw, four_letter_word};
use super::{SIZE, TAKEN, is_restored};

/// The address that the demo printed, read from its status line.
fn address(pty: &Pty) -> SocketAddr {
    let text = pty.text();
    let at = text
        .find("127.0.0.1:")
        .expect("the address is on the screen");
    let end = text[at..].find([' ', '\n']).expect("more follows") + at;
    text[at..end].parse().expect("an address")
}

#[test]
fn the_demo_shows_a_tree_that_others_can_join() {
    let mut pty = Pty::zooscope(&["demo", "--quiet"], SIZE);
    pty.wait_for("CONNECTED");
    pty.wait_for("kafka");
    assert_eq!(pty.modes(), TAKEN);
    let address = address(&pty);
    let mut other = Raw::connect(address);
    other.create("/from-elsewhere", b"hello");
    pty.wait_for("from-elsewhere");
    let names = other.children("/samples/wide");
    assert_eq!(names.len(), 5_000);
    pty.keys("q");
    assert_eq!(pty.wait_exit(), 0);
    pty.wait_until("the terminal restored", is_restored);
    pty.wait_for(&format!("the demo's server on {address} has ended"));
    assert!(TcpStream::connect(address).is_err(), "it still listens");
}

#[test]
fn the_demo_takes_a_path_and_credentials() {
    let path = "/secure/payments/api-key";
    let mut pty = Pty::zooscope(&["demo", "--quiet", "--path", path], SIZE);
    pty.wait_for("NoAuth");
    pty.keys("q");
    assert_eq!(pty.wait_exit(), 0);
    let auth = "digest:demo:demo";
    let pty = Pty::zooscope(&["demo", "--quiet", "--path", path, "--auth", auth], SIZE);
    pty.wait_for("not-a-real-key");
}

#[test]
fn the_demo_lives() {
    let pty = Pty::zooscope(&["demo", "--seed", "7"], SIZE);
    pty.wait_for("CONNECTED");
    let address = address(&pty);
    let zxid = || {
        let said = four_letter_word(address, "srvr").expect("the demo's server answers");
        let line = said.lines().find(|line| line.starts_with("Zxid"));
        line.expect("a zxid").to_owned()
    };
    let before = zxid();
    pty.wait_until("a change that nobody made", |_| zxid() != before);
}
