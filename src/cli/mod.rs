//! The command line: the explorer unless a subcommand is named. What went wrong is said in one
//! line on stderr; exit status 2 is a usage error, 1 any other failure.

mod demo;
mod explore;
mod identity;
mod sasl;
mod serve;
mod tls;
mod variable;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::text;

/// A terminal explorer for Apache ZooKeeper: browse, edit and watch znodes live.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(flatten)]
    explore: explore::ExploreArgs,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Demo(demo::DemoArgs),
    Serve(serve::ServeArgs),
}

/// The user asked for something that can't be: exit status 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Does what the arguments ask for.
pub async fn run(args: Args) -> anyhow::Result<ExitCode> {
    match args.command {
        None => explore::run(args.explore).await?,
        Some(Command::Demo(args)) => demo::run(args).await?,
        Some(Command::Serve(args)) => serve::run(args).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Tells a failure on stderr, on one line, and gives the exit status that says which kind.
pub fn report(error: &anyhow::Error) -> ExitCode {
    let text = format!("zooscope: {error:#}").replace(['\n', '\r'], " ");
    // It may quote a file or an argument, and those anything.
    let _ = writeln!(std::io::stderr(), "{}", text::safe(&text));
    if error.is::<Usage>() {
        ExitCode::from(2)
    } else {
        ExitCode::FAILURE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_in_what_was_parsed() {
        for (options, shown) in [
            (&["--auth", "digest:ann:sesame"][..], "digest"),
            (&["--auth", "sesame"], "--auth"),
            (&["--sasl", "digest-md5:ann:sesame"], "ann"),
            (&["--sasl", "digest-md5:sesame"], "digest-md5"),
            (&["demo", "--auth", "digest:ann:sesame"], "digest"),
        ] {
            let words = [&["zooscope"], options].concat();
            let args = Args::try_parse_from(words).expect("a mistake is told later");
            let debug = format!("{args:?}");
            assert!(debug.contains(shown), "{debug}");
            assert!(!debug.contains("sesame"), "{debug}");
        }
    }
}
