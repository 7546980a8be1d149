//! Looking for a server with a quorum while connected to one without: each of the others is
//! asked `isro` in turn, less and less often. (kazoo's prober never gets past the first.)

use std::sync::Arc;
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::{sleep, timeout};

use super::hosts::Host;
use super::probe::four_letter_word;
use super::shared::Shared;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(60);
const PATIENCE: Duration = Duration::from_secs(1);

/// Ends when a server says that it takes writes; answers which.
pub(super) async fn writable(shared: &Arc<Shared>, servers: &[Host]) -> Host {
    let mut pause = FIRST_PAUSE;
    loop {
        for host in servers {
            sleep(pause).await;
            if timeout(PATIENCE, is_writable(shared, host)).await == Ok(true) {
                return host.clone();
            }
        }
        pause = (pause * 2).min(LAST_PAUSE);
    }
}

async fn is_writable(shared: &Arc<Shared>, host: &Host) -> bool {
    let Ok(addresses) = lookup_host((host.name.as_str(), host.port)).await else {
        return false;
    };
    for address in addresses {
        let answer = four_letter_word(shared, host, address, b"isro").await;
        if answer.is_some_and(|answer| answer.trim() == "rw") {
            return true;
        }
    }
    false
}
