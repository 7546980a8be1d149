//! What a click or the wheel means on what lies under it.

use crate::explorer::dialog::Dialog;
use crate::explorer::form::Field;
use crate::explorer::message::Target;
use crate::explorer::{Explorer, Focus};

use super::popup::scroll_help;

impl Explorer {
    /// A button went down. While a popup is open, only what it shows can be clicked.
    pub(super) fn click(&mut self, target: Target, double: bool) {
        match target {
            Target::Entry(entry) => self.click_entry(entry, double),
            _ if !self.dialogs.is_empty() => {}
            Target::Row(row) => {
                self.click_row(row);
                if double {
                    self.toggle();
                }
            }
            Target::Fold(row) => {
                self.click_row(row);
                self.toggle();
            }
            Target::Tree => self.focus = Focus::Tree,
            Target::Detail => self.focus = Focus::Detail,
            Target::Popup | Target::Nothing => {}
        }
    }

    fn click_row(&mut self, row: usize) {
        self.goal = None;
        self.focus = Focus::Tree;
        self.filter = None;
        self.tree.select_row(row);
    }

    fn click_entry(&mut self, entry: usize, double: bool) {
        match self.dialogs.pop() {
            Some(Dialog::Palette(mut palette)) => {
                let last = palette.entries.len().saturating_sub(1);
                palette.chosen = entry.min(last);
                if !double || !self.run_entry(&palette) {
                    self.dialogs.push(Dialog::Palette(palette));
                }
            }
            Some(Dialog::Create(mut form)) => {
                if let Some(&field) = Field::ALL.get(entry) {
                    form.click(field);
                }
                self.dialogs.push(Dialog::Create(form));
            }
            Some(dialog) => self.dialogs.push(dialog),
            None => {}
        }
    }

    /// The wheel was turned; whether anything moved.
    pub(super) fn wheel(&mut self, target: Target, rows: i16) -> bool {
        let rows = isize::from(rows);
        match self.dialogs.last_mut() {
            Some(Dialog::Help { scroll }) => {
                scroll_help(scroll, rows, self.viewport);
                return true;
            }
            Some(Dialog::Palette(palette)) => {
                palette.move_by(rows);
                return true;
            }
            Some(Dialog::Editor(editor)) => {
                editor.scroll(rows);
                return true;
            }
            Some(_) => return false,
            None => {}
        }
        let before = (self.tree.top(), self.detail.scroll());
        match target {
            Target::Row(_) | Target::Fold(_) | Target::Tree => self.tree.scroll_by(rows),
            Target::Detail => self.scroll_value(rows),
            Target::Entry(_) | Target::Popup | Target::Nothing => {}
        }
        before != (self.tree.top(), self.detail.scroll())
    }
}
