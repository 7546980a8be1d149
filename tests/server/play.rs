//! One side of the comparison: plays steps to a server and tells what it said, connection by
//! connection. After every step each other connection is asked for a ping, so that all
//! events that the step caused have arrived before the next.

use std::net::SocketAddr;

use zooscope::proto::{
    ConnectRequest, ConnectResponse, Decode as _, Encode as _, OpCode, Reader, ReplyHeader,
    WatchedEvent, xid,
};

use super::control::Control;
use super::said::{Body, Said, Terms, sort_events};
use super::script::{Call, Probe, SLOTS, Step};
use super::wire::{Arrived, Wire};

/// What was said on each slot's connection, and last on a probe's.
pub type Heard = Vec<Vec<Said>>;

/// One connection of a script, and its session.
#[derive(Debug, Default)]
struct Slot {
    wire: Option<Wire>,
    /// Id and password of the session, while it lives.
    session: Option<(i64, Vec<u8>)>,
}

/// A script's player on one server.
#[derive(Debug)]
pub struct Player {
    addr: SocketAddr,
    control: Control,
    terms: Terms,
    slots: Vec<Slot>,
}

const PASSWORD: [u8; 16] = [0; 16];

impl Player {
    /// Gets ready for a script.
    pub fn new(addr: SocketAddr) -> Self {
        let mut control = Control::new(addr);
        let terms = Terms::new(control.zxid());
        let slots = (0..SLOTS).map(|_| Slot::default()).collect();
        Self {
            addr,
            control,
            terms,
            slots,
        }
    }

    /// Which slots have a connection, and which a session.
    pub fn states(&self) -> ([bool; SLOTS], [bool; SLOTS]) {
        let each = |has: fn(&Slot) -> bool| std::array::from_fn(|at| has(&self.slots[at]));
        (
            each(|slot| slot.wire.is_some()),
            each(|slot| slot.session.is_some()),
        )
    }

    /// Sends what the step sends at once.
    pub fn send(&self, step: &Step) {
        if let Step::Batch { slot, calls } = step
            && let Some(wire) = &self.slots[*slot].wire
        {
            wire.send(calls.iter().map(|call| call.frame(self.terms.base)));
        }
    }

    /// Does the rest of the step and tells what was said.
    pub fn hear(&mut self, step: &Step) -> Heard {
        let mut heard = vec![Vec::new(); SLOTS + 1];
        match step {
            Step::Open {
                slot,
                timeout_ms,
                old_style,
            } => self.open(*slot, *timeout_ms, *old_style, &mut heard),
            Step::Batch { slot, calls } => {
                self.replies(*slot, calls, &mut heard[*slot]);
            }
            Step::Last { slot, call } => self.last(*slot, call, &mut heard[*slot]),
            Step::Close { slot } => {
                let close = Call {
                    xid: 1,
                    op: OpCode::CloseSession.code(),
                    body: Vec::new(),
                    relative: false,
                };
                if self.slots[*slot].wire.is_some() {
                    self.last(*slot, &close, &mut heard[*slot]);
                    self.slots[*slot].session = None;
                }
            }
            Step::Garbage { slot, bytes } => {
                if let Some(wire) = &self.slots[*slot].wire {
                    wire.send_raw(bytes);
                    self.until_closed(*slot, &mut heard[*slot]);
                }
            }
            Step::Drop { slot } => {
                if let Some(mut wire) = self.slots[*slot].wire.take() {
                    wire.finish();
                    wire.drain();
                }
            }
            Step::Resume { slot } => self.resume(*slot, &mut heard[*slot]),
            Step::Probe(probe) => self.probe(probe, &mut heard[SLOTS]),
        }
        self.barrier(step, &mut heard);
        if matches!(step, Step::Close { .. }) {
            for said in &mut heard {
                sort_events(said);
            }
        }
        heard
    }

    /// Ends all sessions and removes what they left.
    pub fn finish(mut self) {
        for slot in 0..SLOTS {
            self.resume(slot, &mut Vec::new());
            self.hear(&Step::Close { slot });
        }
        self.control.clean();
    }

    fn open(&mut self, slot: usize, timeout_ms: i32, old_style: bool, heard: &mut Heard) {
        if self.slots[slot].session.is_some() {
            return;
        }
        let hello = ConnectRequest {
            protocol_version: 0,
            last_zxid_seen: 0,
            timeout_ms,
            session_id: 0,
            password: PASSWORD.to_vec(),
            read_only: (!old_style).then_some(false),
        };
        let (wire, session) = self.shake(&hello, &mut heard[slot]);
        self.slots[slot] = Slot { wire, session };
    }

    fn resume(&mut self, slot: usize, said: &mut Vec<Said>) {
        let Some((id, password)) = self.slots[slot].session.clone() else {
            return;
        };
        let hello = ConnectRequest {
            protocol_version: 0,
            last_zxid_seen: 0,
            timeout_ms: 30_000,
            session_id: id,
            password,
            read_only: Some(false),
        };
        let old = self.slots[slot].wire.take();
        let (wire, session) = self.shake(&hello, said);
        self.slots[slot] = Slot { wire, session };
        if let Some(mut old) = old {
            said.push(match old.receive() {
                Arrived::End => Said::Closed,
                Arrived::Nothing => Said::Silent,
                Arrived::Frame(frame) => Said::Odd(frame),
            });
        }
    }

    /// A handshake; a refused one is followed to the connection's end.
    fn shake(
        &mut self,
        hello: &ConnectRequest,
        said: &mut Vec<Said>,
    ) -> (Option<Wire>, Option<(i64, Vec<u8>)>) {
        let Ok(mut wire) = Wire::connect(self.addr) else {
            said.push(Said::Closed);
            return (None, None);
        };
        wire.send([hello.to_bytes()]);
        let frame = match wire.receive() {
            Arrived::Frame(frame) => frame,
            Arrived::End => {
                said.push(Said::Closed);
                return (None, None);
            }
            Arrived::Nothing => {
                said.push(Said::Silent);
                return (None, None);
            }
        };
        let Ok(response) = ConnectResponse::parse(&frame) else {
            said.push(Said::Odd(frame));
            return (None, None);
        };
        said.push(Said::Session {
            number: self.terms.session(response.session_id),
            timeout_ms: response.timeout_ms,
            password: response.password.len(),
            read_only: response.read_only,
        });
        if response.timeout_ms > 0 {
            return (Some(wire), Some((response.session_id, response.password)));
        }
        said.push(match wire.receive() {
            Arrived::Frame(frame) => Said::Odd(frame),
            Arrived::End => Said::Closed,
            Arrived::Nothing => Said::Silent,
        });
        (None, None)
    }

    /// The replies to `calls` and the events between them. A connection that ends is left.
    fn replies(&mut self, slot: usize, calls: &[Call], said: &mut Vec<Said>) {
        let Some(mut wire) = self.slots[slot].wire.take() else {
            return;
        };
        for call in calls {
            if !self.reply(&mut wire, call, said) {
                return;
            }
        }
        self.slots[slot].wire = Some(wire);
    }

    /// The reply to `call`; false if there won't be any.
    fn reply(&self, wire: &mut Wire, call: &Call, said: &mut Vec<Said>) -> bool {
        loop {
            let frame = match wire.receive() {
                Arrived::Frame(frame) => frame,
                Arrived::End => {
                    said.push(Said::Closed);
                    return false;
                }
                Arrived::Nothing => {
                    said.push(Said::Silent);
                    return false;
                }
            };
            let one = self.said(call, &frame);
            let event = matches!(one, Said::Event { .. });
            said.push(one);
            if !event {
                return true;
            }
        }
    }

    fn said(&self, call: &Call, frame: &[u8]) -> Said {
        let mut reader = Reader::new(frame);
        let Ok(header) = ReplyHeader::decode(&mut reader) else {
            return Said::Odd(frame.to_vec());
        };
        let zxid = self.terms.zxid(header.zxid);
        if header.xid == xid::NOTIFICATION {
            let event = WatchedEvent::decode(&mut reader);
            return match event {
                Ok(event) if header.err == 0 && reader.rest().is_empty() => {
                    Said::Event { zxid, event }
                }
                _ => Said::Odd(frame.to_vec()),
            };
        }
        let body = match header.err {
            0 => self.terms.body(call, reader.rest()),
            _ if reader.rest().is_empty() => Body::Nothing,
            _ => Body::Raw(reader.rest().to_vec()),
        };
        Said::Reply {
            xid: header.xid,
            zxid,
            err: header.err,
            body,
        }
    }

    fn last(&mut self, slot: usize, call: &Call, said: &mut Vec<Said>) {
        if let Some(wire) = &self.slots[slot].wire {
            wire.send([call.frame(self.terms.base)]);
            self.replies(slot, std::slice::from_ref(call), said);
            self.until_closed(slot, said);
        }
    }

    fn until_closed(&mut self, slot: usize, said: &mut Vec<Said>) {
        let Some(mut wire) = self.slots[slot].wire.take() else {
            return;
        };
        let nothing = ping();
        while self.reply(&mut wire, &nothing, said) {}
    }

    /// A ping on every connection but the one that has just been heard out.
    fn barrier(&mut self, step: &Step, heard: &mut Heard) {
        let spared = match step {
            Step::Batch { slot, .. } => *slot,
            _ => SLOTS,
        };
        let ping = ping();
        for (number, slot) in self.slots.iter().enumerate() {
            if let Some(wire) = &slot.wire
                && number != spared
            {
                wire.send([ping.frame(0)]);
            }
        }
        for (number, said) in heard.iter_mut().enumerate().take(SLOTS) {
            if number != spared {
                self.replies(number, std::slice::from_ref(&ping), said);
            }
        }
    }

    fn probe(&mut self, probe: &Probe, said: &mut Vec<Said>) {
        let mut hello = ConnectRequest {
            protocol_version: 0,
            last_zxid_seen: 0,
            timeout_ms: 10_000,
            session_id: 0,
            password: PASSWORD.to_vec(),
            read_only: Some(false),
        };
        match probe {
            Probe::Timeout(timeout_ms) => hello.timeout_ms = *timeout_ms,
            Probe::UnknownSession => hello.session_id = 0x0123_4567_89ab_cdef,
            Probe::WrongPassword(slot) => match &self.slots[*slot] {
                Slot {
                    wire: None,
                    session: Some((id, _)),
                } => hello.session_id = *id,
                _ => return,
            },
            Probe::FromTheFuture(ahead) => {
                hello.last_zxid_seen = self.control.zxid().saturating_add(*ahead);
            }
            Probe::Garbage(bytes) => {
                if let Ok(mut wire) = Wire::connect(self.addr) {
                    wire.send_raw(bytes);
                    while self.reply(&mut wire, &ping(), said) {}
                }
                return;
            }
        }
        if let (Some(mut wire), _) = self.shake(&hello, said) {
            let mut close = ping();
            close.op = OpCode::CloseSession.code();
            wire.send([close.frame(0)]);
            while self.reply(&mut wire, &close, said) {}
        }
    }
}

fn ping() -> Call {
    Call {
        xid: xid::PING,
        op: OpCode::Ping.code(),
        body: Vec::new(),
        relative: false,
    }
}
