//! The records of replies, after their header.

use super::acl::{Acl, AclId};
use super::jute::{Decode, DecodeError, Encode, Reader, put_buffer, put_string, put_vector};
use super::names::Names;
use super::stat::Stat;

/// What a create answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateReply {
    /// The path made, a sequential suffix included.
    pub path: String,
    /// The new Stat; only create2, container and TTL creates answer it.
    pub stat: Option<Stat>,
}

impl Encode for CreateReply {
    fn encode(&self, out: &mut Vec<u8>) {
        put_string(out, &self.path);
        if let Some(stat) = &self.stat {
            stat.encode(out);
        }
    }
}

impl Decode<'_> for CreateReply {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let path = reader.string("path")?.into_owned();
        let stat = if reader.rest().is_empty() {
            None
        } else {
            Some(Stat::decode(reader)?)
        };
        Ok(Self { path, stat })
    }
}

/// What a getData answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataReply {
    /// The data; null and empty are different things.
    pub data: Option<Vec<u8>>,
    /// The znode's Stat.
    pub stat: Stat,
}

impl Encode for DataReply {
    fn encode(&self, out: &mut Vec<u8>) {
        put_buffer(out, self.data.as_deref());
        self.stat.encode(out);
    }
}

impl Decode<'_> for DataReply {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            data: reader.buffer("data")?.map(<[u8]>::to_vec),
            stat: Stat::decode(reader)?,
        })
    }
}

/// What a getChildren2 answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildrenReply {
    /// The children's names, in no order.
    pub names: Names,
    /// The parent's Stat.
    pub stat: Stat,
}

impl Encode for ChildrenReply {
    fn encode(&self, out: &mut Vec<u8>) {
        self.names.encode(out);
        self.stat.encode(out);
    }
}

impl Decode<'_> for ChildrenReply {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            names: Names::decode(reader)?,
            stat: Stat::decode(reader)?,
        })
    }
}

/// What a getACL answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AclReply {
    /// The list. Without ADMIN permission a server hides digest hashes as `x`.
    pub acl: Vec<Acl>,
    /// The znode's Stat.
    pub stat: Stat,
}

impl Encode for AclReply {
    fn encode(&self, out: &mut Vec<u8>) {
        put_vector(out, &self.acl);
        self.stat.encode(out);
    }
}

impl Decode<'_> for AclReply {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            acl: reader.vector(12, "acl")?,
            stat: Stat::decode(reader)?,
        })
    }
}

/// What a whoAmI answers (3.7+).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentitiesReply {
    /// Every identity of the connection.
    pub ids: Vec<AclId>,
}

impl Encode for IdentitiesReply {
    fn encode(&self, out: &mut Vec<u8>) {
        put_vector(out, &self.ids);
    }
}

impl Decode<'_> for IdentitiesReply {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            ids: reader.vector(8, "ids")?,
        })
    }
}
