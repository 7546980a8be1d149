//! What the session learns of the server at hand: which version it is, asked for on every
//! connection, and believed no longer than there is reason to.

use std::net::SocketAddr;
use std::time::Duration;

use super::hosts::Host;
use super::probe::{self, Answer};
use super::session::Session;
use super::slot::lock;
use super::version::{Known, Version};

impl Session {
    /// What is known of a server. One never met is asked before persistent watches are set
    /// again at it: an older one would drop the connection for them.
    pub(super) async fn look_up(&self, host: &Host, address: SocketAddr) -> Option<Answer> {
        let known = self.rotation.version_of(address);
        if known.is_some() || !lock(&self.shared.watches).has_feeds() {
            return known;
        }
        let asking =
            tokio::time::timeout(self.timeout / 4, probe::ask(&self.shared, host, address));
        let answer = tokio::select! {
            _ = self.shared.closing() => None,
            answer = asking => answer.ok().flatten(),
        };
        // Silence is no answer: it is asked again.
        answer.map(Some)
    }

    /// Asks until the server tells its version, ever more seldom. Meanwhile what it told
    /// before holds; if it never did, it is taken for one that never will.
    pub(super) async fn ask(&self, host: &Host, address: SocketAddr) -> Answer {
        let mut pause = ASK_AGAIN;
        loop {
            let answer = probe::ask(&self.shared, host, address).await;
            if answer.is_some() {
                return answer;
            }
            if *self.shared.known.borrow() == Known::NotYet {
                self.learn(Some(&None), false);
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(ASK_SELDOM);
        }
    }

    /// A connection ended before the server told its version: it may be another by now, and
    /// the end its answer to a request it doesn't know.
    pub(super) fn doubt(&mut self, address: SocketAddr) {
        if *self.shared.known.borrow() != Known::Never {
            self.rotation.forget(address);
        } else if self.rotation.version_of(address).is_none() {
            self.rotation.remember(address, None);
        }
    }

    /// Tells everyone what the server is; `None` while it has not been asked. `connecting`:
    /// no watch has been set on this connection yet.
    ///
    /// Answers whether the connection is any good with that: not if watches were set on it as
    /// a newer server has them.
    pub(super) fn learn(&self, answer: Option<&Answer>, connecting: bool) -> bool {
        let (known, words) = match answer {
            None => (Known::NotYet, None),
            Some(None) => (Known::Never, None),
            Some(Some((words, version))) => (
                version.map_or(Known::Never, Known::Version),
                Some(words.clone()),
            ),
        };
        let exact = matches!(known, Known::Version(version) if version >= EXACT_WATCHES);
        let fits = lock(&self.shared.watches).set_exact(exact, connecting);
        self.shared.info.send_modify(|info| info.version = words);
        self.shared.learn(known);
        fits
    }
}

/// How soon a server is asked again that did not tell its version, and how soon at last.
const ASK_AGAIN: Duration = Duration::from_secs(1);
const ASK_SELDOM: Duration = Duration::from_secs(300);

/// From here on watches of different modes stand side by side on one znode.
const EXACT_WATCHES: Version = Version::new(3, 9, 0);
