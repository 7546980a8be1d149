//! `PatientChildrenWatch`: one znode's children once they have come to rest, for those whose
//! next step is dear. Knows time and `ChildrenWatch`; no requests of its own.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::ChildrenWatch;
use crate::client::{Client, Error, SessionInfo};
use crate::proto::{ChildrenReply, ZPath};

/// Follows the children of one znode, and tells them when no change of the list has been seen
/// for a while (kazoo: `PatientChildrenWatch`, which tells them once).
///
/// - Every change begins the wait anew, and so does a lost connection: nobody looked.
/// - Errors, such as `NoNode` for a znode that is absent, are told without delay.
/// - Each list is told that came to rest, even if the one before was the same.
///
/// ```no_run
/// # use std::time::Duration;
/// # use zooscope::{client::Client, proto::ZPath, recipe::PatientChildrenWatch};
/// # async fn share_out(names: &[&str]) {}
/// # async fn example(client: &Client, party: &ZPath) -> Result<(), zooscope::client::Error> {
/// let mut members = PatientChildrenWatch::new(client, party, Duration::from_secs(30));
/// while let Some(list) = members.next().await {
///     // What takes long is given up as soon as the list is no longer true.
///     let list = list?;
///     let names: Vec<&str> = list.names.iter().collect();
///     tokio::select! {
///         () = share_out(&names) => {}
///         _ = members.changed() => {}
///     }
/// }
/// # Ok(())
/// # }
/// ```
pub struct PatientChildrenWatch {
    watch: ChildrenWatch,
    boundary: Duration,
    info: watch::Receiver<SessionInfo>,
    /// What was seen last and is not told yet.
    newest: Option<Newest>,
}

struct Newest {
    item: Result<ChildrenReply, Error>,
    /// When it has been at rest for long enough, if ever.
    ripe: Option<Instant>,
    /// The connection that is looking meanwhile.
    epoch: u64,
}

impl PatientChildrenWatch {
    /// Starts to follow; the first read is queued by this call. `boundary` is how long a list
    /// must not change to be told.
    pub fn new(client: &Client, path: &ZPath, boundary: Duration) -> Self {
        Self {
            watch: ChildrenWatch::new(client, path),
            boundary,
            info: client.watch_session(),
            newest: None,
        }
    }

    /// The next list at rest, or error; `None` once the client is closed. Safe to cancel.
    pub async fn next(&mut self) -> Option<Result<ChildrenReply, Error>> {
        loop {
            let ripe = self.newest.as_ref().and_then(|newest| match newest.item {
                Ok(_) => newest.ripe,
                Err(_) => Some(Instant::now()),
            });
            tokio::select! {
                biased;
                item = self.watch.next() => self.see(item?),
                () = sleep_until(ripe.unwrap_or_else(Instant::now)), if ripe.is_some() => {
                    if self.may_be_told().await {
                        break;
                    }
                }
            }
        }
        self.newest.take().map(|newest| newest.item)
    }

    /// Waits until what [`Self::next`] told last is no longer so; `false` once the client is
    /// closed. Safe to cancel.
    pub async fn changed(&mut self) -> bool {
        if self.newest.is_none() {
            let Some(item) = self.watch.next().await else {
                return false;
            };
            self.see(item);
        }
        true
    }

    fn see(&mut self, item: Result<ChildrenReply, Error>) {
        self.newest = Some(Newest {
            item,
            ripe: Instant::now().checked_add(self.boundary),
            epoch: self.info.borrow().epoch,
        });
    }

    /// Whether one connection has stood since the list was seen, and it is not being read
    /// again. If not, the wait begins anew, with the next connection.
    async fn may_be_told(&mut self) -> bool {
        let info = self.info.borrow().clone();
        let Some(newest) = &mut self.newest else {
            return false;
        };
        let stood = info.state.is_connected() && info.epoch == newest.epoch;
        if newest.item.is_err() || (stood && self.watch.is_armed()) {
            return true;
        }
        let settled = |info: &SessionInfo| info.state.is_connected() || info.state.is_final();
        if let Ok(info) = self.info.wait_for(settled).await {
            newest.epoch = info.epoch;
            newest.ripe = Instant::now().checked_add(self.boundary.max(LEAST));
        }
        false
    }
}

/// However short the boundary, a list that is being read again is left alone for so long.
const LEAST: Duration = Duration::from_millis(10);
