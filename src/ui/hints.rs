//! The bottom row: the keys that matter now and what they do; or the filter while it is typed.

use ratatui::layout::{Position, Rect};

use super::input;
use super::pen::{Pen, cells};
use super::theme::Role;
use crate::explorer::{Dialog, Explorer, Hint, Phase};
use crate::text;

/// Before the filter's text.
const LABEL: &str = " filter ";

/// Draws the row and returns where the cursor stands if the filter is typed.
pub(super) fn draw(pen: &mut Pen, area: Rect, explorer: &Explorer) -> Option<Position> {
    if explorer.dialogs().last().is_some_and(has_its_own) {
        return None;
    }
    let hints = explorer.hints();
    let Some(filter) = explorer.filter_input() else {
        list(
            pen,
            Rect {
                x: area.x + 1,
                width: area.width - 1,
                ..area
            },
            &hints,
        );
        return None;
    };
    pen.line(area, LABEL, Role::TitleFocused);
    let label = cells(LABEL.len());
    let width = (area.width / 2).saturating_sub(label);
    let field = Rect {
        x: area.x + label,
        width,
        ..area
    };
    let rest = Rect {
        x: field.right() + 2,
        width: area.width - label - width - 2,
        ..area
    };
    list(pen, rest, &hints);
    input::draw(pen, field, filter, Role::Text)
}

/// Whether a popup shows the keys itself: one that asks does, right where it asks.
fn has_its_own(dialog: &Dialog) -> bool {
    match dialog {
        Dialog::Create(_) | Dialog::Delete(_) | Dialog::GoTo(_) | Dialog::Quit { .. } => true,
        Dialog::Editor(editor) => editor.is_leaving() || *editor.phase() == Phase::Vanished,
        Dialog::Help { .. } | Dialog::Palette(_) => false,
    }
}

/// Keys and what they do, the most useful first, as many as there is room for.
pub(super) fn list(pen: &mut Pen, area: Rect, hints: &[Hint]) {
    const GAP: usize = 3;
    let mut row = pen.row(area);
    for hint in hints {
        if text::width(&hint.key) + 1 + text::width(hint.label) > row.room() {
            return;
        }
        let key = if hint.enabled { Role::Chord } else { Role::Dim };
        row.put(&hint.key, key)
            .skip(1)
            .put(hint.label, Role::Dim)
            .skip(GAP);
    }
}
