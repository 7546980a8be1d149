//! How a session finds a server: whom it tries next and for how long, as whom it asks, and
//! what it makes of the answer. What one attempt does is `connect.rs`.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::connect::{Asking, Link, Refusal, connect};
use super::hosts::Host;
use super::session::Session;
use super::slot::lock;

/// Why no further server is tried.
pub(super) enum Hopeless {
    AuthFailed(String),
    /// The session has expired, and no other was asked for.
    Expired,
}

/// However many hosts there are, each has this time, unless the session ends before.
const LEAST_SHARE: Duration = Duration::from_millis(500);

impl Session {
    /// Tries one server after another, round after round, until one has a session for us.
    pub(super) async fn find(&mut self) -> Result<(Link, Host), Hopeless> {
        loop {
            self.expire_by_clock()?;
            self.take_new_hosts();
            let (host, pause) = self.rotation.next();
            if !pause.is_zero() {
                tokio::time::sleep(pause.min(self.left())).await;
                self.expire_by_clock()?;
            }
            let mut asking = self.asking();
            let asked = asking.session_id;
            let share = self.share();
            let connected = connect(&self.shared, &host, &mut asking, share).await;
            self.note_heard(asking);
            let hung_up = matches!(connected, Err(Refusal::HungUp(_)));
            let refused = self.rotation.is_refusal(hung_up);
            match connected {
                Ok(link) => {
                    if self.global && link.response.session_id != asked {
                        self.expire()?;
                    }
                    return Ok((link, host));
                }
                Err(Refusal::Expired) if self.global => {
                    self.expire()?;
                    self.rotation.stay();
                }
                Err(Refusal::Expired) => {
                    // Nobody was told of it yet, so nobody has lost it.
                    self.fresh = None;
                    self.note(&host, "it gave no session".to_owned());
                }
                Err(Refusal::AuthFailed(why)) => return Err(Hopeless::AuthFailed(why)),
                Err(Refusal::HungUp(why)) if refused => {
                    return Err(Hopeless::AuthFailed(why + ", time and again"));
                }
                Err(Refusal::Unusable(why) | Refusal::HungUp(why)) => self.note(&host, why),
            }
        }
    }

    /// Tries the servers that were named last from now on.
    pub(super) fn take_new_hosts(&mut self) {
        if let Some(servers) = lock(&self.shared.new_hosts).take() {
            self.rotation.replace(servers, self.shared.options.shuffle);
        }
    }

    /// How long the next server may take: its share of the session's time, and no more than
    /// is left of that.
    fn share(&self) -> Duration {
        let servers = u32::try_from(self.rotation.len()).unwrap_or(u32::MAX);
        let share = (self.timeout / servers).max(LEAST_SHARE);
        share.min(self.left())
    }

    fn expire_by_clock(&mut self) -> Result<(), Hopeless> {
        if self.left().is_zero() {
            self.expire()
        } else {
            Ok(())
        }
    }

    /// How long the session may still live, if there is one.
    fn left(&self) -> Duration {
        if self.shared.info.borrow().id == 0 {
            return Duration::MAX;
        }
        self.left_as_heard()
    }

    /// A session nobody has heard of for so long is dead, although no server says so:
    /// servers forget it after its timeout, rounded up (ZooKeeper 3.9.3's client, Curator).
    fn left_as_heard(&self) -> Duration {
        let lifetime = self.timeout * 4 / 3;
        self.last_heard
            .map_or(Duration::MAX, |at| lifetime.saturating_sub(at.elapsed()))
    }

    fn note(&self, host: &Host, trouble: String) {
        self.shared.info.send_modify(|info| {
            info.server = Some(host.to_string().into());
            info.trouble = Some(trouble);
        });
    }

    /// What an attempt has made of the session, whether it came to a connection or not.
    fn note_heard(&mut self, asking: Asking) {
        if let Some((at, timeout)) = asking.heard {
            self.last_heard = Some(at);
            self.timeout = timeout;
            if !self.global {
                self.fresh = Some((asking.session_id, asking.password));
            }
        }
    }

    fn asking(&self) -> Asking {
        let own = self.global.then(|| {
            let id = self.shared.info.borrow().id;
            (id, lock(&self.shared.password).clone())
        });
        // A read-only server has no session for whoever has one of the ensemble's.
        let fresh = || {
            self.fresh
                .clone()
                .filter(|_| !self.left_as_heard().is_zero())
        };
        let (session_id, password) = own.or_else(fresh).unwrap_or_else(|| (0, vec![0; 16]));
        Asking {
            session_id,
            password,
            last_zxid: self.shared.last_zxid.load(Ordering::Relaxed),
            heard: None,
        }
    }
}
