//! `TreeWatch` by one-shot watches, before 3.6: what can't be read has none, and is not
//! forgotten for that.

use std::net::SocketAddr;

use zooscope::client::{Auth, Client, ErrorKind};
use zooscope::proto::{Acl, CreateMode, ErrorCode, OpCode, Perms, ZPath};
use zooscope::recipe::{TreeEvent, TreeWatch};
use zooscope::server::{Options, Server, Version};

use crate::common::{connected, make, options_at, path, soon};
use crate::support::{self, Proxy, eventually};

/// One old server after another, and a chroot there.
async fn on_old_servers(test: impl AsyncFn(SocketAddr, &str)) {
    for server in support::shared_all() {
        if !server.install().is_at_least(&[3, 6]) {
            test(server.addr(), &server.chroot("unreadable")).await;
        }
    }
    let version = Version::V3_4;
    let options = Options {
        version,
        ..Options::default()
    };
    let server = Server::start(options).await.expect("a port");
    test(server.addr(), "").await;
}

/// The next event in a few letters.
async fn next(tree: &mut TreeWatch) -> String {
    let event = soon("an event", tree.next()).await.expect("open");
    let text = |data: Option<Vec<u8>>| String::from_utf8(data.unwrap_or_default()).expect("text");
    match event {
        TreeEvent::Added(path, reply) => format!("+{path}={}", text(reply.data)),
        TreeEvent::Changed(path, reply) => format!("~{path}={}", text(reply.data)),
        TreeEvent::Removed(path, _) => format!("-{path}"),
        TreeEvent::Synced => "synced".to_owned(),
        TreeEvent::Failed(error) => {
            let refused = error.is(ErrorCode::NoAuth);
            let too_large = matches!(error.kind(), ErrorKind::ReplyTooLarge { .. });
            assert!(refused || too_large, "{error}");
            format!("!{}", error.path().expect("of a znode"))
        }
    }
}

/// As many events, in the order of their letters: reads overtake each other.
async fn told(tree: &mut TreeWatch, count: usize) -> Vec<String> {
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(next(tree).await);
    }
    all.sort();
    all
}

/// One who may read everything, and one who may read what is open.
async fn ann_and_guest(addr: SocketAddr, chroot: &str) -> (Client, Client) {
    let ann = Auth::digest("ann", "x");
    let owner = connected(options_at(addr, chroot).auth(ann)).await;
    let guest = connected(options_at(addr, chroot)).await;
    make(&owner, "/t", b"").await;
    (owner, guest)
}

async fn make_hers(owner: &Client, at: &str) {
    let hers = [Acl::digest(Perms::ALL, "ann", "x")];
    let made = owner.create(&path(at), b"", &hers, CreateMode::Persistent);
    made.await.expect("made");
}

async fn close(client: &Client, at: &ZPath) {
    let hers = [Acl::digest(Perms::ALL, "ann", "x")];
    client
        .set_acl(at, &hers, None)
        .await
        .expect("not closed yet");
}

#[tokio::test]
async fn what_is_made_anew_or_opened_is_told_though_it_could_not_be_read_before() {
    on_old_servers(async |addr, chroot| {
        let (owner, guest) = ann_and_guest(addr, chroot).await;
        for at in ["/t/anew", "/t/opened", "/t/opened/below"] {
            make_hers(&owner, at).await;
        }
        let mut tree = TreeWatch::new(&guest, &path("/t"));
        // Neither data nor children can be read.
        let refused = ["!/t/anew", "!/t/anew", "!/t/opened", "!/t/opened"];
        assert_eq!(
            told(&mut tree, 6).await,
            [&refused[..], &["+/t=", "synced"]].concat()
        );
        owner.delete(&path("/t/anew"), None).await.expect("hers");
        make(&owner, "/t/anew", b"1").await;
        make(&owner, "/t/anew/below", b"2").await;
        let made = ["+/t/anew/below=2", "+/t/anew=1"];
        assert_eq!(told(&mut tree, 2).await, made);
        let open = Acl::open_unsafe();
        owner
            .set_acl(&path("/t/opened"), &open, None)
            .await
            .expect("hers");
        let opened = ["!/t/opened/below", "!/t/opened/below", "+/t/opened="];
        assert_eq!(told(&mut tree, 3).await, opened);
        // From here on it is watched.
        owner
            .set(&path("/t/opened"), b"3", None)
            .await
            .expect("hers");
        assert_eq!(next(&mut tree).await, "~/t/opened=3");
        guest.close().await;
        owner.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_could_be_read_once_is_told_to_be_gone() {
    on_old_servers(async |addr, chroot| {
        let (owner, guest) = ann_and_guest(addr, chroot).await;
        for at in ["/t/a", "/t/b", "/t/b/c"] {
            make(&owner, at, b"1").await;
        }
        let mut tree = TreeWatch::new(&guest, &path("/t"));
        told(&mut tree, 5).await;
        for at in ["/t/a", "/t/b/c"] {
            let at = path(at);
            close(&owner, &at).await;
            owner.set(&at, b"2", None).await.expect("hers");
            assert_eq!(next(&mut tree).await, format!("!{at}"));
        }
        owner.delete(&path("/t/a"), None).await.expect("hers");
        assert_eq!(next(&mut tree).await, "-/t/a");
        // With all it was in.
        owner.delete(&path("/t/b/c"), None).await.expect("hers");
        owner.delete(&path("/t/b"), None).await.expect("hers");
        assert_eq!(told(&mut tree, 2).await, ["-/t/b", "-/t/b/c"]);
        for at in ["/t/b", "/t/b/c"] {
            make(&owner, at, b"3").await;
            assert_eq!(next(&mut tree).await, format!("+{at}=3"));
        }
        guest.close().await;
        owner.close().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_too_large_is_read_again_once_it_is_another() {
    on_old_servers(async |addr, chroot| {
        let proxy = Proxy::start(addr);
        let client = connected(options_at(proxy.addr(), chroot).frame_limit(10_000)).await;
        let other = connected(options_at(addr, chroot)).await;
        make(&other, "/t", b"").await;
        make(&other, "/t/big", &vec![b'x'; 20_000]).await;
        let mut tree = TreeWatch::new(&client, &path("/t"));
        assert_eq!(told(&mut tree, 3).await, ["!/t/big", "+/t=", "synced"]);
        let asked = |op| proxy.seen().iter().filter(|s| s.op == Some(op)).count();
        let patient = eventually("two looks", || asked(OpCode::Exists) >= 2);
        tokio::select! {
            event = tree.next() => panic!("nothing has changed: {event:?}"),
            () = patient => {}
        }
        // The root, and this one at first and when it was not known yet what was too large.
        assert_eq!(asked(OpCode::GetData), 3);
        other
            .set(&path("/t/big"), b"small", None)
            .await
            .expect("there");
        assert_eq!(next(&mut tree).await, "+/t/big=small");
        client.close().await;
        other.close().await;
    })
    .await;
}
