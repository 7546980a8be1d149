//! What lies over the screen and takes the keys: the last of a stack.

use super::deletion::Deletion;
use super::editor::Editor;
use super::form::Form;
use super::input::Input;
use super::palette::Palette;

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
