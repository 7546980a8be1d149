//! A line of text being typed: its text, and a cursor that stands between graphemes.
//! Multi-line text is the editor's.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation as _};

use super::key::{Chord, Key};

/// A line of text with a cursor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Input {
    text: String,
    /// A byte offset, always on a grapheme's edge.
    cursor: usize,
}

impl Input {
    /// A line that begins as `text`, the cursor behind it.
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self {
            cursor: text.len(),
            text,
        }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text before the cursor and that after it.
    pub fn halves(&self) -> (&str, &str) {
        self.text.split_at(self.cursor)
    }

    /// Whether nothing is typed.
    pub const fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Puts text in at the cursor.
    pub fn insert(&mut self, text: &str) {
        self.text.insert_str(self.cursor, text);
        self.cursor += text.len();
        self.settle();
    }

    /// Takes a key, if it is one that edits a line; says so.
    pub fn key(&mut self, chord: Chord) -> bool {
        match (chord.key, chord.ctrl) {
            (Key::Backspace, false) => self.delete(self.before()),
            (Key::Char('w') | Key::Backspace, true) => self.delete(self.word_before()),
            (Key::Char('u'), true) => self.delete(0),
            (Key::Delete, _) => self.delete(self.after()),
            (Key::Left, false) => self.cursor = self.before(),
            (Key::Right, false) => self.cursor = self.after(),
            (Key::Left, true) => self.cursor = self.word_before(),
            (Key::Home, _) | (Key::Char('a'), true) => self.cursor = 0,
            (Key::End, _) | (Key::Char('e'), true) => self.cursor = self.text.len(),
            _ => match chord.text() {
                Some(c) => self.insert(c.encode_utf8(&mut [0; 4])),
                None => return false,
            },
        }
        true
    }

    fn delete(&mut self, to: usize) {
        let range = self.cursor.min(to)..self.cursor.max(to);
        self.cursor = range.start;
        self.text.drain(range);
        self.settle();
    }

    fn before(&self) -> usize {
        GraphemeCursor::new(self.cursor, self.text.len(), true)
            .prev_boundary(&self.text, 0)
            .ok()
            .flatten()
            .unwrap_or(0)
    }

    fn after(&self) -> usize {
        GraphemeCursor::new(self.cursor, self.text.len(), true)
            .next_boundary(&self.text, 0)
            .ok()
            .flatten()
            .unwrap_or(self.text.len())
    }

    fn word_before(&self) -> usize {
        let head = self.halves().0;
        head.unicode_word_indices()
            .next_back()
            .map_or(0, |(at, _)| at)
    }

    /// What was put together may have joined: the cursor moves to the next edge.
    fn settle(&mut self) {
        let mut edges = GraphemeCursor::new(self.cursor, self.text.len(), true);
        if !edges.is_boundary(&self.text, 0).unwrap_or(true) {
            self.cursor = self.after();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(input: &mut Input, keys: &str) {
        for key in keys.split_whitespace() {
            input.key(key.parse().expect(key));
        }
    }

    #[test]
    fn keys_edit_the_line() {
        let mut input = Input::default();
        press(&mut input, "a b c left left x");
        assert_eq!(input.halves(), ("ax", "bc"));
        press(&mut input, "delete home right backspace");
        assert_eq!(input.halves(), ("", "xc"));
        press(&mut input, "end ctrl-u");
        assert!(input.is_empty());
        input.insert("one two");
        press(&mut input, "ctrl-w");
        assert_eq!(input.text(), "one ");
        assert!(!input.key(Chord::plain(Key::Enter)), "not a line's key");
    }

    #[test]
    fn the_cursor_never_stands_inside_a_grapheme() {
        let mut input = Input::new("e\u{301}");
        press(&mut input, "left");
        assert_eq!(input.halves(), ("", "e\u{301}"));
        press(&mut input, "x right backspace");
        assert_eq!(input.text(), "x");
        let mut joined = Input::new("e");
        joined.insert("\u{301}");
        press(&mut joined, "backspace");
        assert!(joined.is_empty());
    }
}
