//! The connection's state changed: what is shown grows stale, and is asked for anew when a
//! server answers again.

use crate::explorer::dialog::Dialog;
use crate::explorer::message::{Effect, Session, SessionState};
use crate::explorer::toast::Mood;
use crate::explorer::{Explorer, Phase, Step};

impl Explorer {
    /// Takes the connection's new state; whether anything is different.
    pub(super) fn session_is(&mut self, session: Session) -> bool {
        if session == self.session {
            return false;
        }
        let was = std::mem::replace(&mut self.session, session);
        let connected = |state| matches!(state, SessionState::Connected | SessionState::ReadOnly);
        let (before, after) = (connected(was.state), connected(self.session.state));
        if before && !after {
            self.grow_stale();
        }
        let expired = self.session.expired > was.expired;
        if expired {
            // Between two looks at it the session may have gone and come again.
            self.grow_stale();
            let text = "the session expired: its ephemeral znodes are gone, a new one began";
            self.say(Mood::Warning, text);
        }
        if after && (expired || !before) {
            self.resume();
        }
        if self.session.state == SessionState::AuthFailed && was.state != SessionState::AuthFailed {
            let why = self.session.trouble.as_deref().unwrap_or("no reason given");
            let text = format!("authentication failed ({why}): put that right, and start again");
            self.say(Mood::Error, text);
        }
        true
    }

    fn grow_stale(&mut self) {
        self.tree.grow_stale();
        self.facts.grow_stale();
        self.detail.grow_stale();
    }

    /// A server answers again: what waited for one is asked for now. Lists that changed come by
    /// themselves; their watches are set again below us.
    fn resume(&mut self) {
        self.detail.begin_anew();
        let ticket = self.ticket();
        for dialog in &mut self.dialogs {
            match dialog {
                Dialog::Editor(editor) => {
                    let Phase::Rereading {
                        ticket: None,
                        unknown,
                    } = *editor.phase()
                    else {
                        continue;
                    };
                    let path = editor.path().clone();
                    editor.enter(Phase::Rereading {
                        ticket: Some(ticket),
                        unknown,
                    });
                    self.effects.push(Effect::Reread { ticket, path });
                }
                Dialog::Delete(deletion) if deletion.step == Step::Reading(None) => {
                    deletion.step = Step::Reading(Some(ticket));
                    let path = deletion.path.clone();
                    self.effects.push(Effect::Reread { ticket, path });
                }
                _ => {}
            }
        }
    }
}
