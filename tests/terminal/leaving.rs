//! Every way out: the key, Ctrl-C, signals, a panic. And the one that must not take long.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::support::Pty;
use super::{SIZE, TAKEN, explorer, is_restored, seeded};

fn send(pty: &Pty, signal: Signal) {
    let id = i32::try_from(pty.id()).expect("a process id");
    let pid = Pid::from_raw(id).expect("a process id is not 0");
    kill_process(pid, signal).expect("the explorer is running");
}

#[test]
fn the_explorer_takes_the_terminal_draws_and_gives_it_back_on_quit() {
    let Some((server, root)) = seeded("quit") else {
        return;
    };
    let mut pty = explorer(server, &root);
    assert_eq!(pty.modes(), TAKEN);
    assert!(!pty.is_cooked(), "raw mode is on");
    pty.keys("q");
    assert_eq!(pty.wait_exit(), 0);
    pty.wait_until("the terminal restored", is_restored);
    assert!(!pty.text().contains("alpha"), "the shell's screen is back");
    assert_eq!(pty.asked(), [""; 0], "no title, no bell, no clipboard");
}

#[test]
fn ctrl_c_gives_the_terminal_back() {
    let Some((server, root)) = seeded("ctrl-c") else {
        return;
    };
    let mut pty = explorer(server, &root);
    pty.keys("\x03");
    pty.wait_exit();
    pty.wait_until("the terminal restored", is_restored);
}

#[test]
fn signals_give_the_terminal_back() {
    let Some((server, root)) = seeded("signals") else {
        return;
    };
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let mut pty = explorer(server, &root);
        send(&pty, signal);
        pty.wait_exit();
        pty.wait_until(
            &format!("the terminal restored after {signal:?}"),
            is_restored,
        );
    }
}

#[cfg(debug_assertions)]
#[test]
fn a_panic_gives_the_terminal_back_and_then_says_what_happened() {
    let Some((server, root)) = seeded("panic") else {
        return;
    };
    let hosts = format!("{}{root}", server.hosts());
    // Builds with debug assertions then panic in a task beside the event loop.
    let mut pty = Pty::zooscope_with(&[("ZOOSCOPE_PANIC", "1")], &[&hosts], SIZE);
    assert_eq!(pty.wait_exit(), 101);
    pty.wait_until("the terminal restored", is_restored);
    pty.wait_for("panicked at");
}

#[test]
fn a_host_name_that_nobody_knows_does_not_delay_quitting() {
    let mut pty = Pty::zooscope(&["no-such-host.invalid:2181"], SIZE);
    pty.wait_for("CONNECTING");
    let start = Instant::now();
    pty.keys("q");
    assert_eq!(pty.wait_exit(), 0);
    assert!(
        start.elapsed() < Duration::from_secs(2),
        "{:?}",
        start.elapsed()
    );
    pty.wait_until("the terminal restored", is_restored);
}

#[test]
fn a_frozen_server_does_not_delay_quitting() {
    let Some(install) = super::support::newest() else {
        return;
    };
    let mut server = super::support::RealServer::start(install);
    server.raw().create("/beta", b"");
    let mut pty = explorer(&server, "");
    server.process().freeze();
    let start = Instant::now();
    pty.keys("q");
    assert_eq!(pty.wait_exit(), 0);
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
    pty.wait_until("the terminal restored", is_restored);
}
