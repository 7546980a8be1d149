//! The whole client against a server that lies: every reply is one that a server could give,
//! then bent, dropped, doubled, overtaken by another or cut, and written in pieces of any
//! length. Whatever comes, the client may not panic, may not hang, and must be its old self
//! as soon as the server is.
//!
//! Plain `cargo test` plays a few rounds; `ZOOSCOPE_FUZZ_SECONDS` and `ZOOSCOPE_FUZZ_SEED` as
//! for the decoders. A round is given by its seed, up to what the scheduler makes of it.

mod answer;
mod calls;
mod liar;

use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::timeout;
use zooscope::client::{Auth, Client, Options, Sasl, SessionState};
use zooscope::proto::ZPath;

use crate::fuzz::{number, say};
use liar::Liar;

const ROUNDS: u64 = 40;
/// Calls made at once while the server lies.
const CALLS: usize = 24;
/// What any call may take once the server is honest: reconnecting after a handshake that
/// stalled is the longest of it.
const PATIENCE: Duration = Duration::from_secs(20);
/// Short, so that a server that falls silent is soon found out.
const SESSION: Duration = Duration::from_millis(600);

/// What many rounds came to.
#[derive(Default)]
struct Tally {
    rounds: u64,
    calls: usize,
    answered: usize,
    refused: usize,
    connections: u64,
    lies: u64,
}

#[test]
fn fuzz_client() {
    let seconds = number("ZOOSCOPE_FUZZ_SECONDS");
    let seed =
        number("ZOOSCOPE_FUZZ_SEED").unwrap_or_else(|| seconds.map_or(1, |_| fastrand::u64(..)));
    say(&format!("fuzz_client: seed {seed}"));
    let end = seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let mut tally = Tally::default();
    while end.map_or(tally.rounds < ROUNDS, |end| Instant::now() < end) {
        let round = seed.wrapping_add(tally.rounds);
        // A runtime of its own: nothing of a round lives on into the next.
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let result = runtime.block_on(play(round, &mut tally));
        assert_eq!(result, Ok(()), "ZOOSCOPE_FUZZ_SEED={round}");
        tally.rounds += 1;
    }
    say(&format!(
        "fuzz_client: {} rounds, {} connections, {} lies; {} calls, {} answered, {} refused, none lost",
        tally.rounds, tally.connections, tally.lies, tally.calls, tally.answered, tally.refused
    ));
    assert!(tally.lies > tally.rounds, "the server lied");
    assert!(
        tally.answered > tally.calls / 20,
        "and was believed now and then"
    );
}

/// One client's life with one liar.
async fn play(seed: u64, tally: &mut Tally) -> Result<(), String> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let liar = Liar::start(rng.fork()).await;
    let mut options = Options::new(&liar.hosts())
        .map_err(|error| error.to_string())?
        .session_timeout(SESSION)
        .max_backoff(Duration::from_millis(20))
        .frame_limit(64 << 10)
        .max_in_flight(rng.usize(1..40))
        .max_queued(rng.usize(1..40));
    if rng.u8(..8) == 0 {
        options = options.auth(Auth::digest("ann", "secret"));
    }
    // This server can't prove that it knows a password: such a client never gets further.
    let sasl = rng.u8(..16) == 0;
    if sasl {
        options = options.sasl(Sasl::digest_md5("ann", "secret"));
    }
    let client = Client::connect(options);
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        let call = calls::any(&client, &mut rng);
        calls.spawn(call);
    }
    tokio::time::sleep(Duration::from_millis(rng.u64(1..30))).await;
    liar.repent();
    if !sasl {
        honest(&client).await?;
        drain(&mut calls, tally).await?;
    }
    let closing = timeout(PATIENCE, client.close()).await;
    closing.map_err(|_| "the client did not close".to_owned())?;
    drain(&mut calls, tally).await?;
    let (connections, lies) = liar.end();
    tally.connections += connections;
    tally.lies += lies;
    if client.session().state.is_final() {
        return Ok(());
    }
    Err(format!("closed, yet {:?}", client.session().state))
}

/// The server tells the truth again: so must the client, unless it was told for good that
/// its credentials are wrong.
async fn honest(client: &Client) -> Result<(), String> {
    let path = ZPath::new("/truth").map_err(|error| error.to_string())?;
    let end = Instant::now() + PATIENCE;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let read = timeout(left, client.get(&path)).await;
        match read {
            Ok(Ok(reply)) if reply.data.as_deref() == Some(answer::TRUTH) => return Ok(()),
            _ if client.session().state == SessionState::AuthFailed => return Ok(()),
            // The connection that the lies were told on may have to break first.
            Ok(_) if Instant::now() < end => tokio::time::sleep(Duration::from_millis(1)).await,
            other => return Err(format!("the truth came as {other:?} to {client:?}")),
        }
    }
}

/// All calls end, whatever they end with.
async fn drain(calls: &mut JoinSet<bool>, tally: &mut Tally) -> Result<(), String> {
    loop {
        match timeout(PATIENCE, calls.join_next()).await {
            Ok(None) => return Ok(()),
            Ok(Some(Ok(answered))) => {
                tally.calls += 1;
                tally.answered += usize::from(answered);
                tally.refused += usize::from(!answered);
            }
            Ok(Some(Err(panic))) => return Err(panic.to_string()),
            Err(_) => return Err(format!("{} calls never ended", calls.len())),
        }
    }
}
