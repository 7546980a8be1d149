//! Editing a text: opening the editor, saving with the version that was read, and what
//! happens when the save was refused or nobody knows how it ended.

use crate::explorer::dialog::Dialog;
use crate::explorer::editor::{Editor, Exit, Phase};
use crate::explorer::message::{Effect, Failure, Ticket};
use crate::explorer::toast::Mood;
use crate::explorer::{Chord, Command, Explorer, Key, Scope};
use crate::proto::{CreateMode, DataReply, ErrorCode, Stat, ZPath};

use super::popup::arrows;

impl Explorer {
    pub(super) fn edit(&mut self) {
        let Some(value) = self.selected_value() else {
            return;
        };
        let base = DataReply {
            data: value.data.clone(),
            stat: value.stat,
        };
        match Editor::new(self.tree.selected().clone(), base) {
            Ok(mut editor) => {
                if editor.base().data.is_none() {
                    let text =
                        "it has no data (null) so far; saving writes a text, even an empty one";
                    editor.note(Some(text.to_owned()));
                }
                self.open_dialog(Dialog::Editor(Box::new(editor)));
            }
            Err(reason) => self.say(Mood::Warning, reason),
        }
    }

    /// The editor on top, if it is one.
    fn editor(&mut self) -> Option<&mut Editor> {
        match self.dialogs.last_mut() {
            Some(Dialog::Editor(editor)) => Some(editor),
            _ => None,
        }
    }

    fn close_editor(&mut self) {
        if let Some(Dialog::Editor(_)) = self.dialogs.last() {
            self.dialogs.pop();
        }
    }

    pub(super) fn editor_key(&mut self, chord: Chord) {
        let Some(editor) = self.editor() else {
            return;
        };
        if editor.is_leaving() {
            return self.leaving_key(chord);
        }
        let scope = match editor.phase() {
            Phase::Editing | Phase::Saving(_) | Phase::Rereading { .. } => Scope::Editor,
            Phase::Conflict(_) | Phase::Vanished => Scope::Choice,
        };
        if let Some(command) = self.keymap.command(scope, chord) {
            return self.run(command);
        }
        // A line of the page before stays in sight: what frames the text takes six rows.
        let page = isize::try_from(self.viewport.screen.height.saturating_sub(7)).unwrap_or(1);
        let Some(editor) = self.editor() else {
            return;
        };
        match (editor.phase(), arrows(chord)) {
            (Phase::Editing, _) if chord.key == Key::PageUp => editor.move_lines(-page),
            (Phase::Editing, _) if chord.key == Key::PageDown => editor.move_lines(page),
            (Phase::Editing, _) => editor.key(chord),
            (Phase::Conflict(_), Some(rows)) => editor.scroll(rows),
            _ => {}
        }
    }

    fn leaving_key(&mut self, chord: Chord) {
        let Some(editor) = self.editor() else {
            return;
        };
        match (chord.key, chord.text()) {
            (_, Some('s' | 'S')) => {
                editor.set_exit(Exit::AfterSaving);
                self.save();
            }
            (_, Some('d' | 'D')) => self.close_editor(),
            (Key::Esc, _) | (_, Some('e' | 'n')) => {
                editor.set_exit(Exit::Stays);
            }
            _ => {}
        }
    }

    pub(super) fn leave(&mut self) {
        let Some(editor) = self.editor() else {
            return;
        };
        let pending = !matches!(editor.phase(), Phase::Editing);
        if pending || editor.is_unsaved() {
            editor.set_exit(Exit::Asks);
        } else {
            self.close_editor();
        }
    }

    pub(super) fn turn_back(&mut self, command: Command) {
        if let Some(editor) = self.editor()
            && *editor.phase() == Phase::Editing
        {
            match command {
                Command::Undo => editor.undo(),
                _ => editor.redo(),
            }
        }
    }

    pub(super) fn keep_editing(&mut self) {
        if let Some(editor) = self.editor() {
            editor.enter(Phase::Editing);
            editor.set_exit(Exit::Stays);
        }
    }

    pub(super) fn save(&mut self) {
        let refused = Command::Create.available(self).err();
        let settings = self.settings.clone();
        let ticket = self.ticket();
        let Some(editor) = self.editor() else {
            return;
        };
        if let Phase::Rereading { ticket: None, .. } = editor.phase() {
            let path = editor.path().clone();
            return self.read_again(&path, ticket);
        }
        if *editor.phase() != Phase::Editing {
            return;
        }
        let bytes = editor.bytes();
        let limit = settings.data_limit(editor.path(), false);
        let trouble = if let Some(reason) = refused {
            Some(format!("not saved: {reason}. The text is kept here"))
        } else if bytes.len() > limit {
            Some(too_long(bytes.len(), limit))
        } else if !editor.is_outdated() && !editor.is_unsaved() && editor.base().data.is_some() {
            Some("the text is as the server has it: nothing to save".to_owned())
        } else {
            None
        };
        if trouble.is_some() {
            editor.set_exit(Exit::Stays);
            return editor.note(trouble);
        }
        let path = editor.path().clone();
        editor.send(ticket, bytes.clone());
        if editor.is_outdated() {
            // The version alone would let the write pass if the znode was deleted and made
            // anew: what is there now is looked at first.
            editor.enter(Phase::Rereading {
                ticket: Some(ticket),
                unknown: false,
            });
            return self.effects.push(Effect::Reread { ticket, path });
        }
        let effect = Effect::Write {
            ticket,
            path,
            data: bytes,
            version: editor.base().stat.version,
        };
        self.effects.push(effect);
    }

    /// A save has ended.
    pub(super) fn written(&mut self, ticket: Ticket, path: &ZPath, result: Result<Stat, Failure>) {
        if let Ok(stat) = result {
            self.facts.learn(self.now.mono, path.clone(), stat);
        }
        let awaited = |editor: &Editor| *editor.phase() == Phase::Saving(ticket);
        let Some(at) = self.find_editor(awaited) else {
            match result {
                Ok(stat) => self.say(
                    Mood::Done,
                    format!("{path} saved as version {}", stat.version),
                ),
                Err(failure) => self.say(Mood::Error, failure.text),
            }
            return;
        };
        match result {
            Ok(stat) => {
                let text = format!("{path} saved as version {}", stat.version);
                self.saved(at, stat, text);
            }
            Err(failure) => self.not_written(at, path, failure),
        }
    }

    /// The server holds the text: the editor goes on from there, or closes if that was meant.
    fn saved(&mut self, at: usize, stat: Stat, text: String) {
        self.say(Mood::Done, text);
        if let Some(Dialog::Editor(editor)) = self.dialogs.get_mut(at) {
            editor.saved(stat);
            if editor.is_closing() && !editor.is_unsaved() {
                self.dialogs.remove(at);
            }
        }
    }

    fn not_written(&mut self, at: usize, path: &ZPath, failure: Failure) {
        let unknown = failure.may_have_been_applied;
        let stale = failure.is(ErrorCode::BadVersion) || failure.is(ErrorCode::NodeExists);
        let again = (unknown || stale).then(|| self.ticket());
        let reads = again.filter(|_| self.is_connected());
        let Some(Dialog::Editor(editor)) = self.dialogs.get_mut(at) else {
            return;
        };
        if failure.is(ErrorCode::NoNode) {
            editor.lose();
            editor.enter(Phase::Vanished);
            return;
        }
        if again.is_none() {
            editor.set_exit(Exit::Stays);
            editor.enter(Phase::Editing);
            editor.note(Some(failure.text));
            return;
        }
        editor.enter(Phase::Rereading {
            ticket: reads,
            unknown,
        });
        if unknown {
            let text = "the connection broke during the save: whether it arrived is not known yet";
            editor.note(Some(text.to_owned()));
        }
        if let Some(ticket) = reads {
            let path = path.clone();
            self.effects.push(Effect::Reread { ticket, path });
        }
    }

    /// Asks again for what the server holds, on the user's wish.
    fn read_again(&mut self, path: &ZPath, ticket: Ticket) {
        if !self.is_connected() {
            return;
        }
        if let Some(editor) = self.editor()
            && let Phase::Rereading { unknown, .. } = *editor.phase()
        {
            editor.enter(Phase::Rereading {
                ticket: Some(ticket),
                unknown,
            });
            let path = path.clone();
            self.effects.push(Effect::Reread { ticket, path });
        }
    }

    /// A znode was read again: for the editor, or for a deletion.
    pub(super) fn reread(
        &mut self,
        ticket: Ticket,
        path: &ZPath,
        result: Result<DataReply, Failure>,
    ) {
        let awaited = |editor: &Editor| matches!(editor.phase(), Phase::Rereading { ticket: Some(awaited), .. } if *awaited == ticket);
        let Some(at) = self.find_editor(awaited) else {
            return self.reread_for_deletion(ticket, path, result);
        };
        let Some(Dialog::Editor(editor)) = self.dialogs.get_mut(at) else {
            return;
        };
        let unknown = matches!(editor.phase(), Phase::Rereading { unknown: true, .. });
        match result {
            Ok(theirs) if theirs.data.as_deref() == Some(editor.sent()) => {
                let version = theirs.stat.version;
                let text = if unknown {
                    format!("the connection broke, but {path} was saved: version {version}")
                } else {
                    format!("the server holds this text of {path} as version {version}")
                };
                editor.note(None);
                self.saved(at, theirs.stat, text);
            }
            Ok(theirs) => editor.compare(theirs, unknown),
            Err(failure) if failure.is(ErrorCode::NoNode) => {
                editor.lose();
                editor.enter(Phase::Vanished);
            }
            Err(failure) => {
                editor.enter(Phase::Rereading {
                    ticket: None,
                    unknown,
                });
                editor.note(Some(failure.text));
            }
        }
    }

    pub(super) fn take_theirs(&mut self) {
        let Some(editor) = self.editor() else {
            return;
        };
        if let Phase::Conflict(conflict) = editor.phase() {
            let theirs = conflict.theirs.clone();
            match editor.take_theirs(theirs) {
                Ok(()) => {
                    editor.set_exit(Exit::Stays);
                    editor.enter(Phase::Editing);
                    let text = "theirs is in the editor now; undo brings mine back";
                    editor.note(Some(text.to_owned()));
                }
                Err(reason) => editor.note(Some(reason.to_owned())),
            }
        }
    }

    pub(super) fn write_mine(&mut self) {
        let Some(editor) = self.editor() else {
            return;
        };
        if let Phase::Conflict(conflict) = editor.phase() {
            let theirs = conflict.theirs.clone();
            editor.rebase(theirs);
            editor.enter(Phase::Editing);
            self.save();
        }
    }

    pub(super) fn create_again(&mut self) {
        let refused = Command::Create.available(self).err();
        let settings = self.settings.clone();
        let ticket = self.ticket();
        let Some(editor) = self.editor() else {
            return;
        };
        let bytes = editor.bytes();
        let limit = settings.data_limit(editor.path(), true);
        if let Some(reason) = refused {
            let text = format!("not created: {reason}. The text is kept here");
            return editor.note(Some(text));
        } else if bytes.len() > limit {
            return editor.note(Some(too_long(bytes.len(), limit)));
        }
        editor.send(ticket, bytes.clone());
        let effect = Effect::Create {
            ticket,
            path: editor.path().clone(),
            data: bytes,
            mode: CreateMode::Persistent,
            parents: true,
        };
        self.effects.push(effect);
    }

    /// Where among the popups the editor is that this holds for.
    pub(super) fn find_editor(&self, holds: impl Fn(&Editor) -> bool) -> Option<usize> {
        let holds = |dialog: &Dialog| matches!(dialog, Dialog::Editor(editor) if holds(editor));
        self.dialogs.iter().position(holds)
    }

    /// The editor's znode was created anew, or not: what it holds now is read.
    pub(super) fn created_for_editor(&mut self, at: usize, result: Result<ZPath, Failure>) {
        let ticket = self.ticket();
        let Some(Dialog::Editor(editor)) = self.dialogs.get_mut(at) else {
            return;
        };
        let path = editor.path().clone();
        match result {
            Ok(_) => {
                editor.enter(Phase::Rereading {
                    ticket: Some(ticket),
                    unknown: false,
                });
                self.effects.push(Effect::Reread { ticket, path });
            }
            Err(failure) => self.not_written(at, &path, failure),
        }
    }
}

/// Why a text is not sent at all.
pub(super) fn too_long(bytes: usize, limit: usize) -> String {
    format!(
        "not sent: {bytes} bytes, and the server takes {limit} at most here (its jute.maxbuffer)"
    )
}
