//! A server that is an older one by the time of the next connection, at the same address: it
//! is believed to be what it was until it tells, and no longer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use zooscope::client::{Version, WatchEvent};
use zooscope::proto::{AddWatchMode, ChildrenReply, Encode as _, Names, OpCode, Request, Stat};

use crate::common::{connected, options_at, path, soon};
use crate::fake::Fake;
use crate::gates::{answer, srvr};
use crate::support::Proxy;

/// Which connection, which operation, and whether a watch was asked for.
type Seen = Arc<Mutex<Vec<(usize, OpCode, bool)>>>;

fn serve(request: &Request<'_>) -> (i64, i32, Vec<u8>) {
    match request {
        Request::AddWatch { .. } => (1, 0, 0i32.to_be_bytes().to_vec()),
        Request::SetWatches(_) | Request::SetWatches2(_) | Request::RemoveWatches { .. } => {
            (1, 0, Vec::new())
        }
        Request::GetChildren2 { .. } => {
            let (names, stat): (Names, _) = ([""; 0].into_iter().collect(), Stat::default());
            (1, 0, ChildrenReply { names, stat }.to_bytes())
        }
        _ => answer(request),
    }
}

/// A 3.8 that tells so once `open`.
fn hesitant(open: &Arc<AtomicBool>, seen: &Seen) -> Fake {
    let (open, seen) = (open.clone(), seen.clone());
    Fake::telling(
        move |_| {
            while !open.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(2));
            }
            Some(srvr("3.8.0"))
        },
        move |conn, number| {
            conn.welcome(1, 10_000);
            conn.serve(|request| {
                let watch = matches!(request, Request::GetData { watch: true, .. });
                let mut seen = seen.lock().expect("no panic");
                seen.push((number, request.op(), watch));
                serve(request)
            });
        },
    )
}

/// Before 3.9 watches take each other's places, and those that were set in the belief that
/// they don't have done so: they are set anew, and everyone reads again. So it is if the
/// persistent one has gone by the time.
#[tokio::test]
async fn a_server_that_was_taken_for_a_newer_one_is_connected_to_once_more() {
    for dropped in [false, true] {
        let new = Fake::start("3.9.4", |conn, _| {
            conn.welcome(1, 10_000);
            conn.serve(serve);
        });
        let (open, seen) = <(Arc<AtomicBool>, Seen)>::default();
        let old = hesitant(&open, &seen);
        let proxy = Proxy::start(new.addr());
        let options = options_at(proxy.addr(), "").max_backoff(Duration::from_millis(20));
        let client = connected(options).await;
        let at = path("/a");
        let recursive = AddWatchMode::PersistentRecursive;
        let mut tree = client.add_watch(&at, recursive).await.expect("3.9");
        let children = client.get_children_watch(&at).await.expect("there").1;
        proxy.redirect(old.addr());
        proxy.cut();
        assert_eq!(soon("a gap", tree.next()).await, Some(WatchEvent::Gap));
        let data = soon("the read", client.get_watch(&at)).await;
        let data = data.expect("there").1;
        assert_eq!(client.server_version(), Some(Version::new(3, 9, 4)));
        if dropped {
            drop(tree);
            open.store(true, Ordering::Relaxed);
        } else {
            open.store(true, Ordering::Relaxed);
            let again = soon("another gap", tree.next()).await;
            assert_eq!(again, Some(WatchEvent::Gap));
        }
        for watch in [children, data] {
            assert_eq!(soon("a gap", watch).await, WatchEvent::Gap, "{dropped}");
        }
        drop(client.get_watch(&at).await.expect("there"));
        assert_eq!(client.server_version(), Some(Version::new(3, 8, 0)));
        let seen = seen.lock().expect("no panic").clone();
        let reads = seen.iter().filter(|(_, op, _)| *op == OpCode::GetData);
        let reads: Vec<_> = reads.map(|(number, _, watch)| (*number, *watch)).collect();
        assert_eq!(reads, [(0, true), (1, dropped)], "{seen:?}");
        // It has told by now: twice is enough.
        client.close().await;
        assert_eq!(old.asked().len(), 2);
    }
}
