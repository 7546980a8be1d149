//! A conflict in the editor: theirs against mine, each line told by a word in the gutter.

use ratatui::layout::Rect;

use super::pen::{Pen, cells};
use super::theme::Role;
use super::{popup, scrollbar, words};
use crate::explorer::{Conflict, Editor, Line};

/// Cells of the gutter's words.
const GUTTER: usize = "theirs  ".len();

/// Draws the popup in place of the editor's.
pub(super) fn draw(pen: &mut Pen, area: Rect, editor: &Editor, conflict: &Conflict) {
    let (base, theirs) = (editor.base().stat.version, conflict.theirs.stat.version);
    let title = format!("conflict {}", editor.path());
    let inside = popup::frame(pen, area, &title, "nothing was overwritten", Role::Bad);
    let text = format!(
        "Someone else wrote version {theirs} while you edited version {base}. \
         Lines marked theirs are on the server only, those marked mine in your text only."
    );
    let lines = words::wrap(&text, usize::from(inside.width), pen.look().charset);
    for (line, row) in lines.iter().zip(inside.rows()) {
        pen.line(row, line, Role::Text);
    }
    let above = cells(lines.len() + 1);
    let rest = Rect {
        y: inside.y.saturating_add(above),
        height: inside.height.saturating_sub(above),
        ..inside
    };
    let Some(lines) = &conflict.lines else {
        pen.line(rest, "What the server has now is no text.", Role::Caution);
        return;
    };
    for (line, row) in lines.iter().skip(conflict.scroll).zip(rest.rows()) {
        let (word, text, role) = match line {
            Line::Both(text) => ("", text, Role::Dim),
            Line::Theirs(text) => ("theirs", text, Role::Removed),
            Line::Mine(text) => ("mine", text, Role::Added),
        };
        let mut row = pen.row(row);
        let width = row.room();
        row.put(word, role).skip_to(width, GUTTER).put(text, role);
    }
    let track = Rect {
        x: area.right().saturating_sub(1),
        width: 1,
        ..rest
    };
    scrollbar::draw(
        pen,
        track,
        conflict.scroll,
        usize::from(rest.height),
        lines.len(),
    );
}
