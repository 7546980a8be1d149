//! Frames never mix, whoever writes them, and no request is forgotten on its way.

use std::sync::Arc;
use std::task::Waker;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;

use super::super::error::Error;
use super::super::options::Options;
use super::super::outbox::Closing;
use super::super::shared::Shared;
use super::super::slot::Slot;
use super::super::stream::Stream;
use super::super::wire::End;
use super::*;
use crate::proto::{Encode as _, OpCode, ReplyHeader, Request, xid};

/// A wire that runs, and the other end of its connection. Their buffers are the smallest.
struct Bed {
    shared: Arc<Shared>,
    peer: TcpStream,
    running: JoinHandle<(Wire, End)>,
}

/// A wire, and the other end of its connection.
async fn connection() -> (Wire, TcpStream) {
    let listener = TcpSocket::new_v4().expect("a socket");
    listener.set_recv_buffer_size(1).expect("a smaller one");
    let local = "127.0.0.1:0".parse().expect("an address");
    listener.bind(local).expect("a free port");
    let listener = listener.listen(1).expect("it listens");
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_send_buffer_size(1).expect("a smaller one");
    let connecting = socket.connect(listener.local_addr().expect("it is bound"));
    let (stream, accepted) = tokio::join!(connecting, listener.accept());
    let stream = Stream::plain(stream.expect("it listens"));
    let options = Options::new("127.0.0.1:1").expect("good hosts");
    let shared = Arc::new(Shared::new(options));
    let wire = Wire::new(shared, stream, Arc::from("here"), Duration::from_secs(60));
    (wire, accepted.expect("the other end").0)
}

/// Makes a request whose record is `length` bytes of `byte`.
fn ask(shared: &Shared, op: OpCode, byte: u8, length: usize) -> Arc<Slot<()>> {
    let slot = Slot::new(|_| Ok(()));
    let pending = Pending {
        xid: 0,
        len: 0,
        op,
        path: None,
        slot: slot.clone(),
        arm: None,
    };
    let record = |out: &mut Vec<u8>| out.extend(std::iter::repeat_n(byte, length));
    let pushed = lock(&shared.outbox).push(&record, pending, 1 << 20, None);
    assert!(pushed.is_ok());
    slot
}

impl Bed {
    async fn new() -> Self {
        let (mut wire, peer) = connection().await;
        let shared = wire.shared.clone();
        let running = tokio::spawn(async move {
            let end = wire.run().await;
            (wire, end)
        });
        let bed = Self {
            shared,
            peer,
            running,
        };
        bed.until(|line| line.half.is_some()).await;
        bed
    }

    async fn until(&self, holds: impl Fn(&Line) -> bool) {
        let held = async {
            while !holds(&lock(&self.shared.outbox).line) {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, held)
            .await
            .expect("it comes");
    }

    fn ask(&self, op: OpCode, byte: u8, length: usize) -> Arc<Slot<()>> {
        ask(&self.shared, op, byte, length)
    }

    /// Whether the request made last was written by who made it.
    fn has_gone(&self) -> bool {
        lock(&self.shared.outbox).line.gone.is_some()
    }

    /// The peer reads a frame: its xid, and its record's first byte and length.
    async fn receive(&mut self) -> (i32, u8, usize) {
        let length = tokio::time::timeout(PATIENCE, self.peer.read_u32()).await;
        let length = length.expect("a frame").expect("a length") as usize;
        let mut frame = vec![0; length];
        self.peer.read_exact(&mut frame).await.expect("a frame");
        let xid = i32::from_be_bytes(*frame.first_chunk().expect("an xid"));
        let record = &frame[8..];
        assert!(record.iter().all(|&byte| byte == record[0]), "frames mixed");
        (xid, record[0], record.len())
    }

    async fn reply(&mut self, xid: i32) {
        let mut frame = 16_i32.to_be_bytes().to_vec();
        let (zxid, err) = (1, 0);
        ReplyHeader { xid, zxid, err }.encode(&mut frame);
        self.peer.write_all(&frame).await.expect("the wire reads");
    }
}

async fn answer(slot: Arc<Slot<()>>) -> Result<(), Error> {
    let answer = std::future::poll_fn(|cx| slot.poll(cx.waker()));
    let answered = tokio::time::timeout(PATIENCE, answer).await;
    answered.expect("nobody waits for ever")
}

const PATIENCE: Duration = Duration::from_secs(30);

#[tokio::test]
async fn what_comes_alone_is_written_by_who_asks() {
    let mut bed = Bed::new().await;
    for xid in 1..4 {
        // Each answer lends the line anew, before its caller has it.
        let slot = bed.ask(OpCode::GetData, 7, 100);
        assert!(bed.has_gone());
        assert_eq!(bed.receive().await, (xid, 7, 100));
        bed.reply(xid).await;
        answer(slot).await.expect("it was answered");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_sent_by_the_session_before_all_else() {
    let mut bed = Bed::new().await;
    let alone = bed.ask(OpCode::SetData, 1, 16_000);
    assert!(bed.has_gone());
    assert!(!lock(&bed.shared.outbox).line.rest.is_empty(), "it all fit");
    assert_eq!(bed.receive().await, (1, 1, 16_000));
    bed.reply(1).await;
    answer(alone).await.expect("it was answered");
    let long = bed.ask(OpCode::SetData, 2, 16_000);
    assert!(bed.has_gone());
    let short = bed.ask(OpCode::SetData, 3, 10);
    assert_eq!(bed.receive().await, (2, 2, 16_000));
    assert_eq!(bed.receive().await, (3, 3, 10));
    bed.reply(2).await;
    bed.reply(3).await;
    answer(long).await.expect("it was answered");
    answer(short).await.expect("it was answered");
    bed.until(|line| line.half.is_some()).await;
}

#[tokio::test]
async fn the_second_is_not_alone() {
    let mut bed = Bed::new().await;
    let first = bed.ask(OpCode::GetData, 1, 10);
    let second = bed.ask(OpCode::GetData, 2, 10);
    // The session has taken the first over and the line back.
    bed.until(|line| line.half.is_none() && line.gone.is_none())
        .await;
    let third = bed.ask(OpCode::GetData, 3, 10);
    assert!(!bed.has_gone());
    for (xid, byte) in [(1, 1), (2, 2), (3, 3)] {
        assert_eq!(bed.receive().await, (xid, byte, 10));
        bed.reply(xid).await;
    }
    for slot in [first, second, third] {
        answer(slot).await.expect("it was answered");
    }
}

#[tokio::test]
async fn long_frames_and_auth_packets_are_left_to_the_session() {
    let bed = Bed::new().await;
    drop(bed.ask(OpCode::Auth, 1, 10));
    assert!(!bed.has_gone());
    let bed = Bed::new().await;
    drop(bed.ask(OpCode::SetData, 1, 17_000));
    assert!(!bed.has_gone());
}

#[tokio::test]
async fn what_was_written_may_have_been_applied_though_the_session_never_saw_it() {
    let mut bed = Bed::new().await;
    let slot = bed.ask(OpCode::SetData, 1, 10);
    assert!(bed.has_gone());
    // The session's task is ended without another look at anything.
    bed.running.abort();
    assert!((&mut bed.running).await.is_err());
    let error = answer(slot).await.expect_err("it is never answered");
    assert!(error.may_have_been_applied(), "{error}");
}

#[tokio::test]
async fn a_client_that_ends_has_its_line_back() {
    let mut bed = Bed::new().await;
    bed.shared.close(Closing::Detach);
    let (wire, end) = (&mut bed.running).await.expect("no panic");
    assert!(matches!(end, End::Closed), "{end:?}");
    assert!(!wire.stream.is_lent() && lock(&bed.shared.outbox).line.half.is_none());
}

#[tokio::test]
async fn a_session_that_has_to_send_lends_nothing() {
    let (mut wire, _peer) = connection().await;
    wire.left = false;
    lock(&wire.shared.outbox).listen(Waker::noop());
    drop(ask(&wire.shared, OpCode::GetData, 1, 10));
    wire.lend();
    assert!(!wire.stream.is_lent(), "it was woken");
    lock(&wire.shared.outbox).drain();
    lock(&wire.shared.outbox).listen(Waker::noop());
    wire.lend();
    assert!(wire.stream.is_lent());
}

#[tokio::test]
async fn a_ping_waits_until_a_frame_has_left() {
    let (mut wire, _peer) = connection().await;
    wire.left = false;
    lock(&wire.shared.outbox).listen(Waker::noop());
    wire.lend();
    drop(ask(&wire.shared, OpCode::SetData, 1, 16_000));
    wire.put(xid::PING, &Request::Ping);
    wire.recall();
    let (rest, ping) = wire.out.split_at(wire.out.len() - 12);
    assert!(!rest.is_empty() && rest.iter().all(|&byte| byte == 1));
    assert!(ping.starts_with(&8_i32.to_be_bytes()));
}
