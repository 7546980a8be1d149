//! `zooscope serve`: the embedded server alone, for trying clients and for tests in other
//! languages. It says where it listens and serves until it is interrupted.

use std::io::Write as _;
use std::net::SocketAddr;

use anyhow::Context as _;

use crate::server::{Options, Server, Version};

/// A ZooKeeper in memory, for tests and trials. Nothing is kept when it ends.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:2181")]
    listen: SocketAddr,
    /// Which ZooKeeper to behave as: 3.4, 3.6, 3.8 or 3.9.
    #[arg(long, value_name = "VERSION", default_value_t)]
    server_version: Version,
}

/// Serves until Ctrl-C.
///
/// # Errors
/// If the address can't be listened on.
pub async fn run(args: Args) -> anyhow::Result<()> {
    let options = Options {
        listen: args.listen,
        version: args.server_version,
        ..Options::default()
    };
    let server = Server::start(options)
        .await
        .with_context(|| format!("can't listen on {}: choose another --listen", args.listen))?;
    let mut out = std::io::stdout();
    // Whoever started this may have gone without reading: then the line is nobody's.
    let _ = writeln!(
        out,
        "serving ZooKeeper {} on {}, in memory; Ctrl-C ends it",
        args.server_version,
        server.addr()
    );
    let _ = out.flush();
    tokio::signal::ctrl_c()
        .await
        .context("can't wait for Ctrl-C")
}
