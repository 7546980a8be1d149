//! Identities by password and by address: what they open, and that all are sent again on
//! every connection.

use zooscope::client::{Auth, Client, ErrorKind, SessionState};
use zooscope::proto::{Acl, CreateMode, ErrorCode, OpCode, Perms};

use crate::common::{connected, open, options, options_at, path, soon, until};
use crate::support::{self, Proxy};

/// kazoo: `test_client::TestAuthentication::test_auth`
/// kazoo: `test_client::TestAuthentication::test_connect_auth`
/// kazoo: `test_client::TestAuthentication::test_unicode_auth`
#[tokio::test]
async fn a_protected_znode_is_for_who_knows_the_password() {
    for server in support::shared_all() {
        let options = options(server, "digest");
        // Everything but the first colon may be in a password.
        let (user, password) = ("xe4/\\h\u{e4}m", "/p:w \"%\u{e9}=");
        let ann = Auth::digest(user, password);
        let owner = connected(options.clone().auth(ann.clone())).await;
        let acl = [Acl::digest(Perms::ALL, user, password)];
        let at = path("/mine");
        owner
            .create(&at, b"x", &acl, CreateMode::Persistent)
            .await
            .expect("made");
        owner.get(&at).await.expect("hers");
        let other = connected(options.clone()).await;
        let refused = other.get(&at).await.expect_err("not theirs");
        assert!(refused.is(ErrorCode::NoAuth), "{refused}");
        // A wrong password is just somebody else.
        other
            .add_auth(Auth::digest(user, "wrong"))
            .await
            .expect("digest never fails");
        assert!(other.get(&at).await.is_err());
        other.add_auth(ann).await.expect("digest never fails");
        other.get(&at).await.expect("hers too");
        // The creator's own identities stand for "auth".
        other
            .create(
                &path("/auth"),
                b"",
                &Acl::creator_all(),
                CreateMode::Persistent,
            )
            .await
            .expect("made");
        let acl = other.get_acl(&path("/auth")).await.expect("theirs").acl;
        assert!(
            acl.iter().all(|entry| entry.id.scheme == "digest"),
            "{acl:?}"
        );
        owner.close().await;
        other.close().await;
    }
}

/// kazoo: `test_client::TestAuthentication::test_add_auth_on_reconnect`
#[tokio::test]
async fn all_identities_are_sent_again_on_every_connection_before_watches_and_requests() {
    let users = ["ann", "bob", "eve"];
    for server in support::shared_all() {
        let proxy = Proxy::start(server.addr());
        let options = options_at(proxy.addr(), &server.chroot("again"));
        let client = connected(options.auth(Auth::digest("ann", "x"))).await;
        for user in ["bob", "eve"] {
            let added = client.add_auth(Auth::digest(user, "x")).await;
            added.expect("digest never fails");
        }
        let own = |user| path(&format!("/{user}"));
        for user in users {
            let acl = [Acl::digest(Perms::ALL, user, "x")];
            let made = client.create(&own(user), b"1", &acl, CreateMode::Persistent);
            made.await.expect("made");
        }
        let (_, watch) = client.get_watch(&own("ann")).await.expect("hers");
        let mut states = client.states();
        proxy.cut();
        until(&mut states, SessionState::Suspended).await;
        for read in users.map(|user| client.get(&own(user))) {
            read.await.expect("theirs again");
        }
        client.set(&own("ann"), b"2", None).await.expect("hers");
        soon("the event", watch).await;
        client.close().await;
        let asked = on_the_last_connection(&proxy);
        let count = |op| asked.iter().filter(|&&asked| asked == op).count();
        assert_eq!(asked[..3], [OpCode::Auth; 3], "{asked:?}");
        assert_eq!(count(OpCode::Auth), 3, "{asked:?}");
        let watches = asked.iter().position(|op| *op == OpCode::SetWatches);
        let request = asked.iter().position(|op| *op == OpCode::GetData);
        assert!(watches.is_some() && watches < request, "{asked:?}");
    }
}

/// What was asked for, in that order, since the client last connected.
fn on_the_last_connection(proxy: &Proxy) -> Vec<OpCode> {
    let seen = proxy.seen();
    let last = seen.last().expect("there was one").connection;
    let seen = seen.iter().filter(|seen| seen.connection == last);
    seen.filter_map(|seen| seen.op).collect()
}

#[tokio::test]
async fn an_address_lets_in_or_keeps_out() {
    for server in support::shared_all() {
        let client = open(server, "address").await;
        for (address, is_ours) in [
            ("127.0.0.1", true),
            ("127.0.0.0/8", true),
            ("127.0.0.2", false),
            ("10.0.0.0/8", false),
        ] {
            let acl = [Acl::ip(Perms::ALL, address)];
            let made = client.create(&path("/a-"), b"", &acl, CreateMode::PersistentSequential);
            let install = server.install();
            let made = made.await;
            if address.contains('/') && !install.is_at_least(&[3, 5]) {
                let refused = made.expect_err("3.4 knows no networks");
                assert!(refused.is(ErrorCode::InvalidAcl), "{install}: {refused}");
                continue;
            }
            let read = client.get(&made.expect("made").path).await;
            let is_refused = matches!(&read, Err(error) if error.is(ErrorCode::NoAuth));
            assert_eq!(read.is_ok(), is_ours, "{install}, {address}: {read:?}");
            assert_eq!(is_refused, !is_ours, "{install}, {address}: {read:?}");
        }
        client.close().await;
    }
}

/// kazoo: `test_client::TestAuthentication::test_async_auth_failure`
/// kazoo: `test_client::TestClient::test_invalid_auth`
/// kazoo: `test_client::TestClient::test_create_on_broken_connection`
#[tokio::test]
async fn an_unknown_scheme_ends_the_client_and_says_so() {
    for server in support::shared_all() {
        let client = open(server, "scheme").await;
        let mut states = client.states();
        let error = client
            .add_auth(Auth::new("no-such-scheme", "secret-credential"))
            .await
            .expect_err("refused");
        assert_eq!(error.code(), Some(ErrorCode::AuthFailed), "{error}");
        until(&mut states, SessionState::AuthFailed).await;
        let error = client.get(&path("/")).await.expect_err("over");
        assert!(matches!(error.kind(), ErrorKind::AuthFailed(_)), "{error}");
        assert!(!format!("{error:?} {client:?}").contains("secret-credential"));
        client.close().await;
        // From the start, too.
        let auth = Auth::new("no-such-scheme", "x");
        let client = Client::connect(options(server, "scheme").auth(auth));
        let reached = soon("a final state", client.connected()).await;
        assert_eq!(reached, Err(SessionState::AuthFailed));
    }
}

#[tokio::test]
async fn what_may_not_be_looked_at_is_there_all_the_same() {
    for server in support::shared_all() {
        let client = open(server, "unseen").await;
        // Since 3.8.4 and 3.9.2 exists wants READ.
        let blind = [Acl::world(Perms::CREATE.with(Perms::ADMIN))];
        let blind_one = client.create(&path("/blind"), b"", &blind, CreateMode::Persistent);
        blind_one.await.expect("made");
        let deep = path("/blind/a/b");
        let made = client.create_with_parents(&deep, b"x", &[], CreateMode::Persistent);
        assert_eq!(made.await.expect("made").path, deep, "{}", server.install());
        // An error names the caller's path, whatever the chroot.
        let locked = [Acl::world(Perms::READ.with(Perms::ADMIN))];
        let locked_one = client.create(&path("/locked"), b"", &locked, CreateMode::Persistent);
        locked_one.await.expect("made");
        let refused = client.ensure_path(&path("/locked/a/b"), &[]).await;
        let error = refused.expect_err("nothing may be created there");
        assert!(error.is(ErrorCode::NoAuth), "{error}");
        assert_eq!(error.path(), Some(&path("/locked/a")));
        client.close().await;
    }
}
