//! JSON laid out: which slices of the original text make a line, how deep each is indented,
//! and what each token of it is. Nothing is parsed into values, so nothing can be rounded,
//! reordered or unescaped.

use serde::de::IgnoredAny;

use super::flow::Line;
use super::row::Token;

/// Whether it is one whole JSON object or array. A lone number or string is better shown as
/// the text it is.
pub(super) fn is_document(bytes: &[u8]) -> bool {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'['))
        && std::str::from_utf8(bytes)
            .is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok())
}

/// The lines of a document that [`is_document`] has found valid.
pub(super) fn lines(bytes: &[u8]) -> Vec<Line> {
    let mut layout = Layout {
        bytes,
        lines: Vec::new(),
        start: None,
        depth: 0,
    };
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at = if byte.is_ascii_whitespace() {
            at + 1
        } else {
            layout.token(at, *byte)
        };
    }
    layout.end_line(bytes.len());
    layout.lines
}

struct Layout<'a> {
    bytes: &'a [u8],
    lines: Vec<Line>,
    /// Where the line that is being made began.
    start: Option<usize>,
    depth: u16,
}

impl Layout<'_> {
    /// Takes the token at `at` and returns where it ends.
    fn token(&mut self, at: usize, byte: u8) -> usize {
        match byte {
            b'{' | b'[' => {
                self.start.get_or_insert(at);
                let next = skip_space(self.bytes, at + 1);
                if matches!(self.bytes.get(next), Some(b'}' | b']')) {
                    return next + 1;
                }
                self.end_line(at + 1);
                self.depth = self.depth.saturating_add(1);
                at + 1
            }
            b'}' | b']' => {
                self.end_line(at);
                self.depth = self.depth.saturating_sub(1);
                self.start = Some(at);
                at + 1
            }
            b',' => {
                self.end_line(at + 1);
                at + 1
            }
            _ => {
                self.start.get_or_insert(at);
                if byte == b'"' {
                    string_end(self.bytes, at)
                } else {
                    at + 1
                }
            }
        }
    }

    fn end_line(&mut self, end: usize) {
        if let Some(start) = self.start.take() {
            self.lines.push(Line::new(start..end, self.depth));
        }
    }
}

/// The token at `at`, which is no white space, and where it ends.
pub(super) fn token(bytes: &[u8], at: usize) -> (Token, usize) {
    match bytes.get(at) {
        Some(b'"') => {
            let end = string_end(bytes, at);
            let is_key = bytes.get(skip_space(bytes, end)) == Some(&b':');
            (if is_key { Token::Key } else { Token::String }, end)
        }
        Some(b'-' | b'0'..=b'9') => (Token::Number, word_end(bytes, at)),
        Some(b'a'..=b'z') => (Token::Literal, word_end(bytes, at)),
        _ => (Token::Punctuation, at + 1),
    }
}

/// The next place at or after `at` that is no white space.
pub(super) fn skip_space(bytes: &[u8], at: usize) -> usize {
    let space = bytes
        .iter()
        .skip(at)
        .take_while(|byte| byte.is_ascii_whitespace());
    at + space.count()
}

/// Where the string ends that begins at `at`, behind its closing quote.
fn string_end(bytes: &[u8], at: usize) -> usize {
    let mut end = at + 1;
    loop {
        match bytes.get(end) {
            Some(b'"') => return end + 1,
            Some(b'\\') => end += 2,
            Some(_) => end += 1,
            None => return bytes.len(),
        }
    }
}

fn word_end(bytes: &[u8], at: usize) -> usize {
    let part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    at + bytes.iter().skip(at).take_while(part).count()
}
