//! How a znode is created and how a watch is added or removed.

use super::jute::DecodeError;
use super::op::OpCode;

/// The longest time to live a server accepts: 2^40 - 1 ms, about 34.8 years.
pub const MAX_TTL_MS: i64 = 0xff_ffff_ffff;

/// The seven kinds of znode one can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum CreateMode {
    /// Stays until deleted.
    #[default]
    Persistent,
    /// Goes with its session.
    Ephemeral,
    /// Persistent, with a ten-digit suffix from the parent's create counter.
    PersistentSequential,
    /// Ephemeral, with a suffix.
    EphemeralSequential,
    /// Deleted by the server some time after its last child went (3.5.1+).
    Container,
    /// Deleted by the server when childless and unchanged for `ttl_ms` (3.5.3+, if enabled).
    PersistentTtl {
        /// Milliseconds, 1 to [`MAX_TTL_MS`].
        ttl_ms: i64,
    },
    /// The same, with a suffix.
    PersistentSequentialTtl {
        /// Milliseconds, 1 to [`MAX_TTL_MS`].
        ttl_ms: i64,
    },
}

impl CreateMode {
    /// The flags on the wire.
    pub const fn flags(self) -> i32 {
        match self {
            Self::Persistent => 0,
            Self::Ephemeral => 1,
            Self::PersistentSequential => 2,
            Self::EphemeralSequential => 3,
            Self::Container => 4,
            Self::PersistentTtl { .. } => 5,
            Self::PersistentSequentialTtl { .. } => 6,
        }
    }

    /// The mode that `flags` stand for; `ttl_ms` counts for 5 and 6 only.
    pub const fn from_flags(flags: i32, ttl_ms: i64) -> Result<Self, DecodeError> {
        Ok(match flags {
            0 => Self::Persistent,
            1 => Self::Ephemeral,
            2 => Self::PersistentSequential,
            3 => Self::EphemeralSequential,
            4 => Self::Container,
            5 => Self::PersistentTtl { ttl_ms },
            6 => Self::PersistentSequentialTtl { ttl_ms },
            _ => {
                return Err(DecodeError::BadValue {
                    what: "create flags",
                    value: flags as i64,
                });
            }
        })
    }

    /// Whether the server appends a number to the name.
    pub const fn is_sequential(self) -> bool {
        matches!(
            self,
            Self::PersistentSequential
                | Self::EphemeralSequential
                | Self::PersistentSequentialTtl { .. }
        )
    }

    /// Whether the znode goes with its session.
    pub const fn is_ephemeral(self) -> bool {
        matches!(self, Self::Ephemeral | Self::EphemeralSequential)
    }

    /// The time to live, if the mode has one.
    pub const fn ttl_ms(self) -> Option<i64> {
        match self {
            Self::PersistentTtl { ttl_ms } | Self::PersistentSequentialTtl { ttl_ms } => {
                Some(ttl_ms)
            }
            _ => None,
        }
    }

    /// The operation that creates it. Containers and TTL znodes have their own: sent as a
    /// plain create, their flags would make an ordinary znode and corrupt the server's
    /// digest. `with_stat` asks for `create2` (3.5+).
    pub const fn op(self, with_stat: bool) -> OpCode {
        match self {
            Self::Container => OpCode::CreateContainer,
            Self::PersistentTtl { .. } | Self::PersistentSequentialTtl { .. } => OpCode::CreateTtl,
            _ if with_stat => OpCode::Create2,
            _ => OpCode::Create,
        }
    }
}

/// What a persistent watch covers (3.6+).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AddWatchMode {
    /// One znode: its data, its children, its creation and deletion.
    Persistent,
    /// A znode and all below it; no `NodeChildrenChanged` events.
    PersistentRecursive,
}

impl AddWatchMode {
    /// The number on the wire.
    pub const fn code(self) -> i32 {
        match self {
            Self::Persistent => 0,
            Self::PersistentRecursive => 1,
        }
    }
}

impl TryFrom<i32> for AddWatchMode {
    type Error = DecodeError;

    fn try_from(code: i32) -> Result<Self, DecodeError> {
        match code {
            0 => Ok(Self::Persistent),
            1 => Ok(Self::PersistentRecursive),
            _ => Err(DecodeError::BadValue {
                what: "watch mode",
                value: code.into(),
            }),
        }
    }
}

/// Which watches `removeWatches` and `checkWatches` mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WatcherType {
    /// Child watches.
    Children,
    /// Data watches.
    Data,
    /// All kinds; before 3.9 the only exact way to remove a persistent watch.
    Any,
    /// Persistent watches (3.9+).
    Persistent,
    /// Persistent recursive watches (3.9+).
    PersistentRecursive,
}

impl WatcherType {
    /// The number on the wire.
    pub const fn code(self) -> i32 {
        match self {
            Self::Children => 1,
            Self::Data => 2,
            Self::Any => 3,
            Self::Persistent => 4,
            Self::PersistentRecursive => 5,
        }
    }
}

impl TryFrom<i32> for WatcherType {
    type Error = DecodeError;

    fn try_from(code: i32) -> Result<Self, DecodeError> {
        Ok(match code {
            1 => Self::Children,
            2 => Self::Data,
            3 => Self::Any,
            4 => Self::Persistent,
            5 => Self::PersistentRecursive,
            _ => {
                return Err(DecodeError::BadValue {
                    what: "watcher type",
                    value: code.into(),
                });
            }
        })
    }
}
