//! Servers that want to know who it is: TLS with certificates made for the test, and SASL
//! with passwords. The settings only: what is let in is for tests.

use std::path::Path;
use std::process::Command;

use super::server::Setup;

/// An authority, `ca.pem`, and certificates of it for a server and a client: each `.crt` with
/// its `.key`, and `server.pem` with both. And a stranger's, of another authority.
pub fn certificates(folder: &Path) {
    authority(folder, "ca", "authority");
    for name in ["server", "client"] {
        certificate(folder, name, "ca");
    }
    authority(folder, "other-ca", "elsewhere");
    certificate(folder, "stranger", "other-ca");
    let read = |name| std::fs::read_to_string(folder.join(name)).expect("openssl wrote it");
    let both = read("server.crt") + &read("server.key");
    std::fs::write(folder.join("server.pem"), both).expect("the folder can be written");
}

const NEW_KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";

fn authority(folder: &Path, file: &str, name: &str) {
    openssl(
        folder,
        &format!("req -x509 {NEW_KEY} -days 2 -subj /CN={name} -keyout {file}.key -out {file}.pem"),
    );
}

fn certificate(folder: &Path, name: &str, authority: &str) {
    let names = "subjectAltName=DNS:localhost,IP:127.0.0.1\n";
    std::fs::write(folder.join("ext"), names).expect("the folder can be written");
    openssl(
        folder,
        &format!("req {NEW_KEY} -subj /CN={name} -keyout {name}.key -out {name}.csr"),
    );
    openssl(
        folder,
        &format!(
            "x509 -req -in {name}.csr -CA {authority}.pem -CAkey {authority}.key \
             -CAcreateserial -days 2 -extfile ext -out {name}.crt"
        ),
    );
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

/// A server that speaks TLS on `port` with the certificates in `folder`, and takes a client's
/// for an identity. PEM stores need 3.8, as does what a usual machine has of netty.
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

/// A server that knows two users by SASL DIGEST-MD5: `ann` with `sésame`, and `bob` with `€"`.
pub fn sasl_server(folder: &Path) -> Setup {
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
