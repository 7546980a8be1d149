//! The rounds: each contender does each task once a round, in a process of its own, and the
//! next round begins when all have. What disturbs the machine for a while disturbs all.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::{Command, Stdio};

use crate::measure::{Metrics, median};
use crate::neighbour;
use crate::sizes::number;
use crate::task::{Contender, Task};

/// Medians over the rounds, by task, contender and metric.
#[derive(Default)]
pub struct Results {
    all: BTreeMap<(Task, Contender, String), Vec<f64>>,
    pub rounds: usize,
}

impl Results {
    fn add(&mut self, task: Task, contender: Contender, metrics: Metrics) {
        for (name, value) in metrics.0 {
            self.all
                .entry((task, contender, name))
                .or_default()
                .push(value);
        }
    }

    /// The median of one number, if anybody measured it.
    pub fn get(&self, task: Task, contender: Contender, metric: &str) -> Option<f64> {
        median(self.all.get(&(task, contender, metric.to_owned()))?.clone())
    }
}

pub fn run(addr: SocketAddr, tasks: &[Task]) -> Results {
    let rounds = number("ZOOSCOPE_BENCH_ROUNDS", 5).max(1);
    let mut results = Results {
        rounds,
        ..Results::default()
    };
    warm_up(addr);
    for round in 1..=rounds {
        for &task in tasks {
            for &contender in task.contenders() {
                let metrics = match task {
                    Task::Neighbour => neighbour::measure(contender, addr),
                    _ => child(contender, task, addr),
                };
                crate::say(&format!(
                    "{round}/{rounds} {} {}: {metrics}",
                    task.name(),
                    contender.name()
                ));
                results.add(task, contender, metrics);
            }
        }
    }
    results
}

/// The first requests meet a server that has compiled nothing yet: no contender should.
fn warm_up(addr: SocketAddr) {
    crate::say("warming up the server");
    for task in [Task::Get, Task::Walk, Task::Set, Task::Latency, Task::List] {
        for &contender in &[Contender::Raw, Contender::RawPacked] {
            child(contender, task, addr);
        }
    }
}

fn child(contender: Contender, task: Task, addr: SocketAddr) -> Metrics {
    let output = command(contender, task, addr)
        .stderr(Stdio::inherit())
        .output()
        .expect("this program can be started again");
    assert!(
        output.status.success(),
        "{} {}",
        contender.name(),
        task.name()
    );
    Metrics::parse(&String::from_utf8_lossy(&output.stdout))
}

/// This program as one contender's child.
pub fn command(contender: Contender, task: Task, addr: SocketAddr) -> Command {
    let program = std::env::current_exe().expect("a running program has a file");
    let mut command = Command::new(program);
    command
        .args(["--child", contender.name(), task.name(), &addr.to_string()])
        .stdin(Stdio::null());
    command
}
