//! Sentences in lines: wrapped between words, within words only if one is too long.

use crate::text::{self, Charset};

/// The text as safe lines of at most `width` cells.
pub(super) fn wrap(text: &str, width: usize, charset: Charset) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let word = text::shown(word, charset);
            let gap = usize::from(!line.is_empty());
            if text::width(&line) + gap + text::width(&word) <= width {
                line.push_str(&" "[..gap]);
                line.push_str(&word);
                continue;
            }
            if !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            line = break_up(&word, width, &mut lines);
        }
        lines.push(line);
    }
    lines
}

/// Pushes full lines of a word that is too long for one, and returns the rest of it.
fn break_up(word: &str, width: usize, lines: &mut Vec<String>) -> String {
    let mut rest = word;
    while text::width(rest) > width {
        let mut line = String::new();
        let (bytes, _) = text::fill(rest, 0, width, Charset::Unicode, &mut line);
        if bytes == 0 {
            return String::new();
        }
        lines.push(line);
        rest = &rest[bytes..];
    }
    rest.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrap(text: &str, width: usize) -> Vec<String> {
        super::wrap(text, width, Charset::Unicode)
    }

    #[test]
    fn between_words_or_else_within() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(
            wrap("a/very/long/path here", 8),
            ["a/very/l", "ong/path", "here"]
        );
        assert_eq!(wrap("日本語", 4), ["日本", "語"]);
        assert_eq!(wrap("a\n\nb", 4), ["a", "", "b"]);
        assert_eq!(wrap("x\x1b[2J", 20), ["x\\x1b[2J"]);
        assert_eq!(wrap("日", 1), [""]);
    }
}
