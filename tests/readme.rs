//! README tells the truth: its key table is the command table, and its options are those of
//! the program. A failure prints what should stand there.

use std::fmt::Write as _;
use std::process::Command as Process;

use zooscope::explorer::{Command, Keymap, Scope};

const README: &str = include_str!("../README.md");

#[test]
fn the_key_table_is_the_command_table() {
    let table = key_table();
    assert!(README.contains(&table), "README should hold\n{table}");
}

fn key_table() -> String {
    let keymap = Keymap::default();
    let mut table = String::new();
    for (scope, title) in [
        (Scope::Main, "in the tree"),
        (Scope::Editor, "in the editor"),
        (Scope::Choice, "when the editor asks"),
    ] {
        let _ = writeln!(table, "| {title} | |\n|---|---|");
        for command in Command::ALL.iter().filter(|known| known.scope() == scope) {
            let chords = keymap.chords(*command);
            let keys: Vec<String> = chords.iter().map(|chord| format!("`{chord}`")).collect();
            let _ = writeln!(table, "| {} | {} |", keys.join(" "), command.doc());
        }
        table.push('\n');
    }
    table
}

#[test]
fn every_option_of_the_program_is_told() {
    for subcommand in [None, Some("demo"), Some("serve")] {
        let help = Process::new(env!("CARGO_BIN_EXE_zooscope"))
            .args(subcommand)
            .arg("--help")
            .output()
            .expect("the program runs");
        let help = String::from_utf8(help.stdout).expect("help is text");
        let options = help
            .split_whitespace()
            .filter(|word| word.starts_with("--") && word.len() > 2)
            .filter(|word| !["--help", "--version"].contains(word));
        for option in options {
            let option = option.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            assert!(README.contains(option), "README says nothing of {option}");
        }
    }
}

#[test]
fn every_picture_is_there() {
    for part in README.split("](").skip(1) {
        let target = part.split(')').next().unwrap_or_default();
        if target.starts_with("screenshots/") {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(target);
            assert!(path.exists(), "{target} is missing");
        }
    }
}
