//! Which row is selected and which rows are on the screen. Lists may change under both: the
//! selection stays on its znode or goes to the nearest one left, and what is looked at stays
//! where it is on the screen.

use super::filter::{Filtered, Needle};
use super::{Tree, merge};
use crate::proto::{Names, ZPath};

/// What is to stay in its place on the screen, and how far from the top that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Anchor {
    path: ZPath,
    offset: usize,
    on_selection: bool,
}

impl Tree {
    /// The selected znode. It has a row always.
    pub const fn selected(&self) -> &ZPath {
        &self.selected
    }

    /// The selected row's number.
    pub fn selected_row(&self) -> usize {
        self.row(&self.selected).unwrap_or(0)
    }

    /// The first row on the screen.
    pub const fn top(&self) -> usize {
        self.top
    }

    /// The rows on the screen.
    pub fn window(&self) -> std::ops::Range<usize> {
        self.top..self.len().min(self.top + self.height)
    }

    /// How many rows the screen has for the tree.
    pub const fn height(&self) -> usize {
        self.height
    }

    /// The screen has so many rows now. The selection stays in sight if it was.
    pub fn set_height(&mut self, height: usize) {
        let seen = self.window().contains(&self.selected_row());
        self.height = height.max(1);
        self.clamp();
        if seen {
            self.show_selection();
        }
    }

    /// Selects the row with this number, or the last one; shows it.
    pub fn select_row(&mut self, row: usize) {
        if let Some(path) = self.path(row.min(self.len() - 1)) {
            self.selected = path;
        }
        self.show_selection();
    }

    /// Selects a znode if it has a row; says so.
    pub fn select(&mut self, path: &ZPath) -> bool {
        let row = self.row(path);
        if let Some(row) = row {
            self.select_row(row);
        }
        row.is_some()
    }

    /// Moves the selection so many rows down, or up if negative, as far as there are any.
    pub fn move_by(&mut self, rows: isize) {
        self.select_row(self.selected_row().saturating_add_signed(rows));
    }

    /// Moves the window so many rows down, or up; the selection stays where it is.
    pub fn scroll_by(&mut self, rows: isize) {
        self.top = self.top.saturating_add_signed(rows);
        self.clamp();
    }

    /// The filter, if one is set.
    pub fn needle(&self) -> Option<&Needle> {
        self.filtered.as_ref().map(|filtered| &filtered.needle)
    }

    /// How many loaded names a filter found.
    pub fn hits(&self) -> Option<usize> {
        self.filtered.as_ref().map(|filtered| filtered.hits)
    }

    /// Shows only rows that `needle` finds, and those above them; all without one. A selected
    /// row that is hidden gives way to the next one found.
    pub fn set_filter(&mut self, needle: Option<Needle>) {
        let was = self.row_among_all(&self.selected).unwrap_or(0);
        let anchor = self.anchor();
        self.filtered = needle.map(|needle| Filtered::new(self, needle));
        if let Some(filtered) = &self.filtered
            && filtered.rows.binary_search(&was).is_err()
        {
            let next = filtered.rows.partition_point(|&row| row < was);
            let next = next.min(filtered.rows.len() - 1);
            if let Some(path) = self.path(next) {
                self.selected = path;
            }
        }
        self.settle(&anchor);
    }

    /// What has to stay in place: the selected row if it is in sight, else the first one.
    pub(super) fn anchor(&self) -> Anchor {
        let selected = self.selected_row();
        if self.window().contains(&selected) {
            return Anchor {
                path: self.selected.clone(),
                offset: selected - self.top,
                on_selection: true,
            };
        }
        Anchor {
            path: self.path(self.top).unwrap_or_else(ZPath::root),
            offset: 0,
            on_selection: false,
        }
    }

    /// Puts the anchor back in its place after a change, or the selection that replaced it.
    pub(super) fn settle(&mut self, anchor: &Anchor) {
        if self.row(&self.selected).is_none() {
            let shown = self.selected.lineage().into_iter().rev();
            let mut shown = shown.filter(|path| self.row(path).is_some());
            self.selected = shown.next().unwrap_or_else(ZPath::root);
        }
        let kept = if anchor.on_selection {
            Some(self.selected_row())
        } else {
            self.row(&anchor.path)
        };
        if let Some(row) = kept {
            self.top = row.saturating_sub(anchor.offset);
        }
        self.clamp();
        if anchor.on_selection {
            self.show_selection();
        }
    }

    /// The znode to select once the children of `path` are `names`, if the selected one goes.
    pub(super) fn survivor(&self, path: &ZPath, names: &Names) -> Option<ZPath> {
        let line = self.selected.lineage();
        let child = line
            .get(path.depth() + 1)
            .filter(|_| path.contains(&self.selected))?;
        let name = child.name();
        if names.get(super::branch::position(names, name)) == Some(name) {
            return None;
        }
        let old = &self.branch(path)?.names;
        let near = merge::neighbour(old, name, names);
        Some(near.map_or_else(|| path.clone(), |name| path.child(name)))
    }

    fn clamp(&mut self) {
        self.top = self.top.min(self.len().saturating_sub(self.height));
    }

    fn show_selection(&mut self) {
        let row = self.selected_row();
        self.top = self.top.clamp((row + 1).saturating_sub(self.height), row);
        self.clamp();
    }
}
