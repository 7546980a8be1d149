//! Looking for a server with a quorum while connected to one without: each of the others is
//! asked `isro` in turn, less and less often. (kazoo's prober never gets past the first.)

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::{sleep, timeout};

use super::hosts::Host;
use super::probe::four_letter_word;
use super::shared::Shared;
use super::slot::lock;

/// The pause with which a search begins, unless the last one has found a server in vain.
pub(super) const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LAST_PAUSE: Duration = Duration::from_secs(60);

/// How long each address of a server has for its answer.
const PATIENCE: Duration = Duration::from_secs(1);

/// Ends when a server says that it takes writes; answers which, and the pause to go on with if
/// it doesn't take us.
pub(super) async fn writable(
    shared: &Arc<Shared>,
    servers: &[Host],
    mut pause: Duration,
) -> (Host, Duration) {
    loop {
        // Others may have been named meanwhile.
        let named = lock(&shared.new_hosts).clone();
        for host in named.as_deref().unwrap_or(servers) {
            sleep(pause).await;
            if is_writable(shared, host).await {
                return (host.clone(), longer(pause));
            }
        }
        pause = longer(pause);
    }
}

fn longer(pause: Duration) -> Duration {
    (pause * 2).min(LAST_PAUSE)
}

async fn is_writable(shared: &Arc<Shared>, host: &Host) -> bool {
    let resolving = lookup_host((host.name.as_str(), host.port));
    let Ok(Ok(addresses)) = timeout(PATIENCE, resolving).await else {
        return false;
    };
    let mut addresses: Vec<_> = addresses.collect();
    fastrand::shuffle(&mut addresses);
    any_writable(shared, host, &addresses).await
}

async fn any_writable(shared: &Arc<Shared>, host: &Host, addresses: &[SocketAddr]) -> bool {
    for &address in addresses {
        let asking = four_letter_word(shared, host, address, b"isro");
        if let Ok(Some(answer)) = timeout(PATIENCE, asking).await
            && answer.trim() == "rw"
        {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use super::*;
    use crate::client::Options;

    #[tokio::test]
    async fn an_address_that_says_nothing_takes_no_time_from_the_next() {
        let bound = || TcpListener::bind("127.0.0.1:0").expect("loopback");
        // Connections to it are made by the kernel, and accepted by nobody.
        let (silent, answering) = (bound(), bound());
        let addresses = [&silent, &answering].map(|one| one.local_addr().expect("it is bound"));
        std::thread::spawn(move || {
            let (mut stream, _) = answering.accept().expect("the search comes");
            let mut word = [0; 4];
            stream.read_exact(&mut word).expect("a word");
            assert_eq!(&word, b"isro");
            stream.write_all(b"rw").expect("it listens");
        });
        let options = Options::new("both:2181").expect("hosts");
        let host = options.hosts().servers()[0].clone();
        let shared = Arc::new(Shared::new(options));
        assert!(any_writable(&shared, &host, &addresses).await);
    }
}
