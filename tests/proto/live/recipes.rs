//! What is made of calls: retries, protected creation, deletion of subtrees, walks, and the
//! watches that go on. Each must end, whatever the server said meanwhile: those that have no
//! end of their own are left after a while, at any point.

use std::time::Duration;

use fastrand::Rng;
use tokio::time::timeout;
use zooscope::client::{Client, Retry};
use zooscope::proto::{Acl, ZPath};
use zooscope::recipe::{ChildrenWatch, DataWatch, PatientChildrenWatch, TreeWatch, Walk};

use super::calls::{Call, mode};

/// How long a recipe that has no end is followed, and for how many events at the most.
const FOLLOWED: Duration = Duration::from_millis(40);
const EVENTS: usize = 200;

pub fn any(client: &Client, rng: &mut Rng, path: ZPath) -> Call {
    let client = client.clone();
    match rng.u8(..11) {
        0 => Box::pin(async move { retry().run(|| client.get(&path)).await.is_ok() }),
        1 => Box::pin(async move { retry().set(&client, &path, b"data", 3).await.is_ok() }),
        2 => Box::pin(async move { retry().delete(&client, &path, None).await.is_ok() }),
        3 => {
            let (acl, mode) = (Acl::open_unsafe(), mode(rng));
            Box::pin(async move {
                let retry = retry();
                let created = retry.create_protected(&client, &path, b"", &acl, mode);
                created.await.is_ok()
            })
        }
        4 => Box::pin(async move {
            let mut told = 0;
            let deleted = client.delete_recursive(&path, |so_far| told = so_far).await;
            deleted.is_ok_and(|count| count >= told)
        }),
        5 => Box::pin(walk(client, path)),
        6 => followed(async move {
            let mut watch = ChildrenWatch::new(&client, &path);
            for _ in 0..EVENTS {
                if watch.next().await.is_none() {
                    break;
                }
            }
        }),
        7 => followed(async move {
            let mut watch = DataWatch::new(&client, &path);
            for _ in 0..EVENTS {
                if watch.next().await.is_none() {
                    break;
                }
            }
        }),
        8 => followed(async move {
            let quiet = Duration::from_millis(2);
            let mut watch = PatientChildrenWatch::new(&client, &path, quiet);
            for _ in 0..EVENTS {
                if watch.next().await.is_none() {
                    break;
                }
            }
        }),
        _ => followed(async move {
            let mut tree = TreeWatch::new(&client, &path);
            for _ in 0..EVENTS {
                if tree.next().await.is_none() {
                    break;
                }
            }
        }),
    }
}

/// Patient for longer than the lies go on, without long pauses.
fn retry() -> Retry {
    let (first, most) = (Duration::from_millis(1), Duration::from_millis(20));
    Retry::default()
        .tries(Some(50))
        .delay(first)
        .max_delay(most)
}

/// Ends by itself: lost connections are waited for, what can't be read is told.
async fn walk(client: Client, path: ZPath) -> bool {
    let mut walk = Walk::new(&client, &path);
    let mut found = false;
    while let Some(visited) = walk.next().await {
        found |= visited.is_ok();
    }
    found
}

fn followed(recipe: impl Future<Output = ()> + Send + 'static) -> Call {
    Box::pin(async move { timeout(FOLLOWED, recipe).await.is_ok() })
}
