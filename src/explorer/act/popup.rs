//! Help, palette, going to a path, and the question before quitting.

use crate::explorer::dialog::{Dialog, GoTo};
use crate::explorer::message::{Effect, Viewport};
use crate::explorer::palette::Palette;
use crate::explorer::{Chord, Command, Explorer, Key};
use crate::proto::ZPath;

impl Explorer {
    /// Opens one of the popups that only look or find.
    pub(super) fn pop_up(&mut self, command: Command) {
        let dialog = match command {
            Command::Palette => Dialog::Palette(Palette::default()),
            Command::GoTo => Dialog::GoTo(GoTo::new(self.tree.selected())),
            _ => Dialog::Help { scroll: 0 },
        };
        self.open_dialog(dialog);
    }

    /// Opens a popup. What it names is what is selected now: no list still to come may move
    /// the selection away behind it.
    pub(super) fn open_dialog(&mut self, dialog: Dialog) {
        self.goal = None;
        self.dialogs.push(dialog);
    }

    pub(super) fn help_key(&self, scroll: &mut usize, chord: Chord) -> bool {
        let rows = match vertical(chord) {
            Some(rows) => rows,
            None if closes(chord) => return false,
            None => 0,
        };
        scroll_help(scroll, rows, self.viewport);
        true
    }

    pub(super) fn palette_key(&mut self, palette: &mut Palette, chord: Chord) -> bool {
        if let Some(rows) = arrows(chord) {
            palette.move_by(rows);
            return true;
        }
        match chord.key {
            Key::Esc => return false,
            Key::Enter => return !self.run_entry(palette),
            _ => {}
        }
        if palette.input.key(chord) {
            palette.search();
        }
        true
    }

    /// Runs the chosen entry, if it can be run.
    pub(super) fn run_entry(&mut self, palette: &Palette) -> bool {
        let possible = |command: &Command| command.available(self).is_ok();
        let Some(command) = palette.entry().filter(possible) else {
            return false;
        };
        self.run(command);
        true
    }

    pub(super) fn go_to_key(&mut self, goto: &mut GoTo, chord: Chord) -> bool {
        match chord.key {
            Key::Esc => return false,
            Key::Tab => {
                let completed = self.complete(goto.input.halves().0);
                goto.input.insert(&completed);
            }
            Key::Enter => match goto.path() {
                Ok(path) => {
                    self.go_to(path);
                    return false;
                }
                Err(error) => goto.error = Some(error.to_string()),
            },
            _ => {
                if goto.key(chord) {
                    goto.error = None;
                }
            }
        }
        true
    }

    /// What all loaded names that go on as `text` does have in common beyond it.
    fn complete(&self, text: &str) -> String {
        let (above, begun) = text.rsplit_once('/').unwrap_or(("", text));
        let above = ZPath::from_server(if above.is_empty() { "/" } else { above });
        let mut names = self.tree.names_from(&above, begun);
        let Some(first) = names.next() else {
            return String::new();
        };
        let mut common = first;
        let mut alone = true;
        for name in names {
            let same = common.chars().zip(name.chars()).take_while(|(a, b)| a == b);
            let length = same.map(|(c, _)| c.len_utf8()).sum();
            common = common.get(..length).unwrap_or_default();
            alone = false;
        }
        let rest = common.get(begun.len()..).unwrap_or_default();
        format!("{rest}{}", if alone { "/" } else { "" })
    }

    /// Quits, or asks if something would be lost.
    pub(super) fn quit(&mut self) {
        let unsaved = self.unsaved();
        if unsaved.is_empty() {
            self.effects.push(Effect::Quit);
        } else {
            self.open_dialog(Dialog::Quit { unsaved });
        }
    }

    /// Ctrl-C: quits, or asks; asked already, it is the answer.
    pub(super) fn interrupt(&mut self) {
        if let Some(Dialog::Quit { .. }) = self.dialogs.last() {
            self.effects.push(Effect::Quit);
        } else {
            self.quit();
        }
    }

    pub(super) fn quit_key(&mut self, chord: Chord) -> bool {
        match (chord.key, chord.text()) {
            (_, Some('y' | 'Y')) => {
                self.effects.push(Effect::Quit);
                false
            }
            (Key::Esc, _) | (_, Some('n' | 'N')) => false,
            _ => true,
        }
    }
}

impl Dialog {
    /// Puts a pasted text where a text is being typed.
    pub(super) fn paste(&mut self, text: &str, line: &str) {
        match self {
            Self::GoTo(goto) => goto.paste(line),
            Self::Create(form) => form.paste(text),
            Self::Delete(deletion) => {
                if let crate::explorer::Step::Naming(_, input) = &mut deletion.step {
                    input.insert(line);
                }
            }
            Self::Editor(editor) => editor.paste(text),
            Self::Palette(palette) => {
                palette.input.insert(line);
                palette.search();
            }
            Self::Help { .. } | Self::Quit { .. } => {}
        }
    }
}

/// Scrolls the help so many lines, as far as there are any that aren't shown.
pub(super) fn scroll_help(scroll: &mut usize, rows: isize, viewport: Viewport) {
    let last = usize::from(viewport.help_overflow);
    // The screen may have grown since.
    let scrolled = (*scroll).min(last).saturating_add_signed(rows);
    *scroll = scrolled.min(last);
}

/// How far a key moves in a list without anything to type.
fn vertical(chord: Chord) -> Option<isize> {
    match chord.key {
        Key::Char('k') => Some(-1),
        Key::Char('j' | ' ') => Some(1),
        Key::Home => Some(isize::MIN),
        Key::End => Some(isize::MAX),
        _ => arrows(chord),
    }
}

/// How far a key moves in a list below a line to type in.
pub(super) const fn arrows(chord: Chord) -> Option<isize> {
    match chord.key {
        Key::Up => Some(-1),
        Key::Down => Some(1),
        Key::PageUp => Some(-10),
        Key::PageDown => Some(10),
        _ => None,
    }
}

const fn closes(chord: Chord) -> bool {
    matches!(chord.key, Key::Esc | Key::Enter | Key::Char('q' | '?'))
}
