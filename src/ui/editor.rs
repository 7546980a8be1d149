//! The edit popup: the text with line numbers and a cursor, and how the save goes. Its lines go
//! through `text` like everything else; the text area's own drawing isn't used.
//!
//! Which lines are shown follows from the cursor alone, so nothing has to be remembered.

use ratatui::layout::{Position, Rect};

use super::pen::{Pen, cells};
use super::popup;
use super::theme::Role;
use crate::explorer::{Editor, Phase};
use crate::text::{self, Charset};

/// Draws the popup and returns where the cursor stands.
pub(super) fn draw(pen: &mut Pen, area: Rect, editor: &Editor) -> Option<Position> {
    let title = format!("edit {}", editor.path());
    let inside = popup::frame(pen, area, &title, &note(editor), Role::TitleFocused);
    let height = inside.height.checked_sub(1)?;
    let text = Rect { height, ..inside };
    let bottom = Rect {
        y: text.bottom(),
        height: 1,
        ..inside
    };
    draw_bottom(pen, bottom, editor);
    let cursor = draw_text(pen, text, editor);
    (*editor.phase() == Phase::Editing)
        .then_some(cursor)
        .flatten()
}

fn note(editor: &Editor) -> String {
    let mut words = vec![format!("version {}", editor.base().stat.version)];
    if let Some(newer) = editor.newer() {
        words.push(format!("now {newer} on the server"));
    }
    if editor.is_crlf() {
        words.push("CRLF".to_owned());
    }
    if editor.is_unsaved() {
        words.push("modified".to_owned());
    }
    words.join(", ")
}

fn draw_bottom(pen: &mut Pen, area: Rect, editor: &Editor) {
    let (row, column) = position(editor);
    let place = format!("{}:{}", row + 1, column + 1);
    let mut line = pen.row(area);
    let (text, role) = match (editor.phase(), editor.notice()) {
        (Phase::Saving(_), _) => ("saving", Role::Caution),
        (Phase::Rereading { ticket: None, .. }, Some(notice)) => (notice, Role::Caution),
        (Phase::Rereading { unknown: true, .. }, _) => (
            "The connection broke while saving: whether it was written is unknown. Reading it again",
            Role::Caution,
        ),
        (Phase::Rereading { .. }, _) => ("reading what the server has now", Role::Caution),
        (_, Some(notice)) => (notice, Role::Caution),
        _ => ("", Role::Text),
    };
    line.short(text, place.len() + 2, role)
        .right(&place, Role::Dim);
}

/// The cursor's line and character, from 0.
fn position(editor: &Editor) -> (usize, usize) {
    let cursor = editor.area().cursor();
    (cursor.0, cursor.1)
}

fn draw_text(pen: &mut Pen, area: Rect, editor: &Editor) -> Option<Position> {
    let lines = editor.area().lines();
    let charset = pen.look().charset;
    let (row, column) = position(editor);
    let (height, gutter) = (usize::from(area.height), digits(lines.len()) + 2);
    let width = usize::from(area.width).checked_sub(gutter + 1)?;
    let cursor_cells = cells_before(lines.get(row)?, column, charset);
    let (top, left) = (
        first(row, lines.len(), height),
        first_column(cursor_cells, width),
    );
    let selection = editor.area().selection_range();
    for (at, place) in (top..lines.len()).zip(area.rows()) {
        let number = text::pad_left(&(at + 1).to_string(), gutter - 2, "");
        pen.line(place, &number, Role::Dim);
        let shown = Rect {
            x: place.x + cells(gutter),
            width: place.width - cells(gutter),
            ..place
        };
        draw_line(pen, shown, &lines[at], left);
        if let Some((from, to)) =
            selection.and_then(|range| selected(range, at, &lines[at], charset))
        {
            let (from, to) = (
                from.saturating_sub(left),
                to.saturating_sub(left).min(width),
            );
            let tinted = Rect {
                x: shown.x + cells(from.min(width)),
                width: cells(to.saturating_sub(from)),
                ..shown
            };
            pen.cover(tinted, Role::Selected);
        }
    }
    let x = area.x + cells(gutter + cursor_cells - left);
    let y = area.y + cells(row - top);
    Some(Position { x, y }).filter(|position| area.contains(*position))
}

/// Draws a line without its first `left` cells.
fn draw_line(pen: &mut Pen, area: Rect, line: &str, left: usize) {
    let charset = pen.look().charset;
    let (bytes, skipped) = text::fill(line, 0, left, charset, &mut String::new());
    let mut shown = String::new();
    let room = usize::from(area.width).saturating_sub(left - skipped);
    text::fill(&line[bytes..], skipped, room, charset, &mut shown);
    pen.row(area).skip(left - skipped).put(&shown, Role::Text);
}

/// Which cells of a line are selected, if any: the selection's ends are lines and characters.
fn selected(
    ((first, from), (last, to)): ((usize, usize), (usize, usize)),
    at: usize,
    line: &str,
    charset: Charset,
) -> Option<(usize, usize)> {
    if at < first || at > last {
        return None;
    }
    let start = if at == first {
        cells_before(line, from, charset)
    } else {
        0
    };
    let end = if at == last {
        cells_before(line, to, charset)
    } else {
        cells_before(line, usize::MAX, charset) + 1
    };
    Some((start, end))
}

/// How many cells the first `chars` characters of a line take.
fn cells_before(line: &str, chars: usize, charset: Charset) -> usize {
    let end = line
        .char_indices()
        .nth(chars)
        .map_or(line.len(), |(at, _)| at);
    text::fill(&line[..end], 0, usize::MAX, charset, &mut String::new()).1
}

/// The first line shown: the cursor's line stays in the middle where it can.
fn first(row: usize, lines: usize, height: usize) -> usize {
    row.saturating_sub(height / 2)
        .min(lines.saturating_sub(height))
}

/// The first column shown: in steps of a quarter of the width, so it rarely moves.
fn first_column(cursor: usize, width: usize) -> usize {
    if cursor < width || width == 0 {
        return 0;
    }
    let step = (width / 4).max(1);
    (cursor - width + 1).div_ceil(step) * step
}

fn digits(number: usize) -> usize {
    number.to_string().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_is_always_among_what_is_shown() {
        for (lines, height) in [(1, 5), (5, 5), (100, 5), (100, 1)] {
            for row in 0..lines {
                let top = first(row, lines, height);
                assert!((top..top + height).contains(&row));
            }
        }
        for width in 1..30 {
            for cursor in 0..100 {
                let left = first_column(cursor, width);
                assert!((left..left + width).contains(&cursor), "{cursor} {width}");
            }
        }
    }

    #[test]
    fn selections_are_measured_in_cells() {
        assert_eq!(cells_before("日\tx", 1, Charset::Unicode), 2);
        assert_eq!(cells_before("日\tx", 2, Charset::Unicode), 4);
        let selected = |at| selected(((0, 1), (2, 1)), at, "日本", Charset::Unicode);
        assert_eq!(selected(1), Some((0, 5)));
        assert_eq!(selected(2), Some((0, 2)));
        assert_eq!(selected(3), None);
    }
}
