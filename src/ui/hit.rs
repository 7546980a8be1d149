//! What a cell stands for: the reverse of the view, from the same layout.

use ratatui::layout::{Position, Rect};

use super::layout::{Regions, layout};
use super::{form, palette, tree};
use crate::explorer::{Dialog, Explorer, Focus, Target, Viewport};

/// What a click on this cell means.
pub fn hit(explorer: &Explorer, column: u16, row: u16) -> Target {
    let Viewport { screen, .. } = explorer.viewport();
    let screen = Rect::new(0, 0, screen.width, screen.height);
    let regions = layout(screen, explorer.focus() == Focus::Detail);
    let at = Position { x: column, y: row };
    if regions.too_small || !screen.contains(at) {
        return Target::Nothing;
    }
    match explorer.dialogs().last() {
        Some(dialog) => hit_dialog(&regions, dialog, at),
        None => hit_pane(&regions, explorer, at),
    }
}

fn hit_pane(regions: &Regions, explorer: &Explorer, at: Position) -> Target {
    if regions.tree.contains(at) {
        let number = explorer.tree().top() + usize::from(at.y - regions.tree.y);
        let Some(row) = explorer.rows(number..number + 1).pop() else {
            return Target::Tree;
        };
        return if tree::is_fold(regions.tree, at.x, &row) {
            Target::Fold(number)
        } else {
            Target::Row(number)
        };
    }
    if regions.detail.contains(at) {
        return Target::Detail;
    }
    Target::Nothing
}

fn hit_dialog(regions: &Regions, dialog: &Dialog, at: Position) -> Target {
    let body = regions.popups();
    match dialog {
        Dialog::Palette(found) => {
            let (list, first) = palette::list(body, found);
            let entry = first + usize::from(at.y.saturating_sub(list.y));
            if list.contains(at) && entry < found.entries.len() {
                return Target::Entry(entry);
            }
        }
        Dialog::Create(_) => {
            if let Some(field) = form::rows(body).position(|row| row.contains(at)) {
                return Target::Entry(field);
            }
        }
        _ => {}
    }
    Target::Popup
}
