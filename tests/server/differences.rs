//! The one list of differences from a real ZooKeeper that are meant, each with its reason.
//! Whatever isn't here must agree to the last field.

use zooscope::proto::OpCode;
use zooscope::server::Version;

use super::said::Said;
use super::script::Step;

/// A pair of answers, the real server's first; `None` where one said nothing more.
type Pair<'a> = (Option<&'a Said>, Option<&'a Said>);

/// One difference.
struct Difference {
    /// What differs, and why that is right.
    reason: &'static str,
    applies: fn(Version, &Step, Pair<'_>) -> bool,
}

const DIFFERENCES: [Difference; 1] = [Difference {
    reason: "3.4 looks at the list of a setACL before it finds that the path is null, and \
             says -114 where ours says -5: both refuse what no client sends",
    applies: |version, step, pair| {
        version == Version::V3_4 && sends_null_to_set_acl(step) && refused(pair, -114, -5)
    },
}];

/// What scripts leave out, because a real server's answer depends on its threads' timing or
/// on damage it did to itself, and what ours does instead.
pub const NOT_PLAYED: [&str; 10] = [
    "check outside of a multi: old servers never answer it and cannot start again; ours \
     answers -6 and hangs up, as 3.8.5 and 3.9.3 do",
    "container and TTL flags with an ordinary create, and deleteContainer: they corrupt a \
     real server's digest, or delete without asking for rights",
    "anything pipelined behind a setACL: a real server judges it by the old list until the \
     new one is applied; ours by the new one",
    "anything after a failed multi on 3.4, multis pipelined there, and its ephemerals deeper \
     than the first level: it keeps stale rights and counts of children; ours has none",
    "an empty path in setData and setACL, and a null path inside a multi, to 3.4: they end \
     that server; ours refuses them",
    "anything behind an auth packet or an unknown operation: real servers answer the one out \
     of turn, and the other perhaps after one more request",
    "a wrong password for a session that is being served: when its connection is closed \
     depends on a real server's threads; ours closes it at once",
    "a SASL token that is null, to 3.4: it never answers anyone again; ours hangs up",
    "watches on a null path: a real server keeps them apart from those on an empty path",
    "the sweep of containers and TTL nodes: it runs by the clock, and has tests of its own",
];

fn sends_null_to_set_acl(step: &Step) -> bool {
    matches!(step, Step::Batch { calls, .. } if calls.iter().any(|call| {
        call.op == OpCode::SetAcl.code() && call.body.starts_with(&[0xff; 4])
    }))
}

/// Whether the real server refused with one code what ours refused with the other.
fn refused(pair: Pair<'_>, real: i32, ours: i32) -> bool {
    match pair {
        (
            Some(Said::Reply { err, zxid, .. }),
            Some(Said::Reply {
                err: other,
                zxid: at,
                ..
            }),
        ) => (*err, *other, zxid) == (real, ours, at),
        _ => false,
    }
}

/// The reason why this difference is meant, if it is.
pub fn excuse(version: Version, step: &Step, pair: Pair<'_>) -> Option<&'static str> {
    DIFFERENCES
        .iter()
        .find(|difference| (difference.applies)(version, step, pair))
        .map(|difference| difference.reason)
}
