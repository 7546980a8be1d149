//! TLS: a certificate as an identity, both versions of the protocol, and everyone who is not
//! let in, with the reason that is told.

use std::path::Path;
use std::process::{Command, Stdio};

use zooscope::client::{Client, Options, TlsOptions};
use zooscope::proto::{Acl, CreateMode, ErrorCode, Perms};

use crate::common::{connected, path, soon};
use crate::support::{self, Install, RealServer, certificates, free_port, tls_server};

/// The client that servers in these tests know.
fn known(folder: &Path) -> TlsOptions {
    let at = |name| Some(folder.join(name));
    TlsOptions {
        ca: at("ca.pem"),
        cert: at("client.crt"),
        key: at("client.key"),
        server_name: None,
    }
}

fn installs() -> impl Iterator<Item = &'static Install> {
    let all = support::all().iter();
    all.filter(|install| install.is_at_least(&[3, 8]))
}

/// kazoo: `test_client::TestSSLClient::test_create`
/// kazoo: `test_utils::TestCreateTCPConnection::test_ssl_server_hostname`
/// kazoo: `test_utils::TestCreateTCPConnection::test_ssl_server_check_hostname`
#[tokio::test]
async fn tls_with_a_client_certificate_is_an_identity() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    certificates(folder.path());
    let tls = known(folder.path());
    for install in installs() {
        let port = free_port();
        let server = RealServer::start_with(install, &tls_server(folder.path(), port));
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
        let acl = [Acl::x509(Perms::ALL, "CN=client")];
        let made = client
            .create(&path("/a"), &vec![7; 300_000], &acl, CreateMode::Persistent)
            .await;
        made.expect("made");
        let all: Vec<_> = (0..20).map(|_| client.get(&path("/a"))).collect();
        for one in all {
            assert_eq!(one.await.expect("there").stat.data_length, 300_000);
        }
        client.close().await;
        // The same server has a port without TLS.
        let nobody = connected(Options::new(&server.hosts()).expect("hosts")).await;
        let refused = nobody.get(&path("/a")).await.expect_err("not theirs");
        assert!(refused.is(ErrorCode::NoAuth), "{install}: {refused}");
        nobody.close().await;
        strangers(&options, folder.path()).await;
    }
}

/// Who has no certificate that the server trusts, or does not trust the server's, gets no
/// session, and is told why.
async fn strangers(options: &Options, folder: &Path) {
    let at = |name| Some(folder.join(name));
    let tls = known(folder);
    let none = TlsOptions {
        cert: None,
        key: None,
        ..tls.clone()
    };
    let theirs = TlsOptions {
        cert: at("stranger.crt"),
        key: at("stranger.key"),
        ..tls.clone()
    };
    // The server's own answer; the connection may end before it is read.
    refused(options, none, &["alert", "reset", "closed"]).await;
    refused(options, theirs, &["alert", "reset", "closed"]).await;
    let server_name = Some("elsewhere".to_owned());
    let elsewhere = TlsOptions {
        server_name,
        ..tls.clone()
    };
    refused(options, elsewhere, &["not valid for name \"elsewhere\""]).await;
    let nameless = TlsOptions {
        server_name: Some("no name".to_owned()),
        ..tls.clone()
    };
    refused(options, nameless, &["can't stand in a certificate"]).await;
    for (ca, wanted) in [
        (at("other-ca.pem"), &["UnknownIssuer"][..]),
        // The system's, if it has any.
        (None, &["UnknownIssuer", "no authority to trust"]),
        (at("none.pem"), &["none.pem: No such file"]),
        (at("ca.key"), &["there is none in it"]),
    ] {
        refused(options, TlsOptions { ca, ..tls.clone() }, wanted).await;
    }
    for (key, wanted) in [
        (None, "needs its key"),
        (at("server.key"), "it is not the key of"),
        (at("client.crt"), "there is none in it"),
    ] {
        refused(options, TlsOptions { key, ..tls.clone() }, &[wanted]).await;
    }
}

/// Opens a client that comes to nothing, for one of these reasons.
async fn refused(options: &Options, tls: TlsOptions, wanted: &[&str]) {
    let client = Client::connect(options.clone().tls(tls));
    let mut info = client.watch_session();
    let told = info.wait_for(|info| info.trouble.is_some());
    let told = soon("the trouble", told).await.expect("a snapshot").clone();
    let trouble = told.trouble.expect("it is there");
    let is_wanted = wanted.iter().any(|wanted| trouble.contains(wanted));
    assert!(is_wanted, "{wanted:?}: {trouble}");
    assert!(!told.state.is_connected(), "{trouble}");
    client.close().await;
}

/// No server has suites of both versions unless told to.
const SUITE_OF_1_2: &str = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
const SUITE_OF_1_3: &str = "TLS_AES_128_GCM_SHA256";

#[tokio::test]
async fn tls_1_2_and_1_3_are_spoken() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    certificates(folder.path());
    for install in installs() {
        for (version, suite, option, other) in [
            ("TLSv1.2", SUITE_OF_1_2, "-tls1_2", "-tls1_3"),
            ("TLSv1.3", SUITE_OF_1_3, "-tls1_3", "-tls1_2"),
        ] {
            let port = free_port();
            let mut setup = tls_server(folder.path(), port);
            let only = ["ssl.protocol", "ssl.enabledProtocols"];
            let only = only.map(|name| format!("{name}={version}"));
            setup.config.extend(only);
            setup.config.push(format!("ssl.ciphersuites={suite}"));
            let _server = RealServer::start_with(install, &setup);
            let is_spoken = |option| handshake(folder.path(), port, option);
            assert!(is_spoken(option), "{install}: {version}");
            assert!(!is_spoken(other), "{install}: nothing but {version}");
            let options = Options::new(&format!("localhost:{port}")).expect("hosts");
            let client = connected(options.tls(known(folder.path()))).await;
            let read = client.get(&path("/")).await;
            read.unwrap_or_else(|error| panic!("{install}, {version}: {error}"));
            client.close().await;
        }
    }
}

/// Whether the server takes a handshake of this version, from somebody else's client.
fn handshake(folder: &Path, port: u16, version: &str) -> bool {
    Command::new("openssl")
        .args(["s_client", "-connect", &format!("127.0.0.1:{port}")])
        .args([version, "-CAfile", "ca.pem", "-verify_return_error"])
        .args(["-cert", "client.crt", "-key", "client.key"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("openssl can be run")
        .success()
}
