//! The harness tested by itself, with the independent client alone: a test that stands on a
//! server, an ensemble or a proxy must be able to trust them.

#[path = "../support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use support::{Cut, Direction, Ensemble, Failed, Proxy, Raw, RealServer};
use zooscope::proto::{CreateMode, OpCode, Request};

fn read(path: &str) -> Request<'_> {
    Request::GetData {
        path: path.into(),
        watch: false,
    }
}

#[test]
fn every_server_starts_and_keeps_its_data_over_a_crash() {
    for install in support::all() {
        let mut server = RealServer::start(install);
        server.raw().create("/kept", b"data");
        server.kill();
        assert!(
            support::four_letter_word(server.addr(), "srvr").is_err(),
            "{install} is gone"
        );
        server.restart();
        let kept = server.raw().get("/kept").expect("the znode is still there");
        assert_eq!(kept.data.as_deref(), Some(b"data".as_slice()), "{install}");
        server.stop();
        server.restart();
        assert_eq!(
            server.raw().children("/"),
            ["kept", "zookeeper"],
            "{install}"
        );
    }
}

#[test]
fn a_shared_server_keeps_tests_apart() {
    for server in support::shared_all() {
        let (mine, yours) = (server.chroot("apart"), server.chroot("apart"));
        assert_ne!(mine, yours);
        let mut raw = server.raw();
        raw.create_children(&mine, (0..1200).map(|i| format!("n{i}")), b"x");
        assert_eq!(raw.children(&mine).len(), 1200);
        assert_eq!(raw.children(&yours), [""; 0]);
        raw.close();
    }
}

#[test]
fn a_session_can_be_ended_behind_its_owners_back() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let path = format!("{}/mine", server.chroot("expiry"));
    let mut owner = server.raw();
    owner
        .create_as(&path, b"", CreateMode::Ephemeral)
        .expect("an ephemeral znode");
    Raw::end_session(
        server.addr(),
        owner.session.session_id,
        &owner.session.password,
    );
    assert_eq!(server.raw().get(&path), None, "it went with its session");
    assert!(matches!(owner.call(&read(&path)), Err(Failed::Gone(_))));
}

#[test]
fn a_frozen_server_answers_nothing_until_it_thaws() {
    let Some(install) = support::newest() else {
        return;
    };
    let mut server = RealServer::start(install);
    let mut raw = server.raw();
    server.process().freeze();
    let sent = raw.send(&read("/")).expect("the kernel takes the bytes");
    assert_eq!(server.process().mode(), None);
    server.process().thaw();
    raw.reply(sent).expect("the answer comes after all");
}

#[test]
fn an_ensemble_elects_again_when_its_leader_is_killed() {
    let Some(install) = support::newest() else {
        return;
    };
    let mut ensemble = Ensemble::start(install);
    let first = ensemble.leader();
    ensemble.raw(first).create("/written", b"once");
    ensemble.member(first).kill();
    let second = ensemble.leader();
    assert_ne!(first, second);
    assert!(ensemble.raw(second).get("/written").is_some());
    ensemble.restart(first);
    assert!(ensemble.mode(first).is_some());
    assert_ne!(ensemble.follower(), second);
}

/// Two members that have forgotten all are a majority, and go on from nothing.
#[test]
fn an_ensemble_that_has_lost_what_it_told_is_found_out() {
    for install in support::all() {
        let mut ensemble = Ensemble::start(install);
        let leader = ensemble.leader();
        let proxy = Proxy::start(ensemble.addr(leader));
        let mut raw = Raw::connect(proxy.addr());
        raw.create("/written", b"once");
        raw.get("/written").expect("it is there");
        let told = proxy.told();
        let flaw = |ensemble: &Ensemble, index| ensemble.history(index).flaw(&told);
        for index in 0..3 {
            assert_eq!(flaw(&ensemble, index), None, "{install}");
            ensemble.kill(index);
        }
        let forgetful = [(leader + 1) % 3, (leader + 2) % 3];
        for index in forgetful {
            ensemble.forget(index);
            ensemble.member(index).spawn();
        }
        for index in forgetful {
            ensemble.restart(index);
        }
        ensemble.raw(forgetful[0]).create("/other", b"");
        support::wait_until("a member that has skipped what was told", || {
            let all: Vec<_> = forgetful.map(|index| flaw(&ensemble, index)).into();
            all.iter().any(Option::is_some)
        });
    }
}

#[test]
fn a_proxy_passes_on_every_byte_however_small_the_pieces() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let path = server.chroot("pieces");
    let proxy = Proxy::start(server.addr());
    proxy.split(Some(1));
    let data: Vec<u8> = (0..=255).cycle().take(5000).collect();
    let mut raw = Raw::connect(proxy.addr());
    raw.set(&path, &data);
    assert_eq!(raw.get(&path).and_then(|reply| reply.data), Some(data));
    let ops: Vec<_> = proxy.seen().iter().filter_map(|seen| seen.op).collect();
    assert_eq!(ops, [OpCode::SetData, OpCode::GetData]);
    let word = support::four_letter_word(proxy.addr(), "srvr").expect("an answer");
    assert!(word.contains("Mode: standalone"));
}

#[test]
fn a_cut_before_the_request_leaves_no_trace_and_one_before_the_reply_does() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    for (cut, version) in [(Cut::BeforeRequest, 0), (Cut::BeforeReply, 1)] {
        let path = server.chroot("cut");
        let proxy = Proxy::start(server.addr());
        let mut raw = Raw::connect(proxy.addr());
        proxy.cut_at(OpCode::SetData, cut);
        raw.get(&path).expect("other requests pass");
        assert!(proxy.is_armed());
        let data = Some(b"new".as_slice().into());
        let request = Request::SetData {
            path: path.as_str().into(),
            data,
            version: -1,
        };
        let failed = raw.call(&request).expect_err("the connection is cut");
        assert!(matches!(failed, Failed::Gone(_)));
        assert!(!proxy.is_armed());
        let stat = server.raw().get(&path).expect("the znode").stat;
        assert_eq!(stat.version, version, "{cut:?}");
    }
}

#[test]
fn a_proxy_stalls_delays_cuts_half_closes_refuses_and_counts_bytes() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let proxy = Proxy::start(server.addr());
    let mut raw = Raw::connect(proxy.addr());

    proxy.stall(Direction::ToClient, true);
    let sent = raw.send(&read("/")).expect("the request goes out");
    support::wait_until("the request at the proxy", || proxy.seen().len() == 1);
    proxy.stall(Direction::ToClient, false);
    raw.reply(sent).expect("the reply was only held back");

    proxy.delay(Duration::from_millis(40));
    let start = Instant::now();
    raw.call(&read("/")).expect("a slow reply");
    assert!(
        start.elapsed() >= Duration::from_millis(80),
        "{:?}",
        start.elapsed()
    );
    proxy.delay(Duration::ZERO);

    proxy.close_after(Direction::ToClient, 10);
    assert!(
        raw.call(&read("/")).is_err(),
        "a reply has more than ten bytes"
    );
    let mut raw = Raw::connect(proxy.addr());
    proxy.half_close(Direction::ToClient);
    assert!(raw.call(&read("/")).is_err(), "the stream has ended");

    let mut raw = Raw::connect(proxy.addr());
    proxy.cut();
    assert!(raw.call(&read("/")).is_err(), "the connection is cut");

    proxy.refuse(true);
    assert!(Raw::attach(proxy.addr(), 10_000, 0, &[0; 16]).is_err());
    proxy.refuse(false);
    Raw::connect(proxy.addr()).close();
}

#[test]
fn chaos_is_the_same_for_the_same_seed() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let run = |seed| {
        let proxy = Proxy::start(server.addr());
        let (bytes, piece, delay) = (3000, 40, Duration::ZERO);
        proxy.chaos(Some(support::Chaos {
            seed,
            bytes,
            piece,
            delay,
        }));
        let calls = |mut raw: Raw| {
            (0..10_000)
                .take_while(|_| raw.call(&read("/")).is_ok())
                .count()
        };
        let survived = |_| Raw::attach(proxy.addr(), 10_000, 0, &[0; 16]).map_or(0, calls);
        (0..4).map(survived).collect::<Vec<_>>()
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn a_disguised_name_reads_differently_on_both_sides() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let root = server.chroot("disguise");
    server.raw().create(&format!("{root}/HARMLESS"), b"x");
    let proxy = Proxy::start(server.addr());
    proxy.disguise(b"HARMLESS", b"\x1b[31mbad");
    let mut raw = Raw::connect(proxy.addr());
    assert_eq!(raw.children(&root), ["\x1b[31mbad"]);
    assert!(raw.get(&format!("{root}/\x1b[31mbad")).is_some());
}

#[test]
fn a_pty_shows_screen_modes_and_what_was_asked_of_the_terminal() {
    let mut command = support::plain(portable_pty::CommandBuilder::new("sh"));
    let script = "stty -echo; printf '\\033[?1049h\\033[?25l\\033]2;mine\\007hello'; read -r _; \
        printf '\\033[?25h\\033[?1049l'; stty echo; exit 7";
    command.args(["-c", script]);
    let mut pty = support::Pty::start(command, (5, 20));
    pty.wait_for("hello");
    let (alternate, hidden) = (true, true);
    let modes = support::Modes {
        alternate,
        hidden,
        ..support::Modes::PLAIN
    };
    assert_eq!(pty.modes(), modes);
    assert!(!pty.is_cooked());
    assert_eq!(pty.asked(), ["title mine"]);
    pty.keys("\n");
    assert_eq!(pty.wait_exit(), 7);
    pty.wait_until("the modes restored", |pty| {
        pty.modes() == support::Modes::PLAIN
    });
    assert!(pty.is_cooked());
}
