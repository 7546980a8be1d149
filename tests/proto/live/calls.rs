//! A call of the client's, any of them. It answers whether the server's answer was a result.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::timeout;
use zooscope::client::{Auth, Client, Error};
use zooscope::proto::{Acl, AddWatchMode, CreateMode, ZPath};

use super::answer;

type Call = Pin<Box<dyn Future<Output = bool> + Send>>;

/// A watch that hears of nothing is let go after this.
const LISTENING: Duration = Duration::from_millis(20);
/// A caller that loses patience: its reply must fall into nobody's hands.
const HASTE: Duration = Duration::from_millis(2);

pub fn any(client: &Client, rng: &mut Rng) -> Call {
    let path = ZPath::from_server(&answer::path(rng));
    let client = client.clone();
    let hurried = rng.u8(..6) == 0;
    let call: Call = match rng.u8(..20) {
        0 | 1 => ended(client.get(&path)),
        2 => ended(client.exists(&path)),
        3 => ended(client.get_children(&path)),
        4 => ended(client.get_children_with_stat(&path)),
        5 => ended(client.set(&path, b"data", Some(3))),
        6 => ended(client.create(&path, b"data", &Acl::open_unsafe(), CreateMode::Ephemeral)),
        7 => ended(client.delete(&path, None)),
        8 => ended(client.get_acl(&path)),
        9 => ended(client.sync(&path)),
        10 => ended(
            client
                .multi_read()
                .data(&path)
                .children(&path)
                .data(&path)
                .send(),
        ),
        11 => {
            let acl = Acl::open_unsafe();
            let create = client
                .transaction()
                .create(&path, b"", &acl, CreateMode::Persistent);
            ended(
                create
                    .set(&path, b"data", None)
                    .check(&path, 1)
                    .delete(&path, None)
                    .commit(),
            )
        }
        12 => ended(client.who_am_i()),
        13 => ended(client.get_ephemerals(&path)),
        14 => ended(client.get_all_children_number(&path)),
        15 => ended(client.ensure_path(&path, &Acl::open_unsafe())),
        16 => ended(client.add_auth(Auth::digest("bob", "secret"))),
        17 | 18 => Box::pin(once(client, path)),
        _ => Box::pin(persistent(client, path, rng.bool())),
    };
    if hurried {
        Box::pin(async move { timeout(HASTE, call).await.unwrap_or(false) })
    } else {
        call
    }
}

fn ended<T: 'static>(call: impl Future<Output = Result<T, Error>> + Send + 'static) -> Call {
    Box::pin(async move { call.await.is_ok() })
}

async fn once(client: Client, path: ZPath) -> bool {
    let Ok((_, watch)) = client.exists_watch(&path).await else {
        return false;
    };
    drop(timeout(LISTENING, watch).await);
    true
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
