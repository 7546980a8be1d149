//! How fast the client is, next to other crates on the same server in the same run, and to
//! "raw": a program that only blasts ready-made frames and counts replies, so as to know what
//! the server itself can do.
//!
//! Every contender does each task in a child process of its own, which isolates its memory and
//! its CPU time; rounds are interleaved, and medians are shown, for a busy machine's sake. What
//! is over soon, and what a server does now at one rate and now at another, is done in turns
//! within one process.
//!
//! `cd benches/client && cargo run --release [-- TASK…]` with `ZOOSCOPE_BENCH_ROUNDS` (5),
//! `ZOOSCOPE_BENCH_DIVIDE` (1: sizes are divided by it) and `ZOOSCOPE_BENCH_SERVER` (`3.8`: a
//! version that the test harness finds).

mod bed;
mod measure;
mod neighbour;
mod ours;
mod peer_kezhuw;
mod peer_tokio;
mod pipeline;
mod raw;
mod rounds;
mod sizes;
mod support;
mod table;
mod task;
mod turns;

use std::io::Write as _;
use std::net::SocketAddr;

use measure::Metrics;
use task::{Contender, Task};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.as_slice() {
        [child, contender, task, addr] if child == "--child" => {
            let contender = Contender::named(contender).expect("a contender's name");
            let task = Task::named(task).expect("a task's name");
            let addr = addr.parse().expect("an address");
            say(&run(contender, task, addr).to_string());
        }
        [turns, task, addr, contenders @ ..] if turns == "--turns" => {
            let task = Task::named(task).expect("a task's name");
            let addr = addr.parse().expect("an address");
            let contenders = contenders.iter().map(|it| Contender::named(it));
            let contenders: Option<Vec<Contender>> = contenders.collect();
            let contenders = contenders.expect("contenders' names");
            for (contender, metrics) in in_a_task(turns::run(task, addr, contenders)) {
                say(&format!("{} {metrics}", contender.name()));
            }
        }
        words => parent(words),
    }
}

fn parent(words: &[String]) {
    let named: Vec<Task> = words.iter().filter_map(|word| Task::named(word)).collect();
    let tasks = if named.is_empty() { Task::ALL } else { &named };
    let Some(server) = bed::server() else {
        return;
    };
    bed::fill(server.addr());
    let results = rounds::run(server.addr(), server.install().is_at_least(&[3, 6]), tasks);
    say(&table::markdown(&server.install().to_string(), &results));
}

/// Runs it as the task of a program: what `block_on` itself polls costs one more system call for
/// each time another task wakes it. On one thread: every contender was faster so than on many.
fn in_a_task<T: 'static>(work: impl Future<Output = T> + 'static) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build_local(tokio::runtime::LocalOptions::default())
        .expect("a runtime");
    let task = runtime.spawn_local(work);
    runtime.block_on(task).expect("it panics for all to see")
}

/// The child's work.
fn run(contender: Contender, task: Task, addr: SocketAddr) -> Metrics {
    in_a_task(async move {
        match contender {
            Contender::Raw | Contender::RawPacked => raw::run(contender, task, addr).await,
            Contender::Ours => ours::run(task, addr).await,
            Contender::Kezhuw | Contender::KezhuwPacked | Contender::KezhuwAhead => {
                peer_kezhuw::run(contender, task, addr).await
            }
            Contender::Tokio => peer_tokio::run(task, addr).await,
        }
    })
}

fn say(text: &str) {
    drop(writeln!(std::io::stdout(), "{text}"));
}
