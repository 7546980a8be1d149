//! The row above the panes: what each shows, and which has the keys; and the rule between.

use ratatui::layout::Rect;

use super::layout::Regions;
use super::pen::Pen;
use super::theme::Role;
use super::units;
use crate::explorer::{Explorer, Focus, SessionState};
use crate::proto::ZPath;

/// Draws titles and rules.
pub(super) fn draw(pen: &mut Pen, regions: &Regions, explorer: &Explorer) {
    let focus = explorer.focus();
    let glyphs = pen.glyphs();
    let above = |pane: Rect| Rect {
        x: pane.x,
        width: pane.width,
        ..regions.titles
    };
    // Before the first connection there is nothing that could be out of date.
    let connecting = explorer.session().state == SessionState::Connecting;
    let stale = !explorer.is_connected() && !connecting;
    if regions.tree.width > 0 {
        let (title, note) = tree_title(explorer);
        let note = if stale {
            format!("{note}, stale")
        } else {
            note
        };
        draw_one(
            pen,
            above(regions.tree),
            &title,
            &note,
            focus == Focus::Tree,
        );
    }
    if regions.detail.width > 0 {
        let (path, note) = detail_title(explorer);
        draw_one(
            pen,
            above(regions.detail),
            path.as_str(),
            note,
            focus == Focus::Detail,
        );
    }
    if regions.tree.width > 0 && regions.detail.width > 0 {
        let x = regions.tree.right();
        pen.glyph((x, regions.titles.y), glyphs.tee, Role::Rule);
        let bar = Rect {
            x,
            width: 1,
            ..regions.body
        };
        pen.repeat(bar, glyphs.bar, Role::Rule);
    }
}

fn tree_title(explorer: &Explorer) -> (String, String) {
    let tree = explorer.tree();
    let rows = units::count(tree.len() as u64);
    let place = units::count(tree.selected_row() as u64 + 1);
    let cluster = &explorer.settings().cluster;
    let title = if cluster.is_empty() {
        "znodes"
    } else {
        cluster
    };
    match (tree.needle(), tree.hits()) {
        (Some(needle), Some(hits)) => {
            let found = units::count(hits as u64);
            (
                format!("filter {}", needle.text()),
                format!("{found} found"),
            )
        }
        _ => (title.to_owned(), format!("{place}/{rows}")),
    }
}

/// A value stands under the name of its own znode: until that of the selected one is here, the
/// old one stays, and says whose it is.
fn detail_title(explorer: &Explorer) -> (&ZPath, &'static str) {
    let selected = explorer.tree().selected();
    match explorer.detail().shown() {
        Some(shown) if shown.path != *selected && explorer.is_connected() => {
            (&shown.path, "loading the selected one")
        }
        Some(shown) if shown.path != *selected => (&shown.path, "not the selected one, stale"),
        Some(shown) if shown.stale => (selected, "stale"),
        _ => (selected, ""),
    }
}

fn draw_one(pen: &mut Pen, area: Rect, title: &str, note: &str, focused: bool) {
    let rule = pen.glyphs().rule;
    let (line, word) = if focused {
        (Role::RuleFocused, Role::TitleFocused)
    } else {
        (Role::Rule, Role::Title)
    };
    let tail = if note.is_empty() { 1 } else { note.len() + 4 };
    let mut row = pen.row(area);
    row.put(rule, line)
        .skip(1)
        .path(title, tail + 2, word)
        .skip(1);
    row.rule(rule, tail.saturating_sub(1), line);
    if !note.is_empty() {
        row.skip(1).put(note, Role::Dim).skip(1);
    }
    row.put(rule, line);
}
