//! Operation codes of the client protocol, and which of them change the tree.

use super::jute::DecodeError;

macro_rules! ops {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal,)+) => {
        /// An operation a client may ask for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum OpCode {
            $($(#[doc = $doc])+ $name = $code,)+
        }

        impl OpCode {
            /// All operations.
            pub const ALL: &[Self] = &[$(Self::$name,)+];
        }

        impl TryFrom<i32> for OpCode {
            type Error = DecodeError;

            fn try_from(code: i32) -> Result<Self, DecodeError> {
                match code {
                    $($code => Ok(Self::$name),)+
                    _ => Err(DecodeError::BadValue { what: "operation", value: code.into() }),
                }
            }
        }
    };
}

ops! {
    /// Create a znode; answers its path.
    Create = 1,
    /// Delete a znode.
    Delete = 2,
    /// A znode's Stat, or that it is absent.
    Exists = 3,
    /// A znode's data and Stat.
    GetData = 4,
    /// Replace a znode's data.
    SetData = 5,
    /// A znode's ACL and Stat.
    GetAcl = 6,
    /// Replace a znode's ACL.
    SetAcl = 7,
    /// The names of a znode's children.
    GetChildren = 8,
    /// Bring this server up to date with the leader.
    Sync = 9,
    /// Keep the session alive.
    Ping = 11,
    /// The names of a znode's children, with its Stat.
    GetChildren2 = 12,
    /// A version check; only ever inside a multi.
    Check = 13,
    /// Several operations, all or nothing.
    Multi = 14,
    /// Create a znode; answers path and Stat (3.5+).
    Create2 = 15,
    /// Change the ensemble (3.5+).
    Reconfig = 16,
    /// Ask whether a watch is set (3.5+).
    CheckWatches = 17,
    /// Remove watches (3.5+).
    RemoveWatches = 18,
    /// Create a container (3.5.1+).
    CreateContainer = 19,
    /// Create a znode with a time to live (3.5.3+).
    CreateTtl = 21,
    /// Several reads in one frame (3.6+).
    MultiRead = 22,
    /// Authenticate the connection.
    Auth = 100,
    /// Set one-shot watches again after a reconnect.
    SetWatches = 101,
    /// A step of a SASL exchange.
    Sasl = 102,
    /// This session's ephemeral znodes (3.6+).
    GetEphemerals = 103,
    /// How many descendants a znode has (3.6+).
    GetAllChildrenNumber = 104,
    /// Set all kinds of watches again after a reconnect (3.6+).
    SetWatches2 = 105,
    /// Add a persistent watch (3.6+).
    AddWatch = 106,
    /// Who the server thinks this connection is (3.7+).
    WhoAmI = 107,
    /// End the session.
    CloseSession = -11,
}

impl OpCode {
    /// The number on the wire.
    pub const fn code(self) -> i32 {
        self as i32
    }

    /// Whether it can change the tree, its ACLs or the ensemble: what a read-only client
    /// must never send. Closing the session is not counted, although its ephemerals go
    /// with it: a read-only client can't have any.
    pub const fn is_write(self) -> bool {
        matches!(
            self,
            Self::Create
                | Self::Create2
                | Self::CreateContainer
                | Self::CreateTtl
                | Self::Delete
                | Self::SetData
                | Self::SetAcl
                | Self::Multi
                | Self::Check
                | Self::Reconfig
        )
    }
}
