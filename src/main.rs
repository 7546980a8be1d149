//! The program: arguments, a runtime, and what to tell the shell.

use std::process::ExitCode;

use clap::Parser as _;
use zooscope::cli;

fn main() -> ExitCode {
    let args = cli::Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return cli::report(&anyhow::Error::new(error).context("no runtime")),
    };
    let result = runtime.block_on(cli::run(args));
    // A host name that is still being looked up must not delay the way out.
    runtime.shutdown_background();
    result.unwrap_or_else(|error| cli::report(&error))
}
