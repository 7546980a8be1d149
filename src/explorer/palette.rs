//! The palette: commands found by letters of their name or words, best first.

use super::command::{Command, Scope};
use super::input::Input;

/// The palette's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Palette {
    /// What is typed.
    pub input: Input,
    /// What it finds, best first.
    pub entries: Vec<Command>,
    /// The chosen entry.
    pub chosen: usize,
}

impl Default for Palette {
    /// A palette with every command.
    fn default() -> Self {
        let mut palette = Self {
            input: Input::default(),
            entries: Vec::new(),
            chosen: 0,
        };
        palette.search();
        palette
    }
}

impl Palette {
    /// Finds what the typed text asks for.
    pub fn search(&mut self) {
        let text = self.input.text().to_lowercase();
        let offered = Command::ALL
            .iter()
            .filter(|command| command.scope() == Scope::Main && **command != Command::Palette);
        let mut found: Vec<(usize, Command)> = offered
            .filter_map(|&command| Some((rank(&text, command)?, command)))
            .collect();
        found.sort_by_key(|(rank, _)| *rank);
        self.entries = found.into_iter().map(|(_, command)| command).collect();
        self.chosen = 0;
    }

    /// Chooses the entry so many further down, or up.
    pub fn move_by(&mut self, rows: isize) {
        let last = self.entries.len().saturating_sub(1);
        self.chosen = self.chosen.saturating_add_signed(rows).min(last);
    }

    /// The chosen command.
    pub fn entry(&self) -> Option<Command> {
        self.entries.get(self.chosen).copied()
    }
}

/// How far a command is from the text: names before words, and tight before scattered.
fn rank(text: &str, command: Command) -> Option<usize> {
    const IN_WORDS: usize = 1_000;
    let words = command.doc().to_lowercase();
    let in_words = words.find(text).map(|at| IN_WORDS + at);
    spread(text, command.name()).or(in_words)
}

/// How widely the text's letters are spread over the name; none if one is missing.
fn spread(text: &str, name: &str) -> Option<usize> {
    let mut from = 0;
    let mut spread = 0;
    for letter in text.chars().filter(|letter| *letter != ' ') {
        let at = name.get(from..)?.find(letter)?;
        spread += at;
        from += at + letter.len_utf8();
    }
    Some(spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_the_name_come_before_words() {
        assert_eq!(spread("cp", "copy-path"), Some(1));
        assert_eq!(spread("px", "copy-path"), None);
        let found = |text: &str| {
            let mut found: Vec<_> = Command::ALL
                .iter()
                .filter_map(|command| Some((rank(text, *command)?, command.name())))
                .collect();
            found.sort_unstable();
            found.first().map(|(_, name)| *name)
        };
        assert_eq!(found("cre"), Some("create"));
        assert_eq!(found("copy d"), Some("copy-data"));
        assert_eq!(found("byte for byte"), Some("copy-data"));
        assert_eq!(found("zzz"), None);
    }
}
