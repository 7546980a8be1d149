//! Which key asks for what, where. Made of the command table; a user's file may say
//! otherwise (`config::keymap` reads it).

use std::collections::HashMap;

use super::command::{Command, Scope};
use super::key::Chord;

/// Keys and what they ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bindings: HashMap<(Scope, Chord), Command>,
}

impl Default for Keymap {
    fn default() -> Self {
        let mut keymap = Self::empty();
        for &command in Command::ALL {
            // Every key of the table has a right spelling: a test of the table says so.
            for chord in command.keys().iter().filter_map(|key| key.parse().ok()) {
                keymap.bind(chord, command);
            }
        }
        keymap
    }
}

impl Keymap {
    /// No bindings at all.
    pub fn empty() -> Self {
        Self {
            bindings: HashMap::new(),
        }
    }

    /// Binds a key; returns what it asked for before.
    pub fn bind(&mut self, chord: Chord, command: Command) -> Option<Command> {
        self.bindings
            .insert((command.scope(), chord.canonical()), command)
    }

    /// Frees a key.
    pub fn unbind(&mut self, scope: Scope, chord: Chord) {
        self.bindings.remove(&(scope, chord.canonical()));
    }

    /// What a key asks for.
    pub fn command(&self, scope: Scope, chord: Chord) -> Option<Command> {
        self.bindings.get(&(scope, chord.canonical())).copied()
    }

    /// The keys of a command: those of the table first, in its order.
    pub fn chords(&self, command: Command) -> Vec<Chord> {
        let rank = |chord: &Chord| {
            let text = chord.to_string();
            let keys = command.keys();
            (
                keys.iter()
                    .position(|key| *key == text)
                    .unwrap_or(keys.len()),
                text,
            )
        };
        let bound = self.bindings.iter().filter(|(_, bound)| **bound == command);
        let mut chords: Vec<Chord> = bound.map(|((_, chord), _)| *chord).collect();
        chords.sort_by_key(rank);
        chords
    }
}
