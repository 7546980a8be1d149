//! The generator of scripts: from a seed and what was answered so far, the next step. The
//! same seed and the same answers make the same script. It never sends what would harm a
//! real server: a check outside of a multi, container or TTL flags with an ordinary create,
//! the server's own operations.

mod calls;
mod hints;
mod multis;
mod values;

use fastrand::Rng;
use zooscope::proto::{OpCode, Request, SetWatches, xid};

pub use hints::Hints;

use super::script::{Call, Probe, SLOTS, Step};

/// Operations that no version knows.
const NO_OPERATION: [i32; 8] = [0, 10, 23, 50, 99, 108, 200, 1_000_000];

/// A source of steps.
#[derive(Debug)]
pub struct Generator {
    rng: Rng,
    version: Vec<u32>,
    pub hints: Hints,
    xid: i32,
    /// Paths that watches were asked for, the latest last.
    watched: Vec<String>,
}

impl Generator {
    /// A source for servers of this version.
    pub fn new(seed: u64, version: &[u32]) -> Self {
        Self {
            rng: Rng::with_seed(seed),
            version: version.to_vec(),
            hints: Hints::default(),
            xid: 0,
            watched: Vec::new(),
        }
    }

    /// The next step.
    pub fn step(&mut self) -> Step {
        let slot = self.rng.usize(..SLOTS);
        if !self.hints.alive[slot] {
            return self.open(slot);
        }
        if !self.hints.connected[slot] {
            return match self.rng.u8(..4) {
                0 => Step::Probe(Probe::WrongPassword(slot)),
                _ => Step::Resume { slot },
            };
        }
        if self.hints.returned[slot] {
            return self.set_watches(slot);
        }
        match self.rng.u16(..1_000) {
            0..880 => self.batch(slot),
            880..910 => self.auth(slot),
            910..925 => Step::Close { slot },
            925..945 => Step::Drop { slot },
            945..955 => Step::Resume { slot },
            955..975 => self.last(slot),
            975..990 => Step::Probe(self.probe()),
            _ => self.set_watches(slot),
        }
    }

    /// Whether the script is over: a multi has failed, which leaves a 3.4 server with stale
    /// records of nodes until they change again.
    pub fn is_over(&self) -> bool {
        self.hints.multi_failed && !self.is_at_least(&[3, 5])
    }

    fn is_at_least(&self, version: &[u32]) -> bool {
        self.version.as_slice() >= version
    }

    fn open(&mut self, slot: usize) -> Step {
        Step::Open {
            slot,
            timeout_ms: values::pick(&mut self.rng, [20_000, 30_000, 40_000, 1_000_000_000]),
            old_style: self.rng.u8(..10) == 0,
        }
    }

    fn batch(&mut self, slot: usize) -> Step {
        let count = self.rng.usize(1..30);
        let mut calls = Vec::with_capacity(count);
        for _ in 0..count {
            let call = self.call();
            let sets_acl = call.op_code() == Some(OpCode::SetAcl);
            if call.op_code() == Some(OpCode::Multi) && !self.is_at_least(&[3, 5]) {
                // When one fails, 3.4 confuses itself about what else is under way.
                if calls.is_empty() && self.rng.u8(..6) == 0 {
                    calls.push(call);
                    break;
                }
                continue;
            }
            calls.push(call);
            if sets_acl {
                // Until it is applied, a real server judges what follows by the old list.
                break;
            }
        }
        Step::Batch { slot, calls }
    }

    /// The xid of the next request: mostly the next, sometimes none a client would take.
    fn xid(&mut self) -> i32 {
        self.xid += 1;
        match self.rng.u8(..50) {
            0 => values::pick(&mut self.rng, [0, -2, -4, -8, 1, i32::MAX, i32::MIN]),
            _ => self.xid,
        }
    }

    /// An auth packet (or a step of an exchange that nobody asked for), alone: its reply
    /// would overtake others.
    fn auth(&mut self, slot: usize) -> Step {
        if self.rng.u8(..20) == 0 {
            // 3.4 falls silent for ever when the token is null.
            let null = self.is_at_least(&[3, 5]) && self.rng.bool();
            let token = (!null).then(|| b"token".into());
            let call = Call::new(self.xid(), &Request::Sasl { token });
            return if null {
                Step::Last { slot, call }
            } else {
                Step::Batch {
                    slot,
                    calls: vec![call],
                }
            };
        }
        let (scheme, auth, refused): (&str, Option<&[u8]>, bool) = match self.rng.u8(..40) {
            0..14 => ("digest", Some(b"u1:p1"), false),
            14..24 => ("digest", Some(b"u2:p2"), false),
            24..28 => ("digest", Some(b"u1:wrong"), false),
            28 => ("digest", Some(b"no colon"), false),
            29 => ("digest", Some(b""), false),
            30 => ("digest", Some(b"a:b:c"), false),
            31 => ("ip", Some(b""), false),
            32 => ("digest", Some(b"super:test"), false),
            33 => ("digest", Some(b"super:wrong"), false),
            34 => ("world", Some(b"anyone"), true),
            35 => ("auth", Some(b""), true),
            36 => ("super", Some(b"super:test"), true),
            37 => ("", Some(b""), true),
            38 => ("digest", None, true),
            _ => ("bogus", Some(b"x"), true),
        };
        let xid = values::pick(&mut self.rng, [xid::AUTH, xid::AUTH, 7]);
        let call = Call::new(
            xid,
            &Request::Auth {
                kind: 0,
                scheme: scheme.into(),
                auth: auth.map(Into::into),
            },
        );
        if refused {
            Step::Last { slot, call }
        } else {
            Step::Batch {
                slot,
                calls: vec![call],
            }
        }
    }

    /// Something after which a server hangs up.
    fn last(&mut self, slot: usize) -> Step {
        let op = match self.rng.u8(..12) {
            0..8 => NO_OPERATION[self.rng.usize(..NO_OPERATION.len())],
            8 if !self.is_at_least(&[3, 5]) => values::pick(&mut self.rng, [15, 17, 18]),
            9 if !self.is_at_least(&[3, 6]) => values::pick(&mut self.rng, [22, 103, 106]),
            10 if !self.is_at_least(&[3, 7]) => 107,
            _ => {
                let bytes: &[u8] = match self.rng.u8(..5) {
                    0 => &[0xff, 0xff, 0xff, 0xff],
                    1 => &[0x7f, 0xff, 0xff, 0xff],
                    2 => &[0x00, 0x10, 0x00, 0x00],
                    3 => &[0, 0, 0, 3, 1, 2, 3],
                    _ => &[0, 0, 0, 0],
                };
                return Step::Garbage {
                    slot,
                    bytes: bytes.to_vec(),
                };
            }
        };
        let call = Call {
            xid: self.xid(),
            op,
            body: vec![0; self.rng.usize(..20)],
            relative: false,
        };
        Step::Last { slot, call }
    }

    fn probe(&mut self) -> Probe {
        match self.rng.u8(..10) {
            0..3 => Probe::Timeout(values::pick(
                &mut self.rng,
                [0, 1, -5, 4_000, 4_001, 12_345, 40_001, i32::MAX],
            )),
            3..7 => Probe::UnknownSession,
            7 => Probe::FromTheFuture(values::pick(&mut self.rng, [0, 1, 1_000])),
            8 => Probe::Garbage(vec![0, 0, 0, 2, 1, 2]),
            _ => Probe::Garbage(vec![0xff; 4]),
        }
    }

    fn set_watches(&mut self, slot: usize) -> Step {
        let second = self.is_at_least(&[3, 6]) && self.rng.bool();
        let mut paths = || {
            (0..self.rng.usize(..5))
                .map(|_| values::any(&mut self.rng, &self.hints).into())
                .collect()
        };
        let mut watches = SetWatches {
            relative_zxid: 0,
            data: paths(),
            exist: paths(),
            child: paths(),
            ..SetWatches::default()
        };
        if second {
            watches.persistent = paths();
            watches.persistent_recursive = paths();
        }
        let newest = self.hints.zxid.max(1);
        watches.relative_zxid = match self.rng.u8(..4) {
            0 => newest,
            1 => 0,
            _ => self.rng.i64(newest - newest.min(60)..=newest),
        };
        let request = if second {
            Request::SetWatches2(watches)
        } else {
            Request::SetWatches(watches)
        };
        let xid = if self.rng.bool() {
            xid::SET_WATCHES
        } else {
            self.xid()
        };
        Step::Batch {
            slot,
            calls: vec![Call::new(xid, &request)],
        }
    }
}
