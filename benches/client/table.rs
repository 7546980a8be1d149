//! The results as a Markdown table: a row for each number, with what is hoped for.

use std::fmt::Write as _;

use crate::rounds::Results;
use crate::task::{Contender, Task};

/// A number to show.
struct Row {
    what: &'static str,
    task: Task,
    metric: &'static str,
    digits: usize,
    /// Whether less is better.
    less: bool,
    targets: &'static [Target],
}

/// What our number, divided by the better of these contenders', is to be.
struct Target {
    of: &'static [Contender],
    factor: f64,
    /// Only where the server knows multi-reads, or only where it doesn't.
    packs: Option<bool>,
}

impl Target {
    const fn with_packs(mut self) -> Self {
        self.packs = Some(true);
        self
    }

    const fn without_packs(mut self) -> Self {
        self.packs = Some(false);
        self
    }
}

const PEERS: &[Contender] = &[Contender::Kezhuw, Contender::Tokio];
const RAW: &[Contender] = &[Contender::Raw];

const fn target(of: &'static [Contender], factor: f64) -> Target {
    let packs = None;
    Target { of, factor, packs }
}

const fn row(
    what: &'static str,
    task: Task,
    metric: &'static str,
    digits: usize,
    less: bool,
    targets: &'static [Target],
) -> Row {
    Row {
        what,
        task,
        metric,
        digits,
        less,
        targets,
    }
}

const ROWS: &[Row] = &[
    row(
        "one get, p50 µs",
        Task::Latency,
        "p50",
        0,
        true,
        &[target(RAW, 1.05), target(PEERS, 1.0)],
    ),
    row("one get, p99 µs", Task::Latency, "p99", 0, true, &[]),
    row(
        "pipelined get, /s",
        Task::Get,
        "rate",
        0,
        false,
        &[target(RAW, 0.95)],
    ),
    row(
        "… client CPU, µs each",
        Task::Get,
        "cpu",
        1,
        true,
        &[target(PEERS, 1.0)],
    ),
    row(
        "pipelined set, /s",
        Task::Set,
        "rate",
        0,
        false,
        &[target(RAW, 0.95)],
    ),
    row(
        "… client CPU, µs each",
        Task::Set,
        "cpu",
        1,
        true,
        &[target(PEERS, 1.0)],
    ),
    row(
        "walk, nodes/s",
        Task::Walk,
        "rate",
        0,
        false,
        &[
            target(PEERS, 25.0).with_packs(),
            target(&[Contender::KezhuwPacked], 1.3),
            target(&[Contender::KezhuwAhead], 1.0),
            target(&[Contender::RawPacked], 0.6),
            target(PEERS, 1.0).without_packs(),
            target(RAW, 0.95).without_packs(),
        ],
    ),
    row(
        "… client CPU, µs each",
        Task::Walk,
        "cpu",
        2,
        true,
        &[target(PEERS, 1.0)],
    ),
    row(
        "… peak memory, MiB",
        Task::Walk,
        "peak",
        2,
        true,
        &[target(PEERS, 1.0), target(&[Contender::KezhuwAhead], 1.0)],
    ),
    row(
        "… with the program's file, MiB",
        Task::Walk,
        "with_file",
        2,
        true,
        &[],
    ),
    row(
        "list of many, p50 µs",
        Task::List,
        "p50",
        0,
        true,
        &[target(RAW, 2.0)],
    ),
    row(
        "watch, p50 µs",
        Task::Watch,
        "p50",
        0,
        true,
        &[target(PEERS, 1.0)],
    ),
    row(
        "storm, ms",
        Task::Storm,
        "ms",
        0,
        true,
        &[target(PEERS, 1.0 / 3.0)],
    ),
    row(
        "neighbour's get, p50 µs",
        Task::Neighbour,
        "p50",
        0,
        true,
        &[],
    ),
    row(
        "neighbour's get, p99 µs",
        Task::Neighbour,
        "p99",
        0,
        true,
        &[],
    ),
];

pub fn markdown(server: &str, results: &Results) -> String {
    let names: Vec<&str> = Contender::ALL.iter().map(|it| it.name()).collect();
    let mut text = format!(
        "\nZooKeeper {server}, medians of {} rounds\n\n| | {} | targets: ours to theirs |\n|---|{}---|\n",
        results.rounds,
        names.join(" | "),
        "---:|".repeat(names.len()),
    );
    for row in ROWS {
        let cells: Vec<String> = Contender::ALL
            .iter()
            .map(|&contender| number(results.get(row.task, contender, row.metric), row.digits))
            .collect();
        if cells.iter().all(String::is_empty) {
            continue;
        }
        let targets: Vec<String> = row
            .targets
            .iter()
            .filter(|it| it.packs.is_none_or(|packs| packs == results.packs))
            .filter_map(|it| verdict(row, it, results))
            .collect();
        writeln!(
            text,
            "| {} | {} | {} |",
            row.what,
            cells.join(" | "),
            targets.join(", ")
        )
        .expect("a String takes anything");
    }
    text
}

fn number(value: Option<f64>, digits: usize) -> String {
    value
        .map(|value| format!("{value:.digits$}"))
        .unwrap_or_default()
}

/// `0.97 of raw (≥ 0.95 ✓)`.
fn verdict(row: &Row, target: &Target, results: &Results) -> Option<String> {
    let ratios = target.of.iter().filter_map(|&it| {
        let ratio = results.ratio(row.task, row.metric, Contender::Ours, it)?;
        Some((ratio, it.name()))
    });
    // The contender that we do worst against.
    let (ratio, theirs) = ratios.reduce(|one, other| {
        if (other.0 > one.0) == row.less {
            other
        } else {
            one
        }
    })?;
    let factor = target.factor;
    let (sign, met) = if row.less {
        ('≤', ratio <= factor)
    } else {
        ('≥', ratio >= factor)
    };
    let mark = if met { '✓' } else { '✗' };
    Some(format!(
        "{ratio:.3} of {theirs} ({sign} {factor:.2} {mark})"
    ))
}
