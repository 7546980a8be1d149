//! Multi and multi-read: the headers between operations, and the results.

use super::code::ErrorCode;
use super::jute::{Decode, DecodeError, Encode, Reader, put_bool, put_int, put_len, put_string};
use super::names::{Names, skip_names};
use super::op::OpCode;
use super::reply::DataReply;
use super::stat::Stat;

/// Before each operation and each result of a multi, and once more at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MultiHeader {
    /// The operation's code; -1 for an error and at the end.
    pub op: i32,
    /// Whether this is the end.
    pub done: bool,
    /// The error of a result, -1 in requests.
    pub err: i32,
}

impl MultiHeader {
    /// What closes a multi, both ways.
    pub const END: Self = Self {
        op: -1,
        done: true,
        err: -1,
    };
    const WIRE_LEN: usize = 9;

    /// What stands before an operation in a request.
    pub const fn before(op: OpCode) -> Self {
        Self {
            op: op.code(),
            done: false,
            err: -1,
        }
    }
}

impl Encode for MultiHeader {
    fn encode(&self, out: &mut Vec<u8>) {
        put_int(out, self.op);
        put_bool(out, self.done);
        put_int(out, self.err);
    }
}

impl Decode<'_> for MultiHeader {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut header = Reader::new(reader.take(Self::WIRE_LEN, "multi header")?);
        Ok(Self {
            op: header.int("type")?,
            done: header.bool("done")?,
            err: header.int("err")?,
        })
    }
}

/// One result of a multi or multi-read. Its kind is the server's word: before 3.9.0 a
/// create2 in a multi comes back as a plain create.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MultiResult {
    /// A znode was created.
    Created {
        /// Its path, suffix included.
        path: String,
        /// Its Stat, where the server tells it.
        stat: Option<Stat>,
    },
    /// A znode was deleted.
    Deleted,
    /// A version was as expected.
    Checked,
    /// Data was set.
    Set(Stat),
    /// A multi-read's children.
    Children(Names),
    /// A multi-read's data.
    Data(DataReply),
    /// The operation failed. In a multi, 0 stands for "rolled back" and
    /// [`ErrorCode::RuntimeInconsistency`] for "came after the one that failed".
    Failed(i32),
}

impl MultiResult {
    /// The error, where the operation itself was refused.
    pub fn error(&self) -> Option<ErrorCode> {
        match self {
            Self::Failed(code) if *code != 0 => Some(ErrorCode::from(*code)),
            _ => None,
        }
    }
}

/// Reads the results of a multi or multi-read.
pub fn decode_multi_reply(reader: &mut Reader<'_>) -> Result<Vec<MultiResult>, DecodeError> {
    let mut results = Vec::new();
    while let Some(result) = next_result(reader)? {
        results.push(result);
    }
    Ok(results)
}

/// Reads the next of them; `None` behind the last.
pub fn next_result(reader: &mut Reader<'_>) -> Result<Option<MultiResult>, DecodeError> {
    let header = MultiHeader::decode(reader)?;
    if header.done {
        return Ok(None);
    }
    decode_result(header, reader).map(Some)
}

/// The same without the names of a list of children.
pub fn next_without_names(reader: &mut Reader<'_>) -> Result<Option<MultiResult>, DecodeError> {
    let mut list = reader.clone();
    let header = MultiHeader::decode(&mut list)?;
    if header.done || header.op != OpCode::GetChildren.code() {
        return next_result(reader);
    }
    skip_names(&mut list)?;
    *reader = list;
    Ok(Some(MultiResult::Children(Names::default())))
}

/// What a look at a multi-read's result tells without a copy of its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skimmed {
    /// Data of so many bytes, and its Stat.
    Data(usize, Stat),
    /// Children.
    Children(Names),
    /// An error, or what no read answers.
    Failed,
}

/// Looks at the next result of a multi-read; `None` behind the last.
pub fn skim_result(reader: &mut Reader<'_>) -> Result<Option<Skimmed>, DecodeError> {
    let header = MultiHeader::decode(reader)?;
    if header.done {
        return Ok(None);
    }
    if header.op == OpCode::GetData.code() {
        let length = reader.buffer("data")?.map_or(0, <[u8]>::len);
        return Ok(Some(Skimmed::Data(length, Stat::decode(reader)?)));
    }
    Ok(Some(match decode_result(header, reader)? {
        MultiResult::Children(names) => Skimmed::Children(names),
        _ => Skimmed::Failed,
    }))
}

/// Writes one read of a multi-read. There may be thousands: no request is made of each.
pub(crate) fn put_read(out: &mut Vec<u8>, op: OpCode, chroot: &str, path: &str) {
    MultiHeader::before(op).encode(out);
    put_len(out, chroot.len() + path.len());
    out.extend_from_slice(chroot.as_bytes());
    out.extend_from_slice(path.as_bytes());
    put_bool(out, false);
}

fn decode_result(header: MultiHeader, r: &mut Reader<'_>) -> Result<MultiResult, DecodeError> {
    if header.op == -1 {
        return r.int("err").map(MultiResult::Failed);
    }
    Ok(match OpCode::try_from(header.op)? {
        OpCode::Create => MultiResult::Created {
            path: r.string("path")?.into_owned(),
            stat: None,
        },
        OpCode::Create2 | OpCode::CreateContainer | OpCode::CreateTtl => MultiResult::Created {
            path: r.string("path")?.into_owned(),
            stat: Some(Stat::decode(r)?),
        },
        OpCode::Delete => MultiResult::Deleted,
        OpCode::Check => MultiResult::Checked,
        OpCode::SetData => MultiResult::Set(Stat::decode(r)?),
        OpCode::GetChildren => MultiResult::Children(Names::decode(r)?),
        OpCode::GetData => MultiResult::Data(DataReply::decode(r)?),
        _ => {
            return Err(DecodeError::BadValue {
                what: "result type",
                value: header.op.into(),
            });
        }
    })
}

/// Writes the results of a multi or multi-read, as a server of 3.9 does.
pub fn encode_multi_reply(results: &[MultiResult], out: &mut Vec<u8>) {
    for result in results {
        encode_result(result, out);
    }
    MultiHeader::END.encode(out);
}

fn encode_result(result: &MultiResult, out: &mut Vec<u8>) {
    let mut header = |op: i32, err: i32| {
        MultiHeader {
            op,
            done: false,
            err,
        }
        .encode(out);
    };
    match result {
        MultiResult::Created { path, stat: None } => {
            header(OpCode::Create.code(), 0);
            put_string(out, path);
        }
        MultiResult::Created {
            path,
            stat: Some(stat),
        } => {
            header(OpCode::Create2.code(), 0);
            put_string(out, path);
            stat.encode(out);
        }
        MultiResult::Deleted => header(OpCode::Delete.code(), 0),
        MultiResult::Checked => header(OpCode::Check.code(), 0),
        MultiResult::Set(stat) => {
            header(OpCode::SetData.code(), 0);
            stat.encode(out);
        }
        MultiResult::Children(names) => {
            header(OpCode::GetChildren.code(), 0);
            names.encode(out);
        }
        MultiResult::Data(data) => {
            header(OpCode::GetData.code(), 0);
            data.encode(out);
        }
        MultiResult::Failed(code) => {
            header(-1, *code);
            put_int(out, *code);
        }
    }
}
