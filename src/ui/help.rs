//! The help: every command with its keys, made of the command table and the keymap, and what
//! the marks in the tree mean.

use ratatui::layout::Rect;

use super::pen::{Pen, cells};
use super::popup;
use super::scrollbar;
use super::theme::Role;
use crate::explorer::{Command, Explorer, Scope};

/// Cells of a key column.
const KEYS: usize = 24;

const LEGEND: [(&str, &str); 7] = [
    ("e s d", "ephemeral, sequential, has data"),
    ("c", "empty, but had children: as a container is left"),
    ("+ *", "new, changed a moment ago"),
    ("!", "its children can't be listed; the row says why"),
    ("x", "it is gone"),
    ("12", "how many children it has"),
    ("shift + drag", "selects text while the mouse is captured"),
];

enum Line {
    Title(&'static str),
    Entry(String, &'static str),
    Blank,
}

/// How many lines there are: those of the commands, a title each and blanks between, and the
/// legend's.
const LINES: usize = Command::ALL.len() + 2 * Scope::ALL.len() + 1 + LEGEND.len();

/// The box on this screen.
fn area(screen: Rect) -> Rect {
    popup::centred(screen, 92, cells(LINES + 2))
}

/// How many lines don't fit on this screen.
pub(super) fn overflow(screen: Rect) -> u16 {
    cells(LINES).saturating_sub(popup::inside(area(screen)).height)
}

/// Draws the popup from line `scroll` on.
pub(super) fn draw(pen: &mut Pen, screen: Rect, explorer: &Explorer, scroll: usize) {
    let lines = lines(explorer);
    let area = area(screen);
    let note = "esc closes";
    let inside = popup::frame(pen, area, "help", note, Role::TitleFocused);
    let first = scroll.min(usize::from(overflow(screen)));
    for (line, row) in lines.iter().skip(first).zip(inside.rows()) {
        match line {
            Line::Title(title) => pen.line(row, title, Role::Title),
            Line::Entry(keys, does) => {
                let mut pen = pen.row(row);
                let width = pen.room();
                pen.skip(2)
                    .short(keys, width.saturating_sub(KEYS), Role::Chord);
                pen.skip_to(width, KEYS).put(does, Role::Text);
            }
            Line::Blank => {}
        }
    }
    let track = Rect {
        x: area.right().saturating_sub(1),
        width: 1,
        ..inside
    };
    scrollbar::draw(pen, track, first, usize::from(inside.height), lines.len());
}

fn lines(explorer: &Explorer) -> Vec<Line> {
    let mut lines = Vec::new();
    for scope in Scope::ALL {
        lines.push(Line::Title(match scope {
            Scope::Main => "Everywhere",
            Scope::Editor => "While editing",
            Scope::Choice => "When someone else wrote, or the znode vanished",
        }));
        let commands = Command::ALL
            .iter()
            .filter(|command| command.scope() == scope);
        lines.extend(
            commands
                .map(|command| Line::Entry(explorer.keys_of(*command).join(" "), command.doc())),
        );
        lines.push(Line::Blank);
    }
    lines.push(Line::Title("In the tree"));
    lines.extend(LEGEND.map(|(mark, means)| Line::Entry(mark.to_owned(), means)));
    lines
}
