//! The client's view of its session, told to the explorer whenever it changes.

use tokio::sync::mpsc;

use super::effects::Reply;
use crate::client::{self, Client, SessionInfo};
use crate::explorer::{Message, Session, SessionState};

/// Sends the session's state now and after every change, until the explorer or the client ends.
///
/// States come from the client's stream of states, which never leaves one out (a LOST between
/// two CONNECTED must be seen); what changes beside them comes from the latest snapshot.
pub async fn report(client: Client, tell: mpsc::Sender<Reply>) {
    let mut states = client.states();
    let mut info = client.watch_session();
    loop {
        let state = tokio::select! {
            biased;
            state = states.next() => match state {
                Some(state) => state,
                None => return,
            },
            changed = info.changed() => match changed {
                Ok(()) => info.borrow().state,
                Err(_) => return,
            },
        };
        let session = view(state, &info.borrow_and_update());
        if tell
            .send(Reply::Message(Message::Session(session)))
            .await
            .is_err()
        {
            return;
        }
    }
}

fn view(state: client::SessionState, info: &SessionInfo) -> Session {
    Session {
        state: match state {
            client::SessionState::Connecting => SessionState::Connecting,
            client::SessionState::Connected => SessionState::Connected,
            client::SessionState::ConnectedReadOnly => SessionState::ReadOnly,
            client::SessionState::Suspended => SessionState::Suspended,
            client::SessionState::Lost => SessionState::Lost,
            client::SessionState::AuthFailed => SessionState::AuthFailed,
            client::SessionState::Closed => SessionState::Closed,
        },
        server: info.server.as_deref().map(str::to_owned),
        version: info.version.as_deref().map(str::to_owned),
        id: info.id,
        timeout: info.timeout,
        round_trip: info.round_trip,
        trouble: info.trouble.clone(),
        expired: info.expired,
    }
}
