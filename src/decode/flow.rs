//! Lines of tokens into rows of a width. One pass finds where each row begins; a window of
//! rows is then made by the same steps from there, so the two can't disagree, and a row in
//! the middle of a megabyte costs no more than a row.

use std::ops::Range;

use super::json;
use super::row::{Row, Token};
use crate::text::{self, Charset};

/// Cells per level of indentation.
const STEP: usize = 2;

/// A line: a slice of the data, and how deep it is nested. Small, for a short znode can unpack
/// to millions of lines.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    start: u32,
    end: u32,
    depth: u16,
}

impl Line {
    /// The line of these bytes.
    pub fn new(bytes: Range<usize>, depth: u16) -> Self {
        Self {
            start: narrow(bytes.start),
            end: narrow(bytes.end),
            depth,
        }
    }
}

/// A place in the data, in half the room. No frame is that long.
fn narrow(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

const fn wide(at: u32) -> usize {
    at as usize
}

/// How a line falls into tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grammar {
    Plain,
    Json,
}

/// Where a row begins.
#[derive(Debug, Clone, Copy)]
struct Start {
    line: u32,
    at: u32,
    /// The token it begins within, and where that ends; none at a token's own start.
    within: Option<(Token, u32)>,
}

/// Where all rows of one width begin.
#[derive(Debug, Clone)]
pub(super) struct Index {
    width: usize,
    charset: Charset,
    starts: Vec<Start>,
}

impl Index {
    /// Whether it was made for this width and charset.
    pub fn is_of(&self, width: usize, charset: Charset) -> bool {
        (self.width, self.charset) == (width, charset)
    }

    pub const fn len(&self) -> usize {
        self.starts.len()
    }
}

/// The lines of a text, without their line ends.
pub(super) fn text_lines(bytes: &[u8]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let bare = line.strip_suffix(b"\n").unwrap_or(line);
        let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
        lines.push(Line::new(start..start + bare.len(), 0));
        start += line.len();
    }
    lines
}

/// A text about to be laid out at a width.
pub(super) struct Flow<'a> {
    pub text: &'a str,
    pub lines: &'a [Line],
    pub grammar: Grammar,
    pub width: usize,
    pub charset: Charset,
}

impl Flow<'_> {
    /// Finds where every row begins.
    pub fn index(&self) -> Index {
        let mut starts = Vec::with_capacity(self.lines.len());
        let mut scratch = Row::default();
        for (line, Line { start, .. }) in self.lines.iter().enumerate() {
            let mut next = Some(Start {
                line: narrow(line),
                at: *start,
                within: None,
            });
            while let Some(start) = next {
                starts.push(start);
                scratch.pieces.clear();
                next = self.row(start, &mut scratch);
            }
        }
        Index {
            width: self.width,
            charset: self.charset,
            starts,
        }
    }

    /// Makes the rows of a window.
    pub fn rows(&self, index: &Index, window: Range<usize>) -> Vec<Row> {
        let starts = index.starts.iter().skip(window.start).take(window.len());
        starts
            .map(|start| {
                let mut row = Row::default();
                self.row(*start, &mut row);
                row
            })
            .collect()
    }

    /// Makes one row, and returns where the line goes on if it does.
    fn row(&self, start: Start, row: &mut Row) -> Option<Start> {
        let line = self.lines.get(wide(start.line))?;
        row.continued = start.at > line.start;
        let hang = usize::from(row.continued && self.grammar == Grammar::Json);
        let indent = ((usize::from(line.depth) + hang) * STEP).min(self.width / 2);
        row.push(Token::Plain, " ".repeat(indent));
        let (mut at, line_end, mut column) = (wide(start.at), wide(line.end), indent);
        let mut within = start.within.map(|(token, end)| (token, wide(end)));
        while at < line_end {
            let (token, end) = within.take().unwrap_or_else(|| self.token(at, line_end));
            let end = end.min(line_end);
            let mut shown = String::new();
            let slice = self.text.get(at..end).unwrap_or_default();
            let (bytes, cells) =
                text::fill(slice, column, self.width - column, self.charset, &mut shown);
            row.push(token, shown);
            (at, column) = (at + bytes, column + cells);
            if at < end {
                return Some(Start {
                    at: narrow(at),
                    within: Some((token, narrow(end))),
                    ..start
                });
            }
            (at, column) = self.between(at, line_end, column, row);
            if at < line_end && column >= self.width {
                return Some(Start {
                    at: narrow(at),
                    within: None,
                    ..start
                });
            }
        }
        None
    }

    fn token(&self, at: usize, line_end: usize) -> (Token, usize) {
        match self.grammar {
            Grammar::Plain => (Token::Plain, line_end),
            Grammar::Json => json::token(self.text.as_bytes(), at),
        }
    }

    /// Skips JSON's white space after a token, and puts the one space that we want there.
    fn between(&self, at: usize, line_end: usize, column: usize, row: &mut Row) -> (usize, usize) {
        if self.grammar == Grammar::Plain {
            return (at, column);
        }
        let bytes = self.text.as_bytes();
        let colon = at.checked_sub(1).and_then(|last| bytes.get(last)) == Some(&b':');
        let next = json::skip_space(bytes, at).min(line_end);
        if colon && column < self.width {
            row.push(Token::Punctuation, " ".into());
            return (next, column + 1);
        }
        (next, column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Eight megabytes of `1,` are four million lines.
    #[test]
    fn a_line_and_its_row_take_little_room() {
        assert!(size_of::<Line>() <= 12);
        assert!(size_of::<Start>() <= 16);
    }
}
