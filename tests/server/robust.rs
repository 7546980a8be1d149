//! What broken, hostile and numerous clients cost: their own connection, and nothing else.

use std::time::Duration;

use zooscope::proto::{Acl, CreateMode, Encode as _, OpCode, RequestHeader};
use zooscope::proto::{Request, SERVER_FRAME_LIMIT, WatchedEvent, xid};
use zooscope::server::{Options, Server};

use crate::raw::Raw;
use crate::{Running, start};

fn still_serves(server: &Running) {
    let mut client = Raw::connect(server.handle.addr());
    let root = Request::Exists {
        path: "/".into(),
        watch: false,
    };
    assert_eq!(client.err(&root), 0);
}

/// Waits until the server has let go of all sockets but `count`.
fn wait_for_connections(server: &Running, count: usize) {
    for _ in 0..400 {
        if server.handle.connections() == count {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(server.handle.connections(), count);
}

#[test]
fn bytes_that_are_no_protocol_close_the_connection() {
    let server = start(Options::default());
    for garbage in [
        &b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"[..],
        &[0xff; 64],
        &[0x7f, 0xff, 0xff, 0xff, 1, 2, 3],
        &[0, 0x10, 0, 0],
        &[0, 0, 0, 0],
        &[0, 0, 0, 5, 1, 2, 3, 4, 5],
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ] {
        let mut raw = Raw::dial(server.handle.addr());
        raw.send_raw(garbage);
        assert_eq!(raw.rest(), b"", "{garbage:?}");
    }
    wait_for_connections(&server, 0);
    still_serves(&server);
}

#[test]
fn garbage_after_the_handshake_ends_the_connection_or_is_answered() {
    let server = start(Options::default());
    let mut random = fastrand::Rng::with_seed(7);
    for _ in 0..300 {
        let mut raw = Raw::connect(server.handle.addr());
        let ops = OpCode::ALL;
        let header = RequestHeader {
            xid: random.i32(1..),
            op: ops[random.usize(..ops.len())].code(),
        };
        let mut payload = header.to_bytes();
        let length = random.usize(..60);
        payload.extend((0..length).map(|_| match random.u8(..4) {
            0 => 0xff,
            1 => b'/',
            2 => random.u8(..),
            _ => 0,
        }));
        raw.send_frame(&payload);
        raw.send_raw(&[0xff; 4]);
        raw.rest();
    }
    wait_for_connections(&server, 0);
    still_serves(&server);
}

#[test]
fn the_longest_frame_is_taken_and_one_byte_more_is_not() {
    let server = start(Options::default());
    let acl = Acl::open_unsafe();
    let fixed = Request::create("/big", Some(b""), &acl, CreateMode::Persistent, false);
    let overhead = 8 + fixed.to_bytes().len();
    for (over, answered) in [(0, true), (1, false)] {
        let mut client = Raw::connect(server.handle.addr());
        let data = vec![7; SERVER_FRAME_LIMIT - overhead + over];
        client.send(&Request::create(
            "/big",
            Some(&data),
            &acl,
            CreateMode::Persistent,
            false,
        ));
        assert_eq!(client.receive().is_some(), answered);
    }
    still_serves(&server);
}

#[test]
fn half_a_frame_and_silence_are_waited_for_and_cut() {
    let server = start(Options::default());
    let mut silent = Raw::dial(server.handle.addr());
    let mut half = Raw::dial(server.handle.addr());
    half.send_raw(&[0, 0, 0, 45, 0, 0]);
    wait_for_connections(&server, 2);
    server.handle.advance(Duration::from_secs(11));
    assert_eq!((silent.rest(), half.rest()), (Vec::new(), Vec::new()));
    let mut quiet = Raw::connect(server.handle.addr());
    quiet.send_raw(&[0, 0, 1]);
    server.handle.advance(Duration::from_secs(60));
    assert_eq!(quiet.rest(), b"", "its session has expired");
    assert_eq!(server.handle.sessions(), [0; 0]);
}

#[test]
fn a_thousand_connections_watch_and_are_told() {
    let server = start(Options::default());
    let addr = server.handle.addr();
    let watch = Request::Exists {
        path: "/flag".into(),
        watch: true,
    };
    let mut clients: Vec<Raw> = (0..1_000).map(|_| Raw::connect(addr)).collect();
    for client in &mut clients {
        client.send(&watch);
    }
    for client in &mut clients {
        assert!(client.receive().is_some());
    }
    assert_eq!(
        (server.handle.connections(), server.handle.watches()),
        (1_000, 1_000)
    );
    server
        .handle
        .local()
        .ensure_path("/flag")
        .expect("a new path");
    for client in &mut clients {
        let frame = client.receive().expect("the event");
        assert_eq!(frame.header.xid, xid::NOTIFICATION);
        let event: WatchedEvent = crate::raw::event(&frame);
        assert_eq!(event.path, "/flag");
    }
    drop(clients);
    wait_for_connections(&server, 0);
    assert_eq!(server.handle.watches(), 0);
}

/// A client that asks for megabytes and reads nothing must not fill the server's memory: the
/// server stops executing its requests long before.
#[test]
fn a_client_that_does_not_read_is_not_executed_further() {
    let server = start(Options::default());
    let local = server.handle.local();
    let data = vec![1; 100_000];
    let (acl, mode) = (Acl::open_unsafe(), CreateMode::Persistent);
    local
        .create(0, "/big", Some(&data), &acl, mode)
        .expect("a new path");
    let mut greedy = Raw::connect(server.handle.addr());
    let get = Request::GetData {
        path: "/big".into(),
        watch: false,
    };
    for _ in 0..1_000 {
        greedy.send(&get);
    }
    still_serves(&server);
    let taken = server.handle.received();
    assert!(
        taken < 500,
        "{taken} of 1,000 requests for 100 kB each were executed"
    );
    for _ in 0..1_000 {
        assert_eq!(greedy.receive().map(|frame| frame.header.err), Some(0));
    }
}

/// Nor must one whose replies are held back by a fault.
#[test]
fn a_client_whose_replies_are_delayed_is_not_executed_further() {
    let server = start(Options::default());
    let data = vec![1; 100_000];
    let (acl, mode) = (Acl::open_unsafe(), CreateMode::Persistent);
    let local = server.handle.local();
    local
        .create(0, "/big", Some(&data), &acl, mode)
        .expect("a new path");
    let mut client = Raw::connect(server.handle.addr());
    server.handle.delay_replies(Duration::from_secs(3_600));
    let get = Request::GetData {
        path: "/big".into(),
        watch: false,
    };
    for _ in 0..100 {
        client.send(&get);
        // Each look at the connection could execute some more.
        server.handle.send_raw(&[]);
        std::thread::sleep(Duration::from_millis(1));
    }
    let taken = server.handle.received();
    assert!(taken < 50, "{taken} replies of 100 kB each are held back");
}

/// Nor one that asks for the same megabyte again and again in a single frame.
#[test]
fn a_multi_read_of_more_than_memory_should_hold_is_cut() {
    let server = start(Options {
        outbox_limit: 1 << 20,
        ..Options::default()
    });
    let (acl, mode) = (Acl::open_unsafe(), CreateMode::Persistent);
    let local = server.handle.local();
    local
        .create(0, "/big", Some(&vec![1; 100_000]), &acl, mode)
        .expect("a new path");
    for (count, answered) in [(10, true), (11, false), (30_000, false)] {
        let get = || Request::GetData {
            path: "/big".into(),
            watch: false,
        };
        let mut client = Raw::connect(server.handle.addr());
        let requests = (0..count).map(|_| get()).collect();
        client.send(&Request::MultiRead(requests));
        assert_eq!(client.receive().is_some(), answered, "{count}");
    }
    still_serves(&server);
}

/// Nor one that announces a frame of two gigabytes while nothing is executed.
#[test]
fn a_frame_that_is_too_long_is_not_read_before_its_turn() {
    let server = start(Options::default());
    let mut client = Raw::connect(server.handle.addr());
    server.handle.stop_answering(true);
    client.send_raw(&[0x7f, 0xff, 0xff, 0xff]);
    let taken = client.send_as_much_as_is_taken(256 << 20);
    assert!(taken < 64 << 20, "{taken} bytes of it were read");
    server.handle.stop_answering(false);
    assert_eq!(client.rest(), b"");
    still_serves(&server);
}

/// Nor the events it does not read.
#[test]
fn a_client_that_does_not_read_its_events_is_cut() {
    let server = start(Options {
        outbox_limit: 1 << 20,
        ..Options::default()
    });
    let path = format!("/{}", "long".repeat(5_000));
    let local = server.handle.local();
    local.ensure_path(&path).expect("a new path");
    let mut deaf = Raw::connect(server.handle.addr());
    let watch = Request::AddWatch {
        path: "/".into(),
        mode: 1,
    };
    assert_eq!(deaf.err(&watch), 0);
    for count in 0.. {
        assert!(count < 2_000, "40 MB of events wait in the server's memory");
        if server.handle.watches() == 0 {
            break;
        }
        local.set_data(&path, None, -1).expect("the same path");
        if count % 100 == 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    wait_for_connections(&server, 0);
    still_serves(&server);
}

#[test]
fn more_connections_than_allowed_are_turned_away() {
    let server = start(Options {
        max_connections: 2,
        ..Options::default()
    });
    let addr = server.handle.addr();
    let first = Raw::connect(addr);
    let _second = Raw::connect(addr);
    assert_eq!(Raw::dial(addr).handshake(0, &[0; 16], 0), None);
    drop(first);
    wait_for_connections(&server, 1);
    let _third = Raw::connect(addr);
}

#[test]
fn a_port_in_use_is_an_error() {
    let server = start(Options::default());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let again = Options {
        listen: server.handle.addr(),
        ..Options::default()
    };
    assert!(runtime.block_on(Server::start(again)).is_err());
}
