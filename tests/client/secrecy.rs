//! What a session is told of znodes that it may not read, version by version: 3.8.4 and 3.9.2
//! tell it less than those before them, and Debian's 3.8.0 has half of that. And quotas, which
//! servers keep from 3.7 on if told to.

use std::net::SocketAddr;
use std::time::Duration;

use zooscope::client::{Auth, Client, WatchEvent};
use zooscope::proto::{Acl, AddWatchMode, CreateMode, ErrorCode, Perms};
use zooscope::server::{self, Server};

use crate::common::{connected, make, options_at, path, soon};
use crate::support;

/// What a stranger is told of a znode that is not for it.
#[derive(Debug, PartialEq, Eq)]
struct Told {
    stat: bool,
    events: bool,
}

async fn told(addr: SocketAddr, chroot: &str) -> Told {
    let ann = options_at(addr, chroot).auth(Auth::digest("ann", "x"));
    let ann = connected(ann).await;
    let stranger = connected(options_at(addr, chroot)).await;
    let hers = [Acl::digest(Perms::ALL, "ann", "x")];
    let (secret, open) = (path("/secret"), path("/open"));
    let made = ann.create(&secret, b"", &hers, CreateMode::Persistent);
    made.await.expect("made");
    make(&ann, "/open", b"").await;
    let looked = stranger.exists_watch(&secret).await;
    let stat = match &looked {
        Ok((stat, _)) => stat.is_some(),
        Err(error) if error.is(ErrorCode::NoAuth) => false,
        Err(error) => panic!("{error}"),
    };
    let recursive = AddWatchMode::PersistentRecursive;
    let all = stranger.add_watch(&path("/"), recursive).await;
    ann.set(&secret, b"1", None).await.expect("hers");
    ann.set(&open, b"1", None).await.expect("open");
    // What is told, is told in order.
    let events = match (all, looked) {
        (Ok(mut all), _) => match soon("an event", all.next()).await {
            Some(WatchEvent::Node(event)) if event.path == secret => true,
            Some(WatchEvent::Node(event)) if event.path == open => false,
            other => panic!("{other:?}"),
        },
        (Err(_), Ok((_, watch))) => {
            matches!(soon("the event", watch).await, WatchEvent::Node(_))
        }
        (Err(error), Err(_)) => panic!("{error}"),
    };
    for client in [ann, stranger] {
        client.close().await;
    }
    Told { stat, events }
}

/// By the minor version of 3.x, as installed here.
const fn expected(minor: u32) -> Told {
    Told {
        stat: minor < 9,
        events: minor < 8,
    }
}

#[tokio::test]
async fn a_session_is_told_of_what_it_may_not_read_by_old_servers_only() {
    for server in support::shared_all() {
        let told = told(server.addr(), &server.chroot("secret")).await;
        let install = server.install();
        assert_eq!(told, expected(install.version[1]), "{install}");
    }
    for version in server::Version::ALL {
        let tick = Duration::from_millis(500);
        let options = server::Options {
            version,
            tick,
            ..server::Options::default()
        };
        let server = Server::start(options).await.expect("a port");
        let told = told(server.addr(), "").await;
        let minor = version.release().split('.').nth(1).expect("three numbers");
        let expected = expected(minor.parse().expect("a number"));
        assert_eq!(told, expected, "embedded {version}");
    }
}

async fn limit(client: &Client, at: &str, limits: &str) {
    let quota = path("/zookeeper/quota").child(at);
    client.ensure_path(&quota, &[]).await.expect("made");
    for (name, text) in [
        ("zookeeper_limits", limits),
        ("zookeeper_stats", "count=1,bytes=0"),
    ] {
        make(client, quota.child(name).as_str(), text.as_bytes()).await;
    }
}

/// Refused for sure: nothing of it is done.
#[tokio::test]
async fn a_quota_that_is_kept_refuses_what_is_too_much() {
    for install in support::all() {
        if !install.is_at_least(&[3, 7]) {
            continue;
        }
        let setup = support::Setup {
            java: vec!["-Dzookeeper.enforceQuota=true".to_owned()],
            ..support::Setup::default()
        };
        let server = support::RealServer::start_with(install, &setup);
        let client = connected(options_at(server.addr(), "")).await;
        make(&client, "/few", b"").await;
        let limits = "count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=2";
        limit(&client, "few", limits).await;
        make(&client, "/few/one", b"").await;
        let (two, kind) = (path("/few/two"), CreateMode::Persistent);
        let many = client.create(&two, b"", &[], kind).await.map(drop);
        let long = client.set(&path("/few"), &[b'x'; 99], None).await.map(drop);
        for result in [many, long] {
            let error = result.expect_err("too much");
            assert!(error.is(ErrorCode::QuotaExceeded), "{install}: {error}");
            assert!(!error.may_have_been_applied() && !error.is_transient());
            assert!(error.to_string().contains("raise the quota"), "{error}");
        }
        assert_eq!(client.exists(&two).await.expect("an answer"), None);
        client.close().await;
    }
}
