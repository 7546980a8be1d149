//! What the server answered or reported: lists, values, Stats.

use crate::explorer::Explorer;
use crate::explorer::dialog::Dialog;
use crate::explorer::marks::Mark;
use crate::explorer::message::{Effect, Failure, Ticket};
use crate::explorer::toast::Mood;
use crate::explorer::tree::{Change, Listed};
use crate::proto::{ChildrenReply, DataReply, ErrorCode, Stat, ZPath};

impl Explorer {
    /// A list of children came, or a refusal.
    pub(super) fn listed(
        &mut self,
        ticket: Ticket,
        path: &ZPath,
        result: Result<ChildrenReply, Failure>,
    ) -> bool {
        let taken = match result {
            Ok(reply) => self.list(ticket, path, reply),
            Err(failure) => self.list_failed(ticket, path, failure),
        };
        self.pursue();
        taken
    }

    fn list(&mut self, ticket: Ticket, path: &ZPath, reply: ChildrenReply) -> bool {
        let stat = reply.stat;
        let Some(listed) = self.tree.list(path, ticket, reply) else {
            return false;
        };
        let now = self.now.mono;
        self.facts.learn(now, path.clone(), stat);
        self.confirm_value(path, &stat);
        let Listed {
            change,
            closed,
            returned,
            hidden,
            lost,
        } = listed;
        if hidden && path == self.tree.selected() {
            let text = "the filter hides all its children; esc clears the filter";
            self.say(Mood::Info, text);
        }
        self.mark(path, &change);
        self.unwatch(closed);
        for path in returned {
            self.facts.forget(&path);
            self.open(&path);
        }
        if let Some(lost) = &lost {
            // What is selected now is followed from now on: this is the editor's last news.
            self.tell_editor(lost, None, true);
        }
        let parting = self.parting.as_ref();
        let own = |lost: &ZPath| parting.is_some_and(|parting| parting.contains(lost));
        if lost.as_ref().is_some_and(own) {
            // Were it made anew and deleted again, that would be another's doing.
            self.parting = None;
        } else if let Some(lost) = lost {
            let selected = self.tree.selected();
            let text = format!("{lost} was deleted; {selected} is selected now");
            self.say(Mood::Info, text);
        }
        true
    }

    fn mark(&mut self, path: &ZPath, change: &Change) {
        if change.is_empty() {
            return;
        }
        let now = self.now.mono;
        let (added, removed) = (change.added, change.removed);
        let mark = Mark::Children { added, removed };
        self.marks.add(now, path.clone(), mark);
        for name in &change.names {
            // One that was there before, under the same name, is another znode now.
            let child = path.child(name);
            self.facts.forget(&child);
            self.marks.add(now, child, Mark::New);
        }
    }

    fn list_failed(&mut self, ticket: Ticket, path: &ZPath, failure: Failure) -> bool {
        let gone = failure.is(ErrorCode::NoNode);
        let text = failure.text.clone();
        let Some(closed) = self.tree.fail(path, ticket, failure.clone()) else {
            return false;
        };
        self.unwatch(closed);
        if gone {
            self.facts.fail(self.now.mono, path.clone(), failure);
        }
        if gone && path.is_root() {
            let hint = "does the chroot after the servers' names exist?";
            self.say(Mood::Error, format!("{text}: {hint}"));
        }
        true
    }

    /// The followed znode's data came, or changed, or it is gone.
    pub(super) fn data(
        &mut self,
        ticket: Ticket,
        path: &ZPath,
        result: Result<DataReply, Failure>,
    ) -> bool {
        let stat = result.as_ref().ok().map(|reply| reply.stat);
        let gone = result
            .as_ref()
            .is_err_and(|failure| failure.is(ErrorCode::NoNode));
        let Some(news) = self.detail.take(ticket, self.tree.selected(), result) else {
            return false;
        };
        let now = self.now.mono;
        if let Some(stat) = stat {
            self.facts.learn(now, path.clone(), stat);
            self.tree.confirm(path, &stat);
        }
        if news.changed && !gone {
            self.marks.add(now, path.clone(), Mark::Changed);
        }
        if news.acl {
            self.read_acl(path);
        }
        self.scroll_value(0);
        self.tell_editor(path, stat, gone);
        true
    }

    fn read_acl(&mut self, path: &ZPath) {
        let ticket = self.ticket();
        self.detail.await_acl(ticket);
        let path = path.clone();
        self.effects.push(Effect::ReadAcl { ticket, path });
    }

    /// A newer Stat of some znode came: it may tell more of the value shown.
    fn confirm_value(&mut self, path: &ZPath, stat: &Stat) -> bool {
        let news = self.detail.confirm(path, stat);
        if news.acl {
            self.read_acl(path);
        }
        news.changed
    }

    fn tell_editor(&mut self, path: &ZPath, stat: Option<Stat>, gone: bool) {
        for dialog in &mut self.dialogs {
            if let Dialog::Editor(editor) = dialog
                && editor.path() == path
            {
                match stat {
                    Some(stat) => editor.see(&stat),
                    None if gone => editor.lose(),
                    None => {}
                }
            }
        }
    }

    /// The Stats of rows on the screen came.
    pub(super) fn peeked(
        &mut self,
        ticket: Ticket,
        rows: Vec<(ZPath, Result<Stat, Failure>)>,
    ) -> bool {
        if !self.facts.came(ticket) {
            return false;
        }
        let now = self.now.mono;
        let mut changed = false;
        for (path, result) in rows {
            let before = self.facts.get(&path).clone();
            match result {
                Ok(stat) => {
                    self.tree.confirm(&path, &stat);
                    changed |= self.confirm_value(&path, &stat);
                    let known = before.stat();
                    if known.is_some_and(|known| known.mzxid < stat.mzxid) {
                        self.marks.add(now, path.clone(), Mark::Changed);
                    }
                    self.facts.learn(now, path.clone(), stat);
                }
                Err(failure) => self.facts.fail(now, path.clone(), failure),
            }
            changed |= *self.facts.get(&path) != before;
        }
        changed
    }
}
