//! One real, standalone ZooKeeper server with a folder and a port of its own. Where all that
//! is wanted is a server to share, the embedded one stands in.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tempfile::TempDir;
use tokio::runtime::Runtime;
use zooscope::server::{Handle, Server};

use super::install::{Install, all, embedded, is_hermetic, newest};
use super::ports::free_port;
use super::process::{Jvm, Start};
use super::raw::Raw;

const MAIN: &str = "org.apache.zookeeper.server.ZooKeeperServerMain";
/// Lines of `zoo.cfg` beside port and folder. Sessions may be as short as a second, so that
/// expiry can be tested, and as long as a minute.
const SETTINGS: &str = "tickTime=500\nminSessionTimeout=1000\nmaxSessionTimeout=60000\n\
    clientPortAddress=127.0.0.1\n4lw.commands.whitelist=*\nadmin.enableServer=false\n\
    maxClientCnxns=0\n";
/// Quick writes (a crash of the process loses nothing, only one of the machine would), small
/// log files, and expired containers and TTL znodes collected twice a second.
const PROPERTIES: [&str; 7] = [
    "-Dzookeeper.forceSync=no",
    "-Dzookeeper.preAllocSize=1024",
    "-Dzookeeper.admin.enableServer=false",
    "-Dzookeeper.extendedTypesEnabled=true",
    "-Dznode.container.checkIntervalMs=500",
    "-Dlog4j2.level=WARN",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
];

/// What is to be different from the usual about a server.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Further lines of `zoo.cfg`; a later one wins.
    pub config: Vec<String>,
    /// Further options of Java, `-Dname=value`.
    pub java: Vec<String>,
    /// Megabytes of heap, if not 256.
    pub heap: Option<u32>,
}

impl Setup {
    /// Java's options for it.
    pub(super) fn java(&self, folder: &Path) -> Vec<String> {
        let log4j = folder.join("log4j.properties");
        let text = "log4j.rootLogger=WARN, A\nlog4j.appender.A=org.apache.log4j.ConsoleAppender\n\
            log4j.appender.A.layout=org.apache.log4j.PatternLayout\n\
            log4j.appender.A.layout.ConversionPattern=%d %p %c: %m%n\n";
        std::fs::write(&log4j, text).expect("the folder can be written");
        let mut options = vec![
            format!("-Xmx{}m", self.heap.unwrap_or(256)),
            format!("-Dlog4j.configuration=file:{}", log4j.display()),
        ];
        options.extend(PROPERTIES.map(str::to_owned));
        options.extend(self.java.iter().cloned());
        options
    }

    /// `zoo.cfg` for it.
    pub(super) fn config(&self, folder: &Path, port: u16, more: &str) -> String {
        let data = folder.join("data");
        format!(
            "{SETTINGS}dataDir={}\nclientPort={port}\n{more}{}\n",
            data.display(),
            self.config.join("\n"),
        )
    }
}

/// A server that lives as long as this value.
#[derive(Debug)]
pub struct RealServer {
    host: Host,
    install: Install,
    /// Removed after the process: fields are dropped in this order. The embedded server keeps
    /// all in memory.
    folder: Option<TempDir>,
}

/// What the server runs in.
#[derive(Debug)]
enum Host {
    Jvm(Jvm),
    Embedded(
        Handle,
        #[expect(dead_code, reason = "it runs the server")] Runtime,
    ),
}

impl Host {
    /// Ticks are as short as those of the real servers here.
    fn embedded() -> Self {
        let start = || {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .expect("a runtime");
            let options = zooscope::server::Options {
                tick: Duration::from_millis(500),
                sweep_every: Duration::from_millis(500),
                ..zooscope::server::Options::default()
            };
            let handle = runtime.block_on(Server::start(options)).expect("a port");
            Self::Embedded(handle, runtime)
        };
        // On a thread of its own: the test's may be running a runtime already.
        std::thread::spawn(start).join().expect("the server starts")
    }
}

impl RealServer {
    /// Starts a server with the usual settings and waits until it serves.
    pub fn start(install: &Install) -> Self {
        Self::start_with(install, &Setup::default())
    }

    /// Starts a server with settings of its own.
    pub fn start_with(install: &Install, setup: &Setup) -> Self {
        if install.is_embedded() {
            return Self {
                host: Host::embedded(),
                install: install.clone(),
                folder: None,
            };
        }
        for attempt in 1.. {
            let folder = TempDir::with_prefix("zooscope-server-").expect("a temporary folder");
            let path = folder.path();
            let port = free_port();
            std::fs::create_dir(path.join("data")).expect("the folder can be written");
            std::fs::write(path.join("zoo.cfg"), setup.config(path, port, ""))
                .expect("the folder can be written");
            let mut jvm = Jvm::new(Start {
                class_path: install.class_path.clone(),
                main: MAIN,
                java: setup.java(path),
                folder: path.to_owned(),
                whole: path.to_owned(),
                port,
            });
            jvm.spawn();
            match jvm.wait() {
                Ok(()) => {
                    let install = install.clone();
                    return Self {
                        host: Host::Jvm(jvm),
                        install,
                        folder: Some(folder),
                    };
                }
                Err(not_up) => assert!(
                    not_up.clash && attempt < 5,
                    "ZooKeeper {install} does not come up on port {port}:\n{}",
                    not_up.log
                ),
            }
        }
        unreachable!("the loop ends by returning or by failing")
    }

    /// Its version.
    pub const fn install(&self) -> &Install {
        &self.install
    }

    /// Where clients find it.
    pub fn addr(&self) -> SocketAddr {
        match &self.host {
            Host::Jvm(jvm) => jvm.addr(),
            Host::Embedded(handle, _) => handle.addr(),
        }
    }

    /// `host:port` for a client.
    pub fn hosts(&self) -> String {
        self.addr().to_string()
    }

    /// Makes a znode of a name nobody else has under `/`; `host:port/znode` keeps a test that
    /// shares the server to itself.
    pub fn chroot(&self, test: &str) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = format!("/{test}-{}-{number}", std::process::id());
        self.raw().create(&path, b"");
        path
    }

    /// A second client, independent of the one under test.
    pub fn raw(&self) -> Raw {
        Raw::connect(self.addr())
    }

    /// Its folder: `zoo.cfg`, `log`, and `data/version-2` with log files and snapshots.
    pub fn folder(&self) -> &Path {
        self.folder.as_ref().expect("a real server's").path()
    }

    /// The process, for signals. The embedded server has none: it is only ever shared.
    #[expect(clippy::panic, reason = "a test that can't work must not pass")]
    pub fn process(&mut self) -> &mut Jvm {
        match &mut self.host {
            Host::Jvm(jvm) => jvm,
            Host::Embedded(..) => panic!("the embedded server is no process"),
        }
    }

    /// Ends it as an operator would; its data stays.
    pub fn stop(&mut self) {
        self.process().stop();
    }

    /// Ends it as a crash would; its data stays.
    pub fn kill(&mut self) {
        self.process().kill();
    }

    /// Starts it again on the same port with the same data, and waits until it serves.
    pub fn restart(&mut self) {
        self.process().spawn();
        let up = self.process().wait();
        assert!(up.is_ok(), "ZooKeeper {}: {up:?}", self.install);
    }

    /// What it has written to its log.
    pub fn log(&self) -> String {
        match &self.host {
            Host::Jvm(jvm) => jvm.log(),
            Host::Embedded(..) => String::new(),
        }
    }
}

/// The one server of this version that all tests of the binary share, each in a
/// [`chroot`](RealServer::chroot) of its own. Never stop it.
pub fn shared(install: &'static Install) -> &'static RealServer {
    type Cells = BTreeMap<(Vec<u32>, bool), &'static OnceLock<RealServer>>;
    static CELLS: LazyLock<Mutex<Cells>> = LazyLock::new(Mutex::default);
    let mut cells = CELLS.lock().unwrap_or_else(PoisonError::into_inner);
    let cell = *cells
        .entry((install.version.clone(), install.is_embedded()))
        .or_insert_with(|| Box::leak(Box::new(OnceLock::new())));
    drop(cells);
    cell.get_or_init(|| RealServer::start(install))
}

/// The shared server of the newest version; the embedded one where there is none.
pub fn shared_newest() -> Option<&'static RealServer> {
    if is_hermetic() {
        return Some(shared(embedded()));
    }
    newest().map(shared)
}

/// A shared server of every version, the oldest first, and the embedded one. That the real
/// ones are missing is said on stderr.
pub fn shared_all() -> Vec<&'static RealServer> {
    all().iter().chain([embedded()]).map(shared).collect()
}
