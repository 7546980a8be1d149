//! What happens on each message: one file per kind of thing that can be done. Each arm
//! changes the explorer and adds the effects it wants; only whether the screen changed is
//! returned.

mod create;
mod delete;
mod edit;
mod goal;
mod keys;
mod mouse;
mod popup;
mod replies;
mod rows;
mod session;

use super::message::{Effect, Message, Ticket};
use super::toast::Mood;
use super::{Command, Explorer, Focus};
use crate::proto::ZPath;

pub(super) use goal::Goal;

impl Explorer {
    /// The first wishes: the root's children, and the path asked for.
    pub(super) fn begin(&mut self) {
        self.open(&ZPath::root());
        if let Some(path) = self.settings.path.clone() {
            self.go_to(path);
        }
        self.look_around();
    }

    /// Takes a message; whether the screen changed.
    pub(super) fn take(&mut self, message: Message) -> bool {
        match message {
            Message::Key(chord) => self.key(chord),
            Message::Command(command) => self.run(command),
            Message::Paste(text) => return self.paste(&text),
            Message::Click { target, double } => self.click(target, double),
            Message::Wheel { target, rows } => return self.wheel(target, rows),
            Message::Resize(viewport) => {
                self.viewport = viewport;
                self.tree.set_height(viewport.tree.height.into());
                self.scroll_value(0);
            }
            Message::Tick => return self.tick(),
            Message::Session(session) => return self.session_is(session),
            Message::Children {
                ticket,
                path,
                result,
            } => return self.listed(ticket, &path, result),
            Message::Data {
                ticket,
                path,
                result,
            } => return self.data(ticket, &path, result),
            Message::Acl { ticket, result, .. } => return self.detail.take_acl(ticket, result),
            Message::Peeked { ticket, rows } => return self.peeked(ticket, rows),
            Message::Reread {
                ticket,
                path,
                result,
            } => self.reread(ticket, &path, result),
            Message::Written {
                ticket,
                path,
                result,
            } => self.written(ticket, &path, result),
            Message::Created {
                ticket,
                path,
                result,
            } => self.created(ticket, &path, result),
            Message::Deleting {
                ticket, deleted, ..
            } => return self.deleting(ticket, deleted),
            Message::Deleted {
                ticket,
                path,
                result,
            } => self.deleted(ticket, &path, result),
            Message::Copied { what, result } => match result {
                Ok(how) => self.say(Mood::Done, format!("{what} copied: {how}")),
                Err(why) => self.say(Mood::Error, format!("the {what} was not copied: {why}")),
            },
            Message::Terminate => self.effects.push(Effect::Quit),
        }
        true
    }

    /// After any message: follow what is selected, and ask for what is on the screen.
    pub(super) fn look_around(&mut self) {
        let selected = self.tree.selected();
        if self.detail.wants(selected) {
            self.follow(selected.clone());
        }
        let selected = self.tree.selected();
        self.dirty |= self.detail.stand_in(self.now.mono, selected);
        if self.is_connected() {
            let paths = self.facts.wanted(self.now.mono, &self.seen());
            if !paths.is_empty() {
                let ticket = self.ticket();
                self.facts.ask(self.now.mono, ticket);
                self.effects.push(Effect::Peek { ticket, paths });
            }
        }
    }

    /// Does what a command asks for, or says why not.
    pub(super) fn run(&mut self, command: Command) {
        if let Err(reason) = command.available(self) {
            self.say(Mood::Warning, format!("{}: {reason}", command.label()));
            return;
        }
        match command {
            Command::Up => self.step(-1),
            Command::Down => self.step(1),
            Command::PageUp => self.page(-1),
            Command::PageDown => self.page(1),
            Command::First => self.step(isize::MIN),
            Command::Last => self.step(isize::MAX),
            Command::Left => self.left(),
            Command::Right => self.right(),
            Command::Toggle => self.toggle(),
            Command::SwitchPane => self.switch_pane(),
            Command::CloseAll => self.close_all(),
            Command::Refresh => self.refresh(),
            Command::Filter => self.start_filter(),
            Command::Back => self.back(),
            Command::GoTo | Command::Palette | Command::Help => self.pop_up(command),
            Command::Edit => self.edit(),
            Command::Save => self.save(),
            Command::Leave => self.leave(),
            Command::Undo | Command::Redo => self.turn_back(command),
            Command::TakeTheirs => self.take_theirs(),
            Command::WriteMine => self.write_mine(),
            Command::CreateAgain => self.create_again(),
            Command::KeepEditing => self.keep_editing(),
            Command::Create => self.start_create(),
            Command::Delete => self.start_delete(),
            Command::CopyPath => self.copy_path(),
            Command::CopyData => self.copy_data(),
            Command::ToggleMouse => self.toggle_mouse(),
            Command::Suspend => self.effects.push(Effect::Suspend),
            Command::Quit => self.quit(),
            Command::Interrupt => self.interrupt(),
        }
    }

    pub(super) const fn ticket(&mut self) -> Ticket {
        self.last_ticket += 1;
        Ticket(self.last_ticket)
    }

    pub(super) fn say(&mut self, mood: Mood, text: impl Into<String>) {
        self.toasts.add(self.now.mono, mood, text);
    }

    fn follow(&mut self, path: ZPath) {
        let ticket = self.ticket();
        self.detail.follow(path.clone(), ticket);
        self.effects.push(Effect::Follow { ticket, path });
    }

    fn tick(&mut self) -> bool {
        let now = self.now.mono;
        let toasts = self.toasts.expire(now);
        let marks = self.marks.expire(now);
        toasts || marks
    }

    fn switch_pane(&mut self) {
        self.focus = match self.focus {
            Focus::Tree => Focus::Detail,
            Focus::Detail => Focus::Tree,
        };
    }

    fn copy_path(&mut self) {
        let bytes = self.tree.selected().as_str().as_bytes().to_vec();
        self.effects.push(Effect::Copy {
            what: "path",
            bytes,
        });
    }

    fn copy_data(&mut self) {
        if let Some(value) = self.selected_value() {
            let bytes = value.data.clone().unwrap_or_default();
            if bytes.is_empty() {
                return self.say(Mood::Info, "there is no data to copy");
            }
            self.effects.push(Effect::Copy {
                what: "data",
                bytes,
            });
        }
    }
}
