//! The embedded server seen from sockets: what it does, what goes wrong on demand, what
//! clients that misbehave cost, and the differential test, which plays the same random
//! scripts to it and to real servers.

#[path = "../support/mod.rs"]
mod support;

mod arena;
mod basics;
mod clients;
mod compare;
mod control;
mod differences;
mod differential;
mod faults;
mod generate;
mod play;
mod raw;
mod robust;
mod said;
mod script;
mod wire;
mod words;

use zooscope::server::{Handle, Options, Server};

/// A server with a runtime of its own.
#[derive(Debug)]
struct Running {
    handle: Handle,
    // Dropped after the handle.
    _runtime: tokio::runtime::Runtime,
}

fn start(options: Options) -> Running {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let handle = runtime
        .block_on(Server::start(options))
        .expect("a free port");
    Running {
        handle,
        _runtime: runtime,
    }
}
