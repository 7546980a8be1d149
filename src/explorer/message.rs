//! The three words of the explorer: a [`Message`] says that something happened, an
//! [`Effect`] that we want something of the world. (The third, `Command`, is what a user can
//! ask for: `command.rs`.) Both are plain comparable data; nobody here knows how an effect is
//! carried out.

use std::time::{Duration, Instant};

use super::command::Command;
use super::key::Chord;
use crate::proto::{Acl, ChildrenReply, CreateMode, DataReply, ErrorCode, Stat, ZPath};

/// When a message arrived: the explorer itself never reads a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// For how long ago and how long still.
    pub mono: Instant,
    /// For ages of znodes: milliseconds since 1970.
    pub wall_ms: i64,
}

/// Ties a reply to the effect that asked for it. A reply whose ticket is no longer wanted is
/// dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Ticket(pub u64);

/// A size in cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

/// How much room there is, as `ui`'s layout divides the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Viewport {
    /// The whole terminal.
    pub screen: Size,
    /// What the rows of the tree have.
    pub tree: Size,
    /// What the detail pane's rows have: one list of the Stat's rows, the ACL's, one rule, and
    /// those of the data.
    pub value: Size,
    /// How many of them are the Stat's.
    pub stat_rows: u16,
    /// How many lines of the help don't fit: so far it scrolls.
    pub help_overflow: u16,
}

impl Viewport {
    /// Whether there is room for a notice of that alone: nobody sees what a key would do.
    pub const fn is_too_small(&self) -> bool {
        self.tree.height == 0
    }
}

/// Something happened.
///
/// What answers an effect has that effect's `ticket` and `path`; the `result` is the server's
/// word, or why there is none.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "a field means the same in every variant")]
pub enum Message {
    /// A key was pressed. Whether it is a command or text depends on what is open.
    Key(Chord),
    /// A command was chosen by other means than a key (palette, script).
    Command(Command),
    /// Text was pasted: newlines already `\n`, other control characters gone.
    Paste(String),
    /// A mouse button went down on a cell; `ui::hit` has said on what.
    Click { target: Target, double: bool },
    /// The wheel was turned over something; positive is down, in rows.
    Wheel { target: Target, rows: i16 },
    /// The terminal has this size now.
    Resize(Viewport),
    /// A deadline has come.
    Tick,
    /// The session, the server or the round trip changed.
    Session(Session),
    /// The children of an opened znode, at first and after every change (kazoo: ChildrenWatch).
    Children {
        ticket: Ticket,
        path: ZPath,
        result: Result<ChildrenReply, Failure>,
    },
    /// The followed znode's data, at first and after every change (kazoo: DataWatch).
    Data {
        ticket: Ticket,
        path: ZPath,
        result: Result<DataReply, Failure>,
    },
    /// An ACL that was asked for.
    Acl {
        ticket: Ticket,
        path: ZPath,
        result: Result<Vec<Acl>, Failure>,
    },
    /// The Stats of the rows on the screen, in the order asked.
    Peeked {
        ticket: Ticket,
        rows: Vec<(ZPath, Result<Stat, Failure>)>,
    },
    /// A znode as it is now, after a conflict or an unknown outcome.
    Reread {
        ticket: Ticket,
        path: ZPath,
        result: Result<DataReply, Failure>,
    },
    /// A write's end.
    Written {
        ticket: Ticket,
        path: ZPath,
        result: Result<Stat, Failure>,
    },
    /// A create's end: the path made, a sequential suffix included.
    Created {
        ticket: Ticket,
        path: ZPath,
        result: Result<ZPath, Failure>,
    },
    /// How many znodes a recursive delete has deleted so far.
    Deleting {
        ticket: Ticket,
        path: ZPath,
        deleted: u64,
    },
    /// A delete's end: how many znodes went.
    Deleted {
        ticket: Ticket,
        path: ZPath,
        result: Result<u64, Failure>,
    },
    /// A copy's end: in words how it went ("sent to the terminal"), or why not.
    Copied {
        what: &'static str,
        result: Result<String, String>,
    },
    /// The world wants the program to end (SIGTERM, SIGHUP, input gone): without questions.
    Terminate,
}

/// We want something of the world.
///
/// What comes of an effect about the znode at `path` has its `ticket`.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "a field means the same in every variant")]
pub enum Effect {
    /// Follow a znode's children until [`Effect::Close`]: list them now and after each change.
    /// A second one for the same path replaces the first (a refresh).
    Open { ticket: Ticket, path: ZPath },
    /// Stop following a znode's children.
    Close { path: ZPath },
    /// Follow one znode's data and Stat; replaces whatever was followed before.
    Follow { ticket: Ticket, path: ZPath },
    /// Read an ACL once.
    ReadAcl { ticket: Ticket, path: ZPath },
    /// Read the Stats of these znodes, in one batch.
    Peek { ticket: Ticket, paths: Vec<ZPath> },
    /// Read a znode once, brought up to date with the leader first.
    Reread { ticket: Ticket, path: ZPath },
    /// Set data if the version is still `version`.
    Write {
        ticket: Ticket,
        path: ZPath,
        data: Vec<u8>,
        version: i32,
    },
    /// Create a znode, and missing parents as persistent ones if `parents`.
    Create {
        ticket: Ticket,
        path: ZPath,
        data: Vec<u8>,
        mode: CreateMode,
        parents: bool,
    },
    /// Delete a childless znode if the version is still `version`.
    Delete {
        ticket: Ticket,
        path: ZPath,
        version: i32,
    },
    /// Delete a znode and all below it.
    DeleteTree { ticket: Ticket, path: ZPath },
    /// Put bytes on the clipboard; `what` names them for the toast.
    Copy { what: &'static str, bytes: Vec<u8> },
    /// Capture the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Stop as Ctrl-Z does.
    Suspend,
    /// End the program.
    Quit,
}

/// What a cell of the screen stands for, so that a click means the same at every size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A row of the tree, counted from the first of all rows.
    Row(usize),
    /// The mark that opens or closes a row.
    Fold(usize),
    /// The tree pane, below its last row.
    Tree,
    /// The detail pane.
    Detail,
    /// An entry of the list that a popup shows.
    Entry(usize),
    /// A popup, beside its entries.
    Popup,
    /// Nothing that can be clicked.
    Nothing,
}

/// Why something could not be done, in the words a user will read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The server's code, if it was the server who refused.
    pub code: Option<ErrorCode>,
    /// Whether it is unknown if a write was applied (the connection broke meanwhile), or
    /// known that part of it was.
    pub may_have_been_applied: bool,
    /// What happened, to which path, on which server.
    pub text: String,
}

impl Failure {
    /// Whether the server answered exactly this.
    pub fn is(&self, code: ErrorCode) -> bool {
        self.code == Some(code)
    }
}

/// The session's state, in the words of the status bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SessionState {
    /// No session yet.
    #[default]
    Connecting,
    /// Connected to a server with a quorum.
    Connected,
    /// Connected to a read-only server.
    ReadOnly,
    /// The connection is lost, the session may live.
    Suspended,
    /// The session has expired; a new one is being made.
    Lost,
    /// The server refused the credentials. Final.
    AuthFailed,
    /// Closed. Final.
    Closed,
}

/// All that the status bar tells of the connection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Session {
    /// The state.
    pub state: SessionState,
    /// The server connected to, or tried last, as `host:port`.
    pub server: Option<String>,
    /// That server's version, if known.
    pub version: Option<String>,
    /// The session's id; print as unsigned hex.
    pub id: i64,
    /// The negotiated session timeout.
    pub timeout: Duration,
    /// How long the last ping took.
    pub round_trip: Option<Duration>,
    /// Why the last attempt to connect failed, or the connection broke.
    pub trouble: Option<String>,
    /// How many sessions before this one have expired.
    pub expired: u32,
}
