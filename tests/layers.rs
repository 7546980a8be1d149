//! The walls between the rooms of `src/`, and the few laws of form that a compiler doesn't
//! check: which room may name which other, what a pure room must not touch, how long a file
//! may be, and that each opens by saying what it knows. Unit tests are outside of the walls.
//! The table below is the one place where a wall is written down; lib.rs explains it.

use std::fs;
use std::path::{Path, PathBuf};

/// One room: who may be named there, and what must not.
struct Room {
    name: &'static str,
    may: &'static [&'static str],
    never: &'static [&'static str],
}

const SCREEN: [&str; 2] = ["ratatui", "crossterm"];
const PURE: [&str; 4] = ["tokio", "crossterm", "std::fs", "std::net"];
const BLIND: [&str; 5] = ["tokio", "crossterm", "std::fs", "std::net", "ratatui"];
const TIMELESS: [&str; 7] = [
    "tokio",
    "crossterm",
    "std::fs",
    "std::net",
    "ratatui",
    "Instant::now",
    "SystemTime::now",
];

#[rustfmt::skip]
const ROOMS: [Room; 13] = [
    Room { name: "text", may: &[], never: &BLIND },
    Room { name: "proto", may: &[], never: &BLIND },
    Room { name: "decode", may: &["proto", "text"], never: &BLIND },
    Room { name: "client", may: &["proto"], never: &SCREEN },
    Room { name: "recipe", may: &["client", "proto"], never: &SCREEN },
    Room { name: "disk", may: &["proto"], never: &["tokio", "ratatui", "crossterm"] },
    Room { name: "server", may: &["proto", "disk"], never: &SCREEN },
    Room { name: "ensemble", may: &["proto"], never: &SCREEN },
    Room { name: "explorer", may: &["proto", "text", "decode"], never: &TIMELESS },
    Room { name: "config", may: &["explorer"], never: &["tokio", "ratatui"] },
    Room { name: "ui", may: &["explorer", "proto", "text", "decode"], never: &PURE },
    Room { name: "app", may: &[
        "text", "proto", "decode", "client", "recipe", "disk", "server", "ensemble",
        "explorer", "config", "ui",
    ], never: &[] },
    Room { name: "cli", may: &[
        "text", "proto", "decode", "client", "recipe", "disk", "server", "ensemble",
        "explorer", "config", "ui", "app",
    ], never: &[] },
];

/// The text area's crate draws and reads keys: as a mere buffer it may be named here.
const TEXT_AREA: (&str, &str, &str) = ("explorer", "tui_textarea", "explorer/editor.rs");
const LONGEST_FILE: usize = 400;

#[test]
fn every_wall_stands() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut broken = Vec::new();
    for file in rust_files(&root.join("src")) {
        let source = fs::read_to_string(&file).expect("a source file can be read");
        let inside = file.strip_prefix(root.join("src")).expect("a file of src");
        broken.extend(check(&inside.display().to_string(), &source));
    }
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn every_file_is_short_and_says_what_it_knows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut broken = Vec::new();
    for file in ["src", "tests", "benches"]
        .iter()
        .flat_map(|top| rust_files(&root.join(top)))
    {
        let source = fs::read_to_string(&file).expect("a source file can be read");
        broken.extend(form(&file.display().to_string(), &source));
    }
    assert!(broken.is_empty(), "\n{}\n", broken.join("\n"));
}

#[test]
fn planted_violations_are_caught() {
    #[rustfmt::skip]
    let planted = [
        ("ui/tree.rs", "use crate::client::Client;"),
        ("ui/tree.rs", "use crate::{explorer::Explorer, app};"),
        ("ui/mod.rs", "use super::app::run;"),
        ("ui/pane/list.rs", "use super::super::super::cli;"),
        ("text.rs", "fn f() { std::fs::read(\"x\"); }"),
        ("decode/json.rs", "use std::{fmt, fs};"),
        ("explorer/tree.rs", "fn f() { let a = std::time::Instant::now(); }"),
        ("explorer/tree.rs", "use ratatui::text::Line;"),
        ("explorer/tree.rs", "use tui_textarea::TextArea;"),
        ("server/tree.rs", "fn f(c: &crate::client::Client) {}"),
        ("client/session.rs", "use ::crossterm::event;"),
        ("garage/car.rs", "fn f() {}"),
    ];
    for (file, source) in planted {
        assert_eq!(check(file, source).len(), 1, "{file}: {source}");
    }
    #[rustfmt::skip]
    let innocent = [
        ("ui/tree.rs", "// crate::client would be wrong\nuse crate::explorer::{Explorer, app};"),
        ("ui/tree.rs", "const HELP: &str = \"use crate::client\"; /* tokio::spawn */"),
        ("ui/tree.rs", "const QUOTE: char = '\"'; const TEXT: &str = r#\"tokio::\"#;"),
        ("explorer/editor.rs", "use tui_textarea::TextArea;"),
        ("explorer/act/edit.rs", "use super::super::tree; use super::app;"),
        ("text.rs", "fn f() {}\n#[cfg(test)]\nmod tests { use crate::client::Client; }"),
        ("lib.rs", "pub mod client; use crate::client::Client;"),
        ("client/session.rs", "use tokio::net::TcpStream; fn f<'a>(x: &'a str) -> &'a str { x }"),
    ];
    for (file, source) in innocent {
        assert_eq!(check(file, source), [""; 0], "{file}: {source}");
    }
    assert_eq!(form("a.rs", "fn f() {}\n").len(), 1);
    assert_eq!(
        form("a.rs", &format!("//! x\n{}", "\n".repeat(LONGEST_FILE))).len(),
        1
    );
    assert_eq!(form("a.rs", "//! A file.\n"), [""; 0]);
}

/// What `source`, the file `file` of `src/`, does against the walls.
fn check(file: &str, source: &str) -> Vec<String> {
    let parts: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    let tests = parts.contains(&"tests");
    if parts == ["lib"] || parts == ["main"] || tests {
        return Vec::new();
    }
    let Some(room) = ROOMS.iter().find(|room| room.name == parts[0]) else {
        return vec![format!("{file}: the room {} is in no table", parts[0])];
    };
    let module: Vec<&str> = parts
        .iter()
        .copied()
        .filter(|part| *part != "mod")
        .collect();
    let mut broken = Vec::new();
    for path in paths(&tokens(shipped(source))) {
        let path = absolute(&module, path);
        if let Some(why) = wrong(room, file, &path) {
            broken.push(format!("{file}: {} ({why})", path.join("::")));
        }
    }
    broken
}

fn wrong(room: &Room, file: &str, path: &[String]) -> Option<String> {
    if let [root, other, ..] = path
        && root == "crate"
    {
        let known = ROOMS.iter().any(|room| room.name == other);
        let allowed = other == room.name || room.may.contains(&other.as_str());
        return (known && !allowed).then(|| format!("{} must not know {other}", room.name));
    }
    let (inside, area, home) = TEXT_AREA;
    if room.name == inside && path[0] == area {
        return (file != home).then(|| format!("{area} is for {home} alone"));
    }
    let text = path.join("::");
    let named = |never: &&&str| match never.split_once("::") {
        Some(("std", _)) => text == **never || text.starts_with(&format!("{never}::")),
        Some(_) => text == **never || text.ends_with(&format!("::{never}")),
        None => path[0] == **never && path.len() > 1,
    };
    let never = room.never.iter().find(named)?;
    Some(format!("{} must not name {never}", room.name))
}

/// What is wrong with the form of a file.
fn form(file: &str, source: &str) -> Vec<String> {
    let mut broken = Vec::new();
    if !source.starts_with("//!") {
        broken.push(format!("{file}: does not open with //!"));
    }
    let lines = source.lines().count();
    if lines > LONGEST_FILE {
        broken.push(format!("{file}: {lines} lines, at most {LONGEST_FILE}"));
    }
    broken
}

/// `source` without its unit tests, which stand at the end of a file.
fn shipped(source: &str) -> &str {
    let end = source.find("\n#[cfg(test)]\nmod ");
    &source[..end.unwrap_or(source.len())]
}

/// A path as seen from the crate's root, if it starts with `crate`, `super` or `self`.
fn absolute(module: &[&str], mut path: Vec<String>) -> Vec<String> {
    let ups = path.iter().take_while(|part| *part == "super").count();
    if ups == 0 {
        return path;
    }
    let above = &module[..module.len().saturating_sub(ups)];
    let tail = path.split_off(ups);
    let root = std::iter::once("crate").chain(above.iter().copied());
    root.map(str::to_owned).chain(tail).collect()
}

/// Every path of two or more parts, those in braces multiplied out.
fn paths(tokens: &[String]) -> Vec<Vec<String>> {
    let mut all = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if is_word(&tokens[at]) && tokens[at] != "use" {
            at = path(tokens, at, &[], &mut all);
        } else {
            at += 1;
        }
    }
    all
}

/// Reads one path that goes on after `before`; returns where it ends.
fn path(tokens: &[String], start: usize, before: &[String], all: &mut Vec<Vec<String>>) -> usize {
    let mut parts = before.to_vec();
    let mut at = start;
    loop {
        parts.push(tokens[at].clone());
        at += 1;
        if tokens.get(at).is_none_or(|token| token != "::") {
            break;
        }
        at += 1;
        match tokens.get(at).map(String::as_str) {
            Some("{") => return group(tokens, at + 1, &parts, all),
            Some(token) if is_word(token) => {}
            _ => break,
        }
    }
    if parts.len() > 1 {
        all.push(parts);
    }
    at
}

fn group(tokens: &[String], start: usize, before: &[String], all: &mut Vec<Vec<String>>) -> usize {
    let mut at = start;
    while let Some(token) = tokens.get(at) {
        at = match token.as_str() {
            "}" => return at + 1,
            word if is_word(word) => path(tokens, at, before, all),
            _ => at + 1,
        };
    }
    at
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Words, `::` and single marks; comments, strings and characters are gone.
fn tokens(source: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (length, keep) = token(rest, first);
        if keep {
            all.push(rest[..length].to_owned());
        }
        rest = &rest[length..];
    }
    all
}

/// The length of the token that `rest` starts with, and whether it matters.
fn token(rest: &str, first: char) -> (usize, bool) {
    let until = |end: &str| rest.find(end).map_or(rest.len(), |at| at + end.len());
    if rest.starts_with("//") {
        (until("\n"), false)
    } else if rest.starts_with("/*") {
        (until("*/"), false)
    } else if rest.starts_with("r#\"") {
        (until("\"#"), false)
    } else if first == '"' {
        (quoted(rest), false)
    } else if first == '\'' {
        (character(rest), false)
    } else if rest.starts_with("::") {
        (2, true)
    } else if is_word(rest) {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        (end.unwrap_or(rest.len()), true)
    } else {
        (first.len_utf8(), !first.is_whitespace())
    }
}

fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|&(_, c)| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    });
    end.map_or(rest.len(), |(at, _)| at + 1)
}

/// A character literal, or only the tick of a lifetime.
fn character(rest: &str) -> usize {
    let mut chars = rest.char_indices().skip(1);
    match (chars.next(), chars.next()) {
        (Some((_, '\\')), Some(_)) => chars.find(|&(_, c)| c == '\'').map_or(1, |(at, _)| at + 1),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

/// All of ours: what a build of the benchmarks' or the fuzzer's own package leaves is not.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.ends_with("target") {
                continue;
            }
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}
