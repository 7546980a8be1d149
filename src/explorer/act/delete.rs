//! Deleting a znode: what it is now, the questions, the request, its end.

use crate::explorer::deletion::{Deletion, Step};
use crate::explorer::dialog::Dialog;
use crate::explorer::input::Input;
use crate::explorer::message::{Effect, Failure, Ticket};
use crate::explorer::toast::Mood;
use crate::explorer::{Chord, Command, Explorer, Key};
use crate::proto::{DataReply, ErrorCode, Stat, ZPath};

impl Explorer {
    pub(super) fn start_delete(&mut self) {
        let path = self.tree.selected().clone();
        if let Some(reason) = Deletion::refusal(&path) {
            return self.say(Mood::Warning, reason);
        }
        let ticket = self.ticket();
        let deletion = Deletion::new(path.clone(), ticket);
        self.open_dialog(Dialog::Delete(deletion));
        self.effects.push(Effect::Reread { ticket, path });
    }

    /// A key for the deletion's question; whether it stays open.
    pub(super) fn deletion_key(&mut self, deletion: &mut Deletion, chord: Chord) -> bool {
        if chord.key == Key::Esc {
            return false;
        }
        match &mut deletion.step {
            Step::Reading(_) | Step::Running { .. } => {}
            Step::Asking(stat) => match chord.text() {
                Some('n' | 'N') => return false,
                Some('y' | 'Y') if stat.num_children > 0 => {
                    deletion.step = Step::Naming(*stat, Input::default());
                    deletion.notice = None;
                }
                Some('y' | 'Y') => {
                    let stat = *stat;
                    self.send_deletion(deletion, stat, false);
                }
                _ => {}
            },
            Step::Naming(stat, input) => {
                if chord.key != Key::Enter {
                    input.key(chord);
                } else if input.text() == deletion.path.name() {
                    let stat = *stat;
                    self.send_deletion(deletion, stat, true);
                } else {
                    let text = "that is not its name: nothing is deleted";
                    deletion.notice = Some(text.to_owned());
                }
            }
        }
        true
    }

    /// Deletes the znode that was asked about if it still has the same version, or with all
    /// below it.
    fn send_deletion(&mut self, deletion: &mut Deletion, asked: Stat, tree: bool) {
        // The version alone does not tell a znode from one made anew under its name.
        let known = self.facts.get(&deletion.path).stat();
        if known.is_some_and(|known| known.czxid > asked.czxid) {
            let notice = "not deleted: it was deleted and made anew meanwhile";
            return self.ask_again(deletion, notice);
        }
        if let Err(reason) = Command::Delete.available(self) {
            deletion.notice = Some(format!("not deleted: {reason}"));
            return;
        }
        let ticket = self.ticket();
        let path = deletion.path.clone();
        let effect = if tree {
            Effect::DeleteTree { ticket, path }
        } else {
            let version = asked.version;
            Effect::Delete {
                ticket,
                path,
                version,
            }
        };
        self.effects.push(effect);
        self.parting = Some(deletion.path.clone());
        deletion.notice = None;
        deletion.step = Step::Running {
            ticket,
            tree,
            deleted: 0,
        };
    }

    /// The znode was read: now it can be asked what shall happen.
    pub(super) fn reread_for_deletion(
        &mut self,
        ticket: Ticket,
        path: &ZPath,
        result: Result<DataReply, Failure>,
    ) {
        let step = Step::Reading(Some(ticket));
        let Some(at) = self.find_deletion(|deletion| deletion.step == step) else {
            return;
        };
        let Some(Dialog::Delete(deletion)) = self.dialogs.get_mut(at) else {
            return;
        };
        match result {
            Ok(reply) => deletion.step = Step::Asking(reply.stat),
            Err(failure) => {
                self.dialogs.remove(at);
                if failure.is(ErrorCode::NoNode) {
                    self.say(Mood::Info, format!("{path} is gone"));
                } else {
                    self.say(Mood::Error, failure.text);
                }
            }
        }
    }

    /// So many znodes are deleted so far; whether anybody looks.
    pub(super) fn deleting(&mut self, ticket: Ticket, count: u64) -> bool {
        for dialog in &mut self.dialogs {
            if let Dialog::Delete(deletion) = dialog
                && let Step::Running {
                    ticket: running,
                    deleted,
                    ..
                } = &mut deletion.step
                && *running == ticket
            {
                *deleted = count;
                return true;
            }
        }
        false
    }

    /// A deletion has ended.
    pub(super) fn deleted(&mut self, ticket: Ticket, path: &ZPath, result: Result<u64, Failure>) {
        let running = |deletion: &Deletion| matches!(deletion.step, Step::Running { ticket: running, .. } if running == ticket);
        let at = self.find_deletion(running);
        let again = result.as_ref().err().and_then(try_again);
        if matches!(&result, Err(failure) if !failure.may_have_been_applied) {
            self.parting = None;
        }
        let dialog = at.map(|at| (at, self.dialogs.remove(at)));
        if let (Some((at, Dialog::Delete(mut deletion))), Some(notice)) = (dialog, again) {
            self.ask_again(&mut deletion, notice);
            return self.dialogs.insert(at, Dialog::Delete(deletion));
        }
        match result {
            Ok(1) => self.say(Mood::Done, format!("{path} deleted")),
            Ok(count) => self.say(Mood::Done, format!("{path} deleted: {count} znodes in all")),
            Err(failure) if failure.is(ErrorCode::NoNode) => {
                self.say(Mood::Info, format!("{path} was gone already"));
            }
            Err(failure) => self.say(Mood::Error, failure.text),
        }
    }

    /// It was not deleted, or nobody knows: it is read again and asked anew.
    fn ask_again(&mut self, deletion: &mut Deletion, notice: &str) {
        let ticket = self.ticket();
        let reads = self.is_connected().then_some(ticket);
        deletion.step = Step::Reading(reads);
        deletion.notice = Some(notice.to_owned());
        if let Some(ticket) = reads {
            let path = deletion.path.clone();
            self.effects.push(Effect::Reread { ticket, path });
        }
    }

    fn find_deletion(&self, holds: impl Fn(&Deletion) -> bool) -> Option<usize> {
        let holds = |dialog: &Dialog| matches!(dialog, Dialog::Delete(deletion) if holds(deletion));
        self.dialogs.iter().position(holds)
    }
}

/// Whether a deletion that failed is worth asking about again, and what to say then.
fn try_again(failure: &Failure) -> Option<&'static str> {
    match failure.code {
        Some(ErrorCode::NotEmpty) => Some("not deleted: it has children now"),
        Some(ErrorCode::BadVersion) => Some("not deleted: it was changed meanwhile"),
        Some(ErrorCode::ConnectionLoss) if failure.may_have_been_applied => {
            Some("the connection broke meanwhile; this is what is there now")
        }
        _ => None,
    }
}
