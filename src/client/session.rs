//! The one task that owns the connection: it keeps the session through losses, tells of
//! expiry before it opens a new session, and ends when the client does. How it finds a server
//! is `find.rs`; what happens on a live connection, `wire.rs`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::time::Instant;

use super::connect::{Link, negotiated};
use super::error::ErrorKind;
use super::find::Hopeless;
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
    /// When a server was last heard of in this session. Of one that is to be resumed nobody
    /// here knows, until there is an answer.
    pub(super) last_heard: Option<Instant>,
    /// The timeout last negotiated, or the one to ask for.
    pub(super) timeout: Duration,
    /// Whether this session is known to the ensemble: one given by a read-only server is
    /// that server's own, and no other need be asked for it.
    pub(super) global: bool,
    /// Id and password of a session that was given to us, but never connected: authentication
    /// has failed since.
    pub(super) fresh: Option<(i64, Vec<u8>)>,
    /// The pause with which the next search for a server that takes writes begins.
    seek_pause: Duration,
}

/// The task may be dropped with its runtime, even before it began: nobody is left waiting.
impl Drop for Session {
    fn drop(&mut self) {
        if !self.shared.info.borrow().state.is_final() {
            self.finish(SessionState::Closed, &ErrorKind::Closed);
        }
    }
}

impl Session {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let options = &shared.options;
        let rotation = Rotation::new(&options.hosts.servers, options);
        let timeout = options.session_timeout;
        if let Some(resume) = &options.resume {
            lock(&shared.password).extend_from_slice(resume.password.expose());
            shared.last_zxid.store(resume.last_zxid, Ordering::Relaxed);
            shared.info.send_modify(|info| info.id = resume.id);
        }
        let global = shared.info.borrow().id != 0;
        Self {
            rotation,
            last_heard: None,
            timeout,
            global,
            fresh: None,
            seek_pause: seek::FIRST_PAUSE,
            shared,
        }
    }

    /// Runs until the client is closed or refused for good.
    pub(super) async fn run(mut self) {
        let shared = self.shared.clone();
        // Closing cuts every attempt and every pause short.
        loop {
            let link = tokio::select! {
                biased;
                _ = shared.closing() => break,
                connected = self.find() => connected,
            };
            let end = match link {
                Ok((link, host)) => self.serve(link, &host).await,
                Err(Hopeless::AuthFailed(why)) => End::AuthFailed(why),
                Err(Hopeless::Expired) => {
                    let kind = ErrorKind::SessionExpired { renewed: false };
                    self.finish(SessionState::Closed, &kind);
                    return;
                }
            };
            match end {
                End::Lost(_) => {}
                End::Closed => break,
                End::AuthFailed(why) => {
                    self.finish(SessionState::AuthFailed, &ErrorKind::AuthFailed(why.into()));
                    return;
                }
            }
        }
        self.finish(SessionState::Closed, &ErrorKind::Closed);
    }

    /// Lives on one connection until it ends.
    async fn serve(&mut self, link: Link, host: &Host) -> End {
        let Link {
            stream,
            response,
            address,
        } = link;
        let server: Arc<str> = host.to_string().into();
        self.timeout = negotiated(&response);
        let mut wire = Wire::new(self.shared.clone(), stream, server.clone(), self.timeout);
        lock(&self.shared.password).clone_from(&response.password);
        let answer = self.look_up(host, address).await;
        // Its round trip is not to have that in it.
        wire.ping(Instant::now());
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
            self.fresh = None;
            self.seek_pause = seek::FIRST_PAUSE;
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
        self.last_heard = Some(wire.last_heard());
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
        let (servers, pause) = (self.rotation.servers().to_vec(), self.seek_pause);
        let mut seeking = std::pin::pin!(async {
            if read_only {
                seek::writable(&shared, &servers, pause).await
            } else {
                std::future::pending().await
            }
        });
        let asking = self.ask(host, address);
        let (found, pause) = tokio::select! {
            biased;
            end = wire.run() => {
                self.doubt(address);
                return end;
            }
            found = &mut seeking => found,
            answer = asking => {
                let fits = self.learn(Some(&answer), false);
                self.rotation.remember(address, answer);
                if !fits {
                    return End::Lost("it is of another version than it was".to_owned());
                }
                tokio::select! {
                    biased;
                    end = wire.run() => return end,
                    found = &mut seeking => found,
                }
            }
        };
        let why = format!("{found} takes writes, and {host} does not");
        self.seek_pause = pause;
        self.take_new_hosts();
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
            if self.shared.has_refused(request.op()) {
                watches.not_set();
                return;
            }
            wire.put(xid::SET_WATCHES, &request);
            wire.setting.push_back(request.op());
        }
    }

    /// The connection is gone: the state says so first, then every request on it fails.
    fn wind_up(&self, wire: &mut Wire, end: &End, server: &Arc<str>) {
        // The next server may be another: what it can do is decided when it has told.
        self.shared.learn(Known::NotYet);
        // What is asked for once the state is told is meant for the next connection.
        wire.recall();
        let queued = self.shared.disconnect();
        let (state, reason, trouble) = match end {
            End::Lost(why) => {
                let trouble = format!("{server}: {why}");
                (SessionState::Suspended, why.as_str(), Some(trouble))
            }
            End::AuthFailed(why) => (SessionState::AuthFailed, why.as_str(), Some(why.clone())),
            End::Closed => (SessionState::Closed, "the client was closed", None),
        };
        self.shared.set_state(state, |info| {
            info.trouble = trouble;
            info.round_trip = None;
        });
        self.shared.tell_room();
        let reason: Arc<str> = reason.into();
        wire.fail_unanswered(&reason);
        let kind = ErrorKind::ConnectionLost {
            reason,
            sent: false,
        };
        self.shared.fail(queued, &kind, Some(server));
    }

    /// The session is gone, and with it its ephemerals and watches; the next one, if any, is
    /// new.
    pub(super) fn expire(&mut self) -> Result<(), Hopeless> {
        lock(&self.shared.password).clear();
        self.global = false;
        self.shared.last_zxid.store(0, Ordering::Relaxed);
        self.last_heard = None;
        self.fresh = None;
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

/// A connection that lived this long was a good one: after it, no pause is needed.
const STABLE: Duration = Duration::from_secs(1);
