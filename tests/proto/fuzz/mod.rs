//! The corpus of every target replayed, and mutated with the protocol's structure in mind.
//! It is blind to coverage; the corpus makes up for that, which `fuzz/` found by coverage.
//!
//! Plain `cargo test` mutates for a moment with a fixed seed. `ZOOSCOPE_FUZZ_SECONDS` makes it
//! run that long, with a seed that it prints and `ZOOSCOPE_FUZZ_SEED` repeats.

pub mod mutate;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::targets::{TARGETS, Target, corpus};

/// Enough for a moment's run: a few thousand executions for each target.
const SHORT: Duration = Duration::from_millis(1500);
const SHORT_SEED: u64 = 0x7a6f_6f73_636f_7065;

struct Outcome {
    executions: u64,
    /// By message, the shortest input that led to it.
    failures: BTreeMap<String, Vec<u8>>,
}

#[test]
fn every_seed_is_understood_by_its_target() {
    for target in TARGETS {
        let seeds = target.seeds();
        assert!(!seeds.is_empty(), "{} has no seed", target.name);
        for seed in seeds {
            assert!(
                (target.run)(&seed.bytes) || seed.refused,
                "{} refuses its seed {}",
                target.name,
                seed.name
            );
        }
    }
}

#[test]
fn every_input_ever_found_is_survived() {
    for target in TARGETS {
        for input in target.corpus() {
            let survived = survive(target, &input);
            assert_eq!(survived, Ok(()), "{} {}", target.name, corpus::hex(&input));
        }
    }
}

#[test]
fn fuzz() {
    let seconds = number("ZOOSCOPE_FUZZ_SECONDS");
    let seed = number("ZOOSCOPE_FUZZ_SEED").unwrap_or_else(|| match seconds {
        Some(_) => fastrand::u64(..),
        None => SHORT_SEED,
    });
    let each =
        seconds.map_or(SHORT, Duration::from_secs) / u32::try_from(TARGETS.len()).unwrap_or(1);
    say(&format!(
        "fuzz: seed {seed}, {each:?} for each of {} targets",
        TARGETS.len()
    ));
    let mut total = 0;
    let mut failed = Vec::new();
    for target in TARGETS {
        let outcome = drive(target, each, seed);
        total += outcome.executions;
        let failures = outcome.failures.len();
        say(&format!(
            "  {:<18} {:>12} executions, {failures} failures",
            target.name, outcome.executions
        ));
        for (message, input) in outcome.failures {
            failed.push(format!(
                "{}: {message}\n    {}",
                target.name,
                corpus::hex(&input)
            ));
        }
    }
    say(&format!(
        "fuzz: {total} executions, {} failures",
        failed.len()
    ));
    assert!(failed.is_empty(), "seed {seed}:\n{}", failed.join("\n"));
}

fn drive(target: &Target, time: Duration, seed: u64) -> Outcome {
    let seeds = target.corpus();
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut outcome = Outcome {
        executions: 0,
        failures: BTreeMap::new(),
    };
    let end = Instant::now() + time;
    while Instant::now() < end {
        // The clock is asked once in a while: it costs as much as a short decode.
        for _ in 0..64 {
            let input = mutate::some(&mut rng, &seeds);
            outcome.executions += 1;
            if let Err(message) = survive(target, &input) {
                let known = outcome
                    .failures
                    .entry(message)
                    .or_insert_with(|| input.clone());
                if input.len() < known.len() {
                    *known = input;
                }
            }
        }
    }
    outcome
}

fn survive(target: &Target, input: &[u8]) -> Result<(), String> {
    let run = AssertUnwindSafe(|| (target.run)(input));
    catch_unwind(run).map(drop).map_err(|panic| {
        let message = panic.downcast_ref::<String>().cloned();
        let literal = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
        // Numbers differ from input to input; without them, one bug is one failure.
        let text = message.or(literal).unwrap_or_default();
        text.chars()
            .filter(|c| !c.is_ascii_digit())
            .take(200)
            .collect()
    })
}

pub fn number(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    Some(value.parse().expect("a number"))
}

pub fn say(line: &str) {
    drop(writeln!(std::io::stdout(), "{line}"));
}
