//! The codes a server answers with. Unknown ones stay values: a newer server must not
//! break an older client.

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal,)+) => {
        /// Why a server refused a request. `Display` says it in plain words.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ $name,)+
            /// A code that this version of zooscope has no name for.
            Unknown(i32),
        }

        impl ErrorCode {
            /// All codes with a name.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The number on the wire.
            pub const fn code(self) -> i32 {
                match self {
                    $(Self::$name => $code,)+
                    Self::Unknown(code) => code,
                }
            }

            /// The code's name as ZooKeeper spells it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                    Self::Unknown(_) => "Unknown",
                }
            }

            const fn named(code: i32) -> Option<Self> {
                match code {
                    $($code => Some(Self::$name),)+
                    _ => None,
                }
            }

            const fn words(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),+),)+
                    Self::Unknown(_) => "an error code that zooscope does not know",
                }
            }
        }
    };
}

codes! {
    /// the server failed in a way it has no code for
    SystemError = -1,
    /// an earlier operation of the transaction failed
    RuntimeInconsistency = -2,
    /// the server's data is inconsistent
    DataInconsistency = -3,
    /// the connection to the server was lost
    ConnectionLoss = -4,
    /// the server could not read the request
    MarshallingError = -5,
    /// the server does not know this operation
    Unimplemented = -6,
    /// the operation timed out on the server
    OperationTimeout = -7,
    /// the server refused the arguments
    BadArguments = -8,
    /// the server does not know the session
    UnknownSession = -12,
    /// the new ensemble would have no quorum
    NewConfigNoQuorum = -13,
    /// another reconfiguration is under way
    ReconfigInProgress = -14,
    /// the request was refused
    ApiError = -100,
    /// the znode does not exist
    NoNode = -101,
    /// this session has no permission
    NoAuth = -102,
    /// the version is not the current one: someone else wrote meanwhile
    BadVersion = -103,
    /// an ephemeral znode can't have children
    NoChildrenForEphemerals = -108,
    /// the znode exists already
    NodeExists = -110,
    /// the znode has children
    NotEmpty = -111,
    /// the session has expired
    SessionExpired = -112,
    /// the callback is not valid
    InvalidCallback = -113,
    /// the ACL is empty or not valid here
    InvalidAcl = -114,
    /// the server refused the credentials
    AuthFailed = -115,
    /// the session has moved to another server
    SessionMoved = -118,
    /// the server is read-only at the moment
    NotReadOnly = -119,
    /// this session is local to one server and can't own ephemeral znodes
    EphemeralOnLocalSession = -120,
    /// there is no such watch
    NoWatcher = -121,
    /// the request timed out
    RequestTimeout = -122,
    /// reconfiguration is switched off on this ensemble
    ReconfigDisabled = -123,
    /// the server closes sessions that don't authenticate first
    SessionClosedRequireSaslAuth = -124,
    /// the quota of this subtree is used up
    QuotaExceeded = -125,
    /// the server is overloaded and did not execute the request
    ThrottledOp = -127,
}

impl From<i32> for ErrorCode {
    fn from(code: i32) -> Self {
        Self::named(code).unwrap_or(Self::Unknown(code))
    }
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} ({} {})",
            self.words().trim(),
            self.name(),
            self.code()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// kazoo: `test_exceptions::ExceptionsTestCase::test_exceptions_code`
    /// kazoo: `test_exceptions::ExceptionsTestCase::test_exceptions_construction`
    /// kazoo: `test_exceptions::ExceptionsTestCase::test_invalid_code`
    #[test]
    fn every_code_comes_back_and_unknown_ones_stay() {
        for &code in ErrorCode::ALL {
            assert_eq!(ErrorCode::from(code.code()), code);
        }
        assert_eq!(ErrorCode::from(-126), ErrorCode::Unknown(-126));
        assert_eq!(
            ErrorCode::NoNode.to_string(),
            "the znode does not exist (NoNode -101)"
        );
    }
}
