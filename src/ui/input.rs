//! A line of text being typed, as much of it as there is room for, and where its cursor is.

use ratatui::layout::{Position, Rect};

use super::pen::{Pen, cells};
use super::theme::Role;
use crate::explorer::Input;
use crate::text;

/// Draws the line into one row and returns where the cursor stands. Line ends that were pasted
/// show as `\n`.
pub(super) fn draw(pen: &mut Pen, area: Rect, input: &Input, role: Role) -> Option<Position> {
    let (before, after) = input.halves();
    let (before, after) = (pen.safe(before), pen.safe(after));
    let room = usize::from(area.width).checked_sub(1)?;
    let cursor = text::width(&before).min(room);
    pen.row(area)
        .put(text::tail(&before, cursor), role)
        .put(&after, role);
    pen.tint(area, Role::Field);
    let x = area.x + cells(text::width(text::tail(&before, cursor)));
    Some(Position { x, y: area.y }).filter(|position| area.contains(*position))
}
