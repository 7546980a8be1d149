//! A znode's Stat: eleven fields, 68 bytes, ZooKeeper's own names.

use super::jute::{Decode, DecodeError, Encode, Reader, put_int, put_long};

/// What a server tells of a znode beside its data (`ZnodeStat` in kazoo).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Stat {
    /// The zxid of the transaction that created the znode.
    pub czxid: i64,
    /// The zxid of the last change of its data.
    pub mzxid: i64,
    /// When it was created, in milliseconds since 1970, by the leader's clock.
    pub ctime: i64,
    /// When its data last changed, in milliseconds since 1970, by the leader's clock.
    pub mtime: i64,
    /// How often its data has changed.
    pub version: i32,
    /// How many children were created and deleted.
    pub cversion: i32,
    /// How often its ACL has changed.
    pub aversion: i32,
    /// The session that owns it if it is ephemeral, otherwise 0.
    pub ephemeral_owner: i64,
    /// The length of its data in bytes.
    pub data_length: i32,
    /// How many children it has.
    pub num_children: i32,
    /// The zxid of the last creation or deletion of a direct child.
    pub pzxid: i64,
}

impl Stat {
    /// How many bytes a Stat takes on the wire.
    pub const WIRE_LEN: usize = 68;

    /// Whether the znode goes with its session. Container and TTL znodes look persistent
    /// to clients (ZooKeeper 3.5.5+ hides their markers).
    pub const fn is_ephemeral(&self) -> bool {
        self.ephemeral_owner != 0
    }
}

impl Encode for Stat {
    fn encode(&self, out: &mut Vec<u8>) {
        put_long(out, self.czxid);
        put_long(out, self.mzxid);
        put_long(out, self.ctime);
        put_long(out, self.mtime);
        put_int(out, self.version);
        put_int(out, self.cversion);
        put_int(out, self.aversion);
        put_long(out, self.ephemeral_owner);
        put_int(out, self.data_length);
        put_int(out, self.num_children);
        put_long(out, self.pzxid);
    }
}

impl Decode<'_> for Stat {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut stat = Reader::new(reader.take(Self::WIRE_LEN, "stat")?);
        Ok(Self {
            czxid: stat.long("czxid")?,
            mzxid: stat.long("mzxid")?,
            ctime: stat.long("ctime")?,
            mtime: stat.long("mtime")?,
            version: stat.int("version")?,
            cversion: stat.int("cversion")?,
            aversion: stat.int("aversion")?,
            ephemeral_owner: stat.long("ephemeralOwner")?,
            data_length: stat.int("dataLength")?,
            num_children: stat.int("numChildren")?,
            pzxid: stat.long("pzxid")?,
        })
    }
}
