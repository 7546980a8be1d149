//! Which ZooKeeper servers this machine has, and what a test does when there is none.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The folder of server folders.
const SERVERS: &str = "ZOOSCOPE_SERVERS";
/// Set to 1, a test without a server fails.
const REQUIRE: &str = "ZOOSCOPE_REQUIRE_SERVERS";
const DEBIAN: &str = "/usr/share/java";
/// What of Debian's many jars a server and the shell need; TLS needs the netty ones.
const DEBIAN_JARS: [&str; 16] = [
    "zookeeper",
    "zookeeper-jute",
    "slf4j-api",
    "slf4j-simple",
    "commons-cli",
    "metrics-core",
    "snappy-java",
    "netty-buffer",
    "netty-codec",
    "netty-common",
    "netty-handler",
    "netty-resolver",
    "netty-transport",
    "netty-transport-native-epoll",
    "netty-transport-native-unix-common",
    "netty-tcnative",
];

/// The embedded server, where a real one isn't needed. It has no class path.
pub fn embedded() -> &'static Install {
    static EMBEDDED: LazyLock<Install> = LazyLock::new(|| Install {
        version: vec![3, 9, 4],
        class_path: String::new(),
    });
    &EMBEDDED
}

/// Whether there is no real server, and none is required.
pub fn is_hermetic() -> bool {
    servers().is_empty() && !is_required()
}

fn is_required() -> bool {
    std::env::var_os(REQUIRE).is_some_and(|value| value == "1")
}

/// One version of ZooKeeper that can be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Install {
    /// Its version's numbers: `[3, 8, 0]`.
    pub version: Vec<u32>,
    /// Java's class path.
    pub class_path: String,
}

impl Install {
    /// Whether it is the embedded server.
    pub const fn is_embedded(&self) -> bool {
        self.class_path.is_empty()
    }

    /// Whether it is at least this version.
    pub fn is_at_least(&self, version: &[u32]) -> bool {
        self.version.as_slice() >= version
    }
}

impl std::fmt::Display for Install {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let numbers: Vec<String> = self.version.iter().map(u32::to_string).collect();
        f.write_str(&numbers.join("."))?;
        f.write_str(if self.is_embedded() {
            " (embedded)"
        } else {
            ""
        })
    }
}

/// Every server of this machine, the oldest version first. May be empty: tests ask
/// [`newest`] or [`all`] instead, which say so.
pub fn servers() -> &'static [Install] {
    static FOUND: LazyLock<Vec<Install>> = LazyLock::new(|| {
        if !has_java() {
            return Vec::new();
        }
        let named = std::env::var_os(SERVERS).map(PathBuf::from);
        let mut found: Vec<Install> = named.as_deref().map(in_folder).unwrap_or_default();
        found.extend(debian(Path::new(DEBIAN)));
        found.sort_by(|a, b| a.version.cmp(&b.version));
        found.dedup_by(|a, b| a.version == b.version);
        found
    });
    &FOUND
}

/// The newest server; `None` says on stderr that the calling test is skipped.
pub fn newest() -> Option<&'static Install> {
    all().last()
}

/// All servers; none says on stderr that the calling test is skipped.
pub fn all() -> &'static [Install] {
    if servers().is_empty() {
        let why = format!(
            "no ZooKeeper server: install Debian's packages zookeeper and \
             default-jre-headless, or name a folder of server folders in {SERVERS}"
        );
        assert!(!is_required(), "{why} ({REQUIRE} is set)");
        let thread = std::thread::current();
        let test = thread.name().unwrap_or("a test");
        // Past the test runner's capture, which would hide it.
        let line = format!("skipped: {why} [{test}]\n");
        drop(std::io::stderr().write_all(line.as_bytes()));
    }
    servers()
}

fn has_java() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join("java").is_file())
}

fn in_folder(folder: &Path) -> Vec<Install> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| unreadable(folder, &error));
    entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = zookeeper_jar(&path)?;
            let class_path = path.join("*").to_str()?.to_owned();
            Some(Install {
                version,
                class_path,
            })
        })
        .collect()
}

#[expect(
    clippy::panic,
    reason = "a mistyped folder must not pass as no servers"
)]
fn unreadable(folder: &Path, error: &std::io::Error) -> ! {
    panic!("{SERVERS}={}: {error}", folder.display());
}

fn debian(folder: &Path) -> Option<Install> {
    let version = zookeeper_jar(folder)?;
    let jars: Vec<String> = DEBIAN_JARS
        .iter()
        .map(|name| folder.join(format!("{name}.jar")))
        .filter(|jar| jar.exists())
        .map(|jar| jar.display().to_string())
        .collect();
    let class_path = jars.join(":");
    Some(Install {
        version,
        class_path,
    })
}

/// The version in the name of the folder's `zookeeper-1.2.3.jar`.
fn zookeeper_jar(folder: &Path) -> Option<Vec<u32>> {
    let mut names = std::fs::read_dir(folder).ok()?.filter_map(|entry| {
        let name = entry.ok()?.file_name().into_string().ok()?;
        let version = name.strip_prefix("zookeeper-")?.strip_suffix(".jar")?;
        version.split('.').map(|part| part.parse().ok()).collect()
    });
    names.next()
}
