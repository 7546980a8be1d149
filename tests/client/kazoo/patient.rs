//! `PatientChildrenWatch`: lists that have come to rest.

use std::time::{Duration, Instant};

use zooscope::client::{Client, Error};
use zooscope::proto::{ChildrenReply, ErrorCode, OpCode};
use zooscope::recipe::PatientChildrenWatch;

use super::on_all;
use crate::common::{connected, make, options_at, path, soon, tells_nothing};
use crate::support::{self, Direction, Proxy, eventually};

async fn next(watch: &mut PatientChildrenWatch) -> Result<usize, Error> {
    let item: Option<Result<ChildrenReply, Error>> = soon("a list", watch.next()).await;
    item.expect("open").map(|reply| reply.names.len())
}

fn watch(client: &Client, ms: u64) -> PatientChildrenWatch {
    PatientChildrenWatch::new(client, &path("/p"), Duration::from_millis(ms))
}

/// kazoo: `test_watchers::KazooPatientChildrenWatcherTests::test_watch`
#[tokio::test]
async fn a_list_at_rest_is_told_and_then_that_it_has_changed() {
    on_all("patient", async |client, _| {
        make(&client, "/p", b"").await;
        let mut watch = watch(&client, 100);
        assert_eq!(next(&mut watch).await.expect("there"), 0);
        let early = tokio::time::timeout(Duration::from_millis(50), watch.changed());
        assert!(early.await.is_err(), "nothing has changed");
        make(&client, "/p/fred", b"").await;
        assert!(soon("the change", watch.changed()).await);
        assert!(soon("the change, still", watch.changed()).await);
        assert_eq!(next(&mut watch).await.expect("there"), 1);
        client.close().await;
        assert!(!soon("the end", watch.changed()).await);
        assert!(soon("the end", watch.next()).await.is_none());
    })
    .await;
}

/// kazoo: `test_watchers::KazooPatientChildrenWatcherTests::test_exception`
#[tokio::test]
async fn that_there_is_no_such_znode_is_told_at_once() {
    on_all("impatient", async |client, _| {
        let begun = Instant::now();
        let mut watch = watch(&client, 60_000);
        let error = next(&mut watch).await.expect_err("there is none");
        assert!(error.is(ErrorCode::NoNode), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(30));
    })
    .await;
}

/// kazoo: `test_watchers::KazooPatientChildrenWatcherTests::test_watch_iterations`
#[tokio::test]
async fn every_change_and_every_lost_connection_begins_the_wait_anew() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let proxy = Proxy::start(server.addr());
    let chroot = server.chroot("anew");
    let client = connected(options_at(proxy.addr(), &chroot)).await;
    make(&client, "/p", b"").await;
    let boundary = Duration::from_millis(600);
    let mut watch = PatientChildrenWatch::new(&client, &path("/p"), boundary);
    let mut last = Instant::now();
    let changes = async {
        for at in ["/p/1", "/p/2", "cut", "/p/3"] {
            tokio::time::sleep(boundary / 2).await;
            last = Instant::now();
            if at == "cut" {
                proxy.cut();
                soon("the next connection", client.connected())
                    .await
                    .expect("it comes back");
            } else {
                make(&client, at, b"").await;
            }
        }
    };
    let (told, ()) = tokio::join!(next(&mut watch), changes);
    assert_eq!(told.expect("there"), 3, "not before the last change");
    assert!(last.elapsed() >= boundary);
    // Away for longer than the boundary: nobody looked, so nothing is told.
    make(&client, "/p/4", b"").await;
    proxy.refuse(true);
    assert!(soon("the change", watch.changed()).await);
    proxy.cut();
    let blind = tokio::time::timeout(boundary * 2, watch.next()).await;
    assert!(blind.is_err(), "{blind:?}");
    let other = connected(options_at(server.addr(), &chroot)).await;
    make(&other, "/p/5", b"").await;
    proxy.refuse(false);
    assert_eq!(next(&mut watch).await.expect("there"), 5);
    client.close().await;
    other.close().await;
}

/// The time was over, but the change was seen before: the next list is on its way.
#[tokio::test]
async fn a_list_that_is_being_read_again_is_not_told() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let proxy = Proxy::start(server.addr());
    let chroot = server.chroot("stale");
    let client = connected(options_at(proxy.addr(), &chroot)).await;
    let other = connected(options_at(server.addr(), &chroot)).await;
    make(&other, "/p", b"").await;
    let mut watch = watch(&client, 0);
    assert!(soon("the first list", watch.changed()).await);
    proxy.stall(Direction::ToServer, true);
    make(&other, "/p/fred", b"").await;
    eventually("word of it", || client.watched() == 0).await;
    let reads = || {
        proxy
            .seen()
            .iter()
            .filter(|s| s.op == Some(OpCode::GetChildren2))
            .count()
    };
    let resume = async {
        eventually("another read", || reads() == 2).await;
        proxy.stall(Direction::ToServer, false);
    };
    let (told, ()) = tokio::join!(next(&mut watch), resume);
    assert_eq!(told.expect("there"), 1);
    client.close().await;
    other.close().await;
}

#[tokio::test]
async fn a_list_may_be_waited_for_until_the_end() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let client = connected(options_at(server.addr(), &server.chroot("never"))).await;
    make(&client, "/p", b"").await;
    let mut watch = PatientChildrenWatch::new(&client, &path("/p"), Duration::MAX);
    assert!(soon("the first list", watch.changed()).await);
    tells_nothing(&client, watch.next()).await;
    client.delete(&path("/p"), None).await.expect("there");
    let error = next(&mut watch).await.expect_err("it is gone");
    assert!(error.is(ErrorCode::NoNode), "{error}");
    client.close().await;
    assert!(soon("the end", watch.next()).await.is_none());
}
