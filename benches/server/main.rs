//! What the embedded server costs and how fast it answers, next to the real server on the same
//! machine in the same run: the start, a million znodes in memory, pipelined reads and writes.
//!
//! `cargo bench --bench server`, with `ZOOSCOPE_BENCH_SECONDS` (3: how long each measurement
//! lasts, after a warm-up of the same length) and `ZOOSCOPE_BENCH_ZNODES` (1000000).

#[path = "../../tests/support/mod.rs"]
mod support;

mod blast;
mod memory;

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use blast::{Blast, Load};
use zooscope::server::{Handle, Options, Server};

/// Connections of each measurement.
const CONNECTIONS: [usize; 3] = [1, 8, 64];

fn main() {
    // `cargo test --benches` runs this, too, and wants to know only that it works.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    say(&format!(
        "{} CPUs; embedded server of this build\n",
        std::thread::available_parallelism().map_or(1, usize::from)
    ));
    start(&runtime);
    memory::measure(&runtime, number("ZOOSCOPE_BENCH_ZNODES", 1_000_000));
    memory::measure_sessions(&runtime, 1_000);
    throughput(&runtime);
}

/// From nothing to the first answered handshake.
fn start(runtime: &tokio::runtime::Runtime) {
    let began = Instant::now();
    let server = serve(runtime);
    Blast::connect(server.addr());
    say(&format!("start to first session: {:?}\n", began.elapsed()));
}

fn throughput(runtime: &tokio::runtime::Runtime) {
    let embedded = serve(runtime);
    let mut columns = vec![("embedded".to_owned(), embedded.addr())];
    let real = support::newest().map(support::RealServer::start);
    if let Some(real) = &real {
        columns.push((format!("ZooKeeper {}", real.install()), real.addr()));
    }
    for (_, addr) in &columns {
        blast::fill(*addr);
    }
    say(&format!(
        "\npipelined requests per second, znodes of {} bytes, {} in flight per connection\n",
        blast::DATA,
        blast::WINDOW
    ));
    for load in Load::ALL {
        for connections in CONNECTIONS {
            let mut line = format!("{:<9} {connections:>3} connections", load.name());
            for (name, addr) in &columns {
                let rate = rate(*addr, load, connections);
                write!(line, "   {name}: {rate:>9.0}").expect("memory");
            }
            say(&line);
        }
    }
}

/// Requests per second, after a warm-up that a virtual machine needs.
fn rate(addr: SocketAddr, load: Load, connections: usize) -> f64 {
    let time = Duration::from_secs(number("ZOOSCOPE_BENCH_SECONDS", 3));
    blast::run(addr, load, connections, time);
    blast::run(addr, load, connections, time)
}

fn serve(runtime: &tokio::runtime::Runtime) -> Handle {
    let options = Options::default();
    runtime
        .block_on(Server::start(options))
        .expect("a free port")
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(usual)
}

fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("someone to read it");
}
