//! Where a key goes: to the popup on top, to the filter being typed, or through the keymap
//! to a command.

use crate::explorer::dialog::Dialog;
use crate::explorer::{Chord, Command, Explorer, Scope};

impl Explorer {
    /// Takes a key.
    pub(super) fn key(&mut self, chord: Chord) {
        let chord = chord.canonical();
        let command = self.keymap.command(Scope::Main, chord);
        match command {
            // These two hold everywhere: nobody must be caught in a popup.
            Some(command @ (Command::Interrupt | Command::Suspend)) => self.run(command),
            // What can't be seen is not done; what would be lost is not lost unseen.
            Some(Command::Quit) if self.viewport.is_too_small() && self.unsaved().is_empty() => {
                self.run(Command::Quit);
            }
            _ if self.viewport.is_too_small() => {}
            _ if !self.dialogs.is_empty() => self.dialog_key(chord),
            _ if self.filter.is_some() => self.filter_key(chord),
            Some(command) => self.run(command),
            None => {}
        }
    }

    /// Takes a key for the popup on top.
    fn dialog_key(&mut self, chord: Chord) {
        let Some(mut dialog) = self.dialogs.pop() else {
            return;
        };
        // The editor's keys are commands, and those look for it where it is.
        if let Dialog::Editor(_) = dialog {
            self.dialogs.push(dialog);
            self.editor_key(chord);
            return;
        }
        let place = self.dialogs.len();
        let stays = match &mut dialog {
            Dialog::Help { scroll } => self.help_key(scroll, chord),
            Dialog::Palette(palette) => self.palette_key(palette, chord),
            Dialog::GoTo(goto) => self.go_to_key(goto, chord),
            Dialog::Create(form) => self.form_key(form, chord),
            Dialog::Delete(deletion) => self.deletion_key(deletion, chord),
            Dialog::Quit { .. } => self.quit_key(chord),
            Dialog::Editor(_) => true,
        };
        if stays {
            // What it opened lies over it.
            self.dialogs.insert(place, dialog);
        }
    }

    /// Takes a pasted text; whether anything took it.
    pub(super) fn paste(&mut self, text: &str) -> bool {
        if self.viewport.is_too_small() {
            return false;
        }
        let line = text.replace('\n', " ");
        if let Some(dialog) = self.dialogs.last_mut() {
            dialog.paste(text, &line);
        } else if let Some(input) = &mut self.filter {
            input.insert(&line);
            self.apply_filter();
        } else {
            return false;
        }
        true
    }
}
