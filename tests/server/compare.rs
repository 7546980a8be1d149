//! Lock step: each step goes to both servers, what each says is laid side by side, and the
//! first disagreement is cut down to the fewest steps that still show it.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::net::SocketAddr;

use zooscope::server::Version;

use super::differences;
use super::generate::Generator;
use super::play::{Heard, Player};
use super::said::Said;
use super::script::{SLOTS, Step};

/// Where two servers part.
#[derive(Debug)]
pub struct Mismatch {
    /// All steps up to the one that shows it.
    pub steps: Vec<Step>,
    slot: usize,
    at: usize,
    real: Vec<Said>,
    ours: Vec<Said>,
}

/// What was played, and how it went.
#[derive(Debug, Default)]
pub struct Tally {
    /// Requests and other steps on which both agreed.
    pub agreed: usize,
    /// Events among what agreed.
    pub events: usize,
    /// How often each difference on the list was met.
    pub excused: BTreeMap<&'static str, usize>,
    /// How often each operation came back with each code.
    pub answers: BTreeMap<(i32, i32), usize>,
}

/// Plays a fresh script of about so many operations, and answers whether the servers are fit
/// for another one.
pub fn play_seed(
    seed: u64,
    version: (Version, &[u32]),
    operations: usize,
    (real, ours): (SocketAddr, SocketAddr),
    tally: &mut Tally,
) -> Result<bool, Mismatch> {
    let mut source = Generator::new(seed, version.1);
    let (mut real, mut ours) = (Player::new(real), Player::new(ours));
    let mut steps = Vec::new();
    let mut played = 0;
    while played < operations && !source.is_over() {
        (source.hints.connected, source.hints.alive) = real.states();
        let step = source.step();
        steps.push(step.clone());
        let heard = one_step(&step, version.0, &mut real, &mut ours, tally)
            .map_err(|found| found.after(&steps))?;
        source.hints.learn(&step, &heard);
        played += step.operations();
    }
    tally.agreed += played;
    if source.is_over() {
        return Ok(false);
    }
    real.finish();
    ours.finish();
    Ok(true)
}

/// Plays these steps again on fresh servers.
pub fn play_again(
    steps: &[Step],
    version: Version,
    (real, ours): (SocketAddr, SocketAddr),
) -> Option<Mismatch> {
    let (mut real, mut ours) = (Player::new(real), Player::new(ours));
    let mut tally = Tally::default();
    steps.iter().enumerate().find_map(|(at, step)| {
        one_step(step, version, &mut real, &mut ours, &mut tally)
            .err()
            .map(|found| found.after(&steps[..=at]))
    })
}

/// Fewer steps that still disagree, by leaving out ever smaller parts. `again` plays.
pub fn shrink(
    found: Mismatch,
    mut again: impl FnMut(&[Step]) -> Option<Mismatch>,
    mut tries: usize,
) -> Mismatch {
    let mut best = found;
    let (last, before) = best.steps.split_last().expect("a mismatch has a step");
    let opens = |step: &&Step| matches!(step, Step::Open { .. });
    let mut alone: Vec<Step> = before.iter().filter(opens).cloned().collect();
    alone.push(last.clone());
    best = again(&alone).unwrap_or(best);
    let mut part = best.steps.len().div_ceil(2).max(1);
    loop {
        let mut from = 0;
        let mut smaller = false;
        while from < best.steps.len() && tries > 0 {
            let mut steps = best.steps.clone();
            steps.drain(from..(from + part).min(best.steps.len()));
            tries -= 1;
            match again(&steps) {
                Some(found) => {
                    best = found;
                    smaller = true;
                }
                None => from += part,
            }
        }
        if tries == 0 || (part == 1 && !smaller) {
            return best;
        }
        part = (part / 2).max(1);
    }
}

/// Takes batches apart, so that shrinking reaches single requests.
pub fn singly(steps: &[Step]) -> Vec<Step> {
    let mut all = Vec::new();
    for step in steps {
        match step {
            Step::Batch { slot, calls } => all.extend(calls.iter().map(|call| Step::Batch {
                slot: *slot,
                calls: vec![call.clone()],
            })),
            other => all.push(other.clone()),
        }
    }
    all
}

fn one_step(
    step: &Step,
    version: Version,
    real: &mut Player,
    ours: &mut Player,
    tally: &mut Tally,
) -> Result<Heard, Mismatch> {
    real.send(step);
    ours.send(step);
    let (said, other) = (real.hear(step), ours.hear(step));
    for slot in 0..=SLOTS {
        let length = said[slot].len().max(other[slot].len());
        for at in 0..length {
            let pair = (said[slot].get(at), other[slot].get(at));
            if pair.0 == pair.1 && pair.0 != Some(&Said::Silent) {
                continue;
            }
            let Some(excuse) = differences::excuse(version, step, pair) else {
                return Err(Mismatch {
                    steps: Vec::new(),
                    slot,
                    at,
                    real: said[slot].clone(),
                    ours: other[slot].clone(),
                });
            };
            *tally.excused.entry(excuse).or_default() += 1;
        }
    }
    count(step, &said, tally);
    Ok(said)
}

fn count(step: &Step, heard: &Heard, tally: &mut Tally) {
    let is_event = |said: &&Said| matches!(said, Said::Event { .. });
    tally.events += heard.iter().flatten().filter(is_event).count();
    if let Step::Batch { slot, calls } = step {
        let replies = heard[*slot].iter().filter(|said| !is_event(said));
        for (call, said) in calls.iter().zip(replies) {
            if let Said::Reply { err, .. } = said {
                *tally.answers.entry((call.op, *err)).or_default() += 1;
            }
        }
    }
}

impl Mismatch {
    fn after(mut self, steps: &[Step]) -> Self {
        self.steps = steps.to_vec();
        self
    }
}

/// The last steps, and both answers to the last.
impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = 12;
        let skipped = self.steps.len().saturating_sub(shown);
        writeln!(f, "{} steps, the last ones:", self.steps.len())?;
        for step in &self.steps[skipped..] {
            match step {
                Step::Batch { slot, calls } => {
                    writeln!(f, "  slot {slot}:")?;
                    for call in calls {
                        writeln!(f, "    {call:?}")?;
                    }
                }
                other => writeln!(f, "  {other:?}")?,
            }
        }
        let what = if self.slot == SLOTS { "probe" } else { "slot" };
        writeln!(f, "on {what} {}, answer {} of it:", self.slot, self.at + 1)?;
        let line = |said: Option<&Said>| said.map_or("nothing more".to_owned(), short);
        writeln!(f, "  real: {}", line(self.real.get(self.at)))?;
        writeln!(f, "  ours: {}", line(self.ours.get(self.at)))?;
        let next = self.at + 1;
        writeln!(f, "  real then: {}", line(self.real.get(next)))?;
        writeln!(f, "  ours then: {}", line(self.ours.get(next)))
    }
}

fn short(said: &Said) -> String {
    let mut text = format!("{said:?}");
    if text.len() > 1_500 {
        text = text.chars().take(1_500).collect();
        let _ = write!(text, "…");
    }
    text
}
