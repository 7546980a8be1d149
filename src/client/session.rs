//! The one task that owns the connection: it finds a server, keeps the session through
//! losses, tells of expiry before it opens a new session, and ends when the client does.
//! What happens on a live connection is `wire.rs`; what one attempt does, `connect.rs`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use super::connect::{Asking, Link, Refusal, connect};
use super::error::ErrorKind;
use super::hosts::Host;
use super::rotation::Rotation;
use super::seek;
use super::shared::Shared;
use super::slot::lock;
use super::state::SessionState;
use super::version::{Known, Version};
use super::wire::{End, Wire};
use crate::proto::{OpCode, Request, xid};

pub(super) struct Session {
    pub(super) shared: Arc<Shared>,
    pub(super) rotation: Rotation,
    /// When a server was last heard of in this session.
    last_heard: Instant,
    /// The timeout last negotiated, or the one to ask for.
    pub(super) timeout: Duration,
    /// Whether this session is known to the ensemble: one given by a read-only server is
    /// that server's own, and no other need be asked for it.
    global: bool,
}

/// Runs a client's session until the client is closed or refused for good.
pub(super) async fn run(shared: Arc<Shared>) {
    let mut session = Session::new(shared);
    run_session(&mut session).await;
}

/// The task may be dropped with its runtime: nobody is left waiting for it.
impl Drop for Session {
    fn drop(&mut self) {
        if !self.shared.info.borrow().state.is_final() {
            self.finish(SessionState::Closed, &ErrorKind::Closed);
        }
    }
}

async fn run_session(session: &mut Session) {
    let shared = session.shared.clone();
    // Closing cuts every attempt and every pause short.
    loop {
        let link = tokio::select! {
            biased;
            _ = shared.closing() => break,
            connected = session.find() => connected,
        };
        let end = match link {
            Ok((link, host)) => session.serve(link, &host).await,
            Err(Hopeless::AuthFailed(why)) => End::AuthFailed(why),
            Err(Hopeless::Expired) => {
                let kind = ErrorKind::SessionExpired { renewed: false };
                session.finish(SessionState::Closed, &kind);
                return;
            }
        };
        match end {
            End::Lost(_) => {}
            End::Closed => break,
            End::AuthFailed(why) => {
                session.finish(SessionState::AuthFailed, &ErrorKind::AuthFailed(why.into()));
                return;
            }
        }
    }
    session.finish(SessionState::Closed, &ErrorKind::Closed);
}

impl Session {
    fn new(shared: Arc<Shared>) -> Self {
        let options = &shared.options;
        let rotation = Rotation::new(&options.hosts.servers, options);
        let timeout = options.session_timeout;
        if let Some(resume) = &options.resume {
            lock(&shared.password).extend_from_slice(resume.password.expose());
            shared.last_zxid.store(resume.last_zxid, Ordering::Relaxed);
            shared.info.send_modify(|info| info.id = resume.id);
        }
        Self {
            rotation,
            last_heard: Instant::now(),
            timeout,
            global: shared.options.resume.is_some(),
            shared,
        }
    }

    /// Tries one server after another, round after round, until one has a session for us.
    async fn find(&mut self) -> Result<(Link, Host), Hopeless> {
        loop {
            self.expire_by_clock()?;
            if let Some(servers) = lock(&self.shared.new_hosts).take() {
                self.rotation.replace(servers, self.shared.options.shuffle);
            }
            let (host, pause) = self.rotation.next();
            if !pause.is_zero() {
                tokio::time::sleep(pause.min(self.left())).await;
                self.expire_by_clock()?;
            }
            let asking = self.asking();
            let share = self.share();
            let connected = connect(&self.shared, &host, &asking, share).await;
            let hung_up = matches!(connected, Err(Refusal::HungUp(_)));
            let refused = self.rotation.is_refusal(hung_up);
            match connected {
                Ok(link) => {
                    if asking.session_id != 0 && link.response.session_id != asking.session_id {
                        self.expire()?;
                    }
                    return Ok((link, host));
                }
                Err(Refusal::Expired) if asking.session_id != 0 => {
                    self.expire()?;
                    self.rotation.stay();
                }
                Err(Refusal::Expired) => self.note(&host, "it gave no session".to_owned()),
                Err(Refusal::AuthFailed(why)) => return Err(Hopeless::AuthFailed(why)),
                Err(Refusal::HungUp(why)) if refused => {
                    return Err(Hopeless::AuthFailed(why + ", time and again"));
                }
                Err(Refusal::Unusable(why) | Refusal::HungUp(why)) => self.note(&host, why),
            }
        }
    }

    /// How long the next server may take: its share of the session's time, and no more than
    /// is left of that.
    fn share(&self) -> Duration {
        let servers = u32::try_from(self.rotation.len()).unwrap_or(u32::MAX);
        let share = (self.timeout / servers).max(LEAST_SHARE);
        share.min(self.left())
    }

    /// How long the session may still live.
    fn left(&self) -> Duration {
        if self.shared.info.borrow().id == 0 {
            return Duration::MAX;
        }
        self.lifetime().saturating_sub(self.last_heard.elapsed())
    }

    /// A session nobody has heard of for so long is dead, although no server says so:
    /// servers forget it after its timeout, rounded up (ZooKeeper 3.9.3's client, Curator).
    fn lifetime(&self) -> Duration {
        self.timeout * 4 / 3
    }

    fn note(&self, host: &Host, trouble: String) {
        self.shared.info.send_modify(|info| {
            info.server = Some(host.to_string().into());
            info.trouble = Some(trouble);
        });
    }

    fn asking(&self) -> Asking {
        let session_id = if self.global {
            self.shared.info.borrow().id
        } else {
            0
        };
        let mut password = lock(&self.shared.password).clone();
        if session_id == 0 {
            password = vec![0; 16];
        }
        Asking {
            session_id,
            password,
            last_zxid: self.shared.last_zxid.load(Ordering::Relaxed),
        }
    }

    /// Lives on one connection until it ends.
    async fn serve(&mut self, link: Link, host: &Host) -> End {
        let Link {
            stream,
            response,
            address,
        } = link;
        let server: Arc<str> = host.to_string().into();
        self.timeout = Duration::from_millis(response.timeout_ms.unsigned_abs().into());
        let mut wire = Wire::new(self.shared.clone(), stream, server.clone(), self.timeout);
        wire.ping(Instant::now());
        lock(&self.shared.password).clone_from(&response.password);
        let answer = self.look_up(host, address).await;
        self.shared
            .info
            .send_modify(|info| info.server = Some(server.clone()));
        self.learn(answer.as_ref(), true);
        self.set_watches(&mut wire);
        let read_only = response.read_only == Some(true);
        let state = if read_only {
            SessionState::ConnectedReadOnly
        } else {
            self.global = true;
            SessionState::Connected
        };
        self.shared.set_state(state, |info| {
            info.id = response.session_id;
            info.timeout = self.timeout;
            info.trouble = None;
            info.epoch += 1;
        });
        // Persistent watches stand again by now: whoever reads again misses nothing.
        lock(&self.shared.watches).tell_gap();
        let started = Instant::now();
        let end = self.run_and_ask(&mut wire, host, address, read_only).await;
        self.last_heard = wire.last_heard();
        if started.elapsed() > STABLE {
            self.rotation.reset();
        }
        self.wind_up(&mut wire, &end, &server);
        end
    }

    /// Runs the connection and meanwhile asks the server for its version, even if it told
    /// before: it may have been upgraded since.
    async fn run_and_ask(
        &mut self,
        wire: &mut Wire,
        host: &Host,
        address: SocketAddr,
        read_only: bool,
    ) -> End {
        let shared = self.shared.clone();
        let servers = self.rotation.servers().to_vec();
        let mut seeking = std::pin::pin!(async {
            if read_only {
                seek::writable(&shared, &servers).await
            } else {
                std::future::pending().await
            }
        });
        let asking = self.ask(host, address);
        let found = tokio::select! {
            biased;
            end = wire.run() => {
                self.doubt(address);
                return end;
            }
            found = &mut seeking => found,
            answer = asking => {
                self.learn(Some(&answer), false);
                self.rotation.remember(address, answer);
                tokio::select! {
                    biased;
                    end = wire.run() => return end,
                    found = &mut seeking => found,
                }
            }
        };
        let why = format!("{found} takes writes, and {host} does not");
        self.rotation.prefer(&found);
        End::Lost(why)
    }

    /// Sets every watch again, in front of all requests.
    fn set_watches(&self, wire: &mut Wire) {
        let relative = self.shared.last_zxid.load(Ordering::Relaxed);
        let mut watches = lock(&self.shared.watches);
        let known = *self.shared.known.borrow();
        if matches!(known, Known::Version(version) if version < Version::needed_for(OpCode::AddWatch))
        {
            // Moved to a server that has no persistent watches: end them rather than let
            // them wait for ever.
            watches.end_feeds();
        }
        let limit = self.shared.options.server_frame_limit;
        for batch in watches.rearm(relative, limit) {
            let feeds = !batch.persistent.is_empty() || !batch.persistent_recursive.is_empty();
            let request = if feeds {
                Request::SetWatches2(batch)
            } else {
                Request::SetWatches(batch)
            };
            wire.put(xid::SET_WATCHES, &request);
        }
    }

    /// The connection is gone: the state says so first, then every request on it fails.
    fn wind_up(&self, wire: &mut Wire, end: &End, server: &Arc<str>) {
        let reason: Arc<str> = match end {
            End::Lost(why) => {
                let trouble = format!("{server}: {why}");
                self.shared.set_state(SessionState::Suspended, |info| {
                    info.trouble = Some(trouble);
                    info.round_trip = None;
                });
                why.as_str().into()
            }
            End::AuthFailed(why) => why.as_str().into(),
            End::Closed => "the client was closed".into(),
        };
        // The next server may be another: what it can do is decided when it has told.
        self.shared.learn(Known::NotYet);
        let queued = self.shared.disconnect();
        self.shared.tell_room();
        wire.fail_unanswered(&reason);
        let kind = ErrorKind::ConnectionLost {
            reason,
            sent: false,
        };
        self.shared.fail(queued, &kind, Some(server));
    }

    fn expire_by_clock(&mut self) -> Result<(), Hopeless> {
        if self.left().is_zero() {
            self.expire()
        } else {
            Ok(())
        }
    }

    /// The session is gone, and with it its ephemerals and watches; the next one, if any, is
    /// new.
    fn expire(&mut self) -> Result<(), Hopeless> {
        lock(&self.shared.password).clear();
        self.global = false;
        self.shared.last_zxid.store(0, Ordering::Relaxed);
        self.last_heard = Instant::now();
        // What is asked for once LOST is known is meant for the next session.
        let queued = self.shared.disconnect();
        self.shared.set_state(SessionState::Lost, |info| {
            info.id = 0;
            info.expired += 1;
        });
        self.shared.tell_room();
        let renewed = self.shared.options.renew;
        let kind = ErrorKind::SessionExpired { renewed };
        self.shared.fail(queued, &kind, None);
        lock(&self.shared.watches).session_lost();
        if self.shared.options.renew {
            Ok(())
        } else {
            Err(Hopeless::Expired)
        }
    }

    /// Nothing will be answered any more.
    fn finish(&mut self, state: SessionState, kind: &ErrorKind) {
        let queued = lock(&self.shared.outbox).shut(kind.clone());
        self.shared.set_state(state, |info| {
            if let ErrorKind::AuthFailed(why) = kind {
                info.trouble = Some(why.to_string());
            }
            info.round_trip = None;
        });
        self.shared.tell_room();
        self.shared.known.send_replace(Known::Never);
        self.shared.fail(queued, kind, None);
        lock(&self.shared.watches).close();
    }
}

/// Why no further server is tried.
enum Hopeless {
    AuthFailed(String),
    /// The session has expired, and no other was asked for.
    Expired,
}

/// No host gets less time than this, however many there are.
const LEAST_SHARE: Duration = Duration::from_millis(500);

/// A connection that lived this long was a good one: after it, no pause is needed.
const STABLE: Duration = Duration::from_secs(1);
