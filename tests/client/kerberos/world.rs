//! A realm with a server of every version in it, shared by all tests, and the way into it: a
//! Kerberos library finds its files by environment variables, which a process has but once, so
//! each test is run a second time, in a process of its own with the environment it wants.

use std::future::Future;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use zooscope::client::Options;

use super::kdc::{Kdc, REALM, krb5_conf};
use crate::support::{self, RealServer, Setup};

/// `VERSION=ADDRESS`, by commas, and the KDC's port: a process that has it is to do the work.
const SERVERS: &str = "ZOOSCOPE_KERBEROS_SERVERS";
pub const KDC: &str = "ZOOSCOPE_KERBEROS_KDC";

/// The realm, and a server of every version in it.
struct World {
    kdc: Kdc,
    servers: Vec<RealServer>,
}

static WORLD: LazyLock<World> = LazyLock::new(|| {
    let kdc = Kdc::start(&[
        "ann",
        "zookeeper/localhost",
        "other/localhost",
        "stale",
        "gone",
    ]);
    kdc.admin("cpw -randkey stale");
    kdc.admin("delprinc -force gone");
    let setup = kerberos_server(&kdc);
    let start = |install| {
        let setup = setup.clone();
        std::thread::spawn(move || RealServer::start_with(install, &setup))
    };
    let starting: Vec<_> = support::all().iter().map(start).collect();
    let servers = starting
        .into_iter()
        .map(|one| one.join().expect("it starts"));
    World {
        servers: servers.collect(),
        kdc,
    }
});

fn kerberos_server(kdc: &Kdc) -> Setup {
    let jaas = kdc.folder().join("jaas");
    let text = format!(
        "Server {{\n  com.sun.security.auth.module.Krb5LoginModule required\n  \
         useKeyTab=true storeKey=true useTicketCache=false\n  keyTab=\"{}\"\n  \
         principal=\"zookeeper/localhost@{REALM}\";\n}};\n",
        kdc.keytab("zookeeper/localhost").display(),
    );
    std::fs::write(&jaas, text).expect("the folder can be written");
    let conf = kdc.folder().join("krb5.conf");
    let provider = "org.apache.zookeeper.server.auth.SASLAuthenticationProvider";
    Setup {
        config: vec![format!("authProvider.1={provider}")],
        java: vec![
            format!("-Djava.security.auth.login.config={}", jaas.display()),
            format!("-Djava.security.krb5.conf={}", conf.display()),
            // Where ZooKeeper looks up the realm.
            "--add-exports=java.security.jgss/sun.security.krb5=ALL-UNNAMED".to_owned(),
        ],
        ..Setup::default()
    }
}

/// Where the ticket comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ticket {
    /// What a keytab of this principal gives.
    Keytab(&'static str),
    /// From kinit, for so many seconds.
    Kinit(u32),
    None,
}

/// A server to test against.
pub struct Server {
    pub version: String,
    pub addr: SocketAddr,
}

impl Server {
    pub fn is_at_least(&self, major: u32, minor: u32) -> bool {
        let mut parts = self.version.split('.').map(str::parse);
        let (ours, next) = (parts.next(), parts.next());
        let number = |part: Option<Result<u32, _>>| part.and_then(Result::ok).expect("a version");
        (number(ours), number(next)) >= (major, minor)
    }

    /// By the name that is in its principal.
    pub fn options(&self) -> Options {
        Options::new(&format!("localhost:{}", self.addr.port()))
            .expect("a connect string")
            .max_backoff(Duration::from_millis(100))
    }
}

/// Does the test's work for each server in turn, in a process that has the ticket.
pub fn with_each<F: Future<Output = ()>>(test: &str, ticket: Ticket, work: impl Fn(Server) -> F) {
    within(test, ticket, async |servers| {
        for server in servers.split(',') {
            let (version, addr) = server.split_once('=').expect("a version and an address");
            let server = Server {
                version: version.to_owned(),
                addr: addr.parse().expect("an address"),
            };
            work(server).await;
        }
    });
}

/// Does the test's work in a process that has the ticket, which this is not the first time
/// that it is called.
pub fn within(test: &str, ticket: Ticket, work: impl AsyncFnOnce(&str)) {
    let Ok(servers) = std::env::var(SERVERS) else {
        if !support::all().is_empty() {
            again(test, ticket);
        }
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(work(&servers));
}

/// Runs this test once more, with an environment.
fn again(test: &str, ticket: Ticket) {
    let world = &*WORLD;
    let own = tempfile::tempdir_in(world.kdc.folder()).expect("a temporary folder");
    let conf = own.path().join("krb5.conf");
    let port = world.kdc.addr().port();
    std::fs::write(&conf, krb5_conf(own.path(), port)).expect("the folder can be written");
    let cache = own.path().join("cache");
    let servers: Vec<String> = (world.servers.iter())
        .map(|server| format!("{}={}", server.install(), server.addr()))
        .collect();
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command
        .args(["--exact", "--nocapture", test])
        .env_remove("KRB5_CLIENT_KTNAME")
        .env("KRB5_CONFIG", conf)
        .env("KRB5CCNAME", &cache)
        .env("KRB5_KTNAME", world.kdc.keytab("zookeeper/localhost"))
        .env(SERVERS, servers.join(","))
        .env(KDC, world.kdc.addr().to_string());
    match ticket {
        Ticket::Keytab(name) => {
            command.env("KRB5_CLIENT_KTNAME", world.kdc.keytab(name));
        }
        Ticket::Kinit(seconds) => world.kdc.kinit("ann", &cache, seconds),
        Ticket::None => {}
    }
    let done = command.output().expect("this program runs");
    let said = String::from_utf8_lossy(&done.stdout);
    let log = String::from_utf8_lossy(&done.stderr);
    assert!(
        done.status.success() && said.contains("1 passed"),
        "{test}, in its own process:\n{said}\n{log}"
    );
}
