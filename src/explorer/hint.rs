//! What the bottom line says, and how a command's keys are written: made of the command table and the keymap, so that
//! neither ever lies.

use super::Explorer;
use super::command::Command;
use super::deletion::Step;
use super::dialog::Dialog;
use super::editor::{Editor, Phase};
use super::form::Field;

/// A key and what it does here and now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The key, as it is written.
    pub key: String,
    /// What it does, in a word or two.
    pub label: &'static str,
    /// Whether it can be done now.
    pub enabled: bool,
}

const MAIN: [Command; 11] = [
    Command::Help,
    Command::Filter,
    Command::Palette,
    Command::Edit,
    Command::Create,
    Command::Delete,
    Command::Quit,
    Command::GoTo,
    Command::CopyPath,
    Command::Refresh,
    Command::SwitchPane,
];

impl Explorer {
    /// The keys that matter most now, the most useful first.
    pub fn hints(&self) -> Vec<Hint> {
        let Some(dialog) = self.dialogs().last() else {
            if self.filter_input().is_some() {
                return fixed(&[("enter", "keep"), ("esc", "clear"), ("up/down", "move")]);
            }
            let mut hints = self.commands(&MAIN);
            if self.tree().needle().is_some() {
                hints.splice(0..0, fixed(&[("esc", "clear filter")]));
            }
            return hints;
        };
        match dialog {
            Dialog::Help { .. } => fixed(&[("esc", "close"), ("up/down", "scroll")]),
            Dialog::Palette(_) => {
                fixed(&[("enter", "run"), ("esc", "close"), ("up/down", "choose")])
            }
            Dialog::GoTo(_) => fixed(&[("enter", "go"), ("esc", "close")]),
            Dialog::Create(form) => {
                let mut hints = fixed(&[("enter", "create"), ("tab", "next field")]);
                hints.extend(match form.field {
                    Field::Name => Vec::new(),
                    Field::Data => fixed(&[("ctrl-j", "new line")]),
                    Field::Ephemeral | Field::Sequential | Field::Parents => {
                        fixed(&[("space", "choose")])
                    }
                });
                hints.extend(fixed(&[("esc", "leave")]));
                hints
            }
            Dialog::Delete(deletion) => match deletion.step {
                Step::Asking(_) => fixed(&[("y", "delete"), ("n", "keep")]),
                Step::Naming(..) => fixed(&[("enter", "delete all"), ("esc", "keep")]),
                Step::Reading(_) | Step::Running { .. } => fixed(&[("esc", "close")]),
            },
            Dialog::Quit { .. } => fixed(&[("y", "quit and lose it"), ("n", "stay")]),
            Dialog::Editor(editor) => self.editor_hints(editor),
        }
    }

    /// A command's keys, as they are written.
    pub fn keys_of(&self, command: Command) -> Vec<String> {
        let chords = self.keymap().chords(command);
        chords.iter().map(ToString::to_string).collect()
    }

    fn editor_hints(&self, editor: &Editor) -> Vec<Hint> {
        use Command::{CreateAgain, KeepEditing, Leave, Redo, Save, TakeTheirs, Undo, WriteMine};
        if editor.is_leaving() {
            return fixed(&[("s", "save"), ("d", "discard"), ("esc", "go on editing")]);
        }
        match editor.phase() {
            Phase::Editing => self.commands(&[Save, Leave, Undo, Redo]),
            // Nobody reads any more: the user may want it tried again.
            Phase::Rereading { ticket: None, .. } => {
                let mut hints = self.commands(&[Save, Leave]);
                if let Some(save) = hints.first_mut() {
                    (save.label, save.enabled) = ("read again", self.is_connected());
                }
                hints
            }
            Phase::Saving(_) | Phase::Rereading { .. } => self.commands(&[Leave]),
            Phase::Conflict(_) => self.commands(&[TakeTheirs, WriteMine, KeepEditing]),
            Phase::Vanished => self.commands(&[CreateAgain, KeepEditing]),
        }
    }

    fn commands(&self, commands: &[Command]) -> Vec<Hint> {
        let hint = |&command: &Command| {
            Some(Hint {
                key: self.keys_of(command).into_iter().next()?,
                label: command.label(),
                enabled: command.available(self).is_ok(),
            })
        };
        commands.iter().filter_map(hint).collect()
    }
}

fn fixed(keys: &[(&str, &'static str)]) -> Vec<Hint> {
    let hint = |&(key, label): &(&str, &'static str)| Hint {
        key: key.to_owned(),
        label,
        enabled: true,
    };
    keys.iter().map(hint).collect()
}
