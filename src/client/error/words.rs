//! What an error says: what was tried, on which path, at which server, what the answer was,
//! and what to do next.

use super::{Error, ErrorKind, Inner, waited};
use crate::proto::{ErrorCode, OpCode};

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Inner {
            kind,
            op,
            path,
            server,
            ..
        } = &*self.0;
        if let Some(op) = op {
            write!(f, "can't {}", verb(*op))?;
            if let Some(path) = path {
                write!(f, " {path}")?;
            }
            if let Some(server) = server {
                write!(f, " on {server}")?;
            }
            f.write_str(": ")?;
        }
        write!(f, "{kind}")?;
        match self.hint() {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl Error {
    fn hint(&self) -> Option<&'static str> {
        if self.0.in_part {
            return Some("part of it may have been done all the same: look before trying again");
        }
        if self.may_have_been_applied() {
            return Some("it may have been done all the same: look before trying again");
        }
        Some(match &self.0.kind {
            ErrorKind::ConnectionLost { .. } => "nothing was changed: try again",
            ErrorKind::SessionExpired { renewed: true } => "try again in the new session",
            ErrorKind::SessionExpired { renewed: false } => "open a new client",
            ErrorKind::RequestTooLarge { .. } => {
                "make it smaller, or raise server_frame_limit here and jute.maxbuffer there"
            }
            ErrorKind::ReplyTooLarge { .. } => "raise frame_limit to read it",
            ErrorKind::NotConnected { .. } => "check the hosts and whether their servers run",
            ErrorKind::AuthFailed(_) => "put that right, then open a new client",
            ErrorKind::ReadOnlyClient => "open it without read_only to write",
            ErrorKind::Closed => "open a new one",
            ErrorKind::Server(code) | ErrorKind::Transaction { code, .. } => code_hint(*code)?,
            _ => return None,
        })
    }
}

fn code_hint(code: ErrorCode) -> Option<&'static str> {
    Some(match code {
        ErrorCode::NoAuth => "authenticate as someone its ACL names",
        ErrorCode::BadVersion => "read it again before writing",
        ErrorCode::NotEmpty => "delete its children first",
        ErrorCode::NotReadOnly => "try again once a server with a quorum is found",
        ErrorCode::ThrottledOp => "try again later",
        code if waited(code) => "try again",
        ErrorCode::Unimplemented => "a newer server, or a setting of this one, may allow it",
        ErrorCode::InvalidAcl => "an ACL needs at least one entry of a scheme the server knows",
        ErrorCode::QuotaExceeded => "raise the quota or delete something",
        _ => return None,
    })
}

/// What an operation does, as a verb that a path can follow.
const fn verb(op: OpCode) -> &'static str {
    match op {
        OpCode::Create | OpCode::Create2 => "create",
        OpCode::CreateContainer => "create the container",
        OpCode::CreateTtl => "create with a time to live",
        OpCode::Delete => "delete",
        OpCode::Exists => "look up",
        OpCode::GetData => "read",
        OpCode::SetData => "write",
        OpCode::GetAcl => "read the ACL of",
        OpCode::SetAcl => "set the ACL of",
        OpCode::GetChildren | OpCode::GetChildren2 => "list the children of",
        OpCode::Sync => "sync",
        OpCode::Ping => "ping",
        OpCode::Check => "check the version of",
        OpCode::Multi => "carry out the transaction",
        OpCode::Reconfig => "reconfigure the ensemble",
        OpCode::CheckWatches => "check the watches of",
        OpCode::RemoveWatches => "remove the watches of",
        OpCode::MultiRead => "read several znodes",
        OpCode::Auth | OpCode::Sasl => "authenticate",
        OpCode::SetWatches | OpCode::SetWatches2 => "set the watches again",
        OpCode::GetEphemerals => "list the ephemeral znodes below",
        OpCode::GetAllChildrenNumber => "count what is below",
        OpCode::AddWatch => "watch",
        OpCode::WhoAmI => "ask who we are",
        OpCode::CloseSession => "close the session",
    }
}
