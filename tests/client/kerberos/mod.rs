//! SASL GSSAPI against a real KDC and real servers of every version.

mod hostile;
mod kdc;
mod world;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use zooscope::client::{Client, Kerberos, SessionState};
use zooscope::proto::{Acl, CreateMode, ErrorCode, Perms};

use crate::common::{connected, options_at, path, soon};
use crate::security::failure;
use crate::security::sasl::is_known_after_cuts;
use crate::support::{Direction, Proxy, Pty};
use kdc::{REALM, krb5_conf};
use world::{KDC, Server, Ticket, with_each};

fn ann() -> String {
    format!("ann@{REALM}")
}

/// kazoo: `test_sasl::TestSASLGSSAPIAuthentication::test_connect_gssapi_auth`
#[test]
fn a_ticket_is_an_identity() {
    let test = "kerberos::a_ticket_is_an_identity";
    with_each(test, Ticket::Keytab("ann"), async |server: Server| {
        let client = connected(server.options().sasl(Kerberos::default())).await;
        let acl = [Acl::sasl(Perms::ALL, ann())];
        client
            .create(&path("/hers"), b"x", &acl, CreateMode::Persistent)
            .await
            .expect("made");
        client.get(&path("/hers")).await.expect("hers");
        if server.is_at_least(3, 7) {
            let ids = client.who_am_i().await.expect("3.7");
            let hers = ids.iter().any(|id| id.scheme == "sasl" && id.id == ann());
            assert!(hers, "{ids:?}");
        }
        let nobody = connected(server.options()).await;
        let refused = nobody.get(&path("/hers")).await.expect_err("not theirs");
        assert!(
            refused.is(ErrorCode::NoAuth),
            "{}: {refused}",
            server.version
        );
        nobody.close().await;
        client.close().await;
    });
}

#[test]
fn the_explorer_takes_a_ticket_too() {
    let test = "kerberos::the_explorer_takes_a_ticket_too";
    with_each(test, Ticket::Kinit(300), async |server: Server| {
        let hosts = format!("localhost:{}", server.addr.port());
        let size = (30, 100);
        for (sasl, wanted) in [
            ("gssapi".to_owned(), " CONNECTED "),
            (
                format!("gssapi:{}:zookeeper/localhost", ann()),
                " CONNECTED ",
            ),
            (format!("gssapi:nobody@{REALM}"), " AUTH FAILED "),
        ] {
            let mut pty = Pty::zooscope(&["--sasl", &sasl, &hosts], size);
            pty.wait_for(wanted);
            pty.keys("q");
            assert_eq!(pty.wait_exit(), 0);
        }
    });
}

#[test]
fn every_connection_is_authenticated_anew() {
    let test = "kerberos::every_connection_is_authenticated_anew";
    with_each(test, Ticket::Kinit(300), async |server: Server| {
        // The proxy's name is in no principal, so the server's own is said.
        let proxy = Proxy::start(server.addr);
        let kerberos = Kerberos::default()
            .principal(ann())
            .server_principal(format!("zookeeper/localhost@{REALM}"));
        let client = connected(options_at(proxy.addr(), "").sasl(kerberos)).await;
        let at = path("/again");
        let acl = [Acl::sasl(Perms::ALL, ann())];
        client
            .create(&at, b"1", &acl, CreateMode::Ephemeral)
            .await
            .expect("made");
        is_known_after_cuts(&client, &proxy, &at).await;
        client.close().await;
    });
}

#[test]
fn a_ticket_that_is_lost_later_is_waited_for() {
    let test = "kerberos::a_ticket_that_is_lost_later_is_waited_for";
    with_each(test, Ticket::Kinit(300), async |server: Server| {
        let cache = PathBuf::from(std::env::var_os("KRB5CCNAME").expect("set"));
        let away = cache.with_extension("away");
        let proxy = Proxy::start(server.addr);
        let kerberos = Kerberos::default().server_principal("zookeeper/localhost");
        let client = connected(options_at(proxy.addr(), "").sasl(kerberos)).await;
        let session = client.session().id;
        std::fs::rename(&cache, &away).expect("the cache is there");
        proxy.cut();
        let mut info = client.watch_session();
        let told = info.wait_for(|info| {
            let trouble = info.trouble.as_deref().unwrap_or_default();
            trouble.contains("there is no ticket")
        });
        let told = soon("the trouble", told).await.expect("a snapshot").clone();
        assert_eq!(told.state, SessionState::Suspended);
        std::fs::rename(&away, &cache).expect("it is back");
        client.exists(&path("/")).await.expect("connected again");
        assert_eq!(client.session().id, session);
        client.close().await;
    });
}

#[test]
fn a_service_nobody_knows_is_final_and_told() {
    let test = "kerberos::a_service_nobody_knows_is_final_and_told";
    with_each(test, Ticket::Keytab("ann"), async |server: Server| {
        let kerberos = Kerberos::default().service("nobody");
        let told = failure(server.options().sasl(kerberos)).await;
        assert!(told.contains("nobody@localhost"), "{told}");
        assert!(told.contains("the KDC knows no such server"), "{told}");
        // One that the KDC knows, but whose key the server hasn't got.
        let other = Kerberos::default().service("other");
        let told = failure(server.options().sasl(other)).await;
        let wanted = if server.is_at_least(3, 6) {
            "does not take the ticket"
        } else {
            "hung up in the midst of authentication, time and again"
        };
        assert!(told.contains(wanted), "{}: {told}", server.version);
    });
}

/// kazoo: `test_sasl::TestSASLGSSAPIAuthentication::test_invalid_gssapi_auth`
#[test]
fn no_ticket_is_final_and_told() {
    let test = "kerberos::no_ticket_is_final_and_told";
    with_each(test, Ticket::None, async |server: Server| {
        let told = failure(server.options().sasl(Kerberos::default())).await;
        assert!(
            told.contains("there is no ticket: get one with kinit"),
            "{told}"
        );
        let kerberos = Kerberos::default().principal(ann());
        let told = failure(server.options().sasl(kerberos)).await;
        assert!(
            told.contains("there is no ticket: get one with kinit"),
            "{told}"
        );
    });
}

#[test]
fn a_ticket_that_has_expired_is_final_and_told() {
    let test = "kerberos::a_ticket_that_has_expired_is_final_and_told";
    with_each(test, Ticket::Kinit(1), async |server: Server| {
        // The one thing to wait for is the clock.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let told = failure(server.options().sasl(Kerberos::default())).await;
        assert!(told.contains("the ticket has expired"), "{told}");
    });
}

#[test]
fn a_key_that_is_no_more_is_final_and_told() {
    let test = "kerberos::a_key_that_is_no_more_is_final_and_told";
    with_each(test, Ticket::Keytab("stale"), async |server: Server| {
        let told = failure(server.options().sasl(Kerberos::default())).await;
        assert!(told.contains("get a new keytab"), "{told}");
    });
}

#[test]
fn a_user_nobody_knows_is_final_and_told() {
    let test = "kerberos::a_user_nobody_knows_is_final_and_told";
    with_each(test, Ticket::Keytab("gone"), async |server: Server| {
        let told = failure(server.options().sasl(Kerberos::default())).await;
        assert!(told.contains("the KDC does not know this user"), "{told}");
    });
}

#[test]
fn a_kdc_that_cant_be_reached_is_tried_again() {
    let test = "kerberos::a_kdc_that_cant_be_reached_is_tried_again";
    with_each(test, Ticket::Keytab("ann"), async |server: Server| {
        let kdc: SocketAddr = std::env::var(KDC)
            .expect("set")
            .parse()
            .expect("an address");
        let proxy = Proxy::start(kdc);
        let conf = PathBuf::from(std::env::var_os("KRB5_CONFIG").expect("set"));
        let cache = std::env::var_os("KRB5CCNAME").expect("set");
        drop(std::fs::remove_file(&cache));
        let folder = conf.parent().expect("a folder");
        std::fs::write(&conf, krb5_conf(folder, proxy.addr().port())).expect("written");
        for silent in [false, true] {
            proxy.refuse(!silent);
            proxy.stall(Direction::ToClient, silent);
            let timeout = Duration::from_secs(2);
            let options = server.options().session_timeout(timeout);
            let client = Client::connect(options.sasl(Kerberos::default()));
            let mut info = client.watch_session();
            let told = info.wait_for(|info| info.trouble.is_some());
            let told = soon("the trouble", told).await.expect("a snapshot").clone();
            let trouble = told.trouble.expect("it is there");
            assert!(trouble.contains("KDC"), "{silent}: {trouble}");
            assert_eq!(told.state, SessionState::Connecting, "{silent}: {trouble}");
            proxy.refuse(false);
            proxy.stall(Direction::ToClient, false);
            soon("the session", client.connected()).await.expect("one");
            client.close().await;
            drop(std::fs::remove_file(&cache));
        }
    });
}
