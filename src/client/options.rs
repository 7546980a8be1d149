//! What a client is opened with. Every limit and promise of the client has its switch here;
//! secrets are kept so that no Debug output shows them.

use std::path::PathBuf;
use std::time::Duration;

use super::hosts::{Hosts, HostsError};
use super::sasl::Sasl;
use crate::proto::SERVER_FRAME_LIMIT;

/// Bytes that must not be shown: `Debug` prints dots.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Keeps `bytes` from being shown.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// The bytes, to be sent.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// An identity to authenticate a connection with (`addauth` in ZooKeeper's shell).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Auth {
    /// `digest`, or what a plugin of the server is called.
    pub scheme: String,
    /// What the scheme wants; for digest, `user:password`.
    pub credential: Secret,
}

impl Auth {
    /// An identity of any scheme.
    pub fn new(scheme: impl Into<String>, credential: impl Into<Vec<u8>>) -> Self {
        Self {
            scheme: scheme.into(),
            credential: Secret::new(credential),
        }
    }

    /// A user with a password.
    pub fn digest(user: &str, password: &str) -> Self {
        Self::new("digest", format!("{user}:{password}"))
    }
}

/// What resumes a session from another client: its id and password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The session's id.
    pub id: i64,
    /// The session's password.
    pub password: Secret,
    /// The newest zxid seen: no server behind it will take the session.
    pub last_zxid: i64,
}

/// TLS with PEM files. What is `None` is taken from the system or left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TlsOptions {
    /// Trust these authorities instead of the system's.
    pub ca: Option<PathBuf>,
    /// This client's certificate chain (servers want one unless told otherwise).
    pub cert: Option<PathBuf>,
    /// The key of that certificate, PKCS#8, PKCS#1 or SEC1.
    pub key: Option<PathBuf>,
    /// The name to check the server's certificate against, instead of the host's.
    pub server_name: Option<String>,
}

/// How to open a client.
///
/// ```
/// use std::time::Duration;
/// use zooscope::client::{Auth, Options};
///
/// let options = Options::new("zk1:2181,zk2:2181,[::1]:2181/app")?
///     .session_timeout(Duration::from_secs(30))
///     .auth(Auth::digest("ann", "secret"))
///     .read_only(true);
/// assert_eq!(options.hosts().servers().len(), 3);
/// assert!(!format!("{options:?}").contains("secret"));
/// # Ok::<(), zooscope::client::HostsError>(())
/// ```
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Options {
    pub(super) hosts: Hosts,
    pub(super) session_timeout: Duration,
    pub(super) read_only: bool,
    pub(super) allow_read_only_server: bool,
    pub(super) frame_limit: usize,
    pub(super) server_frame_limit: usize,
    pub(super) max_in_flight: usize,
    pub(super) max_queued: usize,
    pub(super) max_backoff: Duration,
    pub(super) auth: Vec<Auth>,
    pub(super) sasl: Option<Sasl>,
    pub(super) tls: Option<TlsOptions>,
    pub(super) resume: Option<Credentials>,
    pub(super) detach: bool,
    pub(super) shuffle: bool,
    pub(super) renew: bool,
}

impl Options {
    /// Options for the servers of a connect string, `host:port,[::1]:port/chroot`.
    pub fn new(hosts: &str) -> Result<Self, HostsError> {
        hosts.parse().map(Self::to)
    }

    /// Options for servers already parsed.
    pub fn to(hosts: Hosts) -> Self {
        Self {
            hosts,
            session_timeout: Duration::from_secs(10),
            read_only: false,
            allow_read_only_server: false,
            frame_limit: 16 << 20,
            server_frame_limit: SERVER_FRAME_LIMIT,
            max_in_flight: 1000,
            max_queued: 100_000,
            max_backoff: Duration::from_secs(5),
            auth: Vec::new(),
            sasl: None,
            tls: None,
            resume: None,
            detach: false,
            shuffle: true,
            renew: true,
        }
    }

    /// The servers and the chroot.
    pub fn hosts(&self) -> &Hosts {
        &self.hosts
    }

    /// The session timeout to ask for; the server may change it. 10 s unless told otherwise.
    #[must_use]
    pub fn session_timeout(mut self, timeout: Duration) -> Self {
        // The protocol has 31 bits of milliseconds for it.
        self.session_timeout = timeout.min(Duration::from_millis(i32::MAX.unsigned_abs().into()));
        self
    }

    /// A guard for people: with it no request that could change anything is ever sent, by
    /// whatever method. (It says nothing of servers: see
    /// [`Self::allow_read_only_server`].)
    #[must_use]
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// Whether a server that has lost its quorum will do, for reads of perhaps old values.
    #[must_use]
    pub fn allow_read_only_server(mut self, allow: bool) -> Self {
        self.allow_read_only_server = allow;
        self
    }

    /// The longest reply to accept, in bytes; 16 MiB unless told otherwise. A longer one
    /// fails its own request only.
    #[must_use]
    pub fn frame_limit(mut self, bytes: usize) -> Self {
        self.frame_limit = bytes;
        self
    }

    /// The longest request the servers accept (their `jute.maxbuffer`); a longer one is not
    /// sent, as it would cost the connection. 1,048,575 bytes unless told otherwise.
    #[must_use]
    pub fn server_frame_limit(mut self, bytes: usize) -> Self {
        self.server_frame_limit = bytes;
        self
    }

    /// How many requests may be on the wire unanswered; 1000 unless told otherwise, which is
    /// what a server reads before it lets a connection wait.
    ///
    /// Fewer may be: requests that are less than a quarter of the unanswered ones wait for more
    /// or for answers, if the server is less than 5 ms away. They are answered in turn, so
    /// there is little to be gained by sending them one by one.
    #[must_use]
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.max_in_flight = requests.max(1);
        self
    }

    /// How many more requests are queued when called; 100,000 unless told otherwise, and never
    /// more than 64 MiB of them. Further ones wait until they are awaited and there is room,
    /// and are then queued in no certain order.
    #[must_use]
    pub fn max_queued(mut self, requests: usize) -> Self {
        self.max_queued = requests.max(1);
        self
    }

    /// The longest pause between two rounds of connection attempts; 5 s unless told otherwise.
    #[must_use]
    pub fn max_backoff(mut self, pause: Duration) -> Self {
        self.max_backoff = pause;
        self
    }

    /// Adds an identity, sent on every connection before any request.
    #[must_use]
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth.push(auth);
        self
    }

    /// Authenticates by SASL.
    #[must_use]
    pub fn sasl(mut self, sasl: impl Into<Sasl>) -> Self {
        self.sasl = Some(sasl.into());
        self
    }

    /// Speaks TLS.
    #[must_use]
    pub fn tls(mut self, tls: TlsOptions) -> Self {
        self.tls = Some(tls);
        self
    }

    /// Resumes a session instead of opening one. If it has expired, that is told and a new
    /// one opened.
    #[must_use]
    pub fn resume(mut self, credentials: Credentials) -> Self {
        self.resume = Some(credentials);
        self
    }

    /// Leaves the session alive when the last handle is dropped, to be resumed.
    #[must_use]
    pub fn detach(mut self, detach: bool) -> Self {
        self.detach = detach;
        self
    }

    /// Whether a new session is opened once one has expired, as kazoo does: on unless told
    /// otherwise. If not, the client is closed by the expiry, as ZooKeeper's own is.
    #[must_use]
    pub fn renew(mut self, renew: bool) -> Self {
        self.renew = renew;
        self
    }

    /// Whether to try the servers in random order, as all clients should that share an
    /// ensemble. On unless told otherwise.
    #[must_use]
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }
}
