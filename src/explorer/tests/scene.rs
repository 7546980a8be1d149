//! An explorer with a hand on its clock, and answers under the tickets it gave out.

use std::time::{Duration, Instant};

use super::*;
use crate::proto::{Acl, ChildrenReply, DataReply, Perms, Stat};

pub struct Scene {
    pub explorer: Explorer,
    pub now: Now,
    /// Everything asked for since the last look.
    asked: Vec<Effect>,
    /// Everything ever asked for: tickets are looked up here.
    all: Vec<Effect>,
}

pub fn stat(version: i32) -> Stat {
    Stat {
        czxid: 1,
        mzxid: 100 + i64::from(version),
        version,
        ..Stat::default()
    }
}

pub fn failure(code: ErrorCode) -> Failure {
    Failure {
        code: Some(code),
        may_have_been_applied: false,
        text: code.to_string(),
    }
}

/// The connection broke under a write.
pub fn lost() -> Failure {
    Failure {
        may_have_been_applied: true,
        ..failure(ErrorCode::ConnectionLoss)
    }
}

impl Scene {
    /// Connected, on a screen of ten rows for the tree, nothing listed yet.
    pub fn new() -> Self {
        Self::with(Settings::default())
    }

    pub fn with(settings: Settings) -> Self {
        let now = Now {
            mono: Instant::now(),
            wall_ms: 0,
        };
        let (explorer, first) = Explorer::new(settings, Keymap::default(), now);
        let mut scene = Self {
            explorer,
            now,
            asked: first.clone(),
            all: first,
        };
        let size = |width, height| Size { width, height };
        scene.send(Message::Resize(Viewport {
            screen: size(80, 14),
            tree: size(30, 10),
            value: size(40, 10),
            ..Viewport::default()
        }));
        scene.state(SessionState::Connected);
        scene
    }

    pub fn send(&mut self, message: Message) {
        let effects = self.explorer.update(self.now, message);
        self.all.extend(effects.iter().cloned());
        self.asked.extend(effects);
    }

    /// What was asked for since the last look.
    pub fn asked(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.asked)
    }

    /// The same without what merely looks: Stats, followed values and ACLs.
    pub fn deeds(&mut self) -> Vec<Effect> {
        let looks = |effect: &Effect| {
            matches!(
                effect,
                Effect::Peek { .. } | Effect::Follow { .. } | Effect::ReadAcl { .. }
            )
        };
        let mut deeds = self.asked();
        deeds.retain(|effect| !looks(effect));
        deeds
    }

    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            self.send(Message::Key(key.parse().expect(key)));
        }
        self
    }

    /// Types a text, character by character.
    pub fn text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.send(Message::Key(Chord::char(c)));
        }
        self
    }

    pub fn wait(&mut self, time: Duration) {
        self.now.mono += time;
        self.send(Message::Tick);
    }

    pub fn state(&mut self, state: SessionState) {
        let session = self.explorer.session().clone();
        self.send(Message::Session(Session { state, ..session }));
    }

    fn last(&self, pick: impl Fn(&Effect) -> Option<Ticket>) -> Ticket {
        self.all.iter().rev().find_map(pick).expect("was asked for")
    }

    /// The ticket of the last request for this znode's children.
    pub fn open_ticket(&self, text: &str) -> Ticket {
        self.last(|effect| match effect {
            Effect::Open { ticket, path } if path.as_str() == text => Some(*ticket),
            _ => None,
        })
    }

    pub fn follow_ticket(&self, text: &str) -> Ticket {
        self.last(|effect| match effect {
            Effect::Follow { ticket, path } if path.as_str() == text => Some(*ticket),
            _ => None,
        })
    }

    /// The ticket of the last request that is none of the looking ones, but a re-read.
    pub fn ticket(&self) -> Ticket {
        self.last(|effect| match effect {
            Effect::Reread { ticket, .. }
            | Effect::Write { ticket, .. }
            | Effect::Create { ticket, .. }
            | Effect::Delete { ticket, .. }
            | Effect::DeleteTree { ticket, .. } => Some(*ticket),
            _ => None,
        })
    }

    /// The paths of the last batch of Stats, and its ticket.
    pub fn peeked(&self) -> (Ticket, Vec<ZPath>) {
        let peek = |effect: &Effect| match effect {
            Effect::Peek { ticket, paths } => Some((*ticket, paths.clone())),
            _ => None,
        };
        self.all.iter().rev().find_map(peek).expect("was asked for")
    }

    pub fn children(&mut self, at: &str, names: &[&str]) -> &mut Self {
        let stat = Stat {
            num_children: i32::try_from(names.len()).expect("few"),
            ..stat(0)
        };
        let names = names.iter().collect();
        self.listed(at, Ok(ChildrenReply { names, stat }))
    }

    pub fn listed(&mut self, at: &str, result: Result<ChildrenReply, Failure>) -> &mut Self {
        let ticket = self.open_ticket(at);
        let path = path(at);
        self.send(Message::Children {
            ticket,
            path,
            result,
        });
        self
    }

    /// The followed znode's data came, at this version.
    pub fn data(&mut self, at: &str, data: Option<&[u8]>, version: i32) -> &mut Self {
        let reply = reply(data, version);
        self.followed(at, Ok(reply))
    }

    pub fn followed(&mut self, at: &str, result: Result<DataReply, Failure>) -> &mut Self {
        let ticket = self.follow_ticket(at);
        let path = path(at);
        self.send(Message::Data {
            ticket,
            path,
            result,
        });
        self
    }

    pub fn acl_ticket(&self, text: &str) -> Ticket {
        self.last(|effect| match effect {
            Effect::ReadAcl { ticket, path } if path.as_str() == text => Some(*ticket),
            _ => None,
        })
    }

    pub fn acl(&mut self, at: &str) -> &mut Self {
        let ticket = self.acl_ticket(at);
        let (path, result) = (path(at), Ok(vec![Acl::world(Perms::ALL)]));
        self.send(Message::Acl {
            ticket,
            path,
            result,
        });
        self
    }

    pub fn reread(&mut self, at: &str, result: Result<DataReply, Failure>) {
        let (ticket, path) = (self.ticket(), path(at));
        self.send(Message::Reread {
            ticket,
            path,
            result,
        });
    }

    pub fn written(&mut self, at: &str, result: Result<Stat, Failure>) {
        let (ticket, path) = (self.ticket(), path(at));
        self.send(Message::Written {
            ticket,
            path,
            result,
        });
    }

    /// Every Stat of the last batch came.
    pub fn peek(&mut self, stat: Stat) {
        let (ticket, paths) = self.peeked();
        let rows = paths.into_iter().map(|path| (path, Ok(stat))).collect();
        self.send(Message::Peeked { ticket, rows });
    }

    pub fn rows(&self) -> Vec<String> {
        let rows = self.explorer.rows(0..usize::MAX);
        rows.iter().map(|row| row.path.to_string()).collect()
    }

    pub fn row(&self, at: &str) -> Row {
        let row = self.explorer.tree().row(&path(at)).expect("has a row");
        self.explorer.rows(row..row + 1).pop().expect("has a row")
    }

    pub fn selected(&self) -> &str {
        self.explorer.tree().selected().as_str()
    }

    pub fn toast(&self) -> &str {
        let last = self.explorer.toasts().iter().last();
        last.map_or("", |toast| &toast.text)
    }

    pub fn editor(&self) -> &Editor {
        let mut editors = self
            .explorer
            .dialogs()
            .iter()
            .filter_map(|dialog| match dialog {
                Dialog::Editor(editor) => Some(editor),
                _ => None,
            });
        editors.next_back().expect("an editor is open")
    }
}

pub fn reply(data: Option<&[u8]>, version: i32) -> DataReply {
    DataReply {
        data: data.map(<[u8]>::to_vec),
        stat: stat(version),
    }
}
