//! What ends on a screen: a znode's bytes as rows, and any text made safe. No byte from
//! outside may reach a terminal that it could command, or take cells it is not counted for.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr as _};
use zooscope::decode::decode;
use zooscope::text::{self, Charset};

/// What rows and lines may take for a byte of data, packed data apart …
const MEMORY_PER_BYTE: u64 = 512;
/// … and what any may: finding out that data is packed, and broken, takes a window.
const MEMORY_AT_LEAST: u64 = 256 << 10;

/// A znode's bytes, up to the rows that a screen shows of them.
pub fn value(bytes: &[u8]) -> bool {
    let mut packed = false;
    let taken = allocation_counter::measure(|| packed = shown(bytes));
    assert!(packed || taken.bytes_max <= MEMORY_PER_BYTE * bytes.len() as u64 + MEMORY_AT_LEAST);
    true
}

fn shown(bytes: &[u8]) -> bool {
    use Charset::{Ascii, Unicode};
    let decoded = decode(Some(bytes));
    assert_eq!(decoded.stored_len(), bytes.len());
    assert!(decoded.text().is_none_or(|text| text.as_bytes() == bytes));
    let widths = [(0, Unicode), (16, Ascii), (33, Unicode), (80, Ascii)];
    for (width, charset) in widths {
        let count = decoded.row_count(width, charset);
        let rows = decoded.rows(0..50, width, charset);
        assert_eq!(rows.len(), count.min(50));
        for row in rows {
            harmless(&row.text());
            // Narrower than 20 cells, or for one wide character, rows are wider.
            assert!(text::width(&row.text()) <= width.max(20) + 1, "{row:?}");
        }
        // A window begins where the rows before it end.
        let last = decoded.rows(count.saturating_sub(3)..count, width, charset);
        let whole = decoded.rows(0..count.min(5000), width, charset);
        assert!(count > 5000 || whole.ends_with(&last));
    }
    assert!(!decoded.summary().is_empty());
    decoded.packing().is_some()
}

/// Any bytes as text: the first says how many cells there are.
pub fn text(bytes: &[u8]) -> bool {
    let Some((&limit, bytes)) = bytes.split_first() else {
        return false;
    };
    let limit = usize::from(limit % 40);
    let raw = String::from_utf8_lossy(bytes);
    let safe = text::safe(&raw);
    harmless(&safe);
    assert_eq!(text::safe(&safe), safe, "safe text is left alone");
    assert!(text::shown(&raw, Charset::Ascii).is_ascii());
    let cells: usize = safe.chars().filter_map(UnicodeWidthChar::width).sum();
    assert_eq!(
        text::width(&safe),
        cells,
        "by graphemes and by characters: {safe:?}"
    );
    for dots in ["…", "...", ""] {
        let cut = text::truncate(&safe, limit, dots);
        let middle = text::truncate_middle(&safe, limit, dots);
        let tail = text::tail(&safe, limit);
        for part in [&*cut, &*middle, tail] {
            assert!(text::width(part) <= limit, "{part:?}");
            harmless(part);
        }
        assert!(safe.ends_with(tail));
        assert_eq!(text::width(&text::pad_left(&safe, limit, dots)), limit);
    }
    wrapped(&raw, limit.max(12));
    true
}

/// Line by line, all of a text is shown.
fn wrapped(mut rest: &str, room: usize) {
    while !rest.is_empty() {
        let mut line = String::new();
        let (bytes, cells) = text::fill(rest, 0, room, Charset::Unicode, &mut line);
        assert!(bytes > 0 && cells <= room);
        assert_eq!(text::width(&line), cells);
        harmless(&line);
        rest = &rest[bytes..];
    }
}

/// Nothing in it commands a terminal, is invisible or turns text around.
fn harmless(text: &str) {
    let harm = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
    };
    assert!(!text.chars().any(harm), "{text:?}");
    assert!(text.is_empty() || text.width() > 0, "{text:?}");
}
