//! Where in a long list the window is: a thumb on the rule at the list's right.

use ratatui::layout::Rect;

use super::pen::{Pen, cells};
use super::theme::Role;

/// Draws the thumb into a column of cells; nothing, if all rows are shown.
pub(super) fn draw(pen: &mut Pen, track: Rect, first: usize, shown: usize, all: usize) {
    let Some((start, len)) = thumb(usize::from(track.height), first, shown, all) else {
        return;
    };
    let glyph = pen.glyphs().thumb;
    for at in start..start + len {
        let y = track.y + cells(at);
        pen.glyph((track.x, y), glyph, Role::Rule);
    }
}

/// Where the thumb begins and how long it is. It touches an end only if the window does.
fn thumb(track: usize, first: usize, shown: usize, all: usize) -> Option<(usize, usize)> {
    if all <= shown || track < 2 {
        return None;
    }
    let len = (track * shown / all).clamp(1, track - 1);
    let (room, last) = (track - len, all - shown);
    let first = first.min(last);
    let start = match first {
        0 => 0,
        first if first == last => room,
        first => (room * first / last).clamp(1.min(room - 1), (room - 1).max(1)),
    };
    Some((start.min(room), len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_touched_only_at_the_ends() {
        assert_eq!(thumb(10, 0, 10, 10), None);
        assert_eq!(thumb(10, 0, 10, 100), Some((0, 1)));
        assert_eq!(thumb(10, 1, 10, 100), Some((1, 1)));
        assert_eq!(thumb(10, 89, 10, 100), Some((8, 1)));
        assert_eq!(thumb(10, 90, 10, 100), Some((9, 1)));
        assert_eq!(thumb(10, usize::MAX, 10, 100), Some((9, 1)));
    }

    #[test]
    fn any_numbers_will_do() {
        for track in 0..7 {
            for all in 0..20 {
                for shown in 0..20 {
                    for first in 0..25 {
                        if let Some((start, len)) = thumb(track, first, shown, all) {
                            assert!(len > 0 && start + len <= track);
                        }
                    }
                }
            }
        }
    }
}
