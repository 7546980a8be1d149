//! Two servers to compare: a real one, and ours of the same version (or a second real one,
//! which shows that a difference is no whim of the harness). Both begin empty, so that even
//! what no script may name, such as the root's counters, must agree.

use std::net::SocketAddr;

use zooscope::server::{Options, Version};

use super::Running;
use super::control::SUPER_DIGEST;
use super::support::{Install, RealServer, Setup};

/// Who plays against the real server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opponent {
    /// The embedded server.
    Ours,
    /// A second real one of the same version.
    Twin,
}

/// A pair of empty servers.
#[derive(Debug)]
pub struct Arena {
    real: RealServer,
    other: Other,
}

#[derive(Debug)]
enum Other {
    Ours(Running),
    Twin(RealServer),
}

impl Arena {
    /// Starts both.
    pub fn new(install: &Install, opponent: Opponent) -> Self {
        let real = start_real(install);
        let other = match opponent {
            Opponent::Twin => Other::Twin(start_real(install)),
            Opponent::Ours => start_ours(version(install)),
        };
        Self { real, other }
    }

    /// Where the two are.
    pub fn addrs(&self) -> (SocketAddr, SocketAddr) {
        let other = match &self.other {
            Other::Ours(ours) => ours.handle.addr(),
            Other::Twin(twin) => twin.addr(),
        };
        (self.real.addr(), other)
    }
}

/// What our server must behave as.
pub fn version(install: &Install) -> Version {
    let text = install.to_string();
    text.parse().expect("each installed version has its switch")
}

fn start_real(install: &Install) -> RealServer {
    let setup = Setup {
        config: [
            "tickTime=2000",
            "minSessionTimeout=4000",
            "maxSessionTimeout=40000",
        ]
        .map(str::to_owned)
        .to_vec(),
        java: vec![
            // No sweep in the middle of a script.
            "-Dznode.container.checkIntervalMs=86400000".to_owned(),
            format!("-Dzookeeper.DigestAuthenticationProvider.superDigest={SUPER_DIGEST}"),
            "-XX:TieredStopAtLevel=1".to_owned(),
        ],
        heap: None,
    };
    RealServer::start_with(install, &setup)
}

fn start_ours(version: Version) -> Other {
    Other::Ours(crate::start(Options {
        version,
        super_digest: Some(SUPER_DIGEST.to_owned()),
        sweep_every: std::time::Duration::from_secs(86_400),
        ..Options::default()
    }))
}
