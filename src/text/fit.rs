//! Measuring safe text in terminal cells, and making it fit: all by graphemes, never by bytes
//! or characters. Takes what `safe` returned; refuses to make text safe.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// How many cells the text takes.
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        return text.len();
    }
    text.graphemes(true).map(grapheme_cells).sum()
}

/// Cells of one grapheme. (ratatui 0.30.2 adds one for each halfwidth voicing mark, which
/// unicode-width 0.2.3 counts already; whoever draws must not rely on ratatui's measure.)
pub fn grapheme_cells(grapheme: &str) -> usize {
    grapheme.width()
}

/// The text in at most `limit` cells; what is cut off at its end is replaced by `ellipsis`.
pub fn truncate<'a>(text: &'a str, limit: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= limit {
        return Cow::Borrowed(text);
    }
    let dots = width(ellipsis);
    if dots > limit {
        return Cow::Borrowed(head(text, limit));
    }
    Cow::Owned(format!("{}{ellipsis}", head(text, limit - dots)))
}

/// The text in at most `limit` cells, cut out of its middle: for paths, whose end says more
/// than their start.
pub fn truncate_middle<'a>(text: &'a str, limit: usize, ellipsis: &str) -> Cow<'a, str> {
    if width(text) <= limit {
        return Cow::Borrowed(text);
    }
    let dots = width(ellipsis);
    if dots > limit {
        return Cow::Borrowed(head(text, limit));
    }
    let start = head(text, (limit - dots) / 3);
    let end = tail(text, limit - dots - width(start));
    Cow::Owned(format!("{start}{ellipsis}{end}"))
}

/// The text in exactly `cells` cells, truncated or filled with spaces on its left.
pub fn pad_left(text: &str, cells: usize, ellipsis: &str) -> String {
    let text = truncate(text, cells, ellipsis);
    let missing = cells - width(&text);
    format!("{:missing$}{text}", "")
}

fn head(text: &str, limit: usize) -> &str {
    let mut left = limit;
    for (at, grapheme) in text.grapheme_indices(true) {
        match left.checked_sub(grapheme_cells(grapheme)) {
            Some(rest) => left = rest,
            None => return &text[..at],
        }
    }
    text
}

/// As much of the text's end as takes at most `limit` cells.
pub fn tail(text: &str, limit: usize) -> &str {
    let mut left = limit;
    for (at, grapheme) in text.grapheme_indices(true).rev() {
        match left.checked_sub(grapheme_cells(grapheme)) {
            Some(rest) => left = rest,
            None => return &text[at + grapheme.len()..],
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cut_on_grapheme_boundaries() {
        assert_eq!(truncate("abcdef", 4, "…"), "abc…");
        assert_eq!(truncate("日本語", 4, "…"), "日…");
        assert_eq!(truncate("日本語", 6, "…"), "日本語");
        assert_eq!(truncate("e\u{301}e\u{301}e\u{301}", 2, "…"), "e\u{301}…");
        assert_eq!(truncate("abc", 2, "..."), "ab");
        assert_eq!(
            truncate_middle("/services/orders/leader", 12, "…"),
            "/se…s/leader"
        );
    }

    #[test]
    fn padded_to_the_cell() {
        assert_eq!(pad_left("日", 4, "…"), "  日");
        assert_eq!(pad_left("日本", 3, "…"), "日…");
        assert_eq!(pad_left("日本", 2, "…"), " …");
        assert_eq!(pad_left("12", 4, "…"), "  12");
    }
}
