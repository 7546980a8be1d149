//! Links that die without a word.

use zooscope::client::{Client, SessionState};
use zooscope::proto::{
    DataReply, Encode as _, EventType, KeeperState, OpCode, Stat, WatchedEvent,
};

use crate::common::{options_at, until};
use crate::fake::{Conn, Fake};

fn serve(conn: &mut Conn, timeout_ms: i32) {
    conn.welcome(1, timeout_ms);
    conn.serve(|_| {
        let (data, stat) = (None, Stat::default());
        (1, 0, DataReply { data, stat }.to_bytes())
    });
}

/// The link dies between a ping and its answer, but not before something else has come.
#[tokio::test]
async fn a_link_that_dies_before_a_pong_is_noticed_whatever_came_before() {
    let fake = Fake::start("3.9.4", |conn, number| {
        if number > 0 {
            return serve(conn, 10_000);
        }
        conn.welcome(1, 1200);
        let ping = conn.receive().expect("the first goes at once");
        assert_eq!(ping.1, OpCode::Ping.code());
        let event = WatchedEvent {
            kind: EventType::NodeDataChanged,
            state: KeeperState::SYNC_CONNECTED,
            path: "/a".to_owned(),
        };
        conn.reply(-1, -1, 0, &event.to_bytes());
        conn.ignore();
    });
    let client = Client::connect(options_at(fake.addr(), ""));
    let mut states = client.states();
    until(&mut states, SessionState::Suspended).await;
    let trouble = client.session().trouble.expect("a reason");
    assert!(trouble.contains("nothing was heard"), "{trouble}");
    until(&mut states, SessionState::Connected).await;
    client.close().await;
}
