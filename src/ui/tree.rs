//! The tree pane: the rows on the screen, and no other. On the right of each stand how many
//! children the znode has, and letters for what it is.
//!
//! ```text
//! › ▾ services                      4   d
//!     ▸ orders                     12   d
//! +     worker-0000000007             es     in the margin: changed a moment ago
//! ```

use ratatui::layout::Rect;

use super::layout::Regions;
use super::pen::{Pen, RowPen, cells};
use super::scrollbar;
use super::theme::Role;
use super::units;
use crate::explorer::{Explorer, Focus, Fold, Mark, Row};

/// The letters, with a space on both sides: one cell each for ephemeral (or container-like),
/// sequential, data.
const LETTERS: u16 = 5;
/// The longest count, `100,000`.
const COUNT: usize = 7;
/// Where a row's mark and fold glyph are: `› ▾ name`, two cells more per level.
const MARGIN: u16 = 2;

/// Draws the rows into the pane.
pub(super) fn draw(pen: &mut Pen, regions: &Regions, explorer: &Explorer) {
    let area = regions.tree;
    if area.is_empty() {
        return;
    }
    let focused = explorer.focus() == Focus::Tree;
    let tree = explorer.tree();
    let rows = explorer.window();
    for (place, row) in area.rows().zip(&rows) {
        draw_row(pen, place, row, focused);
    }
    let track = Rect {
        x: area.right(),
        width: 1,
        ..area
    };
    scrollbar::draw(pen, track, tree.top(), usize::from(area.height), tree.len());
}

/// Whether this column is on the row's fold glyph, or just beside it.
pub(super) fn is_fold(pane: Rect, column: u16, row: &Row) -> bool {
    let width = usize::from(name_area(pane, row).width);
    let glyph = pane.x + MARGIN + cells(indent(row, width));
    matches!(row.fold, Fold::Open | Fold::Closed | Fold::Loading)
        && (glyph.saturating_sub(1)..=glyph + 1).contains(&column)
}

/// The part of a row that has its name: what its count and its letters leave.
fn name_area(area: Rect, row: &Row) -> Rect {
    let count = count(row).map_or(0, |count| cells(count.len()) + 1);
    Rect {
        width: area.width.saturating_sub(LETTERS + count),
        ..area
    }
}

/// Cells that a row is moved to the right. Deep down, names would leave the pane: the
/// indentation stops where they still have room.
fn indent(row: &Row, width: usize) -> usize {
    2 * row.depth.min(deepest(width))
}

/// The level from which on rows aren't indented any further, but tell their level.
fn deepest(width: usize) -> usize {
    width.saturating_sub(24).max(6) / 2
}

fn draw_row(pen: &mut Pen, area: Rect, row: &Row, focused: bool) {
    let left = name_area(area, row);
    let glyphs = row_glyphs(pen, row);
    draw_name(&mut pen.row(left), row, glyphs);
    draw_facts(
        pen,
        Rect {
            x: left.right(),
            width: area.width - left.width,
            ..area
        },
        row,
    );
    if row.stale {
        pen.tint(area, Role::Stale);
    }
    if row.selected {
        pen.cover(
            area,
            if focused {
                Role::Selected
            } else {
                Role::SelectedUnfocused
            },
        );
    }
}

/// The glyph of the margin and that before the name.
fn row_glyphs(pen: &Pen, row: &Row) -> [&'static str; 2] {
    let glyphs = pen.glyphs();
    let margin = match row.mark {
        Some(Mark::New) => "+",
        Some(_) => "*",
        None if row.selected => glyphs.pointer,
        None => " ",
    };
    let fold = match row.fold {
        Fold::Open => glyphs.open,
        Fold::Closed => glyphs.closed,
        Fold::Loading => glyphs.ellipsis,
        Fold::Forbidden | Fold::Failed => "!",
        Fold::Gone => "x",
        Fold::Leaf => " ",
    };
    [margin, fold]
}

fn draw_name(line: &mut RowPen, row: &Row, [margin, fold]: [&str; 2]) {
    let role = match (row.fold, row.mark) {
        (Fold::Gone, _) => Role::Gone,
        (_, Some(Mark::New | Mark::Changed)) => Role::Changed,
        _ if row.is_ephemeral() == Some(true) => Role::Ephemeral,
        _ => Role::Text,
    };
    let width = line.room();
    line.put(
        margin,
        if row.mark.is_some() {
            Role::Changed
        } else {
            Role::Mark
        },
    );
    let fold_column = usize::from(MARGIN) + indent(row, width);
    if row.depth > deepest(width) {
        let level = row.depth.to_string();
        line.skip_to(width, fold_column.saturating_sub(level.len() + 1));
        line.put(&level, Role::Dim);
    }
    line.skip_to(width, fold_column);
    let fold_role = match row.fold {
        Fold::Forbidden | Fold::Failed | Fold::Gone => Role::Caution,
        _ => Role::Mark,
    };
    line.put(fold, fold_role).skip(1);
    let name = row.name();
    match &row.hit {
        Some(hit) => {
            line.put(name.get(..hit.start).unwrap_or_default(), role);
            line.put(name.get(hit.clone()).unwrap_or_default(), Role::Match);
            line.put(name.get(hit.end..).unwrap_or_default(), role);
        }
        None => draw_plain_name(line, row, role),
    }
    if let Some((note, role)) = note(row) {
        line.skip(2).put(&note, role);
    }
}

/// The counter at the end of a sequential name has a look of its own. A name that is too long
/// is cut in its middle: what tells a lock's waiters apart stands at the end.
fn draw_plain_name(line: &mut RowPen, row: &Row, role: Role) {
    const COUNTER: usize = 10;
    let name = row.name();
    if role == Role::Changed || role == Role::Gone || !row.is_sequential() {
        line.path(name, 0, role);
        return;
    }
    let (stem, counter) = name.split_at(name.len() - COUNTER);
    line.path(stem, COUNTER, role).put(counter, Role::Sequence);
}

fn note(row: &Row) -> Option<(String, Role)> {
    match row.fold {
        Fold::Loading => Some(("loading".to_owned(), Role::Dim)),
        Fold::Gone => Some(("gone".to_owned(), Role::Dim)),
        Fold::Forbidden => Some(("no permission to list it".to_owned(), Role::Caution)),
        Fold::Failed => Some((row.trouble.clone()?, Role::Caution)),
        Fold::Open | Fold::Closed | Fold::Leaf => match row.mark? {
            Mark::Children { added, removed } => {
                let part = |sign, count: usize| {
                    let some = (count > 0).then(|| format!("{sign}{}", units::count(count as u64)));
                    some.into_iter()
                };
                let parts: Vec<_> = part('+', added).chain(part('-', removed)).collect();
                Some((parts.join(" "), Role::Changed))
            }
            Mark::New | Mark::Changed => None,
        },
    }
}

fn draw_facts(pen: &mut Pen, area: Rect, row: &Row) {
    let mut line = pen.row(area);
    if let Some(count) = count(row) {
        line.skip(1).put(&count, Role::Count);
    }
    let kind = match row.is_ephemeral() {
        Some(true) => ("e", Role::Ephemeral),
        _ if row.is_abandoned() => ("c", Role::Mark),
        _ => (" ", Role::Mark),
    };
    let sequence = if row.is_sequential() { "s" } else { " " };
    let data = if row.has_data() == Some(true) {
        "d"
    } else {
        " "
    };
    line.skip(1).put(kind.0, kind.1);
    line.put(sequence, Role::Sequence).put(data, Role::Mark);
}

/// How many children it has, in at most seven cells; nothing for none, or if it isn't known.
fn count(row: &Row) -> Option<String> {
    let children = row.children.filter(|children| *children > 0)? as u64;
    let exact = units::count(children);
    Some(if exact.len() <= COUNT {
        exact
    } else {
        format!("{} k", units::count(children / 1000))
    })
}
