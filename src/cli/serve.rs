//! `zooscope serve`: the embedded server alone, for trying clients and for tests in other
//! languages. It says where it listens and serves until it is interrupted.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::server::{Options, Seed, Server, Version};

/// A ZooKeeper in memory, for tests and trials. Nothing is kept when it ends.
#[derive(Debug, clap::Args)]
pub struct ServeArgs {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:2181")]
    listen: SocketAddr,
    /// A TOML file with the znodes to begin with, in the format of assets/demo.toml.
    #[arg(long, value_name = "FILE")]
    seed_file: Option<PathBuf>,
    /// Which ZooKeeper to behave as: 3.4, 3.6, 3.8 or 3.9.
    #[arg(long, value_name = "VERSION", default_value_t)]
    server_version: Version,
}

/// Serves until Ctrl-C.
///
/// # Errors
/// If the address can't be listened on, or the seed can't be read.
pub async fn run(args: ServeArgs) -> anyhow::Result<()> {
    let seed = args.seed_file.as_deref().map(read_seed).transpose()?;
    let options = Options {
        listen: args.listen,
        version: args.server_version,
        ..Options::default()
    };
    let server = Server::start(options)
        .await
        .with_context(|| format!("can't listen on {}: choose another --listen", args.listen))?;
    if let Some(seed) = seed {
        server.local().plant(&seed).with_context(|| {
            let version = args.server_version;
            format!("a server of version {version} refuses znodes of the seed")
        })?;
    }
    announce(args.server_version, server.addr());
    tokio::signal::ctrl_c()
        .await
        .context("can't wait for Ctrl-C")
}

fn read_seed(path: &Path) -> anyhow::Result<Seed> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("can't read the seed {}", path.display()))?;
    Seed::parse(&text).with_context(|| format!("mistakes in the seed {}", path.display()))
}

fn announce(version: Version, addr: SocketAddr) {
    let mut out = std::io::stdout();
    // Whoever started this may have gone without reading: then the line is nobody's.
    let _ = writeln!(
        out,
        "serving ZooKeeper {version} on {addr}, in memory; Ctrl-C ends it"
    );
    let _ = out.flush();
}
