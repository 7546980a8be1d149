//! Random values of every record but the requests.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use zooscope::proto::{
    Acl, AclId, AclReply, ChildrenReply, ConnectRequest, ConnectResponse, CreateReply, DataReply,
    EventType, IdentitiesReply, KeeperState, MultiHeader, MultiResult, Names, Perms, ReplyHeader,
    RequestHeader, Stat, WatchedEvent,
};

/// Any text at all: what servers hold is not only what paths may be.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![4 => "(/[a-z0-9._-]{1,12}){0,4}", 1 => any::<String>()]
}

/// Any data, null included.
pub fn data() -> impl Strategy<Value = Option<Vec<u8>>> {
    option::weighted(0.9, vec(any::<u8>(), 0..200))
}

pub fn names() -> impl Strategy<Value = Names> {
    vec(text(), 0..40).prop_map(|names| names.iter().collect())
}

prop_compose! {
    pub fn stat()(
        (czxid, mzxid, pzxid, ctime, mtime) in any::<(i64, i64, i64, i64, i64)>(),
        (version, cversion, aversion) in any::<(i32, i32, i32)>(),
        (ephemeral_owner, data_length, num_children) in any::<(i64, i32, i32)>(),
    ) -> Stat {
        Stat {
            czxid, mzxid, ctime, mtime, version, cversion, aversion, ephemeral_owner,
            data_length, num_children, pzxid,
        }
    }
}

pub fn acl_id() -> impl Strategy<Value = AclId> {
    (text(), text()).prop_map(|(scheme, id)| AclId { scheme, id })
}

pub fn acl() -> impl Strategy<Value = Acl> {
    (any::<i32>(), acl_id()).prop_map(|(perms, id)| Acl {
        perms: Perms(perms),
        id,
    })
}

pub fn acls() -> impl Strategy<Value = Vec<Acl>> {
    vec(acl(), 0..6)
}

pub fn request_header() -> impl Strategy<Value = RequestHeader> {
    any::<(i32, i32)>().prop_map(|(xid, op)| RequestHeader { xid, op })
}

pub fn reply_header() -> impl Strategy<Value = ReplyHeader> {
    any::<(i32, i64, i32)>().prop_map(|(xid, zxid, err)| ReplyHeader { xid, zxid, err })
}

pub fn multi_header() -> impl Strategy<Value = MultiHeader> {
    any::<(i32, bool, i32)>().prop_map(|(op, done, err)| MultiHeader { op, done, err })
}

prop_compose! {
    pub fn connect_request()(
        (protocol_version, timeout_ms) in any::<(i32, i32)>(),
        (last_zxid_seen, session_id) in any::<(i64, i64)>(),
        password in vec(any::<u8>(), 0..32),
        read_only in any::<Option<bool>>(),
    ) -> ConnectRequest {
        ConnectRequest {
            protocol_version, last_zxid_seen, timeout_ms, session_id, password, read_only,
        }
    }
}

prop_compose! {
    pub fn connect_response()(
        (protocol_version, timeout_ms, session_id) in any::<(i32, i32, i64)>(),
        password in vec(any::<u8>(), 16),
        read_only in any::<Option<bool>>(),
    ) -> ConnectResponse {
        ConnectResponse { protocol_version, timeout_ms, session_id, password, read_only }
    }
}

pub fn event() -> impl Strategy<Value = WatchedEvent> {
    let kinds = [
        EventType::None,
        EventType::NodeCreated,
        EventType::NodeDeleted,
        EventType::NodeDataChanged,
        EventType::NodeChildrenChanged,
    ];
    let kind = proptest::sample::select(kinds.to_vec());
    (kind, any::<i32>(), text()).prop_map(|(kind, state, path)| WatchedEvent {
        kind,
        state: KeeperState(state),
        path,
    })
}

pub fn create_reply() -> impl Strategy<Value = CreateReply> {
    (text(), option::of(stat())).prop_map(|(path, stat)| CreateReply { path, stat })
}

pub fn data_reply() -> impl Strategy<Value = DataReply> {
    (data(), stat()).prop_map(|(data, stat)| DataReply { data, stat })
}

pub fn children_reply() -> impl Strategy<Value = ChildrenReply> {
    (names(), stat()).prop_map(|(names, stat)| ChildrenReply { names, stat })
}

pub fn acl_reply() -> impl Strategy<Value = AclReply> {
    (acls(), stat()).prop_map(|(acl, stat)| AclReply { acl, stat })
}

pub fn identities_reply() -> impl Strategy<Value = IdentitiesReply> {
    vec(acl_id(), 0..6).prop_map(|ids| IdentitiesReply { ids })
}

pub fn multi_results() -> impl Strategy<Value = Vec<MultiResult>> {
    let created = |(path, stat)| MultiResult::Created { path, stat };
    vec(
        prop_oneof![
            (text(), option::of(stat())).prop_map(created),
            Just(MultiResult::Deleted),
            Just(MultiResult::Checked),
            stat().prop_map(MultiResult::Set),
            names().prop_map(MultiResult::Children),
            data_reply().prop_map(MultiResult::Data),
            any::<i32>().prop_map(MultiResult::Failed),
        ],
        0..12,
    )
}
