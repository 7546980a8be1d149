//! The differential test: random scripts, the same to a real server and to ours, and every
//! answer the same. A short one with fixed seeds runs with the suite.
//!
//! `ZOOSCOPE_DIFF_SECONDS` plays fresh scripts for so long on each version and says what was
//! covered; `ZOOSCOPE_DIFF_SEED` says with which seed to begin; `ZOOSCOPE_DIFF_VERSION`
//! (`3.8`) leaves the other versions out; `ZOOSCOPE_DIFF_TWIN=1` plays to two real servers.

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use super::arena::{Arena, Opponent, version};
use super::compare::{Mismatch, Tally, play_again, play_seed, shrink, singly};
use super::differences::NOT_PLAYED;
use super::script::Step;
use super::support::{self, Install};

/// Operations of one script.
const OPERATIONS: usize = 3_000;
/// How often a shorter script is tried.
const TRIES: usize = 60;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn wanted(install: &Install) -> bool {
    std::env::var("ZOOSCOPE_DIFF_VERSION")
        .map_or(true, |only| install.to_string().starts_with(&only))
}

/// Past the test runner's capture, which would hide it.
fn say(text: &str) {
    drop(std::io::stderr().write_all(text.as_bytes()));
}

#[test]
fn ours_answers_as_every_real_version_does() {
    let twin = number("ZOOSCOPE_DIFF_TWIN") == Some(1);
    let opponent = if twin { Opponent::Twin } else { Opponent::Ours };
    for install in support::all().iter().filter(|install| wanted(install)) {
        let seconds = number("ZOOSCOPE_DIFF_SECONDS");
        let first = number("ZOOSCOPE_DIFF_SEED").unwrap_or(1);
        let report = run(install, opponent, first, seconds.map(Duration::from_secs));
        if seconds.is_some() {
            say(&report);
        }
    }
}

/// Plays scripts until the time is up; without a time, until they were long enough.
fn run(install: &Install, opponent: Opponent, first: u64, time: Option<Duration>) -> String {
    let mut arena = Arena::new(install, opponent);
    let names = (version(install), install.version.as_slice());
    let begun = Instant::now();
    let mut tally = Tally::default();
    let mut seed = first;
    let found = loop {
        let outcome = play_seed(seed, names, OPERATIONS, arena.addrs(), &mut tally);
        match outcome {
            Ok(true) => {}
            Ok(false) => arena = Arena::new(install, opponent),
            Err(found) => break found,
        }
        seed += 1;
        let enough = match time {
            Some(time) => begun.elapsed() > time,
            None => tally.agreed >= OPERATIONS,
        };
        if enough {
            return report(install, first..seed, &tally, begun.elapsed());
        }
    };
    drop(arena);
    // What follows takes a while.
    say(&format!(
        "{install}, seed {seed}, looking for fewer steps than: {found}"
    ));
    let least = least(&found, install, opponent);
    let agreed = tally.agreed;
    assert!(
        least.is_empty(),
        "{install}, seed {seed} (after {agreed} operations that agreed)\n{least}"
    );
    least
}

/// The mismatch with as few steps as still show it, in words.
fn least(found: &Mismatch, install: &Install, opponent: Opponent) -> String {
    let fresh = |steps: &[Step]| {
        let arena = Arena::new(install, opponent);
        play_again(steps, version(install), arena.addrs())
    };
    let alone = fresh(&singly(&found.steps)).or_else(|| fresh(&found.steps));
    alone.map_or_else(
        || format!("not seen again on fresh servers:\n{found}"),
        |found| format!("{}", shrink(found, fresh, TRIES)),
    )
}

fn report(install: &Install, seeds: std::ops::Range<u64>, tally: &Tally, took: Duration) -> String {
    let mut text = format!(
        "ZooKeeper {install}: {} operations and {} events agreed in {took:?} (seeds {seeds:?})\n",
        tally.agreed, tally.events
    );
    for reason in NOT_PLAYED {
        let _ = writeln!(text, "  not played: {reason}");
    }
    for (reason, count) in &tally.excused {
        let _ = writeln!(text, "  {count} times: {reason}");
    }
    let mut last = None;
    for ((op, err), count) in &tally.answers {
        if last != Some(*op) {
            let _ = write!(text, "\n  op {op}:");
            last = Some(*op);
        }
        let _ = write!(text, " {err}={count}");
    }
    text.push('\n');
    text
}
