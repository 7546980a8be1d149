//! What can't work is said in one line on stderr, with exit status 2, and never by taking
//! the terminal over first.

use std::process::{Command, Stdio};

use super::support::{Pty, own_variables};
use super::{SIZE, TAKEN, explorer, is_restored, seeded};

/// The program without a terminal.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zooscope"));
    command.stdin(Stdio::null());
    for name in own_variables() {
        command.env_remove(name);
    }
    command
}

/// The one line that is said of a usage error.
pub fn one_line(command: &mut Command) -> String {
    let output = command.output().expect("the program runs");
    let said = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(2), "{said:?}");
    assert_eq!(said.lines().count(), 1, "{said:?}");
    assert_eq!(output.stdout, b"", "nothing on stdout");
    said
}

#[test]
fn without_a_terminal_there_is_one_line_and_status_2() {
    let said = one_line(command().arg("127.0.0.1:2181"));
    assert!(said.contains("terminal"), "{said:?}");
}

#[test]
fn a_bad_host_string_is_one_line_and_status_2() {
    let bad = [
        "host:port",
        "host:70000",
        "host:2181/bad//chroot",
        "[::1:2181",
        ",",
    ];
    for hosts in bad {
        let mut pty = Pty::zooscope(&[hosts], SIZE);
        assert_eq!(pty.wait_exit(), 2, "{hosts}: {}", pty.text());
        pty.wait_for("zooscope: ");
        assert_eq!(
            pty.text().trim().lines().count(),
            1,
            "{hosts}: {}",
            pty.text()
        );
        assert!(is_restored(&pty));
        one_line(command().arg(hosts));
    }
}

#[test]
fn what_is_quoted_in_an_error_is_shown_and_not_obeyed() {
    let keymap = "no\x1b]0;title\x07\u{9b}2J\u{202e}file";
    let said = one_line(command().args(["--keymap", keymap]));
    let line = said.strip_suffix('\n').expect("a line");
    assert!(!line.contains(char::is_control), "{line:?}");
    assert!(
        line.contains("no\\x1b]0;title\\x07\\x9b2J\\u{202e}file"),
        "{line:?}"
    );
}

#[test]
fn a_bad_start_path_is_status_2() {
    for path in ["relative", "/a//b", "/a/"] {
        let mut pty = Pty::zooscope(&["--path", path], SIZE);
        assert_eq!(pty.wait_exit(), 2, "{path}");
    }
}

#[test]
fn the_selected_row_is_inverse_even_without_colours() {
    let Some((server, root)) = seeded("mono") else {
        return;
    };
    let hosts = format!("{}{root}", server.hosts());
    let mut pty = Pty::zooscope_with(&[("NO_COLOR", "1")], &[&hosts], SIZE);
    pty.wait_for("beta");
    pty.keys("\x1b[B");
    pty.wait_until("an inverse row with alpha", |pty| inverse_row(pty, "alpha"));
    pty.keys("\x1b[B");
    pty.wait_until("an inverse row with beta", |pty| inverse_row(pty, "beta"));
    assert!(!inverse_row(&pty, "alpha"), "only one row is selected");
    let coloured = pty.look(|screen| {
        let cells = (0..SIZE.0).flat_map(|row| (0..SIZE.1).map(move |column| (row, column)));
        let mut cells = cells.filter_map(|(row, column)| screen.cell(row, column));
        cells.any(|cell| cell.fgcolor() != vt100::Color::Default)
    });
    assert!(!coloured, "NO_COLOR means no colour");
}

/// Whether `name` stands on the screen in inverse cells.
fn inverse_row(pty: &Pty, name: &str) -> bool {
    pty.look(|screen| {
        (0..SIZE.0).any(|row| {
            let cells = (0..SIZE.1).filter_map(|column| screen.cell(row, column));
            let inverse: String = cells
                .filter(|cell| cell.inverse())
                .map(vt100::Cell::contents)
                .collect();
            inverse.contains(name)
        })
    })
}

#[test]
fn every_size_is_survived_and_a_tiny_one_is_said_to_be_too_small() {
    let Some((server, root)) = seeded("resize") else {
        return;
    };
    let pty = explorer(server, &root);
    pty.resize((8, 30));
    pty.wait_for("Too small");
    pty.wait_for("30 x 8");
    for size in [(1, 1), (1, 200), (60, 2), (2, 2), (50, 180)] {
        pty.resize(size);
    }
    pty.resize(SIZE);
    pty.wait_for("beta");
    assert_eq!(pty.modes(), TAKEN);
}
