//! Which server is tried next, after which pause, and what is known of each one's version.
//! Pure but for chance.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use super::hosts::Host;
use super::options::Options;
use super::probe::Answer;

pub(super) struct Rotation {
    servers: Vec<Host>,
    /// The index of the server to try next.
    next: usize,
    /// Attempts since the last good connection.
    attempts: usize,
    /// How many servers in a row hung up in the midst of authentication.
    hang_ups: u32,
    max_pause: Duration,
    versions: HashMap<SocketAddr, Answer>,
}

impl Rotation {
    pub(super) fn new(servers: &[Host], options: &Options) -> Self {
        let mut servers = servers.to_vec();
        if options.shuffle {
            fastrand::shuffle(&mut servers);
        }
        Self {
            servers,
            next: 0,
            attempts: 0,
            hang_ups: 0,
            max_pause: options.max_backoff,
            versions: HashMap::new(),
        }
    }

    pub(super) const fn len(&self) -> usize {
        self.servers.len()
    }

    /// Other servers take the place of these.
    pub(super) fn replace(&mut self, mut servers: Vec<Host>, shuffle: bool) {
        if shuffle {
            fastrand::shuffle(&mut servers);
        }
        if !servers.is_empty() {
            self.servers = servers;
            self.next = 0;
            self.attempts = 0;
        }
    }

    /// All servers, in the order they are tried.
    pub(super) fn servers(&self) -> &[Host] {
        &self.servers
    }

    /// The server to try, after a pause before every round but the first.
    pub(super) fn next(&mut self) -> (Host, Duration) {
        let host = self.servers[self.next % self.servers.len()].clone();
        let pause = if self.attempts > 0 && self.attempts.is_multiple_of(self.len()) {
            self.pause(self.attempts / self.len())
        } else {
            Duration::ZERO
        };
        self.next = (self.next + 1) % self.servers.len();
        self.attempts += 1;
        (host, pause)
    }

    /// The server just tried is worth another attempt at once.
    pub(super) fn stay(&mut self) {
        self.next = (self.next + self.servers.len() - 1) % self.servers.len();
        self.attempts = 0;
    }

    /// This server is to be tried next, at once.
    pub(super) fn prefer(&mut self, host: &Host) {
        if let Some(index) = self.servers.iter().position(|other| other == host) {
            self.next = index;
        }
        self.attempts = 0;
    }

    /// Whether the server hung up on the last attempt's credentials, and so did those before
    /// it: they don't just happen to end.
    pub(super) const fn is_refusal(&mut self, hung_up: bool) -> bool {
        self.hang_ups = if hung_up { self.hang_ups + 1 } else { 0 };
        self.hang_ups >= 3
    }

    /// The last connection was a good one.
    pub(super) fn reset(&mut self) {
        self.attempts = 0;
    }

    /// Doubles with each round, and differs between clients so that they don't come all at
    /// once when a server is back.
    fn pause(&self, rounds: usize) -> Duration {
        let hosts = u32::try_from(self.len()).unwrap_or(u32::MAX);
        let base = (Duration::from_millis(100).saturating_mul(hosts)).min(Duration::from_secs(1));
        let doublings = u32::try_from(rounds.saturating_sub(1)).map_or(16, |n| n.min(16));
        let pause = base.saturating_mul(1 << doublings).min(self.max_pause);
        pause.mul_f64(0.6 + 0.4 * fastrand::f64())
    }

    pub(super) fn version_of(&self, address: SocketAddr) -> Option<Answer> {
        self.versions.get(&address).cloned()
    }

    /// What this server has told may not be true any more.
    pub(super) fn forget(&mut self, address: SocketAddr) {
        self.versions.remove(&address);
    }

    pub(super) fn remember(&mut self, address: SocketAddr, answer: Answer) {
        self.versions.insert(address, answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// kazoo: `test_client::TestClientConstructor::test_ordered_host_selection`
    #[test]
    fn every_server_is_tried_before_a_pause_and_pauses_grow_to_their_cap() {
        let options = Options::new("a,b,c").expect("hosts").shuffle(false);
        let mut rotation = Rotation::new(&options.hosts.servers, &options);
        let mut pauses = Vec::new();
        for round in 0..40 {
            for name in ["a", "b", "c"] {
                let (host, pause) = rotation.next();
                assert_eq!(host.name, name);
                assert_eq!(!pause.is_zero(), round > 0 && name == "a");
                pauses.extend((!pause.is_zero()).then_some(pause));
            }
        }
        assert!(pauses.iter().all(|pause| *pause <= options.max_backoff));
        assert!(pauses[0] < Duration::from_millis(301));
        assert!(pauses[30] >= options.max_backoff.mul_f64(0.6));
        rotation.reset();
        assert!(rotation.next().1.is_zero());
    }

    #[test]
    fn staying_tries_the_same_server_again_at_once() {
        let options = Options::new("a,b").expect("hosts").shuffle(false);
        let mut rotation = Rotation::new(&options.hosts.servers, &options);
        let (first, _) = rotation.next();
        rotation.stay();
        assert_eq!(rotation.next(), (first, Duration::ZERO));
    }
}
