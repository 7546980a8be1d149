//! Going about in the tree and in the value: moving, opening, closing, filtering.

use crate::explorer::input::Input;
use crate::explorer::message::Effect;
use crate::explorer::toast::Mood;
use crate::explorer::tree::Needle;
use crate::explorer::{Chord, Explorer, Focus, Key, Scope};
use crate::proto::{Stat, ZPath};

impl Explorer {
    /// Moves so many rows: the selection, or the value if it has the keys.
    pub(super) fn step(&mut self, rows: isize) {
        self.goal = None;
        match self.focus {
            Focus::Tree => self.tree.move_by(rows),
            Focus::Detail => self.scroll_value(rows),
        }
    }

    /// Moves so many screenfuls.
    pub(super) fn page(&mut self, pages: isize) {
        let height = match self.focus {
            Focus::Tree => self.tree.height(),
            Focus::Detail => self.viewport.value.height.into(),
        };
        let rows = isize::try_from(height.saturating_sub(1).max(1)).unwrap_or(isize::MAX);
        self.step(rows.saturating_mul(pages));
    }

    /// Scrolls the value so many rows down, or up.
    pub(super) fn scroll_value(&mut self, rows: isize) {
        let to = self.detail.scroll().saturating_add_signed(rows);
        self.detail
            .scroll_to(to, self.viewport, self.settings.charset);
    }

    pub(super) fn left(&mut self) {
        self.goal = None;
        if self.focus == Focus::Detail {
            self.focus = Focus::Tree;
            return;
        }
        let path = self.tree.selected().clone();
        if self.tree.is_open(&path) {
            self.close(&path);
        } else if let Some(parent) = path.parent() {
            self.tree.select(&parent);
        }
    }

    pub(super) fn right(&mut self) {
        self.goal = None;
        if self.focus == Focus::Detail {
            return;
        }
        let path = self.tree.selected().clone();
        if !self.tree.is_open(&path) {
            self.open_row(&path);
            return;
        }
        let row = self.tree.selected_row();
        let below = self.tree.path(row + 1);
        if below.and_then(|below| below.parent()) == Some(path) {
            self.tree.move_by(1);
        }
    }

    pub(super) fn toggle(&mut self) {
        self.goal = None;
        let path = self.tree.selected().clone();
        if self.tree.is_open(&path) {
            self.close(&path);
        } else {
            self.open_row(&path);
        }
    }

    /// Opens a row on the user's wish; one that is known to have no children says so.
    fn open_row(&mut self, path: &ZPath) {
        let stat = self.facts.get(path).stat();
        if stat.is_some_and(Stat::is_ephemeral) {
            self.say(Mood::Info, "an ephemeral znode has no children");
            return;
        }
        self.open(path);
    }

    /// Opens a znode, or asks for its children anew.
    pub(super) fn open(&mut self, path: &ZPath) {
        let ticket = self.ticket();
        self.tree.open(path, ticket);
        let path = path.clone();
        self.effects.push(Effect::Open { ticket, path });
    }

    pub(super) fn close(&mut self, path: &ZPath) {
        let closed = self.tree.close(path);
        self.unwatch(closed);
    }

    /// Stops watching what is not open any more.
    pub(super) fn unwatch(&mut self, mut closed: Vec<ZPath>) {
        closed.sort_unstable();
        let close = |path| Effect::Close { path };
        self.effects.extend(closed.into_iter().map(close));
    }

    pub(super) fn close_all(&mut self) {
        self.goal = None;
        let root = ZPath::root();
        let opened = self.tree.opened().filter(|path| path.depth() == 1);
        for path in opened.cloned().collect::<Vec<_>>() {
            self.close(&path);
        }
        if self.tree.row(self.tree.selected()).is_none() {
            self.tree.select(&root);
        }
    }

    /// Reads the selected znode anew, its children too if it is open.
    pub(super) fn refresh(&mut self) {
        let path = self.tree.selected().clone();
        if self.tree.is_open(&path) {
            self.open(&path);
        }
        self.facts.doubt();
        self.follow(path);
    }

    pub(super) fn toggle_mouse(&mut self) {
        self.mouse = !self.mouse;
        self.effects.push(Effect::Mouse(self.mouse));
        let text = if self.mouse {
            "the mouse is zooscope's"
        } else {
            "the mouse is the terminal's: drag to select text"
        };
        self.say(Mood::Info, text);
    }

    pub(super) fn start_filter(&mut self) {
        self.goal = None;
        self.focus = Focus::Tree;
        let text = self.tree.needle().map(Needle::text).unwrap_or_default();
        self.filter = Some(Input::new(text));
    }

    /// Esc in the main view: what is in the way goes, one thing at a time.
    pub(super) fn back(&mut self) {
        if self.toasts.clear() {
            return;
        }
        if self.tree.needle().is_some() {
            self.tree.set_filter(None);
        } else {
            self.focus = Focus::Tree;
        }
    }

    /// A key while the filter is being typed.
    pub(super) fn filter_key(&mut self, chord: Chord) {
        match chord.key {
            Key::Esc => {
                self.filter = None;
                self.tree.set_filter(None);
            }
            Key::Enter => self.filter = None,
            Key::Up | Key::Down | Key::PageUp | Key::PageDown => {
                if let Some(command) = self.keymap.command(Scope::Main, chord) {
                    self.run(command);
                }
            }
            _ => {
                if self.filter.as_mut().is_some_and(|input| input.key(chord)) {
                    self.apply_filter();
                }
            }
        }
    }

    pub(super) fn apply_filter(&mut self) {
        if let Some(input) = &self.filter {
            let text = input.text();
            let needle = (!text.is_empty()).then(|| Needle::new(text));
            self.tree.set_filter(needle);
        }
    }
}
