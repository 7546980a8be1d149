//! ZooKeeper's nouns and their bytes: paths, stats, ACLs, error codes, events and
//! every record of the client protocol, each with its encoding *and* its decoding,
//! so the client and the embedded server speak from one source.
//!
//! This room knows bytes and rules. It refuses to know sockets, time and screens.

mod acl;
mod code;
mod connect;
mod digest_challenge;
mod event;
mod frames;
mod header;
mod hidden;
mod jute;
mod mode;
mod multi;
mod names;
mod op;
mod path;
mod reply;
mod request;
mod security_layers;
mod set_watches;
mod stat;

pub use acl::{Acl, AclId, Perms, digest_id};
pub use code::ErrorCode;
pub use connect::{ConnectRequest, ConnectResponse};
pub use digest_challenge::{DigestChallenge, digest_proof};
pub use event::{EventType, KeeperState, WatchedEvent};
pub use frames::{Frames, NextFrame};
pub use header::{ReplyHeader, RequestHeader, xid};
pub use hidden::Hidden;
pub use jute::{Decode, DecodeError, Encode, Reader};
// The embedded server writes node data straight into its replies, without a record in between.
pub(crate) use jute::{put_buffer, put_int, put_len, put_string, put_vector};
pub use mode::{AddWatchMode, CreateMode, MAX_TTL_MS, WatcherType};
pub(crate) use multi::put_read;
pub use multi::{
    MultiHeader, MultiResult, Skimmed, decode_multi_reply, encode_multi_reply, next_result,
    next_without_names, skim_result,
};
pub use names::Names;
pub use op::OpCode;
pub use path::{PathError, ZPath};
pub use reply::{AclReply, ChildrenReply, CreateReply, DataReply, IdentitiesReply};
pub use request::Request;
pub use security_layers::SecurityLayers;
pub use set_watches::SetWatches;
pub use stat::Stat;

/// The port a ZooKeeper server listens on unless told otherwise.
pub const DEFAULT_PORT: u16 = 2181;

/// A server's default `jute.maxbuffer`: it drops a connection that sends a longer frame.
pub const SERVER_FRAME_LIMIT: usize = 0xf_ffff;
