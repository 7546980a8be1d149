//! Znodes that the session may not read: servers since 3.8.4 and 3.9.2 keep their events back,
//! but whoever watches the parent's children is told that one came or went.

use std::net::SocketAddr;
use std::time::Duration;

use zooscope::client::{Auth, Client, WatchEvent};
use zooscope::proto::{Acl, AddWatchMode, CreateMode, Perms};
use zooscope::recipe::ChildrenWatch;
use zooscope::server::{Options, Server, Version};

use crate::common::{connected, make, options_at, path, soon};
use crate::support;

/// A child of `/a` that only Ann may read comes and goes, told beside a recursive watch.
async fn a_secret_child_is_told(addr: SocketAddr, chroot: &str, what: &str) {
    let client = connected(options_at(addr, chroot)).await;
    let ann = Auth::digest("ann", "x");
    let owner = connected(options_at(addr, chroot).auth(ann)).await;
    make(&owner, "/a", b"").await;
    let at = path("/a");
    let before = client.get_children_watch(&at).await.expect("there").1;
    let recursive = AddWatchMode::PersistentRecursive;
    let mut tree = client.add_watch(&at, recursive).await.expect("3.6");
    let mut lists = ChildrenWatch::new(&client, &at);
    let first = soon(what, lists.next()).await.expect("open");
    assert_eq!(first.expect("there").names.len(), 0);
    let secret = path("/a/secret");
    let hers = [Acl::digest(Perms::ALL, "ann", "x")];
    for _ in 0..2 {
        let made = owner.create(&secret, b"", &hers, CreateMode::Persistent);
        made.await.expect("made");
        let list = soon(what, lists.next()).await.expect("open");
        assert_eq!(list.expect("there").names.len(), 1, "{what}");
        owner.delete(&secret, None).await.expect("there");
        let list = soon(what, lists.next()).await.expect("open");
        assert_eq!(list.expect("there").names.len(), 0, "{what}");
    }
    // Set before the recursive one took its place.
    soon(what, before).await;
    a_persistent_one_that_goes_leaves_nobody_behind(&client, &owner, what).await;
    // The recursive one has stood all the time.
    while tree.try_next().is_some() {}
    make(&owner, "/a/open", b"").await;
    let event = soon(what, tree.next()).await;
    assert!(matches!(event, Some(WatchEvent::Node(_))), "{event:?}");
    client.close().await;
    owner.close().await;
}

/// What leant on a persistent watch beside the recursive one gets a watch of its own.
async fn a_persistent_one_that_goes_leaves_nobody_behind(
    client: &Client,
    owner: &Client,
    what: &str,
) {
    let at = path("/a");
    let persistent = client.add_watch(&at, AddWatchMode::Persistent);
    let persistent = persistent.await.expect("3.6");
    let settled = client.get_children_watch(&at).await.expect("there").1;
    let on_its_way = client.get_children_watch(&at);
    drop(persistent);
    let on_its_way = on_its_way.await.expect("there").1;
    let hers = [Acl::digest(Perms::ALL, "ann", "x")];
    let made = owner.create(&path("/a/hers"), b"", &hers, CreateMode::Persistent);
    made.await.expect("made");
    soon(what, settled).await;
    soon(what, on_its_way).await;
}

#[tokio::test]
async fn a_list_beside_a_recursive_watch_has_the_children_that_may_not_be_read() {
    for server in support::shared_all() {
        let install = server.install();
        if install.is_at_least(&[3, 6]) {
            let chroot = server.chroot("secrets");
            a_secret_child_is_told(server.addr(), &chroot, &install.to_string()).await;
        }
    }
    for version in [Version::V3_6, Version::V3_8] {
        let tick = Duration::from_millis(500);
        let options = Options {
            version,
            tick,
            ..Options::default()
        };
        let server = Server::start(options).await.expect("a port");
        a_secret_child_is_told(server.addr(), "", &format!("{version} (embedded)")).await;
    }
}
