//! The smallest pieces of text that are shown or escaped as one: a character with the marks
//! it carries, a tab, or one character that must not reach a terminal as it is.
//!
//! It knows which characters are harmful, invisible or of disputed width; nothing of lines.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

use super::{TAB_STOP, escape};
use crate::text::fit::grapheme_cells;

/// More marks than this on one base are escaped: some terminals draw them over other rows.
const MAX_MARKS: usize = 8;

/// The most cells that one piece takes: those of the longest escape, `\u{10ffff}`. Letters
/// that join without end (Hangul's, say) are parted before they take more, so that whoever has
/// so much room can always go on.
pub const WIDEST: usize = 10;

/// A piece of a text and how it is shown.
pub(super) struct Atom<'a> {
    /// What it was.
    pub source: &'a str,
    /// What it becomes.
    pub shown: Shown,
}

/// How a piece is shown.
pub(super) enum Shown {
    /// As it is, in so many cells.
    Plain(usize),
    /// As spaces up to the next tab stop.
    Tab,
    /// As this visible ASCII text.
    Escaped(String),
}

impl Shown {
    /// How many cells it takes when it starts at `column`.
    pub fn cells(&self, column: usize) -> usize {
        match self {
            Self::Plain(cells) => *cells,
            Self::Tab => TAB_STOP - column % TAB_STOP,
            Self::Escaped(text) => text.len(),
        }
    }
}

/// Which characters a terminal is trusted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Charset {
    /// All that can be seen.
    #[default]
    Unicode,
    /// ASCII's alone: all others are escaped.
    Ascii,
}

/// The atoms of a text, in order; together they are the whole text.
pub(super) struct Atoms<'a> {
    rest: &'a str,
    charset: Charset,
}

impl<'a> Atoms<'a> {
    pub const fn new(text: &'a str, charset: Charset) -> Self {
        Self {
            rest: text,
            charset,
        }
    }
}

impl<'a> Iterator for Atoms<'a> {
    type Item = Atom<'a>;

    fn next(&mut self) -> Option<Atom<'a>> {
        let mut chars = self.rest.chars();
        let first = chars.next()?;
        let ascii = self.charset == Charset::Ascii;
        let simple = simple_cells(first)
            .filter(|_| ascii || chars.next().is_none_or(|next| simple_cells(next).is_some()));
        let (len, shown) = if ascii && !first.is_ascii() {
            (first.len_utf8(), Shown::Escaped(escape(first)))
        } else if let Some(cells) = simple {
            (first.len_utf8(), Shown::Plain(cells))
        } else if first == '\t' {
            (1, Shown::Tab)
        } else if hidden(first) || char_cells(first) == 0 || extends(first) {
            (first.len_utf8(), Shown::Escaped(escape(first)))
        } else {
            let base = with_marks(self.rest);
            (base.len(), Shown::Plain(grapheme_cells(base)))
        };
        let (source, rest) = self.rest.split_at(len);
        self.rest = rest;
        Some(Atom { source, shown })
    }
}

/// The longest start of `text` that is one grapheme, holds nothing hidden, and takes the same
/// number of cells whether a terminal counts characters or graphemes.
fn with_marks(text: &str) -> &str {
    // Long enough for every base with its marks; a bound keeps hostile text linear.
    let window = text.char_indices().nth(MAX_MARKS + 2);
    let window = window.map_or(text, |(end, _)| &text[..end]);
    let grapheme = window.graphemes(true).next().unwrap_or_default();
    let (mut end, mut sum) = (0, 0);
    for (count, (at, c)) in grapheme.char_indices().enumerate() {
        let next = at + c.len_utf8();
        sum += char_cells(c);
        let fine = count == 0
            || (count <= MAX_MARKS
                && sum <= WIDEST
                && !hidden(c)
                && grapheme_cells(&grapheme[..next]) == sum);
        if !fine {
            break;
        }
        end = next;
    }
    &text[..end]
}

/// The cells of characters that never join with a neighbour of this same kind. Most text is
/// made of them, and so needs no segmentation.
const fn simple_cells(c: char) -> Option<usize> {
    match c {
        ' '..='~'
        | '\u{a1}'..='\u{ac}'
        | '\u{ae}'..='\u{2ff}'
        | '\u{391}'..='\u{3ff}'
        | '\u{400}'..='\u{482}'
        | '\u{48a}'..='\u{52f}' => Some(1),
        '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}' => Some(2),
        _ => None,
    }
}

/// Cells of one character on a terminal that looks at one character at a time.
pub(super) fn char_cells(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// Whether it would join with a letter before it.
fn extends(c: char) -> bool {
    let mut pair = String::from("a");
    pair.push(c);
    pair.graphemes(true).nth(1).is_none()
}

/// Controls, format and bidi characters, variation selectors, fillers and separators: what a
/// reader can't see, or what changes what he sees elsewhere.
pub(super) fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xad | 0x34f | 0x600..=0x605 | 0x61c | 0x6dd | 0x70f | 0x890..=0x891 | 0x8e2
            | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f
            | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x3164
            | 0xfe00..=0xfe0f | 0xfeff | 0xffa0 | 0xfff0..=0xfffb | 0x110bd | 0x110cd
            | 0x13430..=0x1345f | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe_0000..=0xe_0fff)
}
