//! How many cells everything gets on a screen of a given size: so that paging, scrolling and
//! keeping the selection in sight reckon with the same panes that are drawn and clicked.
//!
//! It knows numbers only. What the panes look like is the views' business.

use super::message::Viewport;

/// The smallest screen that the explorer is drawn on: columns and rows.
pub const MINIMUM: (u16, u16) = (40, 10);
/// Narrower than this, only the pane that has the focus is shown.
const TWO_PANES: u16 = 64;
/// From this width of the detail pane on, the Stat's short fields stand two in a row.
const STAT_PAIRS: u16 = 44;
/// The rows below the panes: the status bar and the hints.
const BOTTOM: u16 = 2;

/// Some cells: where they begin, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Area {
    /// The first column.
    pub x: u16,
    /// The first row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

/// Where the panes are. From the top: one row of titles, the panes, the status bar, the hints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Screen {
    /// Whether there is no room for the explorer at all; all areas are empty then.
    pub too_small: bool,
    /// The tree's rows, without its title; no columns if it is hidden.
    pub tree: Area,
    /// The detail pane's rows, without its title; no columns if it is hidden.
    pub detail: Area,
    /// The status bar.
    pub status: Area,
    /// The hints, or the filter while it is typed.
    pub hints: Area,
    /// The edit popup, its frame included: two rows and four columns.
    pub editor: Area,
}

impl Screen {
    /// Divides a screen; `detail_focused` tells which pane stays where there is room for one.
    pub fn new(viewport: Viewport, detail_focused: bool) -> Self {
        let Viewport { width, height } = viewport;
        if width < MINIMUM.0 || height < MINIMUM.1 {
            return Self {
                too_small: true,
                ..Self::default()
            };
        }
        let pane = |x, width| Area {
            x,
            y: 1,
            width,
            height: height - 1 - BOTTOM,
        };
        let row = |y| Area {
            x: 0,
            y,
            width,
            height: 1,
        };
        let (tree, detail) = match (width >= TWO_PANES, detail_focused) {
            (true, _) => {
                let left = (width * 2 / 5).clamp(28, 64);
                (pane(0, left), pane(left + 1, width - left - 1))
            }
            (false, false) => (pane(0, width), Area::default()),
            (false, true) => (Area::default(), pane(0, width)),
        };
        Self {
            too_small: false,
            tree,
            detail,
            status: row(height - 2),
            hints: row(height - 1),
            editor: Area {
                x: width.min(4) / 2 * u16::from(width >= TWO_PANES),
                y: 1,
                width: width - 4 * u16::from(width >= TWO_PANES),
                height: height - 1 - BOTTOM,
            },
        }
    }

    /// Cells of a row of data: the detail pane has a margin on both sides.
    pub fn data_width(&self) -> usize {
        usize::from(self.detail.width.saturating_sub(2))
    }

    /// Rows of the Stat in the detail pane.
    pub const fn stat_rows(&self) -> usize {
        if self.detail.width < STAT_PAIRS {
            11
        } else {
            7
        }
    }

    /// What the detail pane shows is one list of rows that scrolls as a whole: the Stat, the
    /// ACL (a row for each entry, one while it isn't there), a rule, the data. This is how many
    /// stand before the data.
    pub const fn rows_before_data(&self, acl_rows: usize) -> usize {
        self.stat_rows() + acl_rows + 1
    }

    /// Rows of text in the edit popup.
    pub fn editor_rows(&self) -> usize {
        usize::from(self.editor.height.saturating_sub(3))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn screen(width: u16, height: u16, detail_focused: bool) -> Screen {
        Screen::new(Viewport { width, height }, detail_focused)
    }

    #[test]
    fn panes_never_overlap_nor_leave_the_screen() {
        for (width, height) in
            (0..=200).flat_map(|width| (0..=60).map(move |height| (width, height)))
        {
            for detail_focused in [false, true] {
                let all = screen(width, height, detail_focused);
                let (tree, detail) = (all.tree, all.detail);
                for area in [tree, detail, all.status, all.hints, all.editor] {
                    assert!(area.x + area.width <= width, "{width}x{height}");
                    assert!(area.y + area.height <= height, "{width}x{height}");
                }
                assert!(tree.width == 0 || detail.width == 0 || tree.x + tree.width < detail.x);
                assert_eq!(all.too_small, width < 40 || height < 10);
            }
        }
    }

    #[test]
    fn a_narrow_screen_shows_one_pane() {
        assert_eq!(screen(50, 20, false).detail.width, 0);
        assert_eq!(screen(50, 20, true).tree.width, 0);
        let wide = screen(120, 36, true);
        assert_eq!((wide.tree.width, wide.detail.width), (48, 71));
        assert_eq!(wide.tree.height, 33);
    }
}
