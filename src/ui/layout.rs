//! Where everything is on a screen of a given size. What is drawn, what is clicked and what
//! the explorer reckons with when it scrolls (its [`Viewport`]) all come from here.

use ratatui::layout::Rect;

use super::{help, too_small};
use crate::explorer::{Size, Viewport};

/// Narrower than this, only the pane that has the focus is shown.
const TWO_PANES: u16 = 64;
/// From this width of the detail pane on, the Stat's short fields stand two in a row.
const STAT_PAIRS: u16 = 44;
/// The rows below the panes: the status bar and the hints.
const BOTTOM: u16 = 2;
/// The margins of the detail pane's rows, left and right.
const MARGINS: u16 = 2;

/// The parts of the screen. Those that are hidden are empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Regions {
    /// Whether there is no room for the explorer at all; all regions are empty then.
    pub too_small: bool,
    /// The row of titles above the panes.
    pub titles: Rect,
    /// The tree's rows, and right of it one column for the rule between the panes.
    pub tree: Rect,
    /// The detail pane's rows.
    pub detail: Rect,
    /// The panes together.
    pub body: Rect,
    /// The status bar.
    pub status: Rect,
    /// The hints, or the filter while it is typed.
    pub hints: Rect,
}

/// Divides a screen; `detail_focused` tells which pane stays where there is room for one.
pub fn layout(area: Rect, detail_focused: bool) -> Regions {
    if too_small::is_too_small(area) {
        return Regions {
            too_small: true,
            ..Regions::default()
        };
    }
    let row = |y| Rect {
        y,
        height: 1,
        ..area
    };
    let body = Rect {
        y: area.y + 1,
        height: area.height - 1 - BOTTOM,
        ..area
    };
    let (tree, detail) = match (area.width >= TWO_PANES, detail_focused) {
        (true, _) => {
            let left = (area.width * 2 / 5).clamp(28, 64);
            let right = Rect {
                x: area.x + left + 1,
                width: area.width - left - 1,
                ..body
            };
            (
                Rect {
                    width: left,
                    ..body
                },
                right,
            )
        }
        (false, false) => (
            Rect {
                width: body.width - 1,
                ..body
            },
            Rect::default(),
        ),
        (false, true) => (Rect::default(), body),
    };
    Regions {
        too_small: false,
        titles: row(area.y),
        tree,
        detail,
        body,
        status: row(area.bottom() - 2),
        hints: row(area.bottom() - 1),
    }
}

impl Regions {
    /// Where the detail pane's text is, between its margins.
    pub const fn detail_text(&self) -> Rect {
        Rect {
            x: self.detail.x.saturating_add(1),
            width: self.detail.width.saturating_sub(MARGINS),
            ..self.detail
        }
    }

    /// Whether the Stat's short fields stand two in a row.
    pub const fn stat_pairs(&self) -> bool {
        self.detail.width >= STAT_PAIRS
    }

    /// Where popups may be: everywhere but on the status bar and the hints.
    pub const fn popups(&self) -> Rect {
        Rect {
            y: self.titles.y,
            height: self.body.height + 1,
            ..self.body
        }
    }

    /// How many rows the Stat takes.
    pub const fn stat_rows(&self) -> u16 {
        if self.stat_pairs() { 7 } else { 11 }
    }
}

/// What the explorer has to know of a terminal's size.
pub fn viewport(width: u16, height: u16) -> Viewport {
    let screen = Rect::new(0, 0, width, height);
    let size = |area: Rect| Size {
        width: area.width,
        height: area.height,
    };
    let detail = layout(screen, true);
    Viewport {
        help_overflow: help::overflow(detail.popups()),
        screen: size(screen),
        tree: size(layout(screen, false).tree),
        value: size(detail.detail_text()),
        stat_rows: if detail.too_small {
            0
        } else {
            detail.stat_rows()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_never_overlap_nor_leave_the_screen() {
        let sizes = (0..=200).flat_map(|width| (0..=60).map(move |height| (width, height)));
        for (width, height) in sizes {
            let screen = Rect::new(0, 0, width, height);
            for focused in [false, true] {
                let all = layout(screen, focused);
                let Regions {
                    titles,
                    tree,
                    detail,
                    status,
                    hints,
                    ..
                } = all;
                for region in [titles, tree, detail, status, hints, all.popups()] {
                    assert_eq!(
                        region.intersection(screen).area(),
                        region.area(),
                        "{screen}"
                    );
                }
                assert!(!tree.intersects(detail), "{screen}");
                assert_eq!(all.too_small, width < 40 || height < 10);
            }
        }
    }

    #[test]
    fn a_narrow_screen_shows_one_pane() {
        let narrow = Rect::new(0, 0, 50, 20);
        assert!(layout(narrow, false).detail.is_empty());
        assert!(layout(narrow, true).tree.is_empty());
        let wide = layout(Rect::new(0, 0, 120, 36), true);
        assert_eq!(
            (wide.tree.width, wide.detail.width, wide.tree.height),
            (48, 71, 33)
        );
    }
}
