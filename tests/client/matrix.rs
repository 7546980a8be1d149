//! Every operation on every server at hand: works, is done by older means, or is refused
//! with the version it needs, as the protocol's version matrix has it. The table is printed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use zooscope::client::{Auth, Client, Done, Error, ErrorKind, Read, Reconfig, WatchEvent};
use zooscope::proto::{
    Acl, AddWatchMode, CreateMode, ErrorCode, EventType, OpCode, Perms, WatcherType,
};

use crate::common::{connected, options_at, path, soon};
use crate::support::{self, Proxy};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Found {
    Works,
    /// Done by older means.
    Emulated,
    Unsupported,
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Works => "works",
            Self::Emulated => "emulated",
            Self::Unsupported => "unsupported",
        })
    }
}

type Row = BTreeMap<&'static str, Found>;

fn supported<T>(result: Result<T, Error>) -> Found {
    match result {
        Ok(_) => Found::Works,
        Err(error) if matches!(error.kind(), ErrorKind::Unsupported { .. }) => Found::Unsupported,
        Err(error) => panic!("{error}"),
    }
}

async fn try_all(client: &Client, proxy: &Proxy) -> Row {
    let mut row = Row::new();
    creates(client, &mut row).await;
    basics(client, &mut row).await;
    watches(client, proxy, &mut row).await;
    later(client, proxy, &mut row).await;
    row
}

/// It came to the same: did the server do it?
const fn by_server(did: bool) -> Found {
    if did { Found::Works } else { Found::Emulated }
}

/// Whether the server was asked for this operation.
fn was_asked(proxy: &Proxy, op: OpCode) -> bool {
    proxy.seen().iter().any(|seen| seen.op == Some(op))
}

async fn creates(client: &Client, row: &mut Row) {
    let modes = [
        ("create persistent", CreateMode::Persistent),
        ("create ephemeral", CreateMode::Ephemeral),
        ("create sequential", CreateMode::PersistentSequential),
        (
            "create ephemeral sequential",
            CreateMode::EphemeralSequential,
        ),
        ("create container", CreateMode::Container),
        ("create ttl", CreateMode::PersistentTtl { ttl_ms: 60_000 }),
        (
            "create ttl sequential",
            CreateMode::PersistentSequentialTtl { ttl_ms: 60_000 },
        ),
    ];
    let mut told = Vec::new();
    for (index, (name, mode)) in modes.into_iter().enumerate() {
        let wanted = path(&format!("/c{index}"));
        let made = client.create(&wanted, b"x", &[], mode).await;
        if let Ok(made) = &made {
            told.push(made.stat.is_some());
            let suffix = made.path.as_str().strip_prefix(wanted.as_str());
            let suffix = suffix.expect("the path made begins with the one asked for");
            assert_eq!(suffix.len(), if mode.is_sequential() { 10 } else { 0 });
            let stat = client.stat(&made.path).await.expect("it is there");
            assert_eq!(stat.is_ephemeral(), mode.is_ephemeral(), "{name}");
            assert!(made.stat.is_none_or(|told| told == stat), "{name}");
        }
        row.insert(name, supported(made));
    }
    assert!(told.iter().all(|one| *one == told[0]), "{told:?}");
    row.insert("create's Stat", by_server(told[0]));
}

async fn basics(client: &Client, row: &mut Row) {
    let node = path("/node");
    let made = client
        .create_with_parents(&path("/deep/er/node"), b"1", &[], CreateMode::Persistent)
        .await;
    row.insert("create with parents", supported(made));
    let ensured = client.ensure_path(&path("/deep/er/still"), &[]).await;
    row.insert("ensure path", supported(ensured));
    let null = path("/null");
    let made = client.create_nullable(&null, None, &[], CreateMode::Persistent);
    made.await.expect("made");
    assert_eq!(client.get(&null).await.expect("there").data, None);
    row.insert("null data", Found::Works);
    let made = client
        .create(&node, b"1", &[], CreateMode::Persistent)
        .await;
    assert_eq!(supported(made), Found::Works);
    let stat = client.set(&node, b"22", Some(0)).await.expect("version 0");
    assert_eq!((stat.version, stat.data_length), (1, 2));
    row.insert("set", Found::Works);
    let data = client.get(&node).await.expect("it is there");
    assert_eq!((data.data.as_deref(), data.stat), (Some(&b"22"[..]), stat));
    row.insert("get", Found::Works);
    assert_eq!(
        client.exists(&path("/none")).await.expect("an answer"),
        None
    );
    row.insert("exists", Found::Works);
    row.insert("get children", supported(client.get_children(&node).await));
    let reply = client
        .get_children_with_stat(&path("/deep"))
        .await
        .expect("it is there");
    assert_eq!(reply.names.iter().collect::<Vec<_>>(), ["er"]);
    assert_eq!(reply.stat.num_children, 1);
    row.insert("get children with stat", Found::Works);
    row.insert("sync", supported(client.sync(&path("/none")).await));
    let acl = [Acl::world(Perms::READ), Acl::world(Perms::ADMIN)];
    row.insert(
        "set ACL",
        supported(client.set_acl(&node, &acl, Some(0)).await),
    );
    let back = client.get_acl(&node).await.expect("it is there");
    assert_eq!(back.stat.aversion, 1);
    row.insert("get ACL", Found::Works);
    let auth = client.add_auth(Auth::digest("ann", "secret")).await;
    row.insert("add auth", supported(auth));
    let hers = [Acl::digest(Perms::ALL, "ann", "secret")];
    client
        .set_acl(&null, &hers, None)
        .await
        .expect("it is open");
    client.get(&null).await.expect("she may");
    changes(client, row).await;
}

async fn changes(client: &Client, row: &mut Row) {
    let node = path("/node");
    let done = client
        .transaction()
        .create(&path("/t"), b"", &[], CreateMode::Persistent)
        .check(&path("/t"), 0)
        .set(&path("/t"), b"x", Some(0))
        .delete(&path("/t"), Some(1))
        .commit()
        .await;
    let done = done.expect("all can be done");
    let [Done::Created(made), _, Done::Set(set), Done::Deleted] = &done[..] else {
        panic!("{done:?}");
    };
    assert_eq!(set.version, 1);
    row.insert("transaction", Found::Works);
    row.insert("create's Stat in it", by_server(made.stat.is_some()));
    row.insert("delete", supported(client.delete(&node, None).await));
    let deleted = client.delete_recursive(&path("/deep"), |_| {}).await;
    assert_eq!(deleted.ok(), Some(4));
    row.insert("delete recursive", Found::Works);
}

async fn watches(client: &Client, proxy: &Proxy, row: &mut Row) {
    let (node, below) = (path("/node"), path("/node/below"));
    let (_, born) = client.exists_watch(&node).await.expect("an answer");
    let made = client.create(&node, b"", &[], CreateMode::Persistent);
    made.await.expect("made");
    let (_, data) = client.get_watch(&node).await.expect("there");
    let (_, list) = client.get_children_watch(&node).await.expect("there");
    client.set(&node, b"", None).await.expect("there");
    let made = client.create(&below, b"", &[], CreateMode::Persistent);
    made.await.expect("made");
    for (name, watch, kind) in [
        ("exists with watch", born, EventType::NodeCreated),
        ("get with watch", data, EventType::NodeDataChanged),
        ("children with watch", list, EventType::NodeChildrenChanged),
    ] {
        let event = soon("the event", watch).await;
        assert!(
            matches!(&event, WatchEvent::Node(event) if event.kind == kind && event.path == node),
            "{name}: {event:?}"
        );
        row.insert(name, Found::Works);
    }
    client.delete(&below, None).await.expect("there");
    let (_, watch) = client.get_watch(&node).await.expect("there");
    assert_eq!(client.remove_watches(&node, WatcherType::Any), 1);
    assert_eq!(soon("its end", watch).await, WatchEvent::Closed);
    // It is answered after whatever was sent before.
    client.get(&node).await.expect("there");
    let told = was_asked(proxy, OpCode::RemoveWatches);
    row.insert("remove watches", by_server(told));
}

async fn later(client: &Client, proxy: &Proxy, row: &mut Row) {
    let node = path("/node");
    let reads = client
        .multi_read()
        .data(&node)
        .children(&node)
        .data(&path("/none"));
    let reads = reads.send().await.expect("an answer");
    assert!(matches!(reads[0], Ok(Read::Data(_))) && matches!(reads[1], Ok(Read::Children(_))));
    assert!(
        reads[2]
            .as_ref()
            .is_err_and(|error| error.is(ErrorCode::NoNode))
    );
    let whole = was_asked(proxy, OpCode::MultiRead);
    row.insert("multi-read", by_server(whole));
    let ephemerals = client.get_ephemerals(&path("/c1")).await;
    if let Ok(paths) = &ephemerals {
        assert_eq!(paths, &[path("/c1")]);
    }
    row.insert("get ephemerals", supported(ephemerals));
    let count = client.get_all_children_number(&path("/")).await;
    assert!(
        count.as_ref().map_or(true, |&count| count >= 5),
        "{count:?}"
    );
    row.insert("count descendants", supported(count));
    persistent(client, row).await;
    let ids = client.who_am_i().await;
    if let Ok(ids) = &ids {
        assert!(ids.iter().any(|id| id.scheme == "ip"), "{ids:?}");
    }
    row.insert("who am I", supported(ids));
    row.insert("get config", supported(client.get_config().await));
    let change = Reconfig::Change {
        joining: "",
        leaving: "9",
    };
    row.insert(
        "reconfig",
        match client.reconfig(&change, None).await {
            // A standalone server knows the operation and has nothing to change.
            Err(error) if error.code().is_some() => Found::Works,
            result => supported(result),
        },
    );
}

async fn persistent(client: &Client, row: &mut Row) {
    let node = path("/node");
    let version = client.server_version().expect("servers tell their version");
    for (name, mode) in [
        ("watch persistent", AddWatchMode::Persistent),
        ("watch recursive", AddWatchMode::PersistentRecursive),
    ] {
        let watch = client.add_watch(&node, mode).await;
        if let Ok(mut watch) = watch {
            client.set(&node, b"", None).await.expect("it is there");
            let event = soon("the event", watch.next()).await;
            let Some(WatchEvent::Node(event)) = event else {
                panic!("{event:?}");
            };
            assert_eq!(
                (event.kind, event.path),
                (EventType::NodeDataChanged, node.clone())
            );
            assert_eq!(event.zxid.is_some(), version.minor >= 9, "{name}");
            row.insert(name, Found::Works);
        } else {
            row.insert(name, supported(watch));
        }
    }
}

/// The first minor version of 3.x that has it; before, it is `instead`.
const SINCE: &[(&str, u32, Found)] = &[
    ("create's Stat", 5, Found::Emulated),
    ("create's Stat in it", 9, Found::Emulated),
    ("remove watches", 5, Found::Emulated),
    ("create container", 5, Found::Unsupported),
    ("create ttl", 5, Found::Unsupported),
    ("create ttl sequential", 5, Found::Unsupported),
    ("reconfig", 5, Found::Unsupported),
    ("get config", 5, Found::Unsupported),
    ("multi-read", 6, Found::Emulated),
    ("get ephemerals", 6, Found::Unsupported),
    ("count descendants", 6, Found::Unsupported),
    ("watch persistent", 6, Found::Unsupported),
    ("watch recursive", 6, Found::Unsupported),
    ("who am I", 7, Found::Unsupported),
];

/// kazoo: `test_client::TestClient::test_create_stat`
#[tokio::test]
async fn every_operation_on_every_version() {
    let mut table: BTreeMap<&str, Vec<Found>> = BTreeMap::new();
    let mut head = String::new();
    for server in support::shared_all() {
        let install = server.install();
        let proxy = Proxy::start(server.addr());
        let client = connected(options_at(proxy.addr(), &server.chroot("matrix"))).await;
        let row = soon("all operations", try_all(&client, &proxy)).await;
        // A refused operation must not have cost the connection; to authenticate counts.
        let epoch = client.session().epoch;
        assert_eq!(epoch, 2, "{install} dropped a connection");
        for (&name, &found) in &row {
            let minor = install.version[1];
            let since = SINCE.iter().find(|(n, ..)| *n == name);
            let expected = match since {
                Some(&(_, since, instead)) if minor < since => instead,
                _ => Found::Works,
            };
            assert_eq!(found, expected, "{name} on {install}");
            table.entry(name).or_default().push(found);
        }
        let _ = write!(head, "{:>13}", install.to_string());
        client.close().await;
    }
    print_table(&head, &table);
}

#[expect(
    clippy::print_stdout,
    reason = "the table is what a reader of the run wants"
)]
fn print_table(head: &str, table: &BTreeMap<&str, Vec<Found>>) {
    println!("{:28}{head}", "operation");
    for (name, cells) in table {
        let cells: Vec<String> = cells.iter().map(|cell| format!("{cell:>13?}")).collect();
        println!("{name:28}{}", cells.concat());
    }
}
