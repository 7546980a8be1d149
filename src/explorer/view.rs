//! What views may read of the explorer: all of it, as it is meant, and nothing that a view
//! would have to work out for itself.

use std::ops::Range;

use super::detail::{Detail, Value};
use super::dialog::Dialog;
use super::facts::Fact;
use super::input::Input;
use super::keymap::Keymap;
use super::message::{Now, Session, SessionState, Viewport};
use super::row::{Fold, Row};
use super::settings::Settings;
use super::toast::Toasts;
use super::tree::{Load, Tree};
use super::{Explorer, Focus};
use crate::proto::ZPath;

impl Explorer {
    /// What the command line decided.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Which key asks for what.
    pub const fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// How much room there is.
    pub const fn viewport(&self) -> Viewport {
        self.viewport
    }

    /// When the last message arrived.
    pub const fn now(&self) -> Now {
        self.now
    }

    /// The connection's state.
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// Whether a server answers now.
    pub const fn is_connected(&self) -> bool {
        matches!(
            self.session.state,
            SessionState::Connected | SessionState::ReadOnly
        )
    }

    /// Which pane has the keys.
    pub const fn focus(&self) -> Focus {
        self.focus
    }

    /// The tree: how many rows, which is selected, which are on the screen.
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The selected znode's value.
    pub const fn detail(&self) -> &Detail {
        &self.detail
    }

    /// The selected znode's value, if it is the one shown.
    pub fn selected_value(&self) -> Option<&Value> {
        self.detail.value_of(self.tree.selected())
    }

    /// Whether the value shown may not be the selected znode's as it is now.
    pub fn is_detail_stale(&self) -> bool {
        let shown = self.detail.shown();
        shown.is_some_and(|shown| shown.stale || shown.path != *self.tree.selected())
    }

    /// The filter's text while it is being typed.
    pub const fn filter_input(&self) -> Option<&Input> {
        self.filter.as_ref()
    }

    /// The popups, the one that has the keys last.
    pub fn dialogs(&self) -> &[Dialog] {
        &self.dialogs
    }

    /// What would be lost if the program ended now, in words.
    pub fn unsaved(&self) -> Vec<String> {
        self.dialogs.iter().filter_map(Dialog::unsaved).collect()
    }

    /// The short messages.
    pub const fn toasts(&self) -> &Toasts {
        &self.toasts
    }

    /// The rows of this range, as far as there are any. Its cost is that of the range.
    pub fn rows(&self, range: Range<usize>) -> Vec<Row> {
        range.map_while(|number| self.row(number)).collect()
    }

    /// The rows on the screen.
    pub fn window(&self) -> Vec<Row> {
        self.rows(self.tree.window())
    }

    fn row(&self, number: usize) -> Option<Row> {
        let path = self.tree.path(number)?;
        let fact = self.facts.get(&path).clone();
        let load = self.tree.load(&path);
        let stale = fact.is_stale() || self.tree.is_stale(&path);
        let counted = || usize::try_from(fact.stat()?.num_children).ok();
        Some(Row {
            number,
            depth: path.depth(),
            fold: fold(load, &fact),
            children: self.tree.child_count(&path).or_else(counted),
            stale,
            mark: self.marks.get(&path),
            selected: path == *self.tree.selected(),
            hit: self
                .tree
                .needle()
                .and_then(|needle| needle.find(path.name())),
            trouble: trouble(load, &fact),
            fact,
            path,
        })
    }

    /// The paths of the rows on the screen.
    pub(super) fn seen(&self) -> Vec<ZPath> {
        let rows = self.tree.window();
        rows.map_while(|row| self.tree.path(row)).collect()
    }
}

fn fold(load: Option<&Load>, fact: &Fact) -> Fold {
    use crate::proto::ErrorCode::{NoAuth, NoNode};
    match (load, fact) {
        (Some(load), _) if load.is_gone() => Fold::Gone,
        (Some(load), _) if load.is_forbidden() => Fold::Forbidden,
        (Some(Load::Failed(_)), _) => Fold::Failed,
        (Some(Load::Loading), _) => Fold::Loading,
        (Some(Load::Listed), _) => Fold::Open,
        (None, Fact::Failed(failure)) if failure.is(NoNode) => Fold::Gone,
        (None, Fact::Failed(failure)) if failure.is(NoAuth) => Fold::Forbidden,
        (None, Fact::Known { stat, .. }) if stat.num_children == 0 => Fold::Leaf,
        (None, _) => Fold::Closed,
    }
}

fn trouble(load: Option<&Load>, fact: &Fact) -> Option<String> {
    match (load, fact) {
        (Some(Load::Failed(failure)), _) | (_, Fact::Failed(failure)) => Some(failure.text.clone()),
        _ => None,
    }
}
