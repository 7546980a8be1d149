//! A key press as the explorer knows it, and its one spelling: `ctrl-s`, `page-down`, `G`.
//! What a terminal sends for it is the loop's business; what it does, the keymap's.

use std::fmt;
use std::str::FromStr;

/// A key, without modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A key that writes a character; shift is in the character (`G`, not shift and `g`).
    Char(char),
    /// A function key, from 1.
    F(u8),
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab; with shift, what terminals call back-tab.
    Tab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Insert.
    Insert,
    /// The arrow up.
    Up,
    /// The arrow down.
    Down,
    /// The arrow to the left.
    Left,
    /// The arrow to the right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
}

/// The keys with a name, and the name.
const NAMED: [(Key, &str); 16] = [
    (Key::Char(' '), "space"),
    (Key::Char('-'), "minus"),
    (Key::Enter, "enter"),
    (Key::Esc, "esc"),
    (Key::Tab, "tab"),
    (Key::Backspace, "backspace"),
    (Key::Delete, "delete"),
    (Key::Insert, "insert"),
    (Key::Up, "up"),
    (Key::Down, "down"),
    (Key::Left, "left"),
    (Key::Right, "right"),
    (Key::Home, "home"),
    (Key::End, "end"),
    (Key::PageUp, "page-up"),
    (Key::PageDown, "page-down"),
];

/// A key with the modifiers held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// Control was held.
    pub ctrl: bool,
    /// Alt was held.
    pub alt: bool,
    /// Shift was held; never set for a character, which tells it itself.
    pub shift: bool,
}

/// Why a text names no chord.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no key: write a character, f1 to f12, or one of {names}, with ctrl-, alt- or shift- before it", names = names())]
pub struct ChordError(String);

fn names() -> String {
    NAMED.map(|(_, name)| name).join(" ")
}

impl Chord {
    /// The key alone.
    pub const fn plain(key: Key) -> Self {
        Self {
            key,
            ctrl: false,
            alt: false,
            shift: false,
        }
    }

    /// A character.
    pub const fn char(c: char) -> Self {
        Self::plain(Key::Char(c))
    }

    /// A character with control.
    pub const fn ctrl(c: char) -> Self {
        Self {
            ctrl: true,
            ..Self::char(c)
        }
    }

    /// The character it writes, if it writes one.
    pub const fn text(self) -> Option<char> {
        match self.key {
            Key::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }

    /// The same chord in the form that compares: terminals disagree on whether shift is told
    /// beside a character that shows it already, and on the case of a letter under control.
    #[must_use]
    pub const fn canonical(mut self) -> Self {
        if let Key::Char(c) = self.key {
            self.shift = false;
            if self.ctrl {
                self.key = Key::Char(c.to_ascii_lowercase());
            }
        }
        self
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [
            (self.ctrl, "ctrl-"),
            (self.alt, "alt-"),
            (self.shift, "shift-"),
        ] {
            if held {
                f.write_str(name)?;
            }
        }
        if let Some((_, name)) = NAMED.iter().find(|(key, _)| *key == self.key) {
            return f.write_str(name);
        }
        match self.key {
            Key::Char(c) => write!(f, "{c}"),
            Key::F(n) => write!(f, "f{n}"),
            // All others are named above.
            _ => Ok(()),
        }
    }
}

impl FromStr for Chord {
    type Err = ChordError;

    fn from_str(text: &str) -> Result<Self, ChordError> {
        let (mut rest, mut chord) = (text, Self::char(' '));
        loop {
            let (held, after) = match rest.split_once('-') {
                Some(("ctrl", after)) => (&mut chord.ctrl, after),
                Some(("alt", after)) => (&mut chord.alt, after),
                Some(("shift", after)) => (&mut chord.shift, after),
                _ => break,
            };
            *held = true;
            rest = after;
        }
        chord.key = key(rest).ok_or_else(|| ChordError(text.to_owned()))?;
        Ok(chord.canonical())
    }
}

fn key(name: &str) -> Option<Key> {
    if let Some((key, _)) = NAMED.iter().find(|(_, known)| *known == name) {
        return Some(*key);
    }
    if let Some(number) = name.strip_prefix('f').and_then(|n| n.parse::<u8>().ok()) {
        return (1..=12).contains(&number).then_some(Key::F(number));
    }
    let mut chars = name.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if !c.is_control() => Some(Key::Char(c)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_comes_back() {
        let spellings = [
            "a",
            "G",
            "/",
            "?",
            "minus",
            "space",
            "ctrl-c",
            "alt-enter",
            "ctrl-alt-left",
            "shift-tab",
            "f5",
            "page-down",
            "ctrl-minus",
        ];
        for text in spellings {
            let chord: Chord = text.parse().expect(text);
            assert_eq!(chord.to_string(), text);
        }
        let ctrl_s: Chord = "ctrl-S".parse().expect("a letter");
        assert_eq!(ctrl_s, Chord::ctrl('s'));
    }

    #[test]
    fn what_names_no_key_is_refused_with_the_names() {
        for text in [
            "", "ctrl-", "f13", "f0", "enterr", "ab", "hyper-x", "\u{1b}",
        ] {
            let error = text.parse::<Chord>().expect_err(text).to_string();
            assert!(error.contains("page-up"), "{error}");
        }
    }
}
