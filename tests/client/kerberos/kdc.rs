//! A Kerberos realm of the tests' own: MIT's KDC on a loopback port, with its database, keys
//! and configuration in a folder that goes when the test binary does. Knows nothing of
//! ZooKeeper.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::support::{free_port, guard, wait_until};

pub const REALM: &str = "ZOOSCOPE.TEST";

/// A running realm.
#[derive(Debug)]
pub struct Kdc {
    folder: TempDir,
    port: u16,
    server: Child,
    /// Ends the server when this process ends, however that is.
    _guard: Child,
}

impl Kdc {
    /// Starts a realm with these principals, whose keys are in [`keytab`](Self::keytab)s.
    pub fn start(principals: &[&str]) -> Self {
        let folder = TempDir::with_prefix("zooscope-kdc-").expect("a temporary folder");
        let path = folder.path();
        let mut port = free_port();
        configure(path, port);
        run(path, "kdb5_util", &["create", "-s", "-P", "master"]);
        for name in principals {
            let keytab = keytab(path, name).display().to_string();
            let key = format!("addprinc +requires_preauth -randkey {name}");
            run(path, "kadmin.local", &["-q", &key]);
            let save = format!("ktadd -k {keytab} -norandkey {name}");
            run(path, "kadmin.local", &["-q", &save]);
        }
        for _ in 0..5 {
            if let Some((server, guard)) = serve(path, port) {
                return Self {
                    folder,
                    port,
                    server,
                    _guard: guard,
                };
            }
            // Another process has been faster.
            port = free_port();
            configure(path, port);
        }
        let log = std::fs::read_to_string(path.join("log")).unwrap_or_default();
        panic!("krb5kdc does not come up:\n{log}");
    }

    /// Does what `kadmin` does with these words.
    pub fn admin(&self, words: &str) {
        run(self.folder(), "kadmin.local", &["-q", words]);
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// Where all of it is; tests may put files of their own there.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The keys of a principal.
    pub fn keytab(&self, principal: &str) -> PathBuf {
        keytab(self.folder(), principal)
    }

    /// Gets a ticket that ends after so many seconds, as a user would with a password.
    pub fn kinit(&self, principal: &str, cache: &Path, seconds: u32) {
        let (life, keytab) = (format!("{seconds}s"), self.keytab(principal));
        let done = command(self.folder(), "kinit")
            .args(["-l", &life, "-c"])
            .arg(cache)
            .arg("-kt")
            .arg(keytab)
            .arg(principal)
            .output()
            .expect("kinit can be run");
        let log = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "kinit {principal}:\n{log}");
    }
}

impl Drop for Kdc {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

/// What a client needs to find the realm's KDC at `port`, and nothing of this machine's own.
pub fn krb5_conf(folder: &Path, port: u16) -> String {
    let at = folder.display();
    format!(
        "[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n \
         dns_lookup_realm = false\n dns_canonicalize_hostname = false\n rdns = false\n \
         udp_preference_limit = 1\n default_rcache_name = none:\n default_ccache_name = FILE:{at}/no-cache\n \
         default_client_keytab_name = FILE:{at}/no-keytab\n\
         [realms]\n {REALM} = {{\n  kdc = 127.0.0.1:{port}\n }}\n\
         [domain_realm]\n localhost = {REALM}\n"
    )
}

/// Starts the server and its guard; `None` if it ends at once.
fn serve(folder: &Path, port: u16) -> Option<(Child, Child)> {
    let log = File::create(folder.join("log")).expect("the folder can be written");
    let mut server = command(folder, "krb5kdc")
        .arg("-n")
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a file handle can be cloned"))
        .stderr(log)
        .spawn()
        .expect("krb5kdc starts");
    let mut has_ended = false;
    wait_until("the KDC", || {
        let answers = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
        has_ended = !matches!(server.try_wait(), Ok(None));
        answers || has_ended
    });
    let guard = guard(&server, folder);
    (!has_ended).then_some((server, guard))
}

fn configure(folder: &Path, port: u16) {
    let at = folder.display();
    let kdc = format!(
        "[realms]\n {REALM} = {{\n  database_name = {at}/principal\n  \
         key_stash_file = {at}/stash\n  acl_file = {at}/acl\n  \
         kdc_listen = 127.0.0.1:{port}\n  kdc_tcp_listen = 127.0.0.1:{port}\n }}\n\
         [logging]\n kdc = FILE:{at}/log\n"
    );
    for (name, text) in [
        ("krb5.conf", krb5_conf(folder, port)),
        ("kdc.conf", kdc),
        ("acl", String::new()),
    ] {
        std::fs::write(folder.join(name), text).expect("the folder can be written");
    }
}

fn keytab(folder: &Path, principal: &str) -> PathBuf {
    folder.join(format!("{}.keytab", principal.replace('/', "-")))
}

fn command(folder: &Path, name: &str) -> Command {
    // A user's PATH may lack where Debian puts what administrators run.
    let places = ["/usr/sbin", "/usr/bin"].map(|place| Path::new(place).join(name));
    let found = places.into_iter().find(|place| place.exists());
    let mut command = Command::new(found.unwrap_or_else(|| name.into()));
    command
        .env("KRB5_CONFIG", folder.join("krb5.conf"))
        .env("KRB5_KDC_PROFILE", folder.join("kdc.conf"));
    command
}

fn run(folder: &Path, name: &str, arguments: &[&str]) {
    let done = command(folder, name)
        .args(["-r", REALM])
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{name} (of Debian's krb5 packages): {error}"));
    let log = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{name} {arguments:?}:\n{log}");
}
