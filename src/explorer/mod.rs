//! What the user sees, decides and may do: [`Explorer::update`] takes a [`Message`] and says
//! with [`Effect`]s what it wants of the world; [`Explorer::deadline`] says when it wants to
//! be woken. Nothing else changes it.
//!
//! It knows the whole state of the screen. It refuses to know clocks, sockets, terminals and
//! what anything looks like.

mod act;
mod available;
mod command;
mod deletion;
mod detail;
mod dialog;
mod diff;
mod editor;
mod facts;
mod form;
mod hint;
mod input;
mod key;
mod keymap;
mod marks;
mod message;
mod palette;
mod plain;
mod row;
mod settings;
mod toast;
mod tree;
mod view;

use std::time::Instant;

pub use command::{Command, Scope};
pub use deletion::{Deletion, Step};
pub use detail::{AclState, Detail, Shown, Value};
pub use dialog::{Dialog, GoTo};
pub use diff::Line;
pub use editor::{Conflict, Editor, Phase};
pub use facts::Fact;
pub use form::{Field, Form};
pub use hint::Hint;
pub use input::Input;
pub use key::{Chord, ChordError, Key};
pub use keymap::Keymap;
pub use marks::Mark;
pub use message::{
    Effect, Failure, Message, Now, Session, SessionState, Size, Target, Ticket, Viewport,
};
pub use palette::Palette;
pub use row::{Fold, Row};
pub use settings::Settings;
pub use toast::{Mood, Toast, Toasts};
pub use tree::{Load, Needle, Tree};

use crate::proto::ZPath;
use act::Goal;
use facts::Facts;
use marks::Marks;

/// Which pane has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Focus {
    /// The tree.
    #[default]
    Tree,
    /// The selected znode's value.
    Detail,
}

/// The whole state of the program, but for what the world holds.
#[derive(Debug)]
pub struct Explorer {
    settings: Settings,
    keymap: Keymap,
    viewport: Viewport,
    now: Now,
    session: Session,
    tree: Tree,
    facts: Facts,
    marks: Marks,
    detail: Detail,
    focus: Focus,
    /// The filter's text while it is being typed.
    filter: Option<Input>,
    dialogs: Vec<Dialog>,
    toasts: Toasts,
    goal: Option<Goal>,
    /// What was deleted on the user's wish: that its rows go is no news.
    parting: Option<ZPath>,
    mouse: bool,
    dirty: bool,
    last_ticket: u64,
    /// What the message at hand has asked for so far.
    effects: Vec<Effect>,
}

impl Explorer {
    /// An explorer that has seen nothing yet, and what it wants first.
    pub fn new(settings: Settings, keymap: Keymap, now: Now) -> (Self, Vec<Effect>) {
        let mut explorer = Self {
            mouse: settings.mouse,
            settings,
            keymap,
            viewport: Viewport::default(),
            now,
            session: Session::default(),
            tree: Tree::default(),
            facts: Facts::default(),
            marks: Marks::default(),
            detail: Detail::default(),
            focus: Focus::Tree,
            filter: None,
            dialogs: Vec::new(),
            toasts: Toasts::default(),
            goal: None,
            parting: None,
            dirty: true,
            last_ticket: 0,
            effects: Vec::new(),
        };
        explorer.begin();
        let effects = std::mem::take(&mut explorer.effects);
        (explorer, effects)
    }

    /// Something happened. Returns what has to be done about it, in order.
    pub fn update(&mut self, now: Now, message: Message) -> Vec<Effect> {
        self.now = now;
        self.dirty |= self.take(message);
        self.look_around();
        std::mem::take(&mut self.effects)
    }

    /// When a [`Message::Tick`] is wanted, if nothing happens before.
    pub fn deadline(&self) -> Option<Instant> {
        let rows = self
            .is_connected()
            .then(|| self.facts.deadline(&self.seen()));
        [
            self.toasts.deadline(),
            self.marks.deadline(),
            self.detail.deadline(),
            rows.flatten(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Whether the screen has to be drawn anew; asking makes it so no more.
    pub const fn take_dirty(&mut self) -> bool {
        std::mem::replace(&mut self.dirty, false)
    }
}

#[cfg(test)]
mod tests;
