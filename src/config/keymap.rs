//! The keymap's file: rows of keys, command and description. The built-in one is the
//! documentation of all keys; a user's lies over it, command by command.

use std::collections::HashMap;

use serde::Deserialize;

use crate::explorer::{Chord, Command, Keymap, Scope};

/// The built-in file, with its comments.
pub const BUILT_IN: &str = include_str!("../../assets/keymap.toml");

/// Everything that is wrong in a keymap's file, one line each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the keymap has {}:\n{}", count(.0.len()), .0.join("\n"))]
pub struct KeymapError(Vec<String>);

fn count(errors: usize) -> String {
    match errors {
        1 => "an error".to_owned(),
        _ => format!("{errors} errors"),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    main: Vec<Row>,
    #[serde(default)]
    editor: Vec<Row>,
    #[serde(default)]
    choice: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    on: Vec<String>,
    run: String,
    /// For the reader of the file; what the help says comes from the command table.
    #[serde(default)]
    #[cfg_attr(not(test), expect(dead_code, reason = "only a test compares it"))]
    desc: Option<String>,
}

/// The built-in keymap with a user's file over it.
pub fn load(user: Option<&str>) -> Result<Keymap, KeymapError> {
    let mut keymap = Keymap::default();
    if let Some(text) = user {
        overlay(&mut keymap, text)?;
    }
    Ok(keymap)
}

/// Lays a file over a keymap. Nothing changes if anything in it is wrong.
fn overlay(keymap: &mut Keymap, text: &str) -> Result<(), KeymapError> {
    let file: File = toml::from_str(text).map_err(|error| KeymapError(vec![error.to_string()]))?;
    let (mut bindings, mut errors, mut taken) = (Vec::new(), Vec::new(), HashMap::new());
    let tables = [
        (Scope::Main, file.main),
        (Scope::Editor, file.editor),
        (Scope::Choice, file.choice),
    ];
    for (scope, rows) in tables {
        for row in rows {
            let Some(command) = Command::named(&row.run).filter(|known| known.scope() == scope)
            else {
                errors.push(unknown(&row.run, scope));
                continue;
            };
            let mut chords = Vec::new();
            for text in &row.on {
                match text.parse::<Chord>() {
                    Err(error) => errors.push(format!("{}: {error}", row.run)),
                    Ok(chord) => match taken.insert((scope, chord), command) {
                        Some(other) if other != command => {
                            errors.push(twice(chord, other, command));
                        }
                        _ => chords.push(chord),
                    },
                }
            }
            bindings.push((command, chords));
        }
    }
    if !errors.is_empty() {
        return Err(KeymapError(errors));
    }
    for (command, chords) in bindings {
        for old in keymap.chords(command) {
            // A row above may have given this key to another command by now.
            if keymap.command(command.scope(), old) == Some(command) {
                keymap.unbind(command.scope(), old);
            }
        }
        for chord in chords {
            keymap.bind(chord, command);
        }
    }
    Ok(())
}

fn unknown(name: &str, scope: Scope) -> String {
    match Command::named(name) {
        Some(command) => format!(
            "{name} belongs under [[{}]], not under [[{}]]",
            command.scope().name(),
            scope.name()
        ),
        None => format!("{name:?} is no command; the help lists them all"),
    }
}

fn twice(chord: Chord, one: Command, other: Command) -> String {
    format!(
        "{chord} is bound to both {} and {}",
        one.name(),
        other.name()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_file_says_what_the_table_says() {
        let mut read = Keymap::empty();
        overlay(&mut read, BUILT_IN).expect("the built-in file is right");
        assert_eq!(read, Keymap::default());
        let file: File = toml::from_str(BUILT_IN).expect("parsed above");
        let rows = [file.main, file.editor, file.choice].into_iter().flatten();
        let rows: Vec<_> = rows.map(|row| (row.run, row.desc, row.on)).collect();
        let table: Vec<_> = Command::ALL
            .iter()
            .map(|command| {
                let keys = command.keys().iter().map(ToString::to_string).collect();
                (
                    command.name().to_owned(),
                    Some(command.doc().to_owned()),
                    keys,
                )
            })
            .collect();
        assert_eq!(
            rows, table,
            "same commands, words and keys, in the same order"
        );
    }

    #[test]
    fn a_users_file_lies_over_it() {
        let text = r#"
            [[main]]
            on = ["x", "e"]
            run = "refresh"
            [[main]]
            on = []
            run = "toggle-mouse"
        "#;
        let keymap = load(Some(text)).expect("right");
        let command = |key: &str| keymap.command(Scope::Main, key.parse().expect(key));
        assert_eq!(command("x"), Some(Command::Refresh));
        assert_eq!(command("e"), Some(Command::Refresh), "taken from edit");
        assert_eq!(command("r"), None, "its old key is free");
        assert_eq!(command("m"), None);
        assert_eq!(command("d"), Some(Command::Delete));
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let text = r#"
            [[main]]
            on = ["x", "hyper-q"]
            run = "refresh"
            [[main]]
            on = ["x"]
            run = "edit"
            [[editor]]
            on = ["ctrl-d"]
            run = "delete"
            [[choice]]
            on = []
            run = "dance"
        "#;
        let error = load(Some(text)).expect_err("four mistakes").to_string();
        for part in [
            "4 errors",
            "hyper-q",
            "both refresh and edit",
            "[[main]]",
            "dance",
        ] {
            assert!(error.contains(part), "{part} in {error}");
        }
        assert!(load(Some("[[main]]\non = 3")).is_err());
        assert!(load(Some("[[mian]]")).is_err());
    }
}
