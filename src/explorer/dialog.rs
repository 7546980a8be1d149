//! What lies over the screen and takes the keys: the last of a stack.

use super::deletion::Deletion;
use super::editor::Editor;
use super::form::Form;
use super::input::Input;
use super::key::Chord;
use super::palette::Palette;
use crate::proto::{PathError, ZPath};

/// A popup.
#[derive(Debug, Clone)]
pub enum Dialog {
    /// What every key does.
    Help {
        /// The first line on the screen.
        scroll: usize,
    },
    /// Commands found by name.
    Palette(Palette),
    /// A path to go to.
    GoTo(GoTo),
    /// A znode to create.
    Create(Box<Form>),
    /// A znode to delete.
    Delete(Deletion),
    /// A text being edited.
    Editor(Box<Editor>),
    /// Quit with these texts unsaved?
    Quit {
        /// What would be lost, in words.
        unsaved: Vec<String>,
    },
}

/// A path being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoTo {
    /// The path as typed.
    pub input: Input,
    /// What is wrong with it.
    pub error: Option<String>,
}

impl GoTo {
    /// The path that is selected, ready to be gone on with.
    pub fn new(selected: &ZPath) -> Self {
        let slash = if selected.is_root() { "" } else { "/" };
        Self {
            input: Input::new(format!("{selected}{slash}")),
            error: None,
        }
    }

    /// The path typed; a slash at its end does no harm.
    pub fn path(&self) -> Result<ZPath, PathError> {
        let text = self.input.text().trim();
        match text.trim_end_matches('/') {
            "" if !text.is_empty() => Ok(ZPath::root()),
            text => ZPath::new(text),
        }
    }

    /// Takes a key that edits the line. A slash after a slash begins anew: no path has two.
    pub fn key(&mut self, chord: Chord) -> bool {
        if chord.text() == Some('/') {
            self.begin_anew();
            return true;
        }
        self.input.key(chord)
    }

    /// Takes a pasted text; a whole path replaces what was there.
    pub fn paste(&mut self, text: &str) {
        match text.trim().strip_prefix('/') {
            Some(rest) => {
                self.begin_anew();
                self.input.insert(rest);
            }
            None => self.input.insert(text.trim()),
        }
    }

    fn begin_anew(&mut self) {
        let (before, after) = self.input.halves();
        if after.is_empty() && before.ends_with('/') {
            self.input = Input::new("/");
        } else {
            self.input.insert("/");
        }
    }
}

impl Dialog {
    /// What would be lost if it were closed now, in words.
    pub fn unsaved(&self) -> Option<String> {
        match self {
            Self::Editor(editor) if editor.is_unsaved() => {
                Some(format!("the text of {}", editor.path()))
            }
            Self::Create(form) if form.is_touched() => {
                Some(format!("the new child of {}", form.parent))
            }
            _ => None,
        }
    }
}
