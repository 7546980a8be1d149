//! A znode's text being edited: the text area, what it was made from, and how far the save is.
//! Only bytes that come back from the text area exactly as they went in are let into it.
//!
//! The one file of the explorer that names the text area's crate; here it is a buffer with a
//! cursor and undo.

use tui_textarea::{CursorMove, Input, Key as AreaKey, TextArea};

use super::diff::{Line, diff};
use super::key::{Chord, Key};
use super::message::Ticket;
use super::plain::{join, refusal, split};
use crate::proto::{DataReply, Stat, ZPath};

/// How far the editor is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// The user is editing.
    Editing,
    /// The text is on its way to the server.
    Saving(Ticket),
    /// The znode is read again after a save that was refused, or whose outcome is unknown.
    Rereading {
        /// The read under way; none while there is no connection to read through.
        ticket: Option<Ticket>,
        /// Whether the connection broke while the save was under way.
        unknown: bool,
    },
    /// Someone else wrote meanwhile: theirs against mine.
    Conflict(Conflict),
    /// The znode is gone.
    Vanished,
}

/// Whether the editor closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Exit {
    /// It stays open.
    #[default]
    Stays,
    /// It asks whether to be left with a text that is not saved. What is under way goes on
    /// meanwhile.
    Asks,
    /// It closes once the text is saved.
    AfterSaving,
}

/// Theirs against mine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What the server holds.
    pub theirs: DataReply,
    /// How that differs from my text; none if theirs is no text.
    pub lines: Option<Vec<Line>>,
    /// The first line on the screen.
    pub scroll: usize,
}

/// The editor of one znode's text.
#[derive(Debug, Clone)]
pub struct Editor {
    path: ZPath,
    /// What the text began as. Saving asks for this version.
    base: DataReply,
    /// The newest version seen, if it is not the one edited.
    newer: Option<i32>,
    /// Whether lines end in CR LF; the text area holds them without.
    crlf: bool,
    area: TextArea<'static>,
    phase: Phase,
    /// The bytes of the last save.
    sent: Vec<u8>,
    exit: Exit,
    /// Whether the znode was deleted meanwhile.
    gone: bool,
    /// What went wrong last, or came out.
    notice: Option<String>,
}

impl Editor {
    /// An editor for what was read, or the reason why there can be none.
    pub fn new(path: ZPath, base: DataReply) -> Result<Self, &'static str> {
        if let Some(reason) = refusal(base.data.as_deref()) {
            return Err(reason);
        }
        let text =
            std::str::from_utf8(base.data.as_deref().unwrap_or_default()).unwrap_or_default();
        let (crlf, lines) = split(text);
        let mut area = TextArea::new(lines);
        area.set_cursor_line_style(<_>::default());
        area.set_hard_tab_indent(true);
        area.set_max_histories(1_000);
        Ok(Self {
            path,
            base,
            newer: None,
            crlf,
            area,
            phase: Phase::Editing,
            sent: Vec::new(),
            exit: Exit::Stays,
            gone: false,
            notice: None,
        })
    }

    /// Which znode's text it is.
    pub const fn path(&self) -> &ZPath {
        &self.path
    }

    /// What the text began as.
    pub const fn base(&self) -> &DataReply {
        &self.base
    }

    /// The newest version seen, if someone wrote meanwhile.
    pub const fn newer(&self) -> Option<i32> {
        self.newer
    }

    /// The text area, to be shown.
    pub const fn area(&self) -> &TextArea<'static> {
        &self.area
    }

    /// How far it is.
    pub const fn phase(&self) -> &Phase {
        &self.phase
    }

    /// Goes on to another phase. One that wants an answer comes before any question whether
    /// to leave.
    pub fn enter(&mut self, phase: Phase) {
        if self.is_leaving() && !matches!(phase, Phase::Saving(_) | Phase::Rereading { .. }) {
            self.exit = Exit::Stays;
        }
        self.phase = phase;
    }

    /// Whether it asks if it is to be left with a text that is not saved.
    pub fn is_leaving(&self) -> bool {
        self.exit == Exit::Asks
    }

    /// What went wrong last, or came out: a line to show.
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// Says something, or nothing any more.
    pub fn note(&mut self, notice: Option<String>) {
        self.notice = notice;
    }

    /// Whether lines end in CR LF.
    pub const fn is_crlf(&self) -> bool {
        self.crlf
    }

    /// The bytes that saving would write.
    pub fn bytes(&self) -> Vec<u8> {
        join(self.area.lines(), self.crlf).into_bytes()
    }

    /// Whether the text is not what the server was last known to hold.
    pub fn is_unsaved(&self) -> bool {
        // Asked for with every frame: so without putting a long text together each time.
        let mut base = self.base.data.as_deref().unwrap_or_default();
        let end: &[u8] = if self.crlf { b"\r\n" } else { b"\n" };
        for (at, line) in self.area.lines().iter().enumerate() {
            let before = if at == 0 { &[][..] } else { end };
            let rest = base.strip_prefix(before);
            match rest.and_then(|rest| rest.strip_prefix(line.as_bytes())) {
                Some(rest) => base = rest,
                None => return true,
            }
        }
        !base.is_empty()
    }

    /// Takes a key that is text or moves the cursor.
    pub fn key(&mut self, chord: Chord) {
        if self.area.input(area_input(chord)) {
            self.notice = None;
        }
    }

    /// Moves the cursor so many lines down, or up. (The text area's own paging goes by the
    /// height it was last drawn with, and it never is.)
    pub fn move_lines(&mut self, lines: isize) {
        let step = if lines < 0 {
            CursorMove::Up
        } else {
            CursorMove::Down
        };
        self.area.cancel_selection();
        for _ in 0..lines.unsigned_abs() {
            self.area.move_cursor(step);
        }
    }

    /// Puts a pasted text in, while the text is what has the keys.
    pub fn paste(&mut self, text: &str) {
        if self.phase == Phase::Editing && !self.is_leaving() {
            self.area.insert_str(text);
            self.notice = None;
        }
    }

    /// Takes the last change back.
    pub fn undo(&mut self) {
        self.area.undo();
    }

    /// Makes a change that was taken back again.
    pub fn redo(&mut self) {
        self.area.redo();
    }

    /// The znode has this Stat now. While a save is under way, that may be our own doing.
    pub fn see(&mut self, stat: &Stat) {
        self.gone = false;
        // Two znodes of one name may have the same version; no two changes have one mzxid.
        let other = stat.mzxid > self.base.stat.mzxid;
        let saving = matches!(self.phase, Phase::Saving(_) | Phase::Rereading { .. });
        self.newer = (other && !saving).then_some(stat.version);
    }

    /// The znode is gone.
    pub const fn lose(&mut self) {
        self.gone = true;
    }

    /// Whether the znode was deleted meanwhile.
    pub const fn is_gone(&self) -> bool {
        self.gone
    }

    /// Whether it is known that the server holds something else than the text began as.
    pub const fn is_outdated(&self) -> bool {
        self.gone || self.newer.is_some()
    }

    /// The bytes go to the server under this ticket.
    pub fn send(&mut self, ticket: Ticket, bytes: Vec<u8>) {
        self.sent = bytes;
        self.phase = Phase::Saving(ticket);
        self.notice = None;
    }

    /// The bytes of the last save.
    pub fn sent(&self) -> &[u8] {
        &self.sent
    }

    /// The server holds the bytes of the last save, with this Stat.
    pub fn saved(&mut self, stat: Stat) {
        let data = Some(std::mem::take(&mut self.sent));
        self.rebase(DataReply { data, stat });
        if self.is_leaving() {
            self.exit = Exit::AfterSaving;
        }
        self.enter(Phase::Editing);
    }

    /// Whether the editor closes once the text is saved.
    pub fn is_closing(&self) -> bool {
        self.exit == Exit::AfterSaving
    }

    /// Decides whether it closes.
    pub const fn set_exit(&mut self, exit: Exit) {
        self.exit = exit;
    }

    /// From now on saving writes over this version.
    pub fn rebase(&mut self, onto: DataReply) {
        self.base = onto;
        self.newer = None;
        self.gone = false;
    }

    /// Puts theirs in place of the text; undo brings mine back. Fails if theirs is no text.
    pub fn take_theirs(&mut self, theirs: DataReply) -> Result<(), &'static str> {
        if let Some(reason) = refusal(theirs.data.as_deref()) {
            return Err(reason);
        }
        let text = std::str::from_utf8(theirs.data.as_deref().unwrap_or_default());
        let (crlf, lines) = split(text.unwrap_or_default());
        self.crlf = crlf;
        self.area.select_all();
        self.area.cut();
        self.area.insert_str(lines.join("\n"));
        self.area.move_cursor(CursorMove::Top);
        self.area.move_cursor(CursorMove::Head);
        self.rebase(theirs);
        Ok(())
    }

    /// Takes what the server holds after a save that did not get through, or was not tried
    /// because of what others did: either it holds still what the text began as, or someone
    /// else wrote.
    pub fn compare(&mut self, theirs: DataReply, unknown: bool) {
        let (was, is) = (&self.base.stat, &theirs.stat);
        let untouched = (was.czxid, was.version) == (is.czxid, is.version);
        let next = was.czxid == is.czxid && was.version + 1 == is.version;
        let text = match (unknown, untouched, next) {
            (true, true, _) => "the connection broke before the text arrived: save again",
            (true, _, true) => {
                "the connection broke before the text arrived, and someone else wrote"
            }
            (true, ..) => "whether the text arrived is lost: someone else has written since",
            (false, true, _) => "the text is not saved yet: save again",
            (false, ..) => "",
        };
        self.note((!text.is_empty()).then(|| text.to_owned()));
        if untouched {
            (self.newer, self.gone) = (None, false);
            self.enter(Phase::Editing);
        } else {
            self.conflict(theirs);
        }
    }

    /// Shows theirs against the text.
    fn conflict(&mut self, theirs: DataReply) {
        let text = std::str::from_utf8(theirs.data.as_deref().unwrap_or_default());
        let mine = join(self.area.lines(), self.crlf);
        (self.newer, self.gone) = (Some(theirs.stat.version), false);
        let lines = text.ok().map(|text| diff(text, &mine));
        let differs = |line: &Line| !matches!(line, Line::Both(_));
        let first = lines.iter().flatten().position(differs);
        self.enter(Phase::Conflict(Conflict {
            lines,
            theirs,
            // The first difference is in sight, with some of what stands before it.
            scroll: first.unwrap_or(0).saturating_sub(3),
        }));
    }

    /// Scrolls the lines of a conflict.
    pub fn scroll(&mut self, rows: isize) {
        if let Phase::Conflict(conflict) = &mut self.phase {
            let last = conflict
                .lines
                .as_ref()
                .map_or(0, Vec::len)
                .saturating_sub(1);
            conflict.scroll = conflict.scroll.saturating_add_signed(rows).min(last);
        }
    }
}

fn area_input(chord: Chord) -> Input {
    let key = match chord.key {
        Key::Char(c) => AreaKey::Char(c),
        Key::F(n) => AreaKey::F(n),
        Key::Enter => AreaKey::Enter,
        Key::Tab => AreaKey::Tab,
        Key::Backspace => AreaKey::Backspace,
        Key::Delete => AreaKey::Delete,
        Key::Up => AreaKey::Up,
        Key::Down => AreaKey::Down,
        Key::Left => AreaKey::Left,
        Key::Right => AreaKey::Right,
        Key::Home => AreaKey::Home,
        Key::End => AreaKey::End,
        Key::PageUp => AreaKey::PageUp,
        Key::PageDown => AreaKey::PageDown,
        Key::Esc | Key::Insert => AreaKey::Null,
    };
    Input {
        key,
        ctrl: chord.ctrl,
        alt: chord.alt,
        shift: chord.shift,
    }
}
