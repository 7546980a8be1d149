//! Listeners, as kazoo's suite has them: here each is a stream of states that somebody reads,
//! so that none can fail, block or be called for nothing.

use zooscope::client::{Auth, SessionState, States};
use zooscope::proto::CreateMode;

use crate::common::{connected, options, options_at, path, soon, until};
use crate::support::{self, Proxy, Raw};

use SessionState::{Closed, Connected, Lost, Suspended};

/// What a listener has been told by now, without waiting.
async fn told(states: &mut States) -> Vec<SessionState> {
    let mut seen = Vec::new();
    let mut next = async || tokio::time::timeout(std::time::Duration::ZERO, states.next()).await;
    while let Ok(Some(state)) = next().await {
        seen.push(state);
    }
    seen
}

/// kazoo: `test_client::TestConnection::test_bad_session_expire`
/// kazoo: `test_client::TestConnection::test_session_expire`
#[tokio::test]
async fn a_listener_that_fails_or_does_not_listen_hurts_no_other() {
    for server in support::shared_all() {
        let client = connected(options(server, "listeners")).await;
        let mut failing = client.states();
        let failing = tokio::spawn(async move {
            while failing.next().await != Some(Lost) {}
            panic!("what a listener does is its own affair");
        });
        let mut lazy = client.states();
        let mut good = client.states();
        let credentials = client.credentials().expect("a session");
        Raw::end_session(server.addr(), credentials.id, credentials.password.expose());
        assert_eq!(until(&mut good, Lost).await, [Connected, Suspended, Lost]);
        assert_eq!(until(&mut good, Connected).await, [Connected]);
        let failed = soon("its failure", failing).await;
        assert!(failed.is_err_and(|error| error.is_panic()));
        client.get(&path("/")).await.expect("the client goes on");
        // Who did not listen has missed nothing, and one that comes late begins with now.
        let all = [Connected, Suspended, Lost, Connected];
        assert_eq!(told(&mut lazy).await, all, "{}", server.install());
        let mut late = client.states();
        assert_eq!(told(&mut late).await, [Connected]);
        client.close().await;
        assert_eq!(until(&mut late, Closed).await, [Closed]);
    }
}

/// kazoo: `test_client::TestConnection::test_listener_only_called_on_real_state_change`
/// kazoo: `test_client::TestConnection::test_state_listener`
/// kazoo: `test_client::TestClient::test_connected`
/// kazoo: `test_client::TestClient::test_client_state`
#[tokio::test]
async fn only_changes_are_told() {
    let Some(server) = support::shared_newest() else {
        return;
    };
    let proxy = Proxy::start(server.addr());
    let client = connected(options_at(proxy.addr(), &server.chroot("changes"))).await;
    assert_eq!(client.session().state, Connected);
    assert!(client.session().state.is_connected());
    let mut states = client.states();
    assert_eq!(told(&mut states).await, [Connected]);
    // An identity and a new round trip are news of the session, not of its state.
    let ann = Auth::digest("ann", "x");
    client.add_auth(ann).await.expect("digest never fails");
    let made = client.create(&path("/a"), b"", &[], CreateMode::Persistent);
    made.await.expect("made");
    assert!(client.stat(&path("/none")).await.is_err());
    assert_eq!(told(&mut states).await, []);
    proxy.cut();
    assert_eq!(until(&mut states, Connected).await, [Suspended, Connected]);
    // A listener that goes is not told any more, and nobody waits for it.
    drop(states);
    client.close().await;
}
