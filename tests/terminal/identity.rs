//! Who the explorer says it is: by options and by the environment, over TLS too; and that no
//! secret is ever shown.

use std::path::Path;

use zooscope::proto::{Acl, CreateMode, Perms};

use super::support::{self, Pty, RealServer, certificates, free_port, sasl_server, tls_server};
use super::usage::{command, one_line};
use super::{SIZE, seeded};

#[test]
fn each_line_of_the_variable_is_an_identity() {
    let Some((server, root)) = seeded("identities") else {
        return;
    };
    let mut raw = server.raw();
    for user in ["ann", "bob"] {
        let acl = [Acl::digest(Perms::ALL, user, "se:same")];
        let at = format!("{root}/{user}");
        let data = format!("what {user} may see");
        raw.create_with(&at, data.as_bytes(), &acl, CreateMode::Persistent)
            .expect("made");
    }
    raw.close();
    let hosts = format!("{}{root}", server.hosts());
    let variables = [(
        "ZOOSCOPE_AUTH",
        "digest:ann:se:same\n\ndigest:bob:se:same\n",
    )];
    for user in ["ann", "bob"] {
        let at = format!("/{user}");
        let data = format!("what {user} may see");
        let arguments = ["--path", &at, &hosts];
        Pty::zooscope_with(&variables, &arguments, SIZE).wait_for(&data);
        // Not everyone may.
        let pty = Pty::zooscope(&arguments, SIZE);
        pty.wait_for("no permission");
        assert!(!pty.text().contains(&data));
    }
}

#[test]
fn a_sasl_password_may_come_by_the_environment() {
    let Some(install) = support::newest() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = RealServer::start_with(install, &sasl_server(folder.path()));
    for (password, wanted) in [("s\u{e9}same", " CONNECTED "), ("x", " AUTH FAILED ")] {
        let sasl = format!("digest-md5:ann:{password}");
        let variables = [("ZOOSCOPE_SASL", sasl.as_str())];
        Pty::zooscope_with(&variables, &[&server.hosts()], SIZE).wait_for(wanted);
    }
    // What is said on the command line counts.
    let variables = [("ZOOSCOPE_SASL", "digest-md5:ann:x")];
    let arguments = ["--sasl", "digest-md5:ann:s\u{e9}same", &server.hosts()];
    Pty::zooscope_with(&variables, &arguments, SIZE).wait_for(" CONNECTED ");
    // The demo's server knows no SASL, and is not asked for any.
    Pty::zooscope_with(&variables, &["demo", "--quiet"], SIZE).wait_for(" CONNECTED ");
}

#[test]
fn a_tree_is_opened_over_tls() {
    let Some(install) = support::newest().filter(|install| install.is_at_least(&[3, 8])) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    certificates(folder.path());
    let port = free_port();
    let server = RealServer::start_with(install, &tls_server(folder.path(), port));
    let mut raw = server.raw();
    let acl = [Acl::x509(Perms::ALL, "CN=client")];
    raw.create_with("/beta", b"for one client", &acl, CreateMode::Persistent)
        .expect("made");
    raw.close();
    let hosts = format!("localhost:{port}");
    let at = |name: &str| folder.path().join(name).display().to_string();
    let (ca, cert, key) = (at("ca.pem"), at("client.crt"), at("client.key"));
    let whole = ["--tls-ca", &ca, "--tls-cert", &cert, "--tls-key", &key];
    let arguments = [&whole[..], &["--path", "/beta", &hosts]].concat();
    Pty::zooscope(&arguments, SIZE).wait_for("for one client");
    let variables = [
        ("ZOOSCOPE_TLS_CA", ca.as_str()),
        ("ZOOSCOPE_TLS_CERT", &cert),
        ("ZOOSCOPE_TLS_KEY", &key),
    ];
    let arguments = ["--path", "/beta", &hosts];
    Pty::zooscope_with(&variables, &arguments, SIZE).wait_for("for one client");
    let wrong = [&whole[..], &["--tls-server-name", "elsewhere", &hosts]].concat();
    Pty::zooscope(&wrong, SIZE).wait_for("certificate not valid for name");
    without_a_certificate(install, folder.path());
}

/// Each of these options alone means TLS; whom to trust, the system says.
fn without_a_certificate(install: &support::Install, folder: &Path) {
    let port = free_port();
    let mut setup = tls_server(folder, port);
    setup.config.push("ssl.clientAuth=none".to_owned());
    let server = RealServer::start_with(install, &setup);
    server.raw().create("/beta", b"");
    let hosts = format!("localhost:{port}");
    let ca = folder.join("ca.pem").display().to_string();
    let system = [("SSL_CERT_FILE", ca.as_str())];
    for arguments in [
        &["--tls"][..],
        &["--tls-server-name", "127.0.0.1"],
        &["--tls-ca", &ca],
    ] {
        let arguments = [arguments, &[&hosts]].concat();
        let is_ca = arguments.contains(&ca.as_str());
        let variables = if is_ca { &[][..] } else { &system };
        Pty::zooscope_with(variables, &arguments, SIZE).wait_for("beta");
    }
}

#[test]
fn half_a_certificate_or_a_file_that_is_not_there_is_status_2() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let there = folder.path().join("there.pem").display().to_string();
    std::fs::write(&there, "").expect("the folder can be written");
    for (arguments, wanted) in [
        (["--tls-cert", &there], "want each other"),
        (["--tls-key", &there], "want each other"),
        (["--tls-ca", "none.pem"], "can't read none.pem for TLS"),
    ] {
        let said = one_line(command().args(arguments));
        assert!(said.contains(wanted), "{said:?}");
    }
    let mut by_variable = command();
    by_variable.env("ZOOSCOPE_TLS_CERT", &there);
    let said = one_line(&mut by_variable);
    assert!(said.contains("want each other"), "{said:?}");
}

#[test]
fn a_bad_identity_is_status_2_and_shows_no_password() {
    for (option, variable, given) in [
        ("--sasl", "ZOOSCOPE_SASL", "plain:ann:sesame"),
        ("--sasl", "ZOOSCOPE_SASL", "digest-md5:sesame"),
        ("--auth", "ZOOSCOPE_AUTH", "sesame"),
    ] {
        let by_option = one_line(command().args([option, given]));
        let by_variable = one_line(command().env(variable, given));
        for said in [by_option, by_variable] {
            assert!(said.contains(option), "{said:?}");
            assert!(!said.contains("sesame"), "{said:?}");
        }
    }
    let said = one_line(command().args(["--sasl", ""]));
    assert!(said.contains("--sasl"), "{said:?}");
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_no_text_is_told_and_not_passed_over() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    for variable in ["ZOOSCOPE_AUTH", "ZOOSCOPE_SASL", "ZOOSCOPE_HOSTS"] {
        let said = one_line(command().env(variable, OsStr::from_bytes(b"sesame\xff")));
        let wanted = format!("{variable} is not UTF-8");
        assert!(said.contains(&wanted), "{said:?}");
        assert!(!said.contains("sesame"), "{said:?}");
    }
}
