//! Ctrl-Z under a real shell with job control: the shell gets a clean terminal, `fg` brings
//! the explorer back at the size that the terminal has by then, and keys work.

use portable_pty::CommandBuilder;

use super::support::{Modes, Pty, plain};
use super::{SIZE, TAKEN, is_restored, seeded};

const PROGRAM: &str = env!("CARGO_BIN_EXE_zooscope");

/// An interactive shell with a prompt that nothing else prints.
fn shell(program: &str, arguments: &[&str]) -> Pty {
    let mut command = CommandBuilder::new(program);
    command.args(arguments);
    let mut command = plain(command);
    command.env("PS1", "ready> ");
    command.env_remove("ENV");
    let mut pty = Pty::start(command, SIZE);
    pty.wait_for("ready> ");
    // Line editing would switch modes of its own; without it, what is left is the program's.
    pty.keys("set +o emacs +o vi; clear\n");
    pty.wait_until("a clean screen", |pty| pty.text().trim() == "ready>");
    pty
}

fn stop_and_go_on(pty: &mut Pty, command: &str) {
    pty.keys(&format!("{command}\n"));
    pty.wait_for("CONNECTED");
    pty.wait_for("beta");
    pty.wait_until("the terminal taken", |pty| pty.modes() == TAKEN);

    pty.keys("\x1a");
    pty.wait_for("topped");
    pty.wait_until("the shell's modes", |pty| pty.modes() == Modes::PLAIN);
    pty.wait_until("the shell's line settings", is_restored);
    pty.keys("echo 'the '; echo shell works\n");
    pty.wait_for("shell works");

    let (rows, columns) = (SIZE.0 - 6, SIZE.1 - 20);
    pty.resize((rows, columns));
    pty.keys("fg\n");
    pty.wait_until("the terminal taken again", |pty| pty.modes() == TAKEN);
    pty.wait_for("CONNECTED");
    pty.wait_for("beta");
    pty.wait_until("no trace of the shell", |pty| {
        !pty.text().contains("shell works")
    });
    // The last row of the new size is drawn, so the new size is known.
    pty.wait_until("the bottom row", |pty| {
        let text = pty.text();
        text.lines().count() == usize::from(rows) && !text.ends_with('\n')
    });
    pty.keys("?");
    pty.wait_for("Go up a row");
    pty.keys("\x1b");
    pty.wait_until("the help gone", |pty| !pty.text().contains("Go up a row"));
    pty.keys("q");
    pty.wait_until("the shell again", is_restored);
}

#[test]
fn ctrl_z_and_fg_under_bash() {
    let Some((server, root)) = seeded("bash") else {
        return;
    };
    let mut pty = shell("bash", &["--norc", "--noprofile", "-i"]);
    stop_and_go_on(&mut pty, &format!("{PROGRAM} {}{root}", server.hosts()));
}

#[test]
fn ctrl_z_and_fg_under_sh() {
    let Some((server, root)) = seeded("sh") else {
        return;
    };
    let mut pty = shell("sh", &["-i"]);
    stop_and_go_on(&mut pty, &format!("{PROGRAM} {}{root}", server.hosts()));
}

/// A parent that only waits must stop too, or the shell would wait for it for ever.
#[test]
fn ctrl_z_stops_a_script_that_started_the_explorer() {
    let Some((server, root)) = seeded("script") else {
        return;
    };
    let mut pty = shell("bash", &["--norc", "--noprofile", "-i"]);
    let command = format!("bash -c '{PROGRAM} {}{root}; true'", server.hosts());
    stop_and_go_on(&mut pty, &command);
}
