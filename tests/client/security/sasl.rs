//! SASL DIGEST-MD5: who is let in, on every connection; who is not, and what is said of it;
//! and servers that demand SASL of everybody.

use zooscope::client::{Auth, Client, ErrorKind, Options, Sasl, SessionState};
use zooscope::proto::{Acl, CreateMode, ErrorCode, Perms, ZPath};

use super::failure;
use crate::common::{connected, options_at, path, soon, until};
use crate::fake::Fake;
use crate::support::{self, Proxy, RealServer, sasl_server};

fn ann() -> Sasl {
    Sasl::digest_md5("ann", "s\u{e9}same")
}

/// kazoo: `test_sasl::TestSASLDigestAuthentication::test_connect_sasl_auth`
/// kazoo: `test_sasl::TestSASLDigestAuthentication::test_invalid_sasl_auth`
#[tokio::test]
async fn sasl_digest_md5_lets_in_who_knows_the_password() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let setup = sasl_server(folder.path());
    for install in support::all() {
        let server = RealServer::start_with(install, &setup);
        let proxy = Proxy::start(server.addr());
        let client = connected(options_at(proxy.addr(), "").sasl(ann())).await;
        let at = path("/mine");
        let acl = [Acl::sasl(Perms::ALL, "ann")];
        client
            .create(&at, b"x", &acl, CreateMode::Persistent)
            .await
            .expect("made");
        is_known_after_cuts(&client, &proxy, &at).await;
        client.close().await;
        let options = Options::new(&server.hosts()).expect("hosts");
        let bob = Sasl::digest_md5("bob", "\u{20ac}\"");
        let nobody = connected(options.clone().sasl(bob)).await;
        let refused = nobody.get(&at).await.expect_err("not theirs");
        assert!(refused.is(ErrorCode::NoAuth), "{install}: {refused}");
        nobody.close().await;
        let wrong = options.sasl(Sasl::digest_md5("ann", "sesame"));
        assert!(!format!("{wrong:?}").contains("sesame"));
        let told = failure(wrong).await;
        assert!(!told.contains("sesame"), "{told}");
        // Servers before 3.5.9 only hang up: that they do so again and again tells why.
        let wanted = if install.is_at_least(&[3, 5, 9]) {
            "wrong user or password"
        } else {
            "hung up in the midst of authentication, time and again"
        };
        assert!(told.contains(wanted), "{install}: {told}");
    }
}

/// Cuts a client's connections to the znode of version 0 that is its user's alone.
pub async fn is_known_after_cuts(client: &Client, proxy: &Proxy, at: &ZPath) {
    let session = client.session().id;
    for round in 0..3 {
        let (_, watch) = client.get_watch(at).await.expect("hers");
        let mut states = client.states();
        proxy.cut();
        until(&mut states, SessionState::Suspended).await;
        let set = client.set(at, b"2", Some(round)).await;
        set.expect("hers again");
        soon("the event", watch).await;
    }
    assert_eq!(client.session().id, session);
}

#[tokio::test]
async fn a_server_that_demands_sasl_lets_nobody_else_in_and_that_is_final() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut setup = sasl_server(folder.path());
    let demand = "-Dzookeeper.sessionRequireClientSASLAuth=true";
    setup.java.push(demand.to_owned());
    // 3.5.9, too: none is at hand.
    for install in support::all().iter().filter(|i| i.is_at_least(&[3, 6])) {
        let server = RealServer::start_with(install, &setup);
        let options = options_at(server.addr(), "");
        let client = connected(options.clone().sasl(ann())).await;
        client.get(&path("/")).await.expect("she is in");
        client.close().await;
        // A password of another kind is not what it wants.
        for options in [options.clone(), options.auth(Auth::digest("ann", "x"))] {
            let client = Client::connect(options);
            let mut states = client.states();
            until(&mut states, SessionState::AuthFailed).await;
            let error = client.get(&path("/")).await.expect_err("over");
            assert!(matches!(error.kind(), ErrorKind::AuthFailed(_)), "{error}");
            let told = error.to_string();
            assert!(told.contains("authenticate first"), "{install}: {told}");
        }
        // Who waits to be let in is not told so before the server has said no.
        let opened = Client::open(options_at(server.addr(), ""), support::LIMIT).await;
        let error = opened.expect_err("nobody else is let in");
        assert!(matches!(error.kind(), ErrorKind::AuthFailed(_)), "{error}");
    }
}

#[tokio::test]
async fn a_demand_for_sasl_is_final_wherever_it_comes() {
    let demand = ErrorCode::SessionClosedRequireSaslAuth.code();
    let server = Fake::start("3.9.4", move |conn, _| {
        conn.welcome(7, 10_000);
        while let Some((xid, ..)) = conn.request() {
            conn.reply(xid, 0, demand, b"");
        }
    });
    let options = options_at(server.addr(), "");
    let told = failure(options.clone().sasl(Sasl::digest_md5("ann", "x"))).await;
    assert!(told.contains("wrong user or password"), "{told}");
    let client = connected(options).await;
    let error = client.get(&path("/")).await.expect_err("refused");
    let is_demand = error.is(ErrorCode::SessionClosedRequireSaslAuth);
    assert!(is_demand && !error.may_have_been_applied(), "{error}");
    let reached = soon("a final state", client.connected()).await;
    assert_eq!(reached, Err(SessionState::AuthFailed));
}

#[tokio::test]
async fn a_server_that_does_not_know_the_password_itself_is_refused() {
    let wrong = format!("rspauth={}", "0".repeat(32));
    for proof in [wrong.as_str(), "rspauth=", "", "realm=\"a\""] {
        let proof = proof.as_bytes().to_vec();
        let server = Fake::start("3.9.4", move |conn, _| {
            conn.welcome(7, 10_000);
            let challenge = br#"realm="zk-sasl-md5",nonce="n",charset=utf-8,algorithm=md5-sess"#;
            for token in [&challenge[..], &proof] {
                let Some((xid, _)) = conn.sasl_token() else {
                    return;
                };
                conn.say_sasl(xid, Some(token));
            }
            // A client that takes it for a proof is let in, and the test fails.
            conn.serve(|_| (1, ErrorCode::NoNode.code(), Vec::new()));
        });
        let told = failure(options_at(server.addr(), "").sasl(ann())).await;
        let wanted = "the server could not prove that it knows the password";
        assert!(told.contains(wanted), "{told}");
    }
}

#[tokio::test]
async fn only_hanging_up_time_and_again_is_a_refusal() {
    let server = Fake::start("3.4.14", |conn, number| {
        // The third time it is the handshake that breaks: the server is going, nothing else.
        if number != 2 {
            conn.welcome(7, 10_000);
            conn.request();
        }
    });
    let told = failure(options_at(server.addr(), "").sasl(ann())).await;
    assert!(told.contains("time and again"), "{told}");
    assert_eq!(
        server.asked().len(),
        6,
        "two, one that counts for nothing, and three"
    );
}

#[tokio::test]
async fn a_server_that_refuses_in_words_may_hang_up_as_often_as_it_likes() {
    const TIMES: usize = 5;
    let server = Fake::start("3.9.4", |conn, number| {
        conn.welcome(7, 10_000);
        let Some((xid, ..)) = conn.request() else {
            return;
        };
        if number >= TIMES {
            conn.reply(xid, 0, 0, b"");
            conn.serve(|_| (1, 0, Vec::new()));
        }
    });
    let auth = Auth::digest("ann", "x");
    let client = connected(options_at(server.addr(), "").auth(auth)).await;
    assert_eq!(server.asked().len(), TIMES + 1);
    client.close().await;
    let silent = Fake::start("3.9.4", |conn, _| {
        conn.welcome(7, 10_000);
        conn.request();
    });
    let options = options_at(silent.addr(), "").sasl(ann());
    let client = Client::connect(options);
    support::eventually("many attempts", || silent.asked().len() > TIMES).await;
    assert!(!client.session().state.is_final());
    client.close().await;
}

#[tokio::test]
async fn a_server_without_sasl_is_told_apart_from_one_that_refuses() {
    for server in support::shared_all() {
        let told = failure(options_at(server.addr(), "").sasl(ann())).await;
        assert!(told.contains("takes no SASL credentials"), "{told}");
    }
}
