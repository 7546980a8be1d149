//! What an honest server could answer to any request: the right record for it, with values
//! of no meaning.

use fastrand::Rng;
use zooscope::proto::{
    Acl, AclId, AclReply, ChildrenReply, ConnectResponse, CreateReply, DataReply, Encode,
    EventType, IdentitiesReply, KeeperState, MultiResult, Names, OpCode, ReplyHeader, Request,
    Stat, WatchedEvent, encode_multi_reply, xid,
};

use super::sasl;

/// What `/truth` holds.
pub const TRUTH: &[u8] = b"nothing but";

/// What it says it is, of releases that a client treats differently.
const RELEASES: [&str; 3] = ["3.4.6-1569965", "3.6.3-6401e4a", "3.9.4-7246445"];

/// An answer to the four-letter word.
pub fn srvr(release: usize) -> Vec<u8> {
    let release = RELEASES[release % RELEASES.len()];
    format!(
        "Zookeeper version: {release}, built on 2025-01-01 00:00 UTC\n\
         Latency min/avg/max: 0/0.0/0\nZxid: 0x10\nMode: standalone\nNode count: 5\n"
    )
    .into_bytes()
}

/// The answer to a handshake that asks for session `asked`.
pub fn handshake(asked: i64, timeout_ms: i32) -> Vec<u8> {
    let session_id = if asked == 0 {
        0x1_0000_0000_0001
    } else {
        asked
    };
    ConnectResponse {
        protocol_version: 0,
        timeout_ms,
        session_id,
        password: vec![7; 16],
        read_only: Some(false),
    }
    .to_bytes()
}

/// A reply, or a few: header and record.
pub fn to(rng: &mut Rng, number: i32, zxid: i64, request: &Request<'_>) -> Vec<u8> {
    let err = match request {
        Request::GetData { path, .. } if path.ends_with("/truth") => 0,
        Request::Ping | Request::CloseSession | Request::Auth { .. } | Request::Sasl { .. } => 0,
        _ => rng
            .choice([0, 0, 0, 0, 0, 0, -101, -102, -103, -6, -110])
            .unwrap_or(0),
    };
    let mut reply = ReplyHeader {
        xid: number,
        zxid,
        err,
    }
    .to_bytes();
    if err == 0 {
        record(rng, request, &mut reply);
    }
    reply
}

/// Word of a change that nobody need have asked for.
pub fn notification(rng: &mut Rng) -> Vec<u8> {
    let kinds = [
        EventType::NodeCreated,
        EventType::NodeDeleted,
        EventType::NodeDataChanged,
        EventType::NodeChildrenChanged,
    ];
    let header = ReplyHeader {
        xid: xid::NOTIFICATION,
        zxid: rng.i64(-1..50),
        err: 0,
    };
    let mut frame = header.to_bytes();
    WatchedEvent {
        kind: rng.choice(kinds).unwrap_or(EventType::NodeCreated),
        state: KeeperState::SYNC_CONNECTED,
        path: path(rng),
    }
    .encode(&mut frame);
    frame
}

/// One of the few paths that calls are made with, or what a client with a chroot makes of it.
pub fn path(rng: &mut Rng) -> String {
    rng.choice(["/a", "/a/b", "/a/c", "/d", "/", "/app", "/app/a", "/app/d"])
        .unwrap_or("/")
        .to_owned()
}

fn record(rng: &mut Rng, request: &Request<'_>, out: &mut Vec<u8>) {
    match request {
        Request::Create { op, path, .. } => CreateReply {
            path: path.to_string(),
            stat: (*op != OpCode::Create).then(|| stat(rng)),
        }
        .encode(out),
        Request::Exists { .. } | Request::SetData { .. } | Request::SetAcl { .. } => {
            stat(rng).encode(out);
        }
        Request::GetData { path, .. } => data(rng, path).encode(out),
        Request::Reconfig { .. } => data(rng, "").encode(out),
        Request::GetAcl { .. } => AclReply {
            acl: Acl::open_unsafe(),
            stat: stat(rng),
        }
        .encode(out),
        Request::GetChildren { path, .. } => names(rng, path).encode(out),
        Request::GetEphemerals { .. } => names(rng, "").encode(out),
        Request::GetChildren2 { path, .. } => ChildrenReply {
            names: names(rng, path),
            stat: stat(rng),
        }
        .encode(out),
        Request::Sync { path } => text(path, out),
        Request::Multi(requests) | Request::MultiRead(requests) => {
            let results: Vec<_> = requests
                .iter()
                .map(|request| result(rng, request))
                .collect();
            encode_multi_reply(&results, out);
        }
        Request::Sasl { token } => {
            let token = token.as_deref().unwrap_or_default();
            buffer(sasl::answer(token).as_bytes(), out);
        }
        Request::GetAllChildrenNumber { .. } | Request::AddWatch { .. } => {
            out.extend_from_slice(&[0; 4]);
        }
        Request::WhoAmI => IdentitiesReply {
            ids: vec![AclId {
                scheme: "ip".to_owned(),
                id: "127.0.0.1".to_owned(),
            }],
        }
        .encode(out),
        _ => {}
    }
}

fn result(rng: &mut Rng, request: &Request<'_>) -> MultiResult {
    match request {
        Request::Create { path, .. } => MultiResult::Created {
            path: path.to_string(),
            stat: rng.bool().then(|| stat(rng)),
        },
        Request::Delete { .. } => MultiResult::Deleted,
        Request::Check { .. } => MultiResult::Checked,
        Request::SetData { .. } => MultiResult::Set(stat(rng)),
        Request::GetChildren { path, .. } => MultiResult::Children(names(rng, path)),
        Request::GetData { path, .. } => MultiResult::Data(data(rng, path)),
        _ => MultiResult::Failed(-101),
    }
}

fn stat(rng: &mut Rng) -> Stat {
    Stat {
        czxid: rng.i64(1..50),
        mzxid: rng.i64(1..50),
        version: rng.i32(0..9),
        num_children: i32::from(rng.u8(..4) == 0),
        ..Stat::default()
    }
}

fn data(rng: &mut Rng, path: &str) -> DataReply {
    let data = match path {
        path if path.ends_with("/truth") => Some(TRUTH.to_vec()),
        _ if rng.u8(..8) == 0 => None,
        _ => Some(vec![b'x'; rng.usize(..300)]),
    };
    let stat = stat(rng);
    DataReply { data, stat }
}

/// Few levels deep, or no walk of what this server makes up would ever end.
fn names(rng: &mut Rng, path: &str) -> Names {
    let deep = path.matches("child-").count() > 1;
    let count = if deep { 0 } else { rng.usize(..4) };
    (0..count).map(|i| format!("child-{i}")).collect()
}

fn text(text: &str, out: &mut Vec<u8>) {
    buffer(text.as_bytes(), out);
}

fn buffer(bytes: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(bytes.len()).expect("short");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}
