//! Identities: digest, SASL and TLS, on the first connection and on every later one.

use std::path::Path;
use std::process::Command;

use zooscope::client::{Auth, Client, ErrorKind, Options, Sasl, SessionState, TlsOptions};
use zooscope::proto::{Acl, CreateMode, ErrorCode, Perms};

use crate::common::{connected, open, options, options_at, path, soon, until};
use crate::fake::Fake;
use crate::support::{self, Proxy, RealServer, Setup, free_port};

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
async fn identities_are_sent_again_on_every_connection_before_watches_and_requests() {
    for server in support::shared_all() {
        let proxy = Proxy::start(server.addr());
        let client = connected(options_at(proxy.addr(), &server.chroot("again"))).await;
        client
            .add_auth(Auth::digest("ann", "x"))
            .await
            .expect("digest never fails");
        let at = path("/mine");
        let acl = Acl::creator_all();
        client
            .create(&at, b"1", &acl, CreateMode::Persistent)
            .await
            .expect("made");
        let (_, watch) = client.get_watch(&at).await.expect("hers");
        let mut states = client.states();
        proxy.cut();
        until(&mut states, SessionState::Suspended).await;
        client.set(&at, b"2", None).await.expect("hers again");
        soon("the event", watch).await;
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

fn sasl_server(folder: &Path) -> Setup {
    let jaas = folder.join("jaas");
    let text = "Server {\n  org.apache.zookeeper.server.auth.DigestLoginModule required\n  \
                user_ann=\"s\u{e9}same\" user_bob=\"\u{20ac}\\\"\";\n};\n";
    std::fs::write(&jaas, text).expect("the folder can be written");
    let provider = "org.apache.zookeeper.server.auth.SASLAuthenticationProvider";
    Setup {
        config: vec![format!("authProvider.1={provider}")],
        java: vec![format!(
            "-Djava.security.auth.login.config={}",
            jaas.display()
        )],
        ..Setup::default()
    }
}

/// kazoo: `test_sasl::TestSASLDigestAuthentication::test_connect_sasl_auth`
/// kazoo: `test_sasl::TestSASLDigestAuthentication::test_invalid_sasl_auth`
#[tokio::test]
async fn sasl_digest_md5_lets_in_who_knows_the_password() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let setup = sasl_server(folder.path());
    for install in support::all() {
        let server = RealServer::start_with(install, &setup);
        let options = Options::new(&server.hosts()).expect("hosts");
        let ann = options.clone().sasl(Sasl::digest_md5("ann", "s\u{e9}same"));
        let client = connected(ann).await;
        let acl = [Acl::sasl(Perms::ALL, "ann")];
        client
            .create(&path("/mine"), b"x", &acl, CreateMode::Persistent)
            .await
            .expect("made");
        client.get(&path("/mine")).await.expect("hers");
        client.close().await;
        let bob = Sasl::digest_md5("bob", "\u{20ac}\"");
        let nobody = connected(options.clone().sasl(bob)).await;
        let refused = nobody.get(&path("/mine")).await.expect_err("not theirs");
        assert!(refused.is(ErrorCode::NoAuth), "{install}: {refused}");
        nobody.close().await;
        // Servers before 3.5.9 only hang up: that they do so again and again tells why.
        let wrong = Client::connect(options.sasl(Sasl::digest_md5("ann", "wrong")));
        let reached = soon("a final state", wrong.connected()).await;
        assert_eq!(reached, Err(SessionState::AuthFailed), "{install}");
        assert!(!format!("{wrong:?}").contains("\"wrong\""));
    }
}

#[tokio::test]
async fn only_hanging_up_time_and_again_is_a_refusal() {
    let server = Fake::start("3.4.14", |conn, number| {
        // The third time it is the handshake that breaks: the server is going, nothing else.
        if number != 2 {
            conn.welcome(7, 10_000);
            conn.request();
        }
    });
    let options = options_at(server.addr(), "").sasl(Sasl::digest_md5("ann", "x"));
    let client = Client::connect(options);
    let reached = soon("a final state", client.connected()).await;
    assert_eq!(reached, Err(SessionState::AuthFailed));
    assert_eq!(
        server.asked().len(),
        6,
        "two, one that counts for nothing, and three"
    );
    let error = client.get(&path("/")).await.expect_err("over");
    assert!(error.to_string().contains("time and again"), "{error}");
}

#[tokio::test]
async fn a_server_that_refuses_in_words_may_hang_up_as_often_as_it_likes() {
    const TIMES: usize = 5;
    let server = Fake::start("3.9.4", |conn, number| {
        conn.welcome(7, 10_000);
        let Some((xid, ..)) = conn.request() else {
            return;
        };
        if number >= TIMES {
            conn.reply(xid, 0, 0, b"");
            conn.serve(|_| (1, 0, Vec::new()));
        }
    });
    let ann = Auth::digest("ann", "x");
    let client = connected(options_at(server.addr(), "").auth(ann)).await;
    assert_eq!(server.asked().len(), TIMES + 1);
    client.close().await;
    let silent = Fake::start("3.9.4", |conn, _| {
        conn.welcome(7, 10_000);
        conn.request();
    });
    let options = options_at(silent.addr(), "").sasl(Sasl::digest_md5("ann", "x"));
    let client = Client::connect(options);
    support::eventually("many attempts", || silent.asked().len() > TIMES).await;
    assert!(!client.session().state.is_final());
    client.close().await;
}

#[tokio::test]
async fn a_server_without_sasl_is_told_apart_from_one_that_refuses() {
    for server in support::shared_all() {
        let options = options_at(server.addr(), "").sasl(Sasl::digest_md5("ann", "x"));
        let client = Client::connect(options);
        let reached = soon("a final state", client.connected()).await;
        assert_eq!(reached, Err(SessionState::AuthFailed));
        let error = client.get(&path("/")).await.expect_err("over");
        let told = error.to_string();
        assert!(told.contains("takes no SASL credentials"), "{told}");
    }
}

fn openssl(folder: &Path, arguments: &str) {
    let done = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .expect("openssl can be run");
    let log = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "openssl {arguments}:\n{log}");
}

/// An authority, and certificates of it for a server and a client.
pub fn certificates(folder: &Path) {
    let new = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    openssl(
        folder,
        &format!("req -x509 {new} -days 2 -subj /CN=authority -keyout ca.key -out ca.pem"),
    );
    std::fs::write(
        folder.join("ext"),
        "subjectAltName=DNS:localhost,IP:127.0.0.1\n",
    )
    .expect("the folder can be written");
    for name in ["server", "client"] {
        openssl(
            folder,
            &format!("req {new} -subj /CN={name} -keyout {name}.key -out {name}.csr"),
        );
        openssl(
            folder,
            &format!(
                "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 \
                 -extfile ext -out {name}.crt"
            ),
        );
    }
    let read = |name| std::fs::read_to_string(folder.join(name)).expect("openssl wrote it");
    std::fs::write(
        folder.join("server.pem"),
        read("server.crt") + &read("server.key"),
    )
    .expect("the folder can be written");
}

pub fn tls_server(folder: &Path, port: u16) -> Setup {
    let at = |name| folder.join(name).display().to_string();
    let x509 = "org.apache.zookeeper.server.auth.X509AuthenticationProvider";
    Setup {
        config: vec![
            "serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory".to_owned(),
            format!("secureClientPort={port}"),
            "secureClientPortAddress=127.0.0.1".to_owned(),
            format!("ssl.keyStore.location={}", at("server.pem")),
            format!("ssl.trustStore.location={}", at("ca.pem")),
            format!("authProvider.x509={x509}"),
        ],
        ..Setup::default()
    }
}

/// kazoo: `test_client::TestSSLClient::test_create`
/// kazoo: `test_utils::TestCreateTCPConnection::test_ssl_server_hostname`
/// kazoo: `test_utils::TestCreateTCPConnection::test_ssl_server_check_hostname`
#[tokio::test]
async fn tls_with_a_client_certificate_is_an_identity() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    certificates(folder.path());
    let at = |name| Some(folder.path().join(name));
    let tls = TlsOptions {
        ca: at("ca.pem"),
        cert: at("client.crt"),
        key: at("client.key"),
        server_name: None,
    };
    // PEM stores need 3.8, as does what this machine has of netty.
    for install in support::all().iter().filter(|i| i.is_at_least(&[3, 8])) {
        let port = free_port();
        let _server = RealServer::start_with(install, &tls_server(folder.path(), port));
        let options = Options::new(&format!("localhost:{port}")).expect("hosts");
        let client = connected(options.clone().tls(tls.clone())).await;
        assert!(
            client.server_version().is_some(),
            "srvr goes through TLS too"
        );
        let ids = client.who_am_i().await.expect("3.7");
        let x509 = ids.iter().find(|id| id.scheme == "x509");
        assert_eq!(
            x509.map(|id| id.id.as_str()),
            Some("CN=client"),
            "{install}"
        );
        let made = client
            .create(&path("/a"), &vec![7; 300_000], &[], CreateMode::Persistent)
            .await;
        made.expect("made");
        let all: Vec<_> = (0..20).map(|_| client.get(&path("/a"))).collect();
        for one in all {
            assert_eq!(one.await.expect("there").stat.data_length, 300_000);
        }
        client.close().await;
        strangers(&options, &tls, &folder).await;
    }
}

/// Who shows no certificate or trusts another authority gets no session, and is told why.
async fn strangers(options: &Options, tls: &TlsOptions, folder: &tempfile::TempDir) {
    let missing = Some(folder.path().join("none.pem"));
    let strangers = [
        (
            "no certificate",
            TlsOptions {
                cert: None,
                key: None,
                ..tls.clone()
            },
        ),
        (
            "another name",
            TlsOptions {
                server_name: Some("elsewhere".to_owned()),
                ..tls.clone()
            },
        ),
        (
            "no such file",
            TlsOptions {
                ca: missing,
                ..tls.clone()
            },
        ),
        (
            "the system's roots",
            TlsOptions {
                ca: None,
                ..tls.clone()
            },
        ),
    ];
    for (what, tls) in strangers {
        let client = Client::connect(options.clone().tls(tls));
        let mut info = client.watch_session();
        let trouble = info.wait_for(|info| info.trouble.is_some());
        let trouble = soon("the trouble", trouble)
            .await
            .expect("a snapshot")
            .trouble
            .clone();
        assert!(
            !client.session().state.is_connected(),
            "{what}: {trouble:?}"
        );
        client.close().await;
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
