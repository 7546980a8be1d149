//! One direction of one connection: reads frame by frame, writes piece by piece.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::Duration;

use zooscope::proto::{Decode as _, OpCode, Reader, ReplyHeader, RequestHeader};

use super::{Chaos, Cut, Direction, Link, Seen, Shared, lock};

/// No frame is longer; what looks longer is a four-letter word, its answer, or TLS.
const LONGEST: u32 = 64 << 20;

/// Passes on everything until one side ends or a rule says so.
pub fn run(shared: &Shared, link: &Link, direction: Direction) {
    let source = match direction {
        Direction::ToServer => &link.client,
        Direction::ToClient => &link.server,
    };
    let mut pump = Pump {
        shared,
        link,
        direction,
        random: Random::new(shared, link, direction),
    };
    if pump.frames(source).is_ok() {
        // The end of the stream is passed on as such: the other way may go on.
        drop(link.target(direction).shutdown(Shutdown::Write));
    } else {
        link.cut();
        shared.forget(link);
    }
    if link.over.fetch_add(1, Ordering::Relaxed) == 1 {
        shared.forget(link);
    }
}

struct Pump<'a> {
    shared: &'a Shared,
    link: &'a Link,
    direction: Direction,
    random: Random,
}

impl Pump<'_> {
    /// Passes on frames; an error ends the connection.
    fn frames(&mut self, mut source: &TcpStream) -> io::Result<()> {
        let mut first = true;
        loop {
            let mut length = [0; 4];
            if source.read(&mut length[..1])? == 0 {
                return Ok(());
            }
            source.read_exact(&mut length[1..])?;
            let size = u32::from_be_bytes(length);
            if size > LONGEST {
                self.deliver(&length)?;
                return self.bytes(source);
            }
            let mut frame = length.to_vec();
            frame.resize(4 + size as usize, 0);
            source.read_exact(&mut frame[4..])?;
            let cut = if first {
                None
            } else {
                self.inspect(&frame[4..])
            };
            first = false;
            if cut == Some(Cut::BeforeRequest) {
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            self.disguise(&mut frame[4..]);
            self.deliver(&frame)?;
        }
    }

    fn disguise(&self, frame: &mut [u8]) {
        let Some((server, client)) = lock(&self.shared.rules).disguise.clone() else {
            return;
        };
        let (from, to) = match self.direction {
            Direction::ToServer => (client, server),
            Direction::ToClient => (server, client),
        };
        let mut at = 0;
        while at + from.len() <= frame.len() {
            if frame[at..].starts_with(&from) {
                frame[at..at + to.len()].copy_from_slice(&to);
            }
            at += 1;
        }
    }

    /// Passes on what has no frames.
    fn bytes(&mut self, mut source: &TcpStream) -> io::Result<()> {
        let mut buffer = vec![0; 16 << 10];
        loop {
            match source.read(&mut buffer)? {
                0 => return Ok(()),
                count => self.deliver(&buffer[..count])?,
            }
        }
    }

    /// Whether this frame is the one to cut before.
    fn inspect(&self, frame: &[u8]) -> Option<Cut> {
        let mut reader = Reader::new(frame);
        match self.direction {
            Direction::ToServer => self.request(RequestHeader::decode(&mut reader).ok()?),
            Direction::ToClient => {
                let header = ReplyHeader::decode(&mut reader).ok()?;
                if header.xid > 0 && header.zxid > 0 {
                    lock(&self.shared.told).insert(header.zxid);
                }
                let doomed = *lock(&self.link.doomed) == Some(header.xid);
                doomed.then_some(Cut::BeforeRequest)
            }
        }
    }

    fn request(&self, header: RequestHeader) -> Option<Cut> {
        let op = OpCode::try_from(header.op).ok();
        let connection = self.link.number;
        let xid = header.xid;
        lock(&self.shared.seen).push(Seen {
            connection,
            xid,
            op,
        });
        let mut rules = lock(&self.shared.rules);
        let (_, cut) = rules.cut_at.take_if(|(kind, _)| Some(*kind) == op)?;
        if cut == Cut::BeforeReply {
            *lock(&self.link.doomed) = Some(xid);
        }
        Some(cut)
    }

    /// Writes in pieces, as the rules have it.
    fn deliver(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let mut target = self.link.target(self.direction);
        while !bytes.is_empty() {
            let (count, delay) = self.permit(bytes.len())?;
            if !delay.is_zero() {
                std::thread::sleep(delay);
            }
            let (piece, rest) = bytes.split_at(count);
            target.write_all(piece)?;
            if self.direction == Direction::ToClient {
                self.shared.answered.fetch_add(count, Ordering::Relaxed);
            }
            bytes = rest;
        }
        Ok(())
    }

    /// How many bytes may go now, and after which delay. Waits while the way is stalled.
    fn permit(&mut self, wanted: usize) -> io::Result<(usize, Duration)> {
        let mut rules = lock(&self.shared.rules);
        while rules.way(self.direction).stalled {
            let waiting = self.shared.changed.wait(rules);
            rules = waiting.unwrap_or_else(PoisonError::into_inner);
        }
        let mut count = wanted.min(rules.split.unwrap_or(wanted));
        let mut delay = rules.delay;
        if let Some(chaos) = rules.chaos {
            count = count
                .min(self.random.piece(chaos.piece))
                .min(self.random.left);
            delay += chaos.delay.mul_f64(self.random.numbers.f64());
            self.random.left -= count;
        }
        let left = &mut rules.way(self.direction).left;
        if let Some(bytes) = left {
            count = count.min(*bytes);
            *bytes -= count;
        }
        if count == 0 {
            *left = None;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok((count, delay))
    }
}

/// One direction's own sequence of chances.
struct Random {
    numbers: fastrand::Rng,
    /// How many bytes this direction carries under chaos before it ends the connection.
    left: usize,
}

impl Random {
    fn new(shared: &Shared, link: &Link, direction: Direction) -> Self {
        let chaos = lock(&shared.rules).chaos;
        let seed = chaos.map_or(0, |chaos| chaos.seed);
        let own = link.number as u64 * 2 + u64::from(direction == Direction::ToClient);
        let mut numbers = fastrand::Rng::with_seed(seed.wrapping_add(own.wrapping_mul(0x9e37)));
        let left = match chaos {
            Some(Chaos { bytes, .. }) if bytes > 0 => numbers.usize(1..bytes * 2),
            _ => usize::MAX,
        };
        Self { numbers, left }
    }

    fn piece(&mut self, most: usize) -> usize {
        self.numbers.usize(1..=most.max(1))
    }
}
