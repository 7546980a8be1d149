//! What a server said, made comparable: zxids counted from the script's start, sessions by
//! the order in which they were opened, times masked, sets sorted. Nothing else is lost: a
//! body that does not read back to the very bytes is kept as bytes.

use std::collections::HashMap;

use zooscope::proto::{
    Acl, AclReply, ChildrenReply, CreateReply, DataReply, Decode, Encode, IdentitiesReply,
    MultiResult, Names, OpCode, Reader, Stat, WatchedEvent, decode_multi_reply, encode_multi_reply,
};

use super::script::Call;

/// One thing that a server said on a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    Reply {
        xid: i32,
        zxid: Zxid,
        err: i32,
        body: Body,
    },
    Event {
        zxid: Zxid,
        event: WatchedEvent,
    },
    /// The answer to a handshake.
    Session {
        number: i64,
        timeout_ms: i32,
        password: usize,
        read_only: Option<bool>,
    },
    /// A frame that is nothing of the kind.
    Odd(Vec<u8>),
    /// The end of the connection.
    Closed,
    /// Nothing at all for too long.
    Silent,
}

/// A zxid on its way into a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zxid {
    /// So many transactions after the script's start (or before it).
    At(i64),
    /// 0 or less, which is no transaction.
    Special(i64),
}

/// What a reply holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    Nothing,
    Text(String),
    Number(i32),
    Created(CreateReply),
    Stat(Stat),
    Data(DataReply),
    Children(Vec<String>),
    ChildrenAndStat(Vec<String>, Stat),
    Acl(AclReply),
    Results(Vec<MultiResult>),
    Identities(Vec<String>),
    Raw(Vec<u8>),
}

/// What a session of which the script knows nothing is shown as, less its id.
const FOREIGN: i64 = 1_000_000;

/// A server's own numbers, and what they are called in comparisons.
#[derive(Debug, Default)]
pub struct Terms {
    /// The last zxid before the script.
    pub base: i64,
    sessions: HashMap<i64, i64>,
}

impl Terms {
    /// Terms of a server that has counted up to `base`.
    pub fn new(base: i64) -> Self {
        Self {
            base,
            sessions: HashMap::new(),
        }
    }

    /// The session's number; a new one gets the next.
    pub fn session(&mut self, id: i64) -> i64 {
        if id == 0 {
            return 0;
        }
        let next = i64::try_from(self.sessions.len()).unwrap_or(0) + 1;
        *self.sessions.entry(id).or_insert(next)
    }

    /// A zxid as compared.
    pub const fn zxid(&self, zxid: i64) -> Zxid {
        if zxid > 0 {
            Zxid::At(zxid - self.base)
        } else {
            Zxid::Special(zxid)
        }
    }

    fn stat(&self, stat: &mut Stat) {
        for zxid in [&mut stat.czxid, &mut stat.mzxid, &mut stat.pzxid] {
            // Far from the relative ones, so that 0 stays distinct.
            *zxid = match self.zxid(*zxid) {
                Zxid::At(distance) => distance,
                Zxid::Special(special) => i64::MIN - special.min(0),
            };
        }
        for time in [&mut stat.ctime, &mut stat.mtime] {
            *time = i64::from(*time > 1_500_000_000_000);
        }
        let owner = stat.ephemeral_owner;
        if owner != 0 {
            let known = self.sessions.get(&owner).copied();
            stat.ephemeral_owner = known.unwrap_or_else(|| FOREIGN.wrapping_add(owner));
        }
    }

    /// The body of a successful reply to `call`.
    pub fn body(&self, call: &Call, bytes: &[u8]) -> Body {
        if bytes.is_empty() {
            return Body::Nothing;
        }
        call.op_code()
            .and_then(|op| self.read(op, bytes))
            .unwrap_or_else(|| Body::Raw(bytes.to_vec()))
    }

    fn read(&self, op: OpCode, bytes: &[u8]) -> Option<Body> {
        Some(match op {
            OpCode::Create | OpCode::Create2 | OpCode::CreateContainer | OpCode::CreateTtl => {
                let mut reply: CreateReply = exact(bytes)?;
                if let Some(stat) = &mut reply.stat {
                    self.stat(stat);
                }
                Body::Created(reply)
            }
            OpCode::Sync => Body::Text(Reader::new(bytes).opt_string("path").ok()??.into_owned()),
            OpCode::Exists | OpCode::SetData | OpCode::SetAcl => {
                let mut stat: Stat = exact(bytes)?;
                self.stat(&mut stat);
                Body::Stat(stat)
            }
            OpCode::GetData => Body::Data(self.data(exact(bytes)?)),
            OpCode::GetAcl => {
                let mut reply: AclReply = exact(bytes)?;
                self.stat(&mut reply.stat);
                sort_identities(&mut reply.acl);
                Body::Acl(reply)
            }
            OpCode::GetChildren | OpCode::GetEphemerals => {
                Body::Children(sorted(&exact::<Names>(bytes)?))
            }
            OpCode::GetChildren2 => {
                let mut reply: ChildrenReply = exact(bytes)?;
                self.stat(&mut reply.stat);
                Body::ChildrenAndStat(sorted(&reply.names), reply.stat)
            }
            OpCode::GetAllChildrenNumber | OpCode::AddWatch => {
                Body::Number(i32::from_be_bytes(bytes.try_into().ok()?))
            }
            OpCode::Multi | OpCode::MultiRead => self.results(bytes)?,
            OpCode::WhoAmI => {
                let reply: IdentitiesReply = exact(bytes)?;
                let mut ids: Vec<String> = reply
                    .ids
                    .iter()
                    .map(|id| format!("{}:{}", id.scheme, id.id))
                    .collect();
                ids.sort();
                Body::Identities(ids)
            }
            _ => return None,
        })
    }

    fn data(&self, mut reply: DataReply) -> DataReply {
        self.stat(&mut reply.stat);
        reply
    }

    fn results(&self, bytes: &[u8]) -> Option<Body> {
        let mut results = decode_multi_reply(&mut Reader::new(bytes)).ok()?;
        let mut again = Vec::new();
        encode_multi_reply(&results, &mut again);
        if again != bytes {
            return None;
        }
        for result in &mut results {
            match result {
                MultiResult::Created {
                    stat: Some(stat), ..
                }
                | MultiResult::Set(stat)
                | MultiResult::Data(DataReply { stat, .. }) => self.stat(stat),
                MultiResult::Children(names) => *names = names.sorted(),
                _ => {}
            }
        }
        Some(Body::Results(results))
    }
}

/// A record that is all of `bytes`, and the only way to write it.
fn exact<T: for<'a> Decode<'a> + Encode>(bytes: &[u8]) -> Option<T> {
    let record = T::decode(&mut Reader::new(bytes)).ok()?;
    (record.to_bytes() == bytes).then_some(record)
}

fn sorted(names: &Names) -> Vec<String> {
    names.sorted().iter().map(str::to_owned).collect()
}

/// `auth` stands for all identities of a connection, which servers keep in a hash set:
/// neighbours of one scheme and the same permissions come in no certain order.
fn sort_identities(acl: &mut [Acl]) {
    let alike = |a: &Acl, b: &Acl| a.perms == b.perms && a.id.scheme == b.id.scheme;
    for run in acl.chunk_by_mut(alike) {
        run.sort_by(|a, b| a.id.id.cmp(&b.id.id));
    }
}

/// Puts what came in no certain order into one: runs of events.
pub fn sort_events(said: &mut [Said]) {
    let key = |said: &Said| match said {
        Said::Event { event, .. } => Some((event.path.clone(), event.kind.code())),
        _ => None,
    };
    for run in said.chunk_by_mut(|a, b| key(a).is_some() && key(b).is_some()) {
        run.sort_by_key(key);
    }
}
