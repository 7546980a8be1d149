//! `zooscope demo`: the explorer on a server inside this process, with a tree that is alive.
//! Nothing to install, nothing left behind; other clients can join while it runs.

use std::io::Write as _;

use anyhow::Context as _;

use super::explore::{self, ViewArgs};
use crate::server::{DEMO, Handle, Options, Seed, Server, actors};

/// Try the explorer on a built-in server with a believable cluster in it.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// Let nothing happen by itself
    #[arg(long)]
    quiet: bool,

    /// Let the same things happen again: any number, always with the same play
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    #[command(flatten)]
    view: ViewArgs,
}

/// Runs the demo until the explorer is quit.
///
/// # Errors
/// If no port is free, or the explorer fails.
pub async fn run(args: DemoArgs) -> anyhow::Result<()> {
    explore::need_terminal()?;
    let server = Server::start(Options::default())
        .await
        .context("can't listen on any port of 127.0.0.1")?;
    let tree = Seed::parse(DEMO).context("the built-in seed has mistakes")?;
    let residents = server.local().plant(&tree)?;
    if !args.quiet {
        let seed = args.seed.unwrap_or_else(|| fastrand::u64(..));
        tokio::spawn(actors::play(server.local(), residents, seed));
    }
    tell(&format!("{}; other clients can join", place(&server)));
    let options = args.view.options(&server.hosts())?;
    explore::explore(server.hosts(), options, args.view).await?;
    tell(&format!("{} has ended", place(&server)));
    Ok(())
}

fn place(server: &Handle) -> String {
    format!("the demo's server on {}", server.addr())
}

/// A line on stderr, before the screen is taken or after it is given back.
fn tell(text: &str) {
    // With nobody to read it, the demo goes on all the same.
    let _ = writeln!(std::io::stderr(), "zooscope: {text}");
}
