//! Every request a client may send, borrowed where it can be: the client encodes from its
//! caller's arguments, the server decodes from the frame, neither copies.

use std::borrow::Cow;

use super::acl::Acl;
use super::jute::{
    Decode, DecodeError, Encode, Reader, put_bool, put_buffer, put_int, put_long, put_string,
    put_vector,
};
use super::mode::CreateMode;
use super::multi::MultiHeader;
use super::op::OpCode;
use super::set_watches::SetWatches;

type Text<'a> = Cow<'a, str>;

/// A request's record, without its header.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the protocol's own words")]
pub enum Request<'a> {
    /// Operations 1, 15, 19 and 21. `flags` stay raw so that a server can refuse them.
    Create {
        op: OpCode,
        path: Text<'a>,
        data: Option<Cow<'a, [u8]>>,
        acl: Cow<'a, [Acl]>,
        flags: i32,
        /// Only with [`OpCode::CreateTtl`].
        ttl_ms: i64,
    },
    Delete {
        path: Text<'a>,
        version: i32,
    },
    Exists {
        path: Text<'a>,
        watch: bool,
    },
    GetData {
        path: Text<'a>,
        watch: bool,
    },
    SetData {
        path: Text<'a>,
        data: Option<Cow<'a, [u8]>>,
        version: i32,
    },
    GetAcl {
        path: Text<'a>,
    },
    SetAcl {
        path: Text<'a>,
        acl: Cow<'a, [Acl]>,
        aversion: i32,
    },
    GetChildren {
        path: Text<'a>,
        watch: bool,
    },
    GetChildren2 {
        path: Text<'a>,
        watch: bool,
    },
    Sync {
        path: Text<'a>,
    },
    Ping,
    /// Legal inside a [`Request::Multi`] only: alone it can keep a server from starting again.
    Check {
        path: Text<'a>,
        version: i32,
    },
    Multi(Vec<Request<'a>>),
    MultiRead(Vec<Request<'a>>),
    Reconfig {
        joining: Option<Text<'a>>,
        leaving: Option<Text<'a>>,
        new_members: Option<Text<'a>>,
        from_config: i64,
    },
    CheckWatches {
        path: Text<'a>,
        kind: i32,
    },
    RemoveWatches {
        path: Text<'a>,
        kind: i32,
    },
    Auth {
        kind: i32,
        scheme: Text<'a>,
        auth: Option<super::Hidden<'a>>,
    },
    SetWatches(SetWatches<'a>),
    SetWatches2(SetWatches<'a>),
    Sasl {
        token: Option<super::Hidden<'a>>,
    },
    GetEphemerals {
        prefix: Option<Text<'a>>,
    },
    GetAllChildrenNumber {
        path: Text<'a>,
    },
    AddWatch {
        path: Text<'a>,
        mode: i32,
    },
    WhoAmI,
    CloseSession,
}

impl<'a> Request<'a> {
    /// A create of the right operation for its mode.
    pub fn create(
        path: &'a str,
        data: Option<&'a [u8]>,
        acl: &'a [Acl],
        mode: CreateMode,
        with_stat: bool,
    ) -> Self {
        Self::Create {
            op: mode.op(with_stat),
            path: Cow::Borrowed(path),
            data: data.map(Cow::Borrowed),
            acl: Cow::Borrowed(acl),
            flags: mode.flags(),
            ttl_ms: mode.ttl_ms().unwrap_or(0),
        }
    }

    /// The operation this request is.
    pub const fn op(&self) -> OpCode {
        match self {
            Self::Create { op, .. } => *op,
            Self::Delete { .. } => OpCode::Delete,
            Self::Exists { .. } => OpCode::Exists,
            Self::GetData { .. } => OpCode::GetData,
            Self::SetData { .. } => OpCode::SetData,
            Self::GetAcl { .. } => OpCode::GetAcl,
            Self::SetAcl { .. } => OpCode::SetAcl,
            Self::GetChildren { .. } => OpCode::GetChildren,
            Self::GetChildren2 { .. } => OpCode::GetChildren2,
            Self::Sync { .. } => OpCode::Sync,
            Self::Ping => OpCode::Ping,
            Self::Check { .. } => OpCode::Check,
            Self::Multi(_) => OpCode::Multi,
            Self::MultiRead(_) => OpCode::MultiRead,
            Self::Reconfig { .. } => OpCode::Reconfig,
            Self::CheckWatches { .. } => OpCode::CheckWatches,
            Self::RemoveWatches { .. } => OpCode::RemoveWatches,
            Self::Auth { .. } => OpCode::Auth,
            Self::SetWatches(_) => OpCode::SetWatches,
            Self::SetWatches2(_) => OpCode::SetWatches2,
            Self::Sasl { .. } => OpCode::Sasl,
            Self::GetEphemerals { .. } => OpCode::GetEphemerals,
            Self::GetAllChildrenNumber { .. } => OpCode::GetAllChildrenNumber,
            Self::AddWatch { .. } => OpCode::AddWatch,
            Self::WhoAmI => OpCode::WhoAmI,
            Self::CloseSession => OpCode::CloseSession,
        }
    }

    /// Reads the record of operation `op`.
    #[expect(clippy::too_many_lines, reason = "one arm per record: a table")]
    pub fn decode(op: OpCode, r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(match op {
            OpCode::Create | OpCode::Create2 | OpCode::CreateContainer | OpCode::CreateTtl => {
                decode_create(op, r)?
            }
            OpCode::Delete => Self::Delete {
                path: path(r)?,
                version: version(r)?,
            },
            OpCode::Exists => Self::Exists {
                path: path(r)?,
                watch: watch(r)?,
            },
            OpCode::GetData => Self::GetData {
                path: path(r)?,
                watch: watch(r)?,
            },
            OpCode::SetData => Self::SetData {
                path: path(r)?,
                data: data(r)?,
                version: version(r)?,
            },
            OpCode::GetAcl => Self::GetAcl { path: path(r)? },
            OpCode::SetAcl => Self::SetAcl {
                path: path(r)?,
                acl: Cow::Owned(r.vector(12, "acl")?),
                aversion: version(r)?,
            },
            OpCode::GetChildren => Self::GetChildren {
                path: path(r)?,
                watch: watch(r)?,
            },
            OpCode::GetChildren2 => Self::GetChildren2 {
                path: path(r)?,
                watch: watch(r)?,
            },
            OpCode::Sync => Self::Sync {
                path: r.string("path")?,
            },
            OpCode::Ping => Self::Ping,
            OpCode::Check => Self::Check {
                path: path(r)?,
                version: version(r)?,
            },
            OpCode::Multi => Self::Multi(decode_multi(r)?),
            OpCode::MultiRead => Self::MultiRead(decode_multi(r)?),
            OpCode::Reconfig => Self::Reconfig {
                joining: r.opt_string("joining")?,
                leaving: r.opt_string("leaving")?,
                new_members: r.opt_string("newMembers")?,
                from_config: r.long("curConfigId")?,
            },
            OpCode::CheckWatches => Self::CheckWatches {
                path: r.string("path")?,
                kind: r.int("type")?,
            },
            OpCode::RemoveWatches => Self::RemoveWatches {
                path: r.string("path")?,
                kind: r.int("type")?,
            },
            OpCode::Auth => Self::Auth {
                kind: r.int("type")?,
                scheme: r.string("scheme")?,
                auth: r.buffer("auth")?.map(Into::into),
            },
            OpCode::SetWatches => Self::SetWatches(SetWatches::decode(false, r)?),
            OpCode::SetWatches2 => Self::SetWatches2(SetWatches::decode(true, r)?),
            OpCode::Sasl => Self::Sasl {
                token: r.buffer("token")?.map(Into::into),
            },
            OpCode::GetEphemerals => Self::GetEphemerals {
                prefix: r.opt_string("prefix")?,
            },
            OpCode::GetAllChildrenNumber => Self::GetAllChildrenNumber { path: path(r)? },
            OpCode::AddWatch => Self::AddWatch {
                path: r.string("path")?,
                mode: r.int("mode")?,
            },
            OpCode::WhoAmI => Self::WhoAmI,
            OpCode::CloseSession => Self::CloseSession,
        })
    }
}

impl Encode for Request<'_> {
    #[expect(clippy::too_many_lines, reason = "one arm per record: a table")]
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Create {
                op,
                path,
                data,
                acl,
                flags,
                ttl_ms,
            } => {
                put_string(out, path);
                put_buffer(out, data.as_deref());
                put_vector(out, acl);
                put_int(out, *flags);
                if *op == OpCode::CreateTtl {
                    put_long(out, *ttl_ms);
                }
            }
            Self::SetData {
                path,
                data,
                version,
            } => {
                put_string(out, path);
                put_buffer(out, data.as_deref());
                put_int(out, *version);
            }
            Self::SetAcl {
                path,
                acl,
                aversion,
            } => {
                put_string(out, path);
                put_vector(out, acl);
                put_int(out, *aversion);
            }
            Self::Delete { path, version: int }
            | Self::Check { path, version: int }
            | Self::CheckWatches { path, kind: int }
            | Self::RemoveWatches { path, kind: int }
            | Self::AddWatch { path, mode: int } => {
                put_string(out, path);
                put_int(out, *int);
            }
            Self::Exists { path, watch }
            | Self::GetData { path, watch }
            | Self::GetChildren { path, watch }
            | Self::GetChildren2 { path, watch } => {
                put_string(out, path);
                put_bool(out, *watch);
            }
            Self::GetAcl { path } | Self::Sync { path } | Self::GetAllChildrenNumber { path } => {
                put_string(out, path);
            }
            Self::Multi(requests) | Self::MultiRead(requests) => encode_multi(requests, out),
            Self::Reconfig {
                joining,
                leaving,
                new_members,
                from_config,
            } => {
                for text in [joining, leaving, new_members] {
                    put_buffer(out, text.as_deref().map(str::as_bytes));
                }
                put_long(out, *from_config);
            }
            Self::Auth { kind, scheme, auth } => {
                put_int(out, *kind);
                put_string(out, scheme);
                put_buffer(out, auth.as_deref());
            }
            Self::SetWatches(watches) => watches.encode(false, out),
            Self::SetWatches2(watches) => watches.encode(true, out),
            Self::Sasl { token } => put_buffer(out, token.as_deref()),
            Self::GetEphemerals { prefix } => {
                put_buffer(out, prefix.as_deref().map(str::as_bytes));
            }
            Self::Ping | Self::WhoAmI | Self::CloseSession => {}
        }
    }
}

/// A path that must be there: null is an error of its own, not the empty path.
pub(super) fn path<'a>(r: &mut Reader<'a>) -> Result<Text<'a>, DecodeError> {
    r.opt_string("path")?.ok_or(DecodeError::BadLength {
        what: "path",
        length: -1,
    })
}

fn version(r: &mut Reader<'_>) -> Result<i32, DecodeError> {
    r.int("version")
}

fn watch(r: &mut Reader<'_>) -> Result<bool, DecodeError> {
    r.bool("watch")
}

fn data<'a>(r: &mut Reader<'a>) -> Result<Option<Cow<'a, [u8]>>, DecodeError> {
    Ok(r.buffer("data")?.map(Cow::Borrowed))
}

fn decode_create<'a>(op: OpCode, r: &mut Reader<'a>) -> Result<Request<'a>, DecodeError> {
    Ok(Request::Create {
        op,
        path: path(r)?,
        data: data(r)?,
        acl: Cow::Owned(r.vector(12, "acl")?),
        flags: r.int("flags")?,
        ttl_ms: if op == OpCode::CreateTtl {
            r.long("ttl")?
        } else {
            0
        },
    })
}

fn decode_multi<'a>(r: &mut Reader<'a>) -> Result<Vec<Request<'a>>, DecodeError> {
    let mut requests = Vec::new();
    loop {
        let header = MultiHeader::decode(r)?;
        if header.done {
            return Ok(requests);
        }
        let op = OpCode::try_from(header.op)?;
        // A multi in a multi means nothing to a server and could nest without end here.
        if matches!(op, OpCode::Multi | OpCode::MultiRead) {
            return Err(DecodeError::BadValue {
                what: "operation in a multi",
                value: header.op.into(),
            });
        }
        requests.push(Request::decode(op, r)?);
    }
}

fn encode_multi(requests: &[Request<'_>], out: &mut Vec<u8>) {
    for request in requests {
        MultiHeader::before(request.op()).encode(out);
        request.encode(out);
    }
    MultiHeader::END.encode(out);
}
