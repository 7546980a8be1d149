//! Creating a znode: the form, the request, its end.

use crate::explorer::dialog::Dialog;
use crate::explorer::editor::{Editor, Phase};
use crate::explorer::form::Form;
use crate::explorer::message::{Effect, Failure, Ticket};
use crate::explorer::toast::Mood;
use crate::explorer::{Chord, Command, Explorer, Key};
use crate::proto::{Stat, ZPath};

use super::edit::too_long;

impl Explorer {
    pub(super) fn start_create(&mut self) {
        let parent = self.tree.selected().clone();
        let ephemeral = self
            .facts
            .get(&parent)
            .stat()
            .is_some_and(Stat::is_ephemeral);
        if ephemeral {
            let text = format!("{parent} is ephemeral: it can't have children");
            return self.say(Mood::Warning, text);
        }
        self.open_dialog(Dialog::Create(Box::new(Form::new(parent))));
    }

    pub(super) fn form_key(&mut self, form: &mut Form, chord: Chord) -> bool {
        match chord.key {
            Key::Esc if form.is_touched() && !form.leaving => {
                form.leaving = true;
                form.error = Some("esc once more to lose what was typed".to_owned());
            }
            Key::Esc => return false,
            Key::Enter if !chord.alt && form.ticket.is_none() => self.send_form(form),
            _ if form.ticket.is_some() => {}
            _ => {
                form.key(chord);
            }
        }
        true
    }

    fn send_form(&mut self, form: &mut Form) {
        let path = match form.path() {
            Ok(path) => path,
            Err(why) => {
                form.error = Some(why);
                return;
            }
        };
        let data = form.data.text().as_bytes().to_vec();
        let limit = self.settings.data_limit(&path, true);
        if let Err(reason) = Command::Create.available(self) {
            form.error = Some(format!("not created: {reason}"));
        } else if data.len() > limit {
            form.error = Some(too_long(data.len(), limit));
        } else {
            let ticket = self.ticket();
            form.ticket = Some(ticket);
            form.error = None;
            self.effects.push(Effect::Create {
                ticket,
                path,
                data,
                mode: form.mode(),
                parents: form.parents,
            });
        }
    }

    /// A create has ended.
    pub(super) fn created(&mut self, ticket: Ticket, path: &ZPath, result: Result<ZPath, Failure>) {
        let awaited = |editor: &Editor| *editor.phase() == Phase::Saving(ticket);
        if let Some(at) = self.find_editor(awaited) {
            return self.created_for_editor(at, result);
        }
        let awaited =
            |dialog: &Dialog| matches!(dialog, Dialog::Create(form) if form.ticket == Some(ticket));
        let at = self.dialogs.iter().position(awaited);
        match (result, at) {
            (Ok(made), at) => {
                self.say(Mood::Done, format!("{made} created"));
                // Without its form the user has gone on to something else.
                if let Some(at) = at {
                    self.dialogs.remove(at);
                    self.go_to_made(made);
                }
            }
            (Err(failure), Some(at)) => {
                let text = why_not(path, failure);
                if let Some(Dialog::Create(form)) = self.dialogs.get_mut(at) {
                    form.ticket = None;
                    form.error = Some(text);
                }
            }
            (Err(failure), None) => self.say(Mood::Error, why_not(path, failure)),
        }
    }
}

fn why_not(path: &ZPath, failure: Failure) -> String {
    if failure.may_have_been_applied {
        format!("the connection broke: look whether {path} was created before trying again")
    } else {
        failure.text
    }
}
