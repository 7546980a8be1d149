//! One attempt to reach one server: resolve, TCP, TLS, handshake, authentication, all under
//! one deadline, so that a host that swallows packets can't eat the session's time.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};

use super::hosts::Host;
use super::options::Auth;
use super::probe;
use super::sasl;
use super::shared::Shared;
use super::slot::lock;
use super::stream::Stream;
use super::tls;
use super::version::Version;
use crate::proto::{
    ConnectRequest, ConnectResponse, Decode as _, Encode as _, OpCode, Reader, ReplyHeader,
    Request, RequestHeader, xid,
};

/// A handshake response, or an answer to an auth packet, has a few dozen bytes; a SASL
/// challenge a few hundred.
const SMALL: usize = 64 << 10;

/// A connection whose session is live and authenticated.
pub(super) struct Link {
    pub(super) stream: Stream,
    pub(super) response: ConnectResponse,
    pub(super) address: SocketAddr,
}

/// Why there is no connection.
pub(super) enum Refusal {
    /// Not this server now; perhaps another or later.
    Unusable(String),
    /// The server says that the session has expired (or its password is wrong).
    Expired,
    /// A server that may be older than 3.5.9 hung up in the midst of SASL: that is how those
    /// refuse credentials, but it may also just have ended.
    HungUp(String),
    /// The credentials were refused, or there are none. Final.
    AuthFailed(String),
}

/// Who asks for a session, and what has come of it whatever becomes of the attempt.
pub(super) struct Asking {
    /// 0 for a new one, until one is given.
    pub(super) session_id: i64,
    pub(super) password: Vec<u8>,
    pub(super) last_zxid: i64,
    /// When a server has last let the session live on, and for how long.
    pub(super) heard: Option<(Instant, Duration)>,
}

impl Asking {
    /// A server answered. From now on the session lives, also if the authentication fails. (A
    /// read-only server's is its own, and one that was not asked for counts once connected.)
    fn heard(&mut self, response: &ConnectResponse) {
        let own = response.read_only == Some(true);
        if own || ![0, response.session_id].contains(&self.session_id) {
            return;
        }
        self.session_id = response.session_id;
        self.password.clone_from(&response.password);
        self.heard = Some((Instant::now(), negotiated(response)));
    }
}

/// The session timeout that the server has settled on.
pub(super) fn negotiated(response: &ConnectResponse) -> Duration {
    Duration::from_millis(response.timeout_ms.unsigned_abs().into())
}

/// Tries all addresses of a host, each for its share of `share`.
pub(super) async fn connect(
    shared: &Arc<Shared>,
    host: &Host,
    asking: &mut Asking,
    share: Duration,
) -> Result<Link, Refusal> {
    let deadline = Instant::now() + share;
    let mut addresses: Vec<_> =
        match timeout_at(deadline, lookup_host((host.name.as_str(), host.port))).await {
            Ok(Ok(addresses)) => addresses.collect(),
            Ok(Err(error)) => {
                return Err(Refusal::Unusable(format!("{host}: no such host ({error})")));
            }
            Err(_) => {
                return Err(Refusal::Unusable(format!(
                    "{host}: its name was not resolved in {share:?}"
                )));
            }
        };
    fastrand::shuffle(&mut addresses);
    let mut last = Refusal::Unusable(format!("{host}: the name has no address"));
    let count = addresses.len();
    for (index, address) in addresses.into_iter().enumerate() {
        let left = deadline.saturating_duration_since(Instant::now());
        let portion = left / u32::try_from(count - index).unwrap_or(u32::MAX);
        let until = Instant::now() + portion;
        last = match timeout_at(until, attempt(shared, host, address, asking, until)).await {
            Ok(Err(Refusal::Unusable(why))) => Refusal::Unusable(format!("{host}: {why}")),
            Ok(Err(Refusal::HungUp(why))) => Refusal::HungUp(format!("{host}: {why}")),
            Ok(Err(Refusal::AuthFailed(why))) => {
                return Err(Refusal::AuthFailed(format!("{host}: {why}")));
            }
            Ok(done) => return done,
            Err(_) => Refusal::Unusable(format!("{host}: no answer within {portion:.1?}")),
        };
    }
    Err(last)
}

/// Opens a stream to an address, with TLS if so asked.
pub(super) async fn open(
    shared: &Shared,
    host: &Host,
    address: SocketAddr,
) -> Result<Stream, String> {
    let stream = TcpStream::connect(address)
        .await
        .map_err(|error| text(&error))?;
    stream.set_nodelay(true).map_err(|error| text(&error))?;
    match &shared.options.tls {
        None => Ok(Stream::plain(stream)),
        Some(options) => tls::wrap(stream, host, options).await,
    }
}

async fn attempt(
    shared: &Arc<Shared>,
    host: &Host,
    address: SocketAddr,
    asking: &mut Asking,
    until: Instant,
) -> Result<Link, Refusal> {
    let mut stream = open(shared, host, address)
        .await
        .map_err(Refusal::Unusable)?;
    let response = handshake(shared, &mut stream, asking).await?;
    asking.heard(&response);
    if let Some(sasl) = &shared.options.sasl {
        match sasl::authenticate(shared, sasl, &mut stream, host, until).await {
            Err(Refusal::HungUp(why)) if says_no(shared, host, address).await => {
                return Err(Refusal::Unusable(why));
            }
            done => done?,
        }
    }
    let auths = lock(&shared.auths).clone();
    for auth in &auths {
        authenticate(&mut stream, auth).await?;
    }
    Ok(Link {
        stream,
        response,
        address,
    })
}

/// Whether the server is known to refuse SASL credentials in words, since 3.5.9, so that it
/// means nothing by it if it hangs up.
async fn says_no(shared: &Arc<Shared>, host: &Host, address: SocketAddr) -> bool {
    let answer = probe::ask(shared, host, address).await;
    answer.is_some_and(|(_, version)| version.is_some_and(|is| is >= Version::new(3, 5, 9)))
}

async fn handshake(
    shared: &Shared,
    stream: &mut Stream,
    asking: &Asking,
) -> Result<ConnectResponse, Refusal> {
    let options = &shared.options;
    let request = ConnectRequest {
        protocol_version: 0,
        last_zxid_seen: asking.last_zxid,
        timeout_ms: i32::try_from(options.session_timeout.as_millis()).unwrap_or(i32::MAX),
        session_id: asking.session_id,
        password: asking.password.clone(),
        read_only: Some(options.allow_read_only_server),
    };
    stream.send(&request.to_bytes()).await.map_err(unusable)?;
    let frame = stream.receive(SMALL).await.map_err(|error| {
        if error.kind() == std::io::ErrorKind::UnexpectedEof {
            let why = if asking.last_zxid > 0 {
                "it closed the connection without an answer (it has no quorum, too many \
                 connections, or data older than this session has seen)"
            } else {
                "it closed the connection without an answer (it has no quorum, or too many \
                 connections)"
            };
            return Refusal::Unusable(why.to_owned());
        }
        unusable(error)
    })?;
    let response = ConnectResponse::parse(&frame).map_err(|error| {
        Refusal::Unusable(format!("it gave no session ({error}): read-only, perhaps"))
    })?;
    if response.timeout_ms <= 0 {
        return Err(Refusal::Expired);
    }
    Ok(response)
}

async fn authenticate(stream: &mut Stream, auth: &Auth) -> Result<(), Refusal> {
    let request = Request::Auth {
        kind: 0,
        scheme: auth.scheme.as_str().into(),
        auth: Some(auth.credential.expose().into()),
    };
    let header = match exchange(stream, xid::AUTH, &request).await {
        // Every server says no in words.
        Err(Refusal::HungUp(why)) => return Err(Refusal::Unusable(why)),
        answer => answer?.0,
    };
    match header.error() {
        None => Ok(()),
        Some(code) => Err(Refusal::AuthFailed(format!(
            "scheme {:?}: {code}",
            auth.scheme
        ))),
    }
}

/// Sends one request and awaits its reply, on a connection with no other traffic.
pub(super) async fn exchange(
    stream: &mut Stream,
    xid: i32,
    request: &Request<'_>,
) -> Result<(ReplyHeader, Vec<u8>), Refusal> {
    let mut frame = RequestHeader {
        xid,
        op: OpCode::code(request.op()),
    }
    .to_bytes();
    request.encode(&mut frame);
    stream.send(&frame).await.map_err(unusable)?;
    let reply = stream.receive(SMALL).await.map_err(|error| {
        use std::io::ErrorKind::{ConnectionReset, UnexpectedEof};
        if matches!(error.kind(), UnexpectedEof | ConnectionReset) {
            return Refusal::HungUp("it hung up in the midst of authentication".to_owned());
        }
        unusable(error)
    })?;
    let mut reader = Reader::new(&reply);
    let header = ReplyHeader::decode(&mut reader)
        .map_err(|error| Refusal::Unusable(format!("its reply makes no sense ({error})")))?;
    Ok((header, reader.rest().to_vec()))
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
pub(super) fn unusable(error: std::io::Error) -> Refusal {
    Refusal::Unusable(text(&error))
}

/// What an I/O error says, without the number of the operating system.
pub(super) fn text(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        std::io::ErrorKind::ConnectionReset => "connection reset".to_owned(),
        std::io::ErrorKind::UnexpectedEof => "it closed the connection".to_owned(),
        _ => error.to_string(),
    }
}
