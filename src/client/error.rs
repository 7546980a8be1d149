//! Why a request failed, in words a user can act on: what was tried, on which path, at which
//! server, what the answer was, what to do next, and whether a write may have happened.
//! Never holds a password or a value.

mod words;

use std::sync::Arc;
use std::time::Duration;

use super::version::Version;
use crate::proto::{DecodeError, ErrorCode, OpCode, ZPath};

/// A failed request. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Error(Arc<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    kind: ErrorKind,
    op: Option<OpCode>,
    path: Option<ZPath>,
    server: Option<Arc<str>>,
    /// Whether part of what was asked for was done, or may have been.
    in_part: bool,
}

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The server refused with this code. The request was not carried out, unless the code
    /// says that the server itself waited in vain
    /// ([`Error::may_have_been_applied`]).
    #[error("{0}")]
    Server(ErrorCode),
    /// Operation `index` of a transaction was refused with `code`, so none was carried out.
    #[error("operation {} of the transaction failed: {code}", .index + 1)]
    Transaction {
        /// Which operation, from 0.
        index: usize,
        /// Why.
        code: ErrorCode,
    },
    /// The connection broke before the answer came.
    #[error("the connection was lost before the answer came ({reason})")]
    ConnectionLost {
        /// Why it broke.
        reason: Arc<str>,
        /// Whether the request may have reached the server.
        sent: bool,
    },
    /// The session expired before the request was answered.
    #[error("the session has expired")]
    SessionExpired {
        /// Whether another one is being opened
        /// ([`Options::renew`](super::Options::renew)). If not, the client is closed by it.
        renewed: bool,
    },
    /// This client's credentials were refused, or it has none; the client is of no more use.
    #[error("authentication failed ({0})")]
    AuthFailed(Arc<str>),
    /// The client was closed.
    #[error("the client is closed")]
    Closed,
    /// No server gave a session in time.
    #[error("there was no session within {within:?} ({trouble})")]
    NotConnected {
        /// How long was waited.
        within: Duration,
        /// What the last attempt failed of.
        trouble: Arc<str>,
    },
    /// The server is too old for the operation.
    #[error("the server is ZooKeeper {}, this needs {needs}", .version.as_deref().unwrap_or("of an unknown version"))]
    Unsupported {
        /// The first version that has it.
        needs: Version,
        /// What the server is.
        version: Option<Arc<str>>,
    },
    /// The client was opened read-only, so the request was never sent.
    #[error("this client was opened read-only, nothing was sent")]
    ReadOnlyClient,
    /// The request is longer than servers accept, so it was never sent.
    #[error("the request has {size} bytes, the server accepts {limit}")]
    RequestTooLarge {
        /// The request's length in bytes.
        size: usize,
        /// The limit: [`Options::server_frame_limit`](super::Options::server_frame_limit).
        limit: usize,
    },
    /// The reply is longer than this client accepts. It was skipped; the session goes on.
    #[error("the reply has {size} bytes, the limit is {limit}")]
    ReplyTooLarge {
        /// The reply's length in bytes.
        size: usize,
        /// The limit: [`Options::frame_limit`](super::Options::frame_limit).
        limit: usize,
    },
    /// The reply could not be read. The session goes on.
    #[error("the server's reply makes no sense ({0})")]
    BadReply(DecodeError),
    /// The arguments can't be sent.
    #[error("{0}")]
    Invalid(String),
}

impl Error {
    /// An error without further circumstances.
    pub fn new(kind: ErrorKind) -> Self {
        Self(Arc::new(Inner {
            kind,
            op: None,
            path: None,
            server: None,
            in_part: false,
        }))
    }

    /// A failure of an operation on a path.
    pub fn on(kind: ErrorKind, op: OpCode, path: &ZPath) -> Self {
        Self::of(kind, op, Some(path), None)
    }

    pub(super) fn of(
        kind: ErrorKind,
        op: OpCode,
        path: Option<&ZPath>,
        server: Option<&Arc<str>>,
    ) -> Self {
        Self(Arc::new(Inner {
            kind,
            op: Some(op),
            path: path.cloned(),
            server: server.cloned(),
            in_part: false,
        }))
    }

    /// The same failure, told of another path: an operation of a transaction has its own.
    #[must_use]
    pub fn about(&self, path: &ZPath) -> Self {
        Self(Arc::new(Inner {
            path: Some(path.clone()),
            ..Inner::clone(&self.0)
        }))
    }

    /// The same failure as that of the whole of which what failed was a part; `in_part`:
    /// other parts were done, or may have been.
    pub(super) fn of_whole(&self, op: OpCode, path: &ZPath, in_part: bool) -> Self {
        let mut inner = Inner::clone(&self.0);
        if inner.path.is_none() {
            (inner.op, inner.path) = (Some(op), Some(path.clone()));
        }
        inner.in_part |= in_part;
        Self(Arc::new(inner))
    }

    /// What went wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The operation that failed.
    pub fn op(&self) -> Option<OpCode> {
        self.0.op
    }

    /// The path it was for.
    pub fn path(&self) -> Option<&ZPath> {
        self.0.path.as_ref()
    }

    /// The server it was sent to, as `host:port`.
    pub fn server(&self) -> Option<&str> {
        self.0.server.as_deref()
    }

    /// The server's code. Losses have the codes that ZooKeeper's own clients give them.
    pub fn code(&self) -> Option<ErrorCode> {
        match &self.0.kind {
            ErrorKind::Server(code) | ErrorKind::Transaction { code, .. } => Some(*code),
            ErrorKind::ConnectionLost { .. } => Some(ErrorCode::ConnectionLoss),
            ErrorKind::SessionExpired { .. } => Some(ErrorCode::SessionExpired),
            ErrorKind::AuthFailed(_) => Some(ErrorCode::AuthFailed),
            _ => None,
        }
    }

    /// Whether the server answered exactly this.
    pub fn is(&self, code: ErrorCode) -> bool {
        matches!(&self.0.kind, ErrorKind::Server(c) | ErrorKind::Transaction { code: c, .. } if *c == code)
    }

    /// Whether the request was a write whose outcome is unknown (or known to have happened,
    /// where only the reply was unreadable, or in part). Such a write must not be repeated
    /// blindly.
    pub fn may_have_been_applied(&self) -> bool {
        let reached = match &self.0.kind {
            ErrorKind::ConnectionLost { sent, .. } => *sent,
            ErrorKind::ReplyTooLarge { .. } | ErrorKind::BadReply(_) => true,
            ErrorKind::Server(code) | ErrorKind::Transaction { code, .. } => waited(*code),
            _ => false,
        };
        self.0.in_part || reached && self.0.op.is_none_or(OpCode::is_write)
    }

    /// Whether the same request may succeed later on a new connection.
    pub fn is_connection_loss(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::ConnectionLost { .. } | ErrorKind::SessionExpired { renewed: true }
        )
    }

    /// Whether the same request may succeed a little later: after a lost connection, or when
    /// the server has less to do or reaches its leader again. (Of a write see
    /// [`Self::may_have_been_applied`].)
    pub fn is_transient(&self) -> bool {
        let busy = match &self.0.kind {
            ErrorKind::Server(code) | ErrorKind::Transaction { code, .. } => {
                *code == ErrorCode::ThrottledOp || waited(*code)
            }
            _ => false,
        };
        busy || self.is_connection_loss()
    }

    /// Whether nothing will be answered any more: the client is closed, was refused, or ended
    /// with its session.
    pub fn is_final(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::Closed
                | ErrorKind::AuthFailed(_)
                | ErrorKind::SessionExpired { renewed: false }
        )
    }
}

/// Whether a server says by this code that it has passed a request on and heard no more of it
/// in time (`ClickHouse` Keeper does): it may still be carried out.
const fn waited(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::ConnectionLoss | ErrorCode::OperationTimeout | ErrorCode::RequestTimeout
    )
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.kind {
            ErrorKind::BadReply(why) => Some(why),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(kind: ErrorKind, op: OpCode) -> Error {
        let path = ZPath::new("/a/b").expect("a path");
        Error::of(kind, op, Some(&path), Some(&Arc::from("zk1:2181")))
    }

    #[test]
    fn errors_say_what_where_why_and_what_next() {
        let refused = error(ErrorKind::Server(ErrorCode::NotEmpty), OpCode::Delete);
        assert_eq!(
            refused.to_string(),
            "can't delete /a/b on zk1:2181: the znode has children (NotEmpty -111); \
             delete its children first"
        );
        assert!(refused.is(ErrorCode::NotEmpty) && !refused.may_have_been_applied());
    }

    #[test]
    fn a_server_that_waited_in_vain_knows_no_more_than_we() {
        for code in [
            ErrorCode::ConnectionLoss,
            ErrorCode::OperationTimeout,
            ErrorCode::RequestTimeout,
        ] {
            let write = error(ErrorKind::Server(code), OpCode::Create2);
            assert!(write.may_have_been_applied() && write.is_transient());
            assert!(write.to_string().contains("look before"), "{write}");
            let read = error(ErrorKind::Server(code), OpCode::GetData);
            assert!(!read.may_have_been_applied() && read.is_transient());
            assert!(read.to_string().ends_with("; try again"), "{read}");
            let index = 0;
            let whole = error(ErrorKind::Transaction { index, code }, OpCode::Multi);
            assert!(whole.may_have_been_applied() && whole.is_transient());
        }
        let busy = error(ErrorKind::Server(ErrorCode::ThrottledOp), OpCode::Create2);
        assert!(busy.is_transient() && !busy.may_have_been_applied());
    }

    #[test]
    fn only_a_sent_write_may_have_been_applied() {
        let lost = |sent| ErrorKind::ConnectionLost {
            reason: Arc::from("reset"),
            sent,
        };
        assert!(error(lost(true), OpCode::SetData).may_have_been_applied());
        assert!(!error(lost(false), OpCode::SetData).may_have_been_applied());
        assert!(!error(lost(true), OpCode::GetData).may_have_been_applied());
        assert!(
            !error(ErrorKind::Server(ErrorCode::BadVersion), OpCode::SetData)
                .may_have_been_applied()
        );
    }
}
