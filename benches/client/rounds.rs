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
    /// Whether the server knows multi-reads.
    pub packs: bool,
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
        median(self.values(task, contender, metric)?.clone())
    }

    /// The median, over the rounds, of one contender's number divided by another's in the same
    /// round: what disturbed the machine then disturbed both.
    pub fn ratio(&self, task: Task, metric: &str, one: Contender, other: Contender) -> Option<f64> {
        let ones = self.values(task, one, metric)?;
        let others = self.values(task, other, metric)?;
        median(
            ones.iter()
                .zip(others)
                .map(|(one, other)| one / other)
                .collect(),
        )
    }

    fn values(&self, task: Task, contender: Contender, metric: &str) -> Option<&Vec<f64>> {
        self.all.get(&(task, contender, metric.to_owned()))
    }
}

pub fn run(addr: SocketAddr, packs: bool, tasks: &[Task]) -> Results {
    let rounds = number("ZOOSCOPE_BENCH_ROUNDS", 5).max(1);
    let mut results = Results {
        rounds,
        packs,
        ..Results::default()
    };
    warm_up(addr, packs);
    for round in 1..=rounds {
        for &task in tasks {
            for (contender, metrics) in once(task, packs, addr) {
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

/// One task, done by all its contenders.
fn once(task: Task, packs: bool, addr: SocketAddr) -> Vec<(Contender, Metrics)> {
    if task.in_turns() {
        return turns(task, packs, addr);
    }
    let measure = |contender| {
        let metrics = match task {
            Task::Neighbour => neighbour::measure(contender, addr),
            _ => child(contender, task, addr),
        };
        (contender, metrics)
    };
    let mut contenders: Vec<Contender> = task.contenders(packs).collect();
    // Who comes first leaves the server to the next in some state.
    fastrand::shuffle(&mut contenders);
    contenders.into_iter().map(measure).collect()
}

/// The first requests meet a server that has compiled nothing yet: no contender should.
fn warm_up(addr: SocketAddr, packs: bool) {
    crate::say("warming up the server");
    turns(Task::Get, packs, addr);
    turns(Task::Set, packs, addr);
    for task in [Task::Walk, Task::List] {
        child(Contender::Raw, task, addr);
        if packs {
            child(Contender::RawPacked, task, addr);
        }
    }
}

fn child(contender: Contender, task: Task, addr: SocketAddr) -> Metrics {
    Metrics::parse(&output(command(contender, task, addr)))
}

fn turns(task: Task, packs: bool, addr: SocketAddr) -> Vec<(Contender, Metrics)> {
    let addr = addr.to_string();
    let contenders = task.contenders(packs).map(|contender| contender.name());
    let args: Vec<&str> = ["--turns", task.name(), &addr]
        .into_iter()
        .chain(contenders)
        .collect();
    let lines = output(itself(&args));
    let told = lines.lines().filter_map(|line| {
        let (contender, metrics) = line.split_once(' ')?;
        Some((Contender::named(contender)?, Metrics::parse(metrics)))
    });
    told.collect()
}

/// This program as one contender's child.
pub fn command(contender: Contender, task: Task, addr: SocketAddr) -> Command {
    itself(&["--child", contender.name(), task.name(), &addr.to_string()])
}

fn itself(args: &[&str]) -> Command {
    let program = std::env::current_exe().expect("a running program has a file");
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null());
    command
}

fn output(mut command: Command) -> String {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .expect("this program can be started again");
    assert!(output.status.success(), "{command:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
