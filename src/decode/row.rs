//! What a decoder hands to a view: rows of pieces of safe text, each with its meaning.

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Token {
    /// Just text.
    Plain,
    /// The name of a JSON member.
    Key,
    /// A JSON string.
    String,
    /// A JSON number.
    Number,
    /// `true`, `false` or `null`.
    Literal,
    /// Brackets, commas, colons.
    Punctuation,
    /// Where in the data a row of a hex dump begins.
    Offset,
    /// A byte of a hex dump.
    Hex,
    /// A NUL byte of a hex dump: there are many, and they say little.
    Zero,
}

/// Some safe text and its meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub token: Token,
    /// How it is shown; safe for a screen.
    pub text: String,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Row {
    /// Its text, from the left.
    pub pieces: Vec<Piece>,
    /// Whether it goes on with the line of the row above, which was too long.
    pub continued: bool,
}

impl Row {
    /// Its text without meanings.
    pub fn text(&self) -> String {
        self.pieces.iter().map(|piece| &*piece.text).collect()
    }

    pub(super) fn push(&mut self, token: Token, text: String) {
        if !text.is_empty() {
            self.pieces.push(Piece { token, text });
        }
    }
}
