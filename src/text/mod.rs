//! Text from outside → safe, measured text for a screen: what a byte, a character or a
//! grapheme looks like is decided here and nowhere else.
//!
//! It knows Unicode's tables. It refuses to know colours, terminals and where text comes from.
//! What it returns holds no control, bidi or invisible character, and takes as many cells on a
//! terminal that counts code points as on one that counts graphemes.

mod atom;
mod fit;

use std::borrow::Cow;

pub use atom::{Charset, WIDEST};
pub use fit::{grapheme_cells, pad_left, tail, truncate, truncate_middle, width};

use atom::{Atom, Atoms, Shown};

/// Tabs end at multiples of this many cells.
const TAB_STOP: usize = 4;

/// The text as it can be shown: control characters as `\x1b`, bidi controls and all that is
/// invisible as `\u{202e}`, tabs as spaces.
pub fn safe(text: &str) -> Cow<'_, str> {
    shown(text, Charset::Unicode)
}

/// The same with what the terminal is trusted with.
pub fn shown(text: &str, charset: Charset) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    fill(text, 0, usize::MAX, charset, &mut out);
    Cow::Owned(out)
}

/// Shows as much of `text` as takes at most `room` cells, when `column` cells stand before it
/// on the line, and appends it to `out`. Returns how many of `text`'s bytes that was and how
/// many cells it took. Wrapping a text is calling this again for the rest.
pub fn fill(
    text: &str,
    column: usize,
    room: usize,
    charset: Charset,
    out: &mut String,
) -> (usize, usize) {
    let (mut bytes, mut cells) = (0, 0);
    for Atom { source, shown } in Atoms::new(text, charset) {
        let wide = shown.cells(column + cells);
        if wide > room - cells {
            break;
        }
        match shown {
            Shown::Plain(_) => out.push_str(source),
            Shown::Tab => out.extend(std::iter::repeat_n(' ', wide)),
            Shown::Escaped(escape) => out.push_str(&escape),
        }
        bytes += source.len();
        cells += wide;
    }
    (bytes, cells)
}

fn escape(c: char) -> String {
    let mut out = String::new();
    match c {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        c => match u8::try_from(u32::from(c)) {
            Ok(byte) => push_hex(byte, &mut out),
            Err(_) => out.extend(c.escape_unicode()),
        },
    }
    out
}

fn push_hex(byte: u8, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    out.push_str("\\x");
    out.push(char::from(DIGITS[usize::from(byte >> 4)]));
    out.push(char::from(DIGITS[usize::from(byte & 15)]));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation;

    #[test]
    fn what_could_harm_is_shown() {
        for (text, shown) in [
            ("plain ~", "plain ~"),
            ("\x1b]52;c;AAAA\x07", "\\x1b]52;c;AAAA\\x07"),
            ("\u{9b}2J\u{7f}\0", "\\x9b2J\\x7f\\x00"),
            ("a\nb\r", "a\\nb\\r"),
            ("a\tb", "a   b"),
            ("日\tb", "日  b"),
            ("evil\u{202e}txt.exe", "evil\\u{202e}txt.exe"),
            ("a\u{feff}b\u{200d}", "a\\u{feff}b\\u{200d}"),
        ] {
            assert_eq!(safe(text), shown, "{text:?}");
        }
    }

    #[test]
    fn marks_stay_on_their_base_and_lone_ones_show() {
        assert_eq!(safe("cafe\u{301}"), "cafe\u{301}");
        assert_eq!(safe("\u{301}a"), "\\u{301}a");
        assert_eq!(safe("\n\u{301}"), "\\n\\u{301}");
        assert_eq!(
            safe("한글 ᄒ\u{1161}\u{11ab} ｶﾞ"),
            "한글 ᄒ\u{1161}\u{11ab} ｶﾞ"
        );
        assert_eq!(width("한글 ᄒ\u{1161}\u{11ab} ｶﾞ"), 10);
        let crowd = format!("e{}", "\u{301}".repeat(12));
        assert_eq!(width(&safe(&crowd)), 1 + 4 * "\\u{301}".len());
    }

    #[test]
    fn sequences_that_terminals_disagree_on_are_taken_apart() {
        assert_eq!(safe("👨\u{200d}👩"), "👨\\u{200d}👩");
        assert_eq!(safe("👍\u{1f3fd}"), "👍\\u{1f3fd}");
        assert_eq!(safe("❤\u{fe0f}"), "❤\\u{fe0f}");
    }

    #[test]
    fn ascii_keeps_nothing_else() {
        let ascii = |text| shown(text, Charset::Ascii);
        assert_eq!(ascii("naïve 日\t\x1b"), "na\\xefve \\u{65e5}   \\x1b");
        assert_eq!(ascii("e\u{301}\u{202e}"), "e\\u{301}\\u{202e}");
    }

    #[test]
    fn a_megabyte_of_marks_takes_no_quadratic_time() {
        let marks = format!("a{}", "\u{301}".repeat(200_000));
        let family = "👨\u{200d}".repeat(100_000);
        let started = std::time::Instant::now();
        assert!(safe(&marks).len() > marks.len());
        assert!(safe(&family).len() > family.len());
        assert!(started.elapsed() < std::time::Duration::from_secs(20));
    }

    fn hostile() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            any::<char>().prop_map(String::from),
            "[ -~]{0,4}",
            "[\u{0}-\u{a0}]",
            "[\u{300}-\u{36f}]{1,12}",
            "[\u{2000}-\u{206f}\u{fe00}-\u{fe0f}\u{feff}]",
            "[\u{1100}-\u{11ff}]{1,12}",
            "[\u{900}-\u{97f}]{1,4}",
            "[\u{600}-\u{6ff}]{1,3}",
            "[\u{1f1e6}-\u{1f1ff}\u{1f3fb}-\u{1f3ff}\u{1f466}-\u{1f469}]{1,3}",
            "[日本ｶﾞﾟ한]{1,3}",
        ];
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nothing_harmful_is_left(text in hostile()) {
            let shown = safe(&text);
            prop_assert!(!shown.chars().any(|c| c.is_control() || atom::hidden(c)), "{shown:?}");
            prop_assert_eq!(&*safe(&shown), &*shown, "safe text is left alone");
            for grapheme in shown.graphemes(true) {
                let by_char: usize = grapheme.chars().map(atom::char_cells).sum();
                prop_assert_eq!(fit::grapheme_cells(grapheme), by_char, "{:?}", grapheme);
                prop_assert!(by_char > 0);
            }
        }

        #[test]
        fn a_limit_is_a_limit(text in hostile(), limit in 0_usize..30) {
            let shown = safe(&text);
            prop_assert!(width(&truncate(&shown, limit, "…")) <= limit);
            prop_assert!(width(&truncate_middle(&shown, limit, "…")) <= limit);
            prop_assert_eq!(width(&pad_left(&shown, limit, "…")), limit);
        }

        #[test]
        fn filling_line_by_line_shows_all(text in hostile(), room in WIDEST..30) {
            prop_assume!(!text.contains('\t'));
            let (mut rest, mut joined) = (text.as_str(), String::new());
            while !rest.is_empty() {
                let before = joined.len();
                let (bytes, cells) = fill(rest, 0, room, Charset::Unicode, &mut joined);
                prop_assert!(bytes > 0 && cells <= room);
                prop_assert_eq!(width(&joined[before..]), cells);
                rest = &rest[bytes..];
            }
            prop_assert_eq!(&*safe(&text), joined);
        }
    }
}
