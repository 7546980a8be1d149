//! Deleting whole trees: within the server's frame limit, from a server that is too busy,
//! beside those who go on creating; and what an error says of what was done before it.

use std::sync::{Arc, Mutex};

use zooscope::client::Client;
use zooscope::proto::{
    Acl, CreateMode, Encode as _, ErrorCode, MultiResult, Names, OpCode, Perms, Request, ZPath,
    encode_multi_reply,
};
use zooscope::server::{self, Server};

use crate::common::{connected, make, open, options_at, path, soon};
use crate::fake::Fake;
use crate::support::{self, Proxy};

/// So many znodes below `/t`, and that one.
async fn plant(client: &Client, names: impl Iterator<Item = String>) {
    make(client, "/t", b"").await;
    let made: Vec<_> = names
        .map(|name| {
            let at = path("/t").child(&name);
            client.create(&at, b"", &[], CreateMode::Persistent)
        })
        .collect();
    for one in made {
        one.await.expect("made");
    }
}

#[tokio::test]
async fn a_tree_is_deleted_in_frames_that_the_server_takes() {
    for server in support::shared_all() {
        let chroot = server.chroot("portions");
        let planter = connected(options_at(server.addr(), &chroot)).await;
        // One deletion, by the longest path: a header, the path and its length, a version.
        let name = |i| format!("{i:03}{}", "x".repeat(40));
        let whole = chroot.len() + "/t/".len() + name(0).len();
        let (single, several) = (8 + 4 + whole + 4, 8 + 9 + 10 * (9 + 4 + whole + 4));
        for (limit, multis) in [(single, 0), (several, 26 + 5), (several - 1, 29 + 5)] {
            plant(&planter, (0..300).map(name)).await;
            let proxy = Proxy::start(server.addr());
            let options = options_at(proxy.addr(), &chroot).server_frame_limit(limit);
            let client = connected(options).await;
            let deleted = client.delete_recursive(&path("/t"), |_| {}).await;
            assert_eq!(deleted.expect("in portions"), 301, "{limit} bytes a frame");
            let seen = proxy.seen();
            let seen = seen.iter().filter(|seen| seen.op == Some(OpCode::Multi));
            // 256 are listed and deleted, then the others.
            assert_eq!(seen.count(), multis, "{limit} bytes a frame");
            client.close().await;
        }
        planter.close().await;
    }
}

#[tokio::test]
async fn a_server_that_is_too_busy_is_waited_for() {
    let server = Server::start(server::Options::default())
        .await
        .expect("a port");
    let client = connected(options_at(server.addr(), "")).await;
    let codes = [ErrorCode::ThrottledOp, ErrorCode::OperationTimeout];
    for (op, code) in [OpCode::GetChildren, OpCode::Multi, OpCode::Delete]
        .into_iter()
        .flat_map(|op| codes.map(|code| (op, code)))
    {
        plant(&client, (0..3).map(|i| i.to_string())).await;
        if op == OpCode::Delete {
            // It is not deleted one by one unless the transaction fails.
            server.fail_next(Some(OpCode::Multi), ErrorCode::OperationTimeout);
        }
        server.fail_next(Some(op), code);
        let deleted = client.delete_recursive(&path("/t"), |_| {}).await;
        assert_eq!(deleted.expect("in the end"), 4, "{op:?}, {code}");
    }
    client.close().await;
}

#[tokio::test]
async fn a_transaction_refused_as_a_whole_is_told_of_the_path_asked_for() {
    let server = Server::start(server::Options::default())
        .await
        .expect("a port");
    let client = connected(options_at(server.addr(), "")).await;
    plant(&client, (0..3).map(|i| i.to_string())).await;
    server.fail_next(Some(OpCode::Multi), ErrorCode::NotReadOnly);
    let error = client.delete_recursive(&path("/t"), |_| {}).await;
    let error = error.expect_err("it takes no writes");
    assert_eq!(
        (error.op(), error.path()),
        (Some(OpCode::Delete), Some(&path("/t")))
    );
    assert!(error.is(ErrorCode::NotReadOnly), "{error}");
    assert!(!error.may_have_been_applied(), "nothing was");
    client.close().await;
}

#[tokio::test]
async fn an_error_says_whether_anything_went_before_it() {
    for server in support::shared_all() {
        let client = open(server, "partly").await;
        plant(&client, (0..300).map(|i| i.to_string())).await;
        let locked = [Acl::world(Perms::READ.with(Perms::CREATE))];
        let (folder, stays) = (path("/t/folder"), path("/t/folder/stays"));
        for (at, acl) in [(&folder, &locked[..]), (&stays, &[])] {
            let made = client.create(at, b"", acl, CreateMode::Persistent);
            made.await.expect("made");
        }
        for (at, partly) in [(&folder, false), (&path("/t"), true), (&folder, false)] {
            let error = client.delete_recursive(at, |_| {}).await;
            let error = error.expect_err("the folder's children stay");
            assert!(error.is(ErrorCode::NoAuth), "{error}");
            assert_eq!(error.path(), Some(&stays));
            assert_eq!(error.may_have_been_applied(), partly, "{error}");
        }
        assert!(client.get_children(&path("/t")).await.expect("there").len() < 301);
        client.close().await;
    }
}

/// What became of the transaction is not known, and nobody is left to find out.
#[tokio::test]
async fn the_end_of_the_client_does_not_hide_that_the_first_answer_was_lost() {
    let fake = Fake::start("3.9.4", |conn, number| {
        // The session has expired when it is to be resumed.
        let (id, timeout) = if number == 0 { (1, 10_000) } else { (0, 0) };
        conn.welcome(id, timeout);
        while let Some((xid, op, body)) = conn.request() {
            if op == OpCode::Multi.code() {
                return;
            }
            let names = if body.ends_with(b"/t\0") {
                &["a", "b"][..]
            } else {
                &[]
            };
            conn.reply(xid, 1, 0, &Names::from_iter(names).to_bytes());
        }
    });
    let client = connected(options_at(fake.addr(), "").renew(false)).await;
    let at = path("/t");
    let error = soon("the end", client.delete_recursive(&at, |_| {})).await;
    let error = error.expect_err("the session is over");
    assert!(error.is_final(), "{error}");
    assert!(error.may_have_been_applied(), "{error}");
}

/// `/0/0/0`, and so on, so deep.
fn deep(levels: usize) -> ZPath {
    path(&"/0".repeat(levels))
}

/// Whoever creates deep down keeps all above from going: that is one disturbance, and the way
/// down is gone once more, not once from each level.
#[tokio::test]
async fn a_deep_chain_is_deleted_although_one_goes_on_creating_at_its_end() {
    const DEPTH: usize = 60;
    const RIVALS: usize = 25;
    let lists = Arc::new(Mutex::new(0));
    let count = lists.clone();
    let fake = Fake::start("3.9.4", move |conn, _| {
        conn.welcome(1, 10_000);
        let mut rivals = 0;
        let not_empty = ErrorCode::NotEmpty.code();
        conn.serve(|request| match request {
            Request::GetChildren { path, .. } => {
                *count.lock().expect("no panic") += 1;
                let names = if path.len() < 2 * DEPTH {
                    &["0"][..]
                } else {
                    &[]
                };
                (1, 0, Names::from_iter(names).to_bytes())
            }
            Request::Multi(parts) => {
                rivals += 1;
                let result = |_| match rivals {
                    ..=RIVALS => MultiResult::Failed(not_empty),
                    _ => MultiResult::Deleted,
                };
                let mut record = Vec::new();
                let results: Vec<_> = parts.iter().map(result).collect();
                encode_multi_reply(&results, &mut record);
                (1, 0, record)
            }
            _ => (1, not_empty, Vec::new()),
        });
    });
    let client = connected(options_at(fake.addr(), "")).await;
    let top = deep(1);
    let deleted = soon("the end", client.delete_recursive(&top, |_| {})).await;
    assert_eq!(deleted.expect("rivals are put up with"), DEPTH as u64);
    let lists = *lists.lock().expect("no panic");
    assert_eq!(lists, (RIVALS + 1) * DEPTH);
    client.close().await;
}

#[tokio::test]
async fn what_is_created_on_the_way_up_of_a_deep_chain_goes_too() {
    const DEPTH: usize = 300;
    for server in support::shared_all() {
        let chroot = server.chroot("chain");
        let client = connected(options_at(server.addr(), &chroot)).await;
        for levels in 1..=DEPTH {
            make(&client, deep(levels).as_str(), b"").await;
        }
        let (mut raw, mut told) = (server.raw(), 0);
        let progress = |deleted| {
            if told == 0 {
                // All has been listed by now, and only the lower part of it is gone.
                assert!((1..DEPTH as u64).contains(&deleted), "{deleted}");
                let late = format!("{chroot}{}/late", deep(20));
                raw.create(&late, b"");
                raw.create(&format!("{late}/too"), b"");
            }
            told = deleted;
        };
        let deleted = client.delete_recursive(&deep(1), progress).await;
        let all = DEPTH as u64 + 2;
        assert_eq!(deleted.expect("all of it"), all, "{}", server.install());
        assert_eq!(told, all);
        assert_eq!(client.exists(&deep(1)).await.expect("an answer"), None);
        raw.close();
        client.close().await;
    }
}
