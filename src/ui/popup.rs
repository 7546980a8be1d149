//! What every popup shares: a box in the middle of the screen, with a title and a
//! note above, and nothing of what lies under it.

use ratatui::layout::Rect;

use super::pen::Pen;
use super::theme::Role;

/// A box of at most this size in the middle of `area`.
pub(super) fn centred(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// What a box's frame leaves for its content: one cell of margin on the left and the right.
pub(super) fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x.saturating_add(2),
        y: area.y.saturating_add(1),
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    }
}

/// Covers what is below, draws the box, and returns its inside. The note stands at the right.
pub(super) fn frame(pen: &mut Pen, area: Rect, title: &str, note: &str, role: Role) -> Rect {
    // A column on both sides keeps what is behind from running into the frame.
    pen.blank(Rect {
        x: area.x.saturating_sub(1),
        width: area.width.saturating_add(2),
        ..area
    });
    let glyphs = pen.glyphs();
    let [top_left, top_right, bottom_left, bottom_right] = glyphs.corners;
    if area.width < 4 || area.height < 2 {
        return Rect::default();
    }
    let line = |y| Rect {
        y,
        height: 1,
        ..area
    };
    let mut top = pen.row(line(area.y));
    top.put(top_left, Role::RuleFocused)
        .put(glyphs.rule, Role::RuleFocused)
        .put(" ", role);
    top.path(title, 3, role).put(" ", role);
    let tail = if note.is_empty() {
        1
    } else {
        crate::text::width(note) + 4
    };
    if top.room() > tail + 1 && !note.is_empty() {
        top.rule(glyphs.rule, tail, Role::RuleFocused);
        top.put(" ", role).short(note, 2, Role::Dim).put(" ", role);
    }
    top.rule(glyphs.rule, 1, Role::RuleFocused)
        .put(top_right, Role::RuleFocused);
    for y in area.y + 1..area.bottom() - 1 {
        pen.glyph((area.x, y), glyphs.bar, Role::RuleFocused);
        pen.glyph((area.right() - 1, y), glyphs.bar, Role::RuleFocused);
    }
    let mut bottom = pen.row(line(area.bottom() - 1));
    bottom.put(bottom_left, Role::RuleFocused);
    bottom
        .rule(glyphs.rule, 1, Role::RuleFocused)
        .put(bottom_right, Role::RuleFocused);
    inside(area)
}
