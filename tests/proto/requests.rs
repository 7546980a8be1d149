//! Random requests of every operation.

use std::borrow::Cow;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use zooscope::proto::{OpCode, Request, SetWatches};

use super::strategy::{acls, data, text};

type Boxed = BoxedStrategy<Request<'static>>;

fn owned() -> impl Strategy<Value = Cow<'static, str>> {
    text().prop_map(Cow::Owned)
}

fn payload() -> impl Strategy<Value = Option<Cow<'static, [u8]>>> {
    data().prop_map(|data| data.map(Cow::Owned))
}

fn with_path(make: fn(Cow<'static, str>) -> Request<'static>) -> Boxed {
    owned().prop_map(make).boxed()
}

fn with_watch(make: fn(Cow<'static, str>, bool) -> Request<'static>) -> Boxed {
    (owned(), any::<bool>())
        .prop_map(move |(path, watch)| make(path, watch))
        .boxed()
}

fn with_int(make: fn(Cow<'static, str>, i32) -> Request<'static>) -> Boxed {
    (owned(), any::<i32>())
        .prop_map(move |(path, int)| make(path, int))
        .boxed()
}

/// A request of operation `op`.
pub fn of(op: OpCode) -> Boxed {
    match op {
        OpCode::Create | OpCode::Create2 | OpCode::CreateContainer | OpCode::CreateTtl => {
            create(op)
        }
        OpCode::Delete => with_int(|path, version| Request::Delete { path, version }),
        OpCode::Exists => with_watch(|path, watch| Request::Exists { path, watch }),
        OpCode::GetData => with_watch(|path, watch| Request::GetData { path, watch }),
        OpCode::SetData => set_data(),
        OpCode::GetAcl => with_path(|path| Request::GetAcl { path }),
        OpCode::SetAcl => set_acl(),
        OpCode::GetChildren => with_watch(|path, watch| Request::GetChildren { path, watch }),
        OpCode::GetChildren2 => with_watch(|path, watch| Request::GetChildren2 { path, watch }),
        OpCode::Sync => with_path(|path| Request::Sync { path }),
        OpCode::Ping => Just(Request::Ping).boxed(),
        OpCode::Check => with_int(|path, version| Request::Check { path, version }),
        OpCode::Multi => vec(plain(), 0..8).prop_map(Request::Multi).boxed(),
        OpCode::MultiRead => vec(plain(), 0..8).prop_map(Request::MultiRead).boxed(),
        OpCode::Reconfig => reconfig(),
        OpCode::CheckWatches => with_int(|path, kind| Request::CheckWatches { path, kind }),
        OpCode::RemoveWatches => with_int(|path, kind| Request::RemoveWatches { path, kind }),
        OpCode::Auth => auth(),
        OpCode::SetWatches => set_watches(false).prop_map(Request::SetWatches).boxed(),
        OpCode::SetWatches2 => set_watches(true).prop_map(Request::SetWatches2).boxed(),
        OpCode::Sasl => payload()
            .prop_map(|token| Request::Sasl {
                token: token.map(Into::into),
            })
            .boxed(),
        OpCode::GetEphemerals => option::of(owned())
            .prop_map(|prefix| Request::GetEphemerals { prefix })
            .boxed(),
        OpCode::GetAllChildrenNumber => with_path(|path| Request::GetAllChildrenNumber { path }),
        OpCode::AddWatch => with_int(|path, mode| Request::AddWatch { path, mode }),
        OpCode::WhoAmI => Just(Request::WhoAmI).boxed(),
        OpCode::CloseSession => Just(Request::CloseSession).boxed(),
    }
}

/// A request of any operation that may stand in a multi as far as its bytes go.
fn plain() -> Boxed {
    let ops: Vec<OpCode> = OpCode::ALL
        .iter()
        .copied()
        .filter(|op| !matches!(op, OpCode::Multi | OpCode::MultiRead))
        .collect();
    proptest::sample::select(ops).prop_flat_map(of).boxed()
}

fn create(op: OpCode) -> Boxed {
    (owned(), payload(), acls(), any::<i32>(), any::<i64>())
        .prop_map(move |(path, data, acl, flags, ttl)| Request::Create {
            op,
            path,
            data,
            acl: Cow::Owned(acl),
            flags,
            ttl_ms: if op == OpCode::CreateTtl { ttl } else { 0 },
        })
        .boxed()
}

fn set_data() -> Boxed {
    (owned(), payload(), any::<i32>())
        .prop_map(|(path, data, version)| Request::SetData {
            path,
            data,
            version,
        })
        .boxed()
}

fn set_acl() -> Boxed {
    (owned(), acls(), any::<i32>())
        .prop_map(|(path, acl, aversion)| Request::SetAcl {
            path,
            acl: Cow::Owned(acl),
            aversion,
        })
        .boxed()
}

fn reconfig() -> Boxed {
    let member = || option::of(owned());
    (member(), member(), member(), any::<i64>())
        .prop_map(
            |(joining, leaving, new_members, from_config)| Request::Reconfig {
                joining,
                leaving,
                new_members,
                from_config,
            },
        )
        .boxed()
}

fn auth() -> Boxed {
    (any::<i32>(), owned(), payload())
        .prop_map(|(kind, scheme, auth)| Request::Auth {
            kind,
            scheme,
            auth: auth.map(Into::into),
        })
        .boxed()
}

fn set_watches(second: bool) -> impl Strategy<Value = SetWatches<'static>> {
    let list = || vec(owned(), 0..6);
    let late = move || vec(owned(), 0..if second { 6 } else { 1 });
    (any::<i64>(), list(), list(), list(), late(), late()).prop_map(
        |(relative_zxid, data, exist, child, persistent, persistent_recursive)| SetWatches {
            relative_zxid,
            data,
            exist,
            child,
            persistent,
            persistent_recursive,
        },
    )
}
