//! A call of the client's, any of them. It answers whether the server's answer was a result.
//! Recipes and retries, which are made of calls, are next door.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::timeout;
use zooscope::client::{Auth, Client, Error, Reconfig};
use zooscope::proto::{Acl, AddWatchMode, CreateMode, WatcherType, ZPath};

use super::{answer, recipes};

pub type Call = Pin<Box<dyn Future<Output = bool> + Send>>;

/// A watch that hears of nothing is let go after this.
const LISTENING: Duration = Duration::from_millis(20);
/// A caller that loses patience: its reply must fall into nobody's hands.
const HASTE: Duration = Duration::from_millis(2);

pub fn any(client: &Client, rng: &mut Rng) -> Call {
    let path = ZPath::from_server(&answer::path(rng));
    let call = match rng.u8(..4) {
        0 => read(client, rng, &path),
        1 => write(client, rng, &path),
        2 => watch(client, rng, path),
        _ => recipes::any(client, rng, path),
    };
    if rng.u8(..6) == 0 {
        Box::pin(async move { timeout(HASTE, call).await.unwrap_or(false) })
    } else {
        call
    }
}

fn read(client: &Client, rng: &mut Rng, path: &ZPath) -> Call {
    match rng.u8(..12) {
        0 | 1 => ended(client.get(path)),
        2 => ended(client.exists(path)),
        3 => ended(client.get_children(path)),
        4 => ended(client.get_children_with_stat(path)),
        5 => ended(client.get_acl(path)),
        6 => ended(client.sync(path)),
        7 => ended(client.who_am_i()),
        8 => ended(client.get_ephemerals(path)),
        9 => ended(client.get_all_children_number(path)),
        10 => ended(client.get_config()),
        _ => {
            let reads = (0..rng.usize(..9)).fold(client.multi_read(), |reads, _| {
                if rng.bool() {
                    reads.data(path)
                } else {
                    reads.children(path)
                }
            });
            ended(reads.send())
        }
    }
}

fn write(client: &Client, rng: &mut Rng, path: &ZPath) -> Call {
    let acl = Acl::open_unsafe();
    match rng.u8(..10) {
        0 => ended(client.set(path, b"data", Some(3))),
        1 => ended(client.create(path, b"data", &acl, mode(rng))),
        2 => ended(client.create_with_parents(path, b"data", &acl, mode(rng))),
        3 => ended(client.delete(path, None)),
        4 => ended(client.ensure_path(path, &acl)),
        5 => ended(client.add_auth(Auth::digest("bob", "secret"))),
        6 => ended(client.set_acl(path, &Acl::creator_all(), Some(1))),
        7 => ended(client.set_nullable(path, None, None)),
        8 => ended(client.reconfig(&Reconfig::Replace("server.1=h:1:2;3"), None)),
        _ => {
            let create = client.transaction().create(path, b"", &acl, mode(rng));
            let more = create.set(path, b"data", None).check(path, 1);
            ended(more.delete(path, None).commit())
        }
    }
}

/// Any way to create.
pub fn mode(rng: &mut Rng) -> CreateMode {
    let modes = [
        CreateMode::Persistent,
        CreateMode::Ephemeral,
        CreateMode::PersistentSequential,
        CreateMode::EphemeralSequential,
        CreateMode::Container,
        CreateMode::PersistentTtl { ttl_ms: 1000 },
        CreateMode::PersistentSequentialTtl { ttl_ms: 1000 },
    ];
    rng.choice(modes).unwrap_or_default()
}

fn watch(client: &Client, rng: &mut Rng, path: ZPath) -> Call {
    let client = client.clone();
    let which = rng.u8(..5);
    match which {
        0..3 => Box::pin(async move {
            let watch = match which {
                0 => client.exists_watch(&path).await.map(|(_, watch)| watch),
                1 => client.get_watch(&path).await.map(|(_, watch)| watch),
                _ => client
                    .get_children_watch(&path)
                    .await
                    .map(|(_, watch)| watch),
            };
            let Ok(watch) = watch else {
                return false;
            };
            drop(timeout(LISTENING, watch).await);
            true
        }),
        3 => Box::pin(persistent(client, path, rng.bool())),
        _ => {
            client.remove_watches(&path, WatcherType::Any);
            Box::pin(async { true })
        }
    }
}

/// A call alone.
pub fn ended<T: 'static>(call: impl Future<Output = Result<T, Error>> + Send + 'static) -> Call {
    Box::pin(async move { call.await.is_ok() })
}

async fn persistent(client: Client, path: ZPath, recursive: bool) -> bool {
    let mode = if recursive {
        AddWatchMode::PersistentRecursive
    } else {
        AddWatchMode::Persistent
    };
    let Ok(mut watch) = client.add_watch(&path, mode).await else {
        return false;
    };
    while let Ok(Some(_)) = timeout(LISTENING, watch.next()).await {}
    true
}
