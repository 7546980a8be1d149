//! The embedded server, seen from a socket.

mod basics;
mod faults;
mod raw;
mod robust;
mod words;

use zooscope::server::{Handle, Options, Server};

/// A server with a runtime of its own.
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
