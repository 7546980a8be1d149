//! Watch events, as the server sends them.

use super::jute::{Decode, DecodeError, Encode, Reader, put_int, put_string};

/// What happened to a watched znode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventType {
    /// No znode event: the session's state changed.
    None,
    /// The znode was created.
    NodeCreated,
    /// The znode was deleted.
    NodeDeleted,
    /// Its data was set (perhaps to the same bytes).
    NodeDataChanged,
    /// A direct child was created or deleted.
    NodeChildrenChanged,
}

impl EventType {
    /// The number on the wire.
    pub const fn code(self) -> i32 {
        match self {
            Self::None => -1,
            Self::NodeCreated => 1,
            Self::NodeDeleted => 2,
            Self::NodeDataChanged => 3,
            Self::NodeChildrenChanged => 4,
        }
    }
}

impl TryFrom<i32> for EventType {
    type Error = DecodeError;

    fn try_from(code: i32) -> Result<Self, DecodeError> {
        Ok(match code {
            -1 => Self::None,
            1 => Self::NodeCreated,
            2 => Self::NodeDeleted,
            3 => Self::NodeDataChanged,
            4 => Self::NodeChildrenChanged,
            _ => {
                return Err(DecodeError::BadValue {
                    what: "event type",
                    value: code.into(),
                });
            }
        })
    }
}

/// The session's state as the server's events carry it. On the wire it is always
/// [`KeeperState::SYNC_CONNECTED`]; the others are the client's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeeperState(pub i32);

impl KeeperState {
    /// Connected to a server with a quorum.
    pub const SYNC_CONNECTED: Self = Self(3);
    /// Connected to a read-only server.
    pub const CONNECTED_READ_ONLY: Self = Self(5);
}

/// A watch that fired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedEvent {
    /// What happened.
    pub kind: EventType,
    /// The session's state at that time.
    pub state: KeeperState,
    /// The znode, as the server names it (chroot included).
    pub path: String,
}

impl Encode for WatchedEvent {
    fn encode(&self, out: &mut Vec<u8>) {
        put_int(out, self.kind.code());
        put_int(out, self.state.0);
        put_string(out, &self.path);
    }
}

impl Decode<'_> for WatchedEvent {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            kind: reader.int("event type")?.try_into()?,
            state: KeeperState(reader.int("event state")?),
            path: reader.string("event path")?.into_owned(),
        })
    }
}
