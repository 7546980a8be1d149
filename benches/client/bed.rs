//! The server all contenders are measured on, and what is in it.

use std::net::SocketAddr;

use crate::sizes::{DATA, ONE, STORM, TREE, WIDE, folders, leaves, storm_paths, wide_names};
use crate::support::{Install, Raw, RealServer, Setup, all};

/// The server of the wanted version, with a heap, a compiler and a collector worth measuring
/// on. `None` has said why.
pub fn server() -> Option<RealServer> {
    let wanted = std::env::var("ZOOSCOPE_BENCH_SERVER").unwrap_or_else(|_| "3.8".to_owned());
    let fits = |install: &&Install| install.to_string().starts_with(&wanted);
    let Some(install) = all().iter().find(fits) else {
        let found: Vec<String> = all().iter().map(ToString::to_string).collect();
        crate::say(&format!("no server {wanted} here, but {found:?}"));
        return None;
    };
    let setup = Setup {
        config: vec![
            "maxSessionTimeout=120000".to_owned(),
            "tickTime=2000".to_owned(),
        ],
        java: vec![
            // The JVM chooses, as it does for a server started by its own scripts; the tests'
            // servers are to start fast.
            "-XX:-UseSerialGC".to_owned(),
            "-XX:TieredStopAtLevel=4".to_owned(),
            "-Dzookeeper.snapCount=10000000".to_owned(),
            "-Djute.maxbuffer=16777216".to_owned(),
        ],
        heap: Some(1024),
    };
    Some(RealServer::start_with(install, &setup))
}

/// Makes the nodes that the tasks need.
pub fn fill(addr: SocketAddr) {
    let mut raw = Raw::connect(addr);
    for top in [TREE, WIDE, STORM, ONE] {
        raw.create(top, &DATA);
    }
    for folder in folders() {
        raw.create(&folder, &DATA);
        raw.create_children(&folder, leaves(), &DATA);
    }
    raw.create_children(WIDE, wide_names(), b"");
    let storm: Vec<String> = storm_paths()
        .filter_map(|path| Some(path.rsplit_once('/')?.1.to_owned()))
        .collect();
    raw.create_children(STORM, storm, &DATA);
    raw.close();
}
