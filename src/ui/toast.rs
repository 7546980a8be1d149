//! Short messages at the bottom right of the panes, the newest lowest. Each has a word for its
//! mood, not only a colour.

use ratatui::layout::Rect;

use super::pen::{Pen, cells};
use super::theme::Role;
use super::{popup, words};
use crate::explorer::{Explorer, Mood};

/// The widest a message gets.
const WIDEST: u16 = 60;

/// The most lines that one takes: with its frame, it fits on the smallest screen.
const MOST_LINES: usize = 5;

/// Draws those there are.
pub(super) fn draw(pen: &mut Pen, body: Rect, explorer: &Explorer) {
    let mut bottom = body.bottom();
    let mut toasts: Vec<_> = explorer.toasts().iter().collect();
    toasts.reverse();
    for toast in toasts {
        let room = WIDEST.min(body.width).saturating_sub(4);
        let mut lines = words::wrap(&toast.text, usize::from(room), pen.look().charset);
        // A path can be longer than the screen; what happened to it is said before or behind.
        if lines.len() > MOST_LINES {
            let last = lines.split_off(lines.len() - MOST_LINES / 2);
            lines.truncate(MOST_LINES - last.len() - 1);
            lines.push(pen.glyphs().ellipsis.to_owned());
            lines.extend(last);
        }
        let (word, role) = mood(toast.mood);
        let longest = lines.iter().map(|line| crate::text::width(line)).max();
        let longest = longest.unwrap_or(0).max(word.len() + 2);
        let width = u16::try_from(longest + 4).unwrap_or(WIDEST);
        let height = cells(lines.len() + 2);
        let Some(y) = bottom.checked_sub(height).filter(|y| *y >= body.y) else {
            return;
        };
        let area = Rect {
            x: body.right().saturating_sub(width + 1),
            y,
            width,
            height,
        };
        let inside = popup::frame(pen, area, word, "", role);
        for (line, row) in lines.iter().zip(inside.rows()) {
            pen.line(row, line, Role::Text);
        }
        bottom = y;
    }
}

const fn mood(mood: Mood) -> (&'static str, Role) {
    match mood {
        Mood::Info => ("note", Role::Title),
        Mood::Done => ("done", Role::Good),
        Mood::Warning => ("warning", Role::Caution),
        Mood::Error => ("failed", Role::Bad),
    }
}
