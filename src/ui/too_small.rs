//! What is shown when there is no room for the explorer: that, and how much it needs.

use ratatui::layout::Rect;

use super::pen::Pen;
use super::theme::Role;

/// The smallest screen that the explorer is drawn on: columns and rows.
pub(super) const MINIMUM: (u16, u16) = (40, 10);

/// Whether an area is too small for the explorer.
pub(super) const fn is_too_small(area: Rect) -> bool {
    area.width < MINIMUM.0 || area.height < MINIMUM.1
}

/// Says so, in the middle and in lines short enough for 20 columns.
pub(super) fn draw(pen: &mut Pen, area: Rect, unsaved: bool) {
    let way_out = if unsaved {
        "a text is unsaved"
    } else {
        "q quits"
    };
    let lines = [
        ("Too small".to_owned(), Role::Title),
        (
            format!("{} x {} cells", area.width, area.height),
            Role::Text,
        ),
        (format!("needs {} x {}", MINIMUM.0, MINIMUM.1), Role::Text),
        (way_out.to_owned(), Role::Dim),
    ];
    let skip = usize::from(area.height < 4);
    let shown = lines.iter().skip(skip);
    let above = area.height.saturating_sub(4) / 2;
    for (row, (line, role)) in area.rows().skip(usize::from(above)).zip(shown) {
        let left = usize::from(row.width).saturating_sub(line.len()) / 2;
        pen.row(row).skip(left).put(line, *role);
    }
}
