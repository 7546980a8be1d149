//! TLS by the roots that the system trusts. Which they are is said to a process by its
//! environment, so this test runs once more in a process of its own.

use std::path::PathBuf;
use std::process::Command;

use zooscope::client::{Options, TlsOptions};

use crate::common::connected;
use crate::support::{self, RealServer, certificates, free_port, tls_server};

/// Where the process of its own finds the server, and its certificate.
const HOSTS: &str = "ZOOSCOPE_TEST_TLS_HOSTS";
const FOLDER: &str = "ZOOSCOPE_TEST_TLS_FOLDER";

#[tokio::test]
async fn who_trusts_the_system_trusts_what_it_trusts() {
    if let (Ok(hosts), Some(folder)) = (std::env::var(HOSTS), std::env::var_os(FOLDER)) {
        return trusting(&hosts, &PathBuf::from(folder)).await;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    certificates(folder.path());
    let Some(install) = support::newest() else {
        return;
    };
    let port = free_port();
    let _server = RealServer::start_with(install, &tls_server(folder.path(), port));
    let test = "system_roots::who_trusts_the_system_trusts_what_it_trusts";
    let done = Command::new(std::env::current_exe().expect("this program has a path"))
        .args(["--exact", "--nocapture", test])
        .env("SSL_CERT_FILE", folder.path().join("ca.pem"))
        .env_remove("SSL_CERT_DIR")
        .env(HOSTS, format!("localhost:{port}"))
        .env(FOLDER, folder.path())
        .output()
        .expect("this program runs");
    let said = String::from_utf8_lossy(&done.stdout);
    let log = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success() && said.contains("1 passed"),
        "in its own process:\n{said}\n{log}"
    );
}

async fn trusting(hosts: &str, folder: &std::path::Path) {
    let tls = TlsOptions {
        cert: Some(folder.join("client.crt")),
        key: Some(folder.join("client.key")),
        ..TlsOptions::default()
    };
    let client = connected(Options::new(hosts).expect("hosts").tls(tls)).await;
    let ids = client.who_am_i().await.expect("3.7");
    assert!(ids.iter().any(|id| id.id == "CN=client"), "{ids:?}");
    client.close().await;
}
