//! The client as its users hold it: a cheap handle. The session lives in a task of its own
//! and ends with the last handle.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::error::{Error, ErrorKind};
use super::hosts::Hosts;
use super::options::{Credentials, Options};
use super::outbox::Closing;
use super::session::Session;
use super::shared::Shared;
use super::slot::lock;
use super::state::{SessionInfo, SessionState, States};
use super::version::{Known, Version};
use crate::proto::{ErrorCode, ZPath};

/// A connection to a ZooKeeper ensemble. Clones share one session.
///
/// Requests are queued or sent when a method is called, not when its future is first polled:
/// calls made in some order are carried out in that order. While there is no connection they
/// wait for one; what older servers don't have waits, with all behind it, until the server has
/// told its version, a moment after the connection. Dropping a future discards its reply and
/// is safe at any time.
#[derive(Clone)]
pub struct Client {
    handle: Arc<Handle>,
    pub(super) chroot: ZPath,
}

struct Handle {
    shared: Arc<Shared>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        let closing = if self.shared.options.detach {
            Closing::Detach
        } else {
            Closing::Close
        };
        self.shared.close(closing);
    }
}

impl Client {
    /// Opens a client. Returns at once: names are resolved and servers tried in a task of its
    /// own.
    ///
    /// # Panics
    /// Outside of a tokio runtime, as [`tokio::spawn`] does.
    pub fn connect(options: Options) -> Self {
        let chroot = options.hosts.chroot.clone();
        let shared = Arc::new(Shared::new(options));
        tokio::spawn(Session::new(shared.clone()).run());
        Self {
            handle: Arc::new(Handle { shared }),
            chroot,
        }
    }

    /// Opens a client and waits until requests are answered. If they aren't within `patience`,
    /// or never will be, the client is closed again and the error tells why: what the last
    /// attempt failed of, that the credentials were refused, that the session to be resumed
    /// has expired.
    ///
    /// (kazoo: `start` with a `timeout`)
    ///
    /// # Panics
    /// As [`Self::connect`] does.
    pub async fn open(options: Options, patience: Duration) -> Result<Self, Error> {
        let client = Self::connect(options);
        let reached = tokio::time::timeout(patience, client.answered()).await;
        if let Ok(Ok(())) = reached {
            return Ok(client);
        }
        let info = client.session();
        let trouble: Arc<str> = info
            .trouble
            .unwrap_or_else(|| "no answer".to_owned())
            .into();
        let within = patience;
        let kind = match reached {
            Ok(Err(SessionState::AuthFailed)) => ErrorKind::AuthFailed(trouble),
            Ok(Err(_)) if info.expired > 0 => ErrorKind::SessionExpired { renewed: false },
            Ok(Err(_)) => ErrorKind::Closed,
            _ => ErrorKind::NotConnected { within, trouble },
        };
        client.close().await;
        Err(Error::new(kind))
    }

    /// Waits until a request has been answered: servers that want to be told who we are refuse
    /// the first one, not the session.
    async fn answered(&self) -> Result<(), SessionState> {
        loop {
            self.connected().await?;
            let answer = self.exists(&ZPath::root()).await;
            let again = |error: &Error| {
                let unknown = error.is(ErrorCode::SessionClosedRequireSaslAuth);
                unknown || error.is_connection_loss() || error.is_final()
            };
            if !answer.is_err_and(|error| again(&error)) {
                return Ok(());
            }
        }
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.handle.shared
    }

    /// The server's path for one of this client's.
    pub(super) fn server_path(&self, path: &ZPath) -> ZPath {
        if path.as_str().is_empty() {
            // Servers take "" for "/" in reads; in a write it has killed one of 3.4.
            return self.chroot.clone();
        }
        self.chroot.chroot(path)
    }

    /// The same in two parts, one behind the other, for a request that is made at once.
    pub(super) fn server_parts<'a>(&'a self, path: &'a str) -> (&'a str, &'a str) {
        match (self.chroot.is_root(), path) {
            (true, "") => ("", "/"),
            (true, _) => ("", path),
            (false, "/") => (self.chroot.as_str(), ""),
            (false, _) => (self.chroot.as_str(), path),
        }
    }

    /// This client's path for one of the server's.
    pub(super) fn client_path(&self, server_path: &str) -> ZPath {
        client_path(&self.chroot, server_path)
    }

    /// The same session without the chroot.
    pub(super) fn unrooted(&self) -> Self {
        Self {
            handle: self.handle.clone(),
            chroot: ZPath::root(),
        }
    }

    /// The same session, seen from another subtree (below this client's own root).
    #[must_use]
    pub fn chroot(&self, path: &ZPath) -> Self {
        Self {
            handle: self.handle.clone(),
            chroot: self.server_path(path),
        }
    }

    /// What is known of the session now.
    pub fn session(&self) -> SessionInfo {
        self.shared().info.borrow().clone()
    }

    /// The same, with word of every change.
    pub fn watch_session(&self) -> watch::Receiver<SessionInfo> {
        self.shared().info.subscribe()
    }

    /// The states of the session, from the present one on. Unlike with
    /// [`Self::watch_session`], none is skipped, unless 64 wait to be read: then they make
    /// room for the next, but for the newest and a [`SessionState::Lost`].
    pub fn states(&self) -> States {
        self.shared().states()
    }

    /// Waits until requests are answered. Fails only if they never will be: with the final
    /// state.
    pub async fn connected(&self) -> Result<(), SessionState> {
        let mut info = self.watch_session();
        let reached = info
            .wait_for(|info| info.state.is_connected() || info.state.is_final())
            .await
            .map(|info| info.state);
        match reached {
            Ok(state) if state.is_connected() => Ok(()),
            Ok(state) => Err(state),
            Err(_) => Err(SessionState::Closed),
        }
    }

    /// What resumes this session from another client; `None` without a session.
    pub fn credentials(&self) -> Option<Credentials> {
        self.shared().credentials()
    }

    /// The connected server's version, if it told.
    pub fn server_version(&self) -> Option<Version> {
        match *self.shared().known.borrow() {
            Known::Version(version) => Some(version),
            Known::NotYet | Known::Never => None,
        }
    }

    /// Waits until the server's version is known, or known never to be told.
    pub async fn ask_version(&self) -> Option<Version> {
        self.shared().wait_for_version().await;
        self.server_version()
    }

    /// How many znodes have a watcher of this client's.
    pub fn watched(&self) -> usize {
        lock(&self.shared().watches).len()
    }

    /// Other servers of the same ensemble to try from the next connection on; the present
    /// one is kept. The chroot must be the same.
    ///
    /// (kazoo: `set_hosts`)
    pub fn set_hosts(&self, hosts: &Hosts) -> Result<(), Error> {
        if hosts.chroot != self.shared().options.hosts.chroot {
            let why = "another chroot would be another tree: open another client for it";
            return Err(Error::new(ErrorKind::Invalid(why.to_owned())));
        }
        *lock(&self.shared().new_hosts) = Some(hosts.servers.clone());
        Ok(())
    }

    /// Closes the session, for all handles: what was queued before is still sent (for a few
    /// seconds at most), then the server is told, so that ephemerals go at once. Without a
    /// connection it ends at once, and the session expires in its own time.
    pub async fn close(&self) {
        self.end(Closing::Close).await;
    }

    /// Drops the connection and leaves the session alive, to be resumed with
    /// [`Self::credentials`].
    pub async fn detach(&self) {
        self.end(Closing::Detach).await;
    }

    async fn end(&self, closing: Closing) {
        let mut info = self.watch_session();
        self.shared().close(closing);
        let over = info.wait_for(|info| info.state.is_final());
        // Nobody may be running the task's runtime.
        let _ = tokio::time::timeout(Duration::from_secs(10), over).await;
    }
}

/// A server's path as a client with this chroot names it.
pub(super) fn client_path(chroot: &ZPath, server_path: &str) -> ZPath {
    chroot
        .unchroot(server_path)
        .unwrap_or_else(|| ZPath::from_server(server_path))
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("hosts", &self.shared().options.hosts)
            .field("chroot", &self.chroot)
            .field("session", &*self.shared().info.borrow())
            .finish_non_exhaustive()
    }
}
