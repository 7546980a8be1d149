//! The command palette: what is typed, and the commands it finds with their keys. Those that
//! can't be done now say why.

use ratatui::layout::{Position, Rect};

use super::pen::Pen;
use super::theme::Role;
use super::{input, popup, scrollbar};
use crate::explorer::{Explorer, Palette};

/// Cells of the longest command's name, and of most keys.
const NAME: usize = 14;
const KEYS: usize = 18;

/// The box on this screen.
fn area(screen: Rect) -> Rect {
    let area = popup::centred(screen, 84, 20);
    Rect {
        y: (screen.y + 2).min(area.y),
        ..area
    }
}

/// Where the entries are, and which is the first: the chosen one is always among them.
pub(super) fn list(screen: Rect, palette: &Palette) -> (Rect, usize) {
    let inside = popup::inside(area(screen));
    let list = Rect {
        y: inside.y.saturating_add(2),
        height: inside.height.saturating_sub(2),
        ..inside
    };
    let height = usize::from(list.height).max(1);
    (list, (palette.chosen + 1).saturating_sub(height))
}

/// Draws the popup and returns where the cursor stands.
pub(super) fn draw(
    pen: &mut Pen,
    screen: Rect,
    palette: &Palette,
    explorer: &Explorer,
) -> Option<Position> {
    let outer = area(screen);
    let inside = popup::frame(pen, outer, "commands", "", Role::TitleFocused);
    let top = inside.rows().next()?;
    let cursor = input::draw(pen, top, &palette.input, Role::Text);
    let (list, first) = list(screen, palette);
    if palette.entries.is_empty() {
        pen.line(list, "no command matches", Role::Dim);
    }
    for (at, row) in (first..palette.entries.len()).zip(list.rows()) {
        let command = palette.entries[at];
        let why_not = command.available(explorer).err();
        let role = if why_not.is_some() {
            Role::Dim
        } else {
            Role::Text
        };
        let mut line = pen.row(row);
        let width = line.room();
        line.put(if at == palette.chosen { "> " } else { "  " }, Role::Chord);
        line.put(command.name(), role).skip_to(width, NAME + 2);
        if width > 60 {
            let keys = explorer.keys_of(command).join(" ");
            line.put(&keys, Role::Chord).skip_to(width, NAME + KEYS + 2);
        }
        match why_not {
            Some(why) => line.put(why, Role::Caution),
            None => line.put(command.doc(), Role::Dim),
        };
        if at == palette.chosen {
            pen.cover(row, Role::Selected);
        }
    }
    let track = Rect {
        x: outer.right().saturating_sub(1),
        width: 1,
        ..list
    };
    scrollbar::draw(
        pen,
        track,
        first,
        usize::from(list.height),
        palette.entries.len(),
    );
    cursor
}
