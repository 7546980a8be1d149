//! Frames leave in order, and what has to wait waits.

use super::super::slot::Slot;
use super::super::version::Version;
use super::*;

fn pending() -> Pending {
    Pending {
        xid: 0,
        len: 0,
        op: OpCode::GetData,
        path: None,
        slot: Slot::new(|_| Ok(())),
        arm: None,
    }
}

fn push(outbox: &mut Outbox, body: &[u8]) -> bool {
    outbox
        .push(&|out| out.extend_from_slice(body), pending(), 100, None)
        .is_ok()
}

#[test]
fn frames_leave_in_order_and_in_the_portions_asked_for() {
    let mut outbox = Outbox::new(3);
    assert!(push(&mut outbox, b"a"));
    assert!(push(&mut outbox, b"bb"));
    assert!(!push(&mut outbox, &[0; 200]), "too large");
    assert!(push(&mut outbox, b"ccc"));
    assert!(!push(&mut outbox, b"d"), "full");
    let (mut out, mut sent) = (Vec::new(), VecDeque::new());
    assert!(outbox.pull(1, &mut out, &mut sent));
    assert_eq!(
        out,
        [&9i32.to_be_bytes()[..], &[0, 0, 0, 1, 0, 0, 0, 4], b"a"].concat()
    );
    out.clear();
    assert!(!outbox.pull(9, &mut out, &mut sent));
    assert_eq!(out.len(), 14 + 15);
    assert!(out.ends_with(b"ccc"));
    assert_eq!(sent.iter().map(|p| p.xid).collect::<Vec<_>>(), [1, 2, 3]);
}

/// A create that is to be undecided, as are all by this operation.
fn push_gated(outbox: &mut Outbox, op: OpCode, body: &[u8]) {
    let gate = Gate {
        needs: Version::needed_for(op),
        fallback: (op == OpCode::Create2).then_some(OpCode::Create),
        wants_stats: false,
    };
    let record = |out: &mut Vec<u8>| out.extend_from_slice(body);
    let pushed = outbox.push(&record, Pending { op, ..pending() }, 100, Some(gate));
    assert!(pushed.is_ok());
}

#[test]
fn what_waits_for_the_version_holds_back_all_behind_it() {
    let mut outbox = Outbox::new(9);
    push(&mut outbox, b"first");
    push_gated(&mut outbox, OpCode::WhoAmI, b"");
    push_gated(&mut outbox, OpCode::Create2, b"made");
    push(&mut outbox, b"last");
    let (mut out, mut sent) = (Vec::new(), VecDeque::new());
    outbox.pull(9, &mut out, &mut sent);
    assert!(out.ends_with(b"first") && sent.len() == 1);
    let refused = outbox.decide(|_, gate, _| gate.fallback.ok_or(ErrorKind::Closed));
    assert!(refused.len() == 1 && refused[0].0.op == OpCode::WhoAmI);
    out.clear();
    outbox.pull(9, &mut out, &mut sent);
    assert_eq!(sent.iter().map(|p| p.xid).collect::<Vec<_>>(), [1, 3, 4]);
    assert_eq!(sent[1].op, OpCode::Create);
    assert!(out.starts_with(b"\0\0\0\x0c\0\0\0\x03\0\0\0\x01made"));
    assert!(out.ends_with(b"last") && outbox.is_empty());
    // Nothing is left of it for those that come later.
    push(&mut outbox, b"later");
    assert!(outbox.decide(|_, _, _| Err(ErrorKind::Closed)).is_empty());
    outbox.pull(9, &mut out, &mut sent);
    assert_eq!(sent.len(), 4);
}

#[test]
fn a_queue_is_full_of_bytes_before_it_is_full_of_requests() {
    let mut outbox = Outbox::new(1000);
    let big = vec![0; MOST_BYTES / 4];
    let record = |out: &mut Vec<u8>| out.extend_from_slice(&big);
    let push = |outbox: &mut Outbox| outbox.push(&record, pending(), big.len() + 8, None);
    for _ in 0..4 {
        assert!(push(&mut outbox).is_ok());
    }
    let refused = push(&mut outbox).expect_err("there are too many bytes");
    assert!(matches!(refused.0, Refused::Full));
    let (mut out, mut sent) = (Vec::new(), VecDeque::new());
    assert!(outbox.pull(1, &mut out, &mut sent), "there is room again");
    assert!(push(&mut outbox).is_ok());
}

#[test]
fn few_requests_can_wait_behind_many_unless_the_client_closes() {
    let mut outbox = Outbox::new(99);
    push(&mut outbox, b"");
    assert!(!outbox.can_wait(LITTLE));
    assert!(outbox.can_wait(LITTLE + 1));
    push(&mut outbox, b"");
    assert!(!outbox.can_wait(2 * LITTLE));
    assert!(outbox.can_wait(2 * LITTLE + 1));
    let large = vec![0; MUCH_BYTES];
    let record = |out: &mut Vec<u8>| out.extend_from_slice(&large);
    assert!(
        outbox
            .push(&record, pending(), 2 * MUCH_BYTES, None)
            .is_ok()
    );
    assert!(!outbox.can_wait(1000), "they are large");
    let mut outbox = Outbox::new(99);
    push(&mut outbox, b"");
    outbox.close(Closing::Close);
    assert!(!outbox.can_wait(1000));
}

#[test]
fn xids_wrap_to_one_and_never_meet_the_reserved_ones() {
    let mut outbox = Outbox::new(9);
    outbox.next_xid = i32::MAX;
    assert_eq!(outbox.take_xid(), i32::MAX);
    assert_eq!(outbox.take_xid(), 1);
}
