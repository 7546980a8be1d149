//! A znode's bytes → what they are, and how to show them as rows of tokens, a window at a
//! time. Numbers, key order and escapes are shown as they were written: JSON is only laid out
//! anew, never parsed into values and printed back.
//!
//! It knows formats. It refuses to know colours (a [`Token`] is a meaning), screens and panes.

mod flow;
mod hex;
mod json;
mod pack;
mod row;

use std::cell::RefCell;
use std::ops::Range;

pub use pack::Packing;
pub use row::{Piece, Row, Token};

use crate::text::{self, Charset};
use flow::{Flow, Grammar};

/// Narrower than this, rows are laid out for this width all the same: something must fit, even
/// where half of it is indentation.
const MIN_WIDTH: usize = 2 * text::WIDEST;

/// What a znode's data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The znode has no data, not even empty data.
    Null,
    /// Zero bytes.
    Empty,
    /// A JSON object or array.
    Json,
    /// UTF-8 with hardly any control characters.
    Text,
    /// Anything else.
    Binary,
}

impl Kind {
    /// Its name, as a pane's title has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Empty => "empty",
            Self::Json => "JSON",
            Self::Text => "text",
            Self::Binary => "binary",
        }
    }
}

/// Data as text or as mere bytes: looked at once, not on every frame.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Content {
    Text(String),
    Bytes(Vec<u8>),
}

impl Content {
    const fn len(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

/// A znode's data with what was found out about it. Rows are made when asked for; where each
/// begins is worked out once per width, in one pass, and remembered.
#[derive(Debug, Clone)]
pub struct Decoded {
    kind: Kind,
    packing: Option<Packing>,
    /// The length before unpacking.
    stored: usize,
    /// The data, unpacked.
    content: Content,
    /// Whether some lines end in CR LF.
    crlf: bool,
    /// Where the lines are, for text and JSON.
    lines: Vec<flow::Line>,
    /// Where the rows of the last asked width and charset begin.
    rows: RefCell<Option<flow::Index>>,
}

/// Two are equal if they hold the same data.
impl PartialEq for Decoded {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, self.packing, &self.content) == (other.kind, other.packing, &other.content)
    }
}

impl Eq for Decoded {}

/// Finds out what `data` is.
pub fn decode(data: Option<&[u8]>) -> Decoded {
    let stored = data.unwrap_or_default();
    let unpacked = pack::unpack(stored);
    let packing = unpacked.as_ref().map(|(packing, _)| *packing);
    let bytes = unpacked.map_or_else(|| stored.to_vec(), |(_, bytes)| bytes);
    let kind = match (data, &*bytes) {
        (None, _) => Kind::Null,
        (_, []) => Kind::Empty,
        (_, bytes) if json::is_document(bytes) => Kind::Json,
        (_, bytes) if is_text(bytes) => Kind::Text,
        _ => Kind::Binary,
    };
    let lines = match kind {
        Kind::Json => json::lines(&bytes),
        Kind::Text => flow::text_lines(&bytes),
        Kind::Null | Kind::Empty | Kind::Binary => Vec::new(),
    };
    Decoded {
        kind,
        packing,
        stored: stored.len(),
        crlf: kind == Kind::Text && bytes.windows(2).any(|pair| pair == b"\r\n"),
        content: match String::from_utf8(bytes) {
            Ok(text) if kind != Kind::Binary => Content::Text(text),
            Ok(text) => Content::Bytes(text.into_bytes()),
            Err(error) => Content::Bytes(error.into_bytes()),
        },
        lines,
        rows: RefCell::new(None),
    }
}

impl Decoded {
    /// What it is.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// How it was packed, if it was.
    pub const fn packing(&self) -> Option<Packing> {
        self.packing
    }

    /// How many bytes the znode holds.
    pub const fn stored_len(&self) -> usize {
        self.stored
    }

    /// The text as it is stored, byte for byte; none if it is packed or no UTF-8. Only this
    /// may go into a text editor.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) if self.packing.is_none() => Some(text),
            _ => None,
        }
    }

    /// What it is, in a few words: `JSON`, `text, CRLF`, `binary, 3.1 KiB in gzip`.
    pub fn summary(&self) -> String {
        let mut words = vec![self.kind.name().to_owned()];
        if self.crlf {
            words.push("CRLF".to_owned());
        }
        if let Some(packing) = self.packing {
            let size = bytes_in_words(self.content.len());
            words.push(format!("{size} in {}", packing.name()));
        }
        words.join(", ")
    }

    /// How many rows it makes at this width in cells. Nothing makes none.
    pub fn row_count(&self, width: usize, charset: Charset) -> usize {
        let width = width.max(MIN_WIDTH);
        match &self.content {
            Content::Text(text) => self.indexed(text, (width, charset), |_, index| index.len()),
            Content::Bytes(bytes) => hex::row_count(bytes.len(), width),
        }
    }

    /// The rows of a window; fewer, if it reaches beyond the end.
    pub fn rows(&self, window: Range<usize>, width: usize, charset: Charset) -> Vec<Row> {
        let width = width.max(MIN_WIDTH);
        match &self.content {
            Content::Text(text) => self.indexed(text, (width, charset), |flow, index| {
                flow.rows(index, window)
            }),
            Content::Bytes(bytes) => hex::rows(bytes, window, width),
        }
    }

    fn indexed<T>(
        &self,
        text: &str,
        (width, charset): (usize, Charset),
        take: impl FnOnce(&Flow<'_>, &flow::Index) -> T,
    ) -> T {
        let flow = Flow {
            text,
            lines: &self.lines,
            grammar: match self.kind {
                Kind::Json => Grammar::Json,
                _ => Grammar::Plain,
            },
            width,
            charset,
        };
        let mut rows = self.rows.borrow_mut();
        let index = match rows.take() {
            Some(index) if index.is_of(width, charset) => index,
            _ => flow.index(),
        };
        take(&flow, rows.insert(index))
    }
}

/// A size for humans: `17 B`, `1.2 KiB`, `3.0 MiB`.
pub fn bytes_in_words(bytes: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "one decimal of it is shown")]
    let (kib, mib) = (bytes as f64 / 1024.0, bytes as f64 / 1_048_576.0);
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_525 => format!("{kib:.1} KiB"),
        _ => format!("{mib:.1} MiB"),
    }
}

/// UTF-8 without NUL and with at most one control character for every ten bytes.
fn is_text(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let odd = |c: &char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}');
    !bytes.contains(&0) && text.chars().filter(odd).count() * 10 <= text.len()
}

#[cfg(test)]
mod tests;
