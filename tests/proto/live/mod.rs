//! The whole client against a server that lies: every reply is one that a server could give,
//! then bent, dropped, doubled, overtaken by another or cut, and written in pieces of any
//! length. It meets every call, retries and recipes, with and without a chroot, digests and
//! SASL. Whatever comes, the client may not panic, may not hang, must be its old self as soon
//! as the server is, and leaves neither a task nor memory behind.
//!
//! Plain `cargo test` plays a few rounds; `ZOOSCOPE_FUZZ_SECONDS` and `ZOOSCOPE_FUZZ_SEED` as
//! for the decoders. A round is given by its seed, up to what the scheduler makes of it.

mod answer;
mod bounds;
mod calls;
mod liar;
mod recipes;
mod sasl;

use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::timeout;
use zooscope::client::{Auth, Client, Options, Sasl};
use zooscope::proto::ZPath;

use crate::fuzz::{number, say};
use liar::Liar;

const ROUNDS: u64 = 60;
/// Calls made at once while the server lies, and how many times.
const CALLS: usize = 12;
const WAVES: usize = 3;
/// What any call may take once the server is honest: reconnecting after a handshake that
/// stalled is the longest of it.
const PATIENCE: Duration = Duration::from_secs(20);
/// Short, so that a server that falls silent is soon found out.
const SESSION: Duration = Duration::from_millis(300);

/// What many rounds came to.
#[derive(Default)]
struct Tally {
    rounds: u64,
    calls: usize,
    answered: usize,
    refused: usize,
    connections: u64,
    lies: u64,
    /// The most bytes of memory that a round held.
    memory: u64,
}

impl Tally {
    fn add(&mut self, round: &Self, memory: u64) {
        self.rounds += 1;
        self.calls += round.calls;
        self.answered += round.answered;
        self.refused += round.refused;
        self.connections += round.connections;
        self.lies += round.lies;
        self.memory = self.memory.max(memory);
    }
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
        match bounds::within(move || play(round)) {
            Ok((came_to, memory)) => tally.add(&came_to, memory),
            Err(why) => panic!("ZOOSCOPE_FUZZ_SEED={round}: {why}"),
        }
    }
    say(&format!(
        "fuzz_client: {} rounds, {} connections, {} lies; {} calls, {} answered, {} refused, none lost",
        tally.rounds, tally.connections, tally.lies, tally.calls, tally.answered, tally.refused
    ));
    say(&format!(
        "fuzz_client: at most {} KiB at a time",
        tally.memory >> 10
    ));
    // On a busy machine little is said while the lying lasts.
    assert!(tally.lies > tally.rounds / 4, "the server lied");
    assert!(
        tally.answered > tally.calls / 20,
        "and was believed now and then"
    );
}

/// Options at random, within what a round has time for.
fn options(rng: &mut fastrand::Rng, hosts: &str) -> Result<Options, String> {
    let chroot = if rng.u8(..3) == 0 { "/app" } else { "" };
    let mut options = Options::new(&format!("{hosts}{chroot}"))
        .map_err(|error| error.to_string())?
        .session_timeout(SESSION)
        .max_backoff(Duration::from_millis(20))
        .frame_limit(64 << 10)
        .max_in_flight(rng.usize(1..40))
        .max_queued(rng.usize(1..40))
        .renew(rng.u8(..6) > 0)
        .read_only(rng.u8(..12) == 0)
        .allow_read_only_server(rng.u8(..6) == 0);
    if rng.u8(..8) == 0 {
        options = options.auth(Auth::digest("ann", "secret"));
    }
    if rng.u8(..4) == 0 {
        options = options.sasl(Sasl::digest_md5(sasl::USER, sasl::PASSWORD));
    }
    Ok(options)
}

/// One client's life with one liar.
async fn play(seed: u64) -> Result<Tally, String> {
    let mut tally = Tally::default();
    let mut rng = fastrand::Rng::with_seed(seed);
    let liar = Liar::start(rng.fork()).await;
    let client = Client::connect(options(&mut rng, &liar.hosts())?);
    let mut calls = JoinSet::new();
    for _ in 0..WAVES {
        for _ in 0..CALLS {
            calls.spawn(calls::any(&client, &mut rng));
        }
        tokio::time::sleep(Duration::from_millis(rng.u64(1..20))).await;
    }
    liar.repent();
    honest(&client).await?;
    drain(&mut calls, &mut tally).await?;
    let closing = async {
        if rng.u8(..4) == 0 {
            client.detach().await;
        } else {
            client.close().await;
        }
    };
    let closed = timeout(PATIENCE, closing).await;
    closed.map_err(|_| "the client did not close".to_owned())?;
    (tally.connections, tally.lies) = liar.end();
    if client.session().state.is_final() {
        return Ok(tally);
    }
    Err(format!("closed, yet {:?}", client.session().state))
}

/// The server tells the truth again: so must the client, unless it was told for good that
/// its credentials are wrong, or that its session is over and it wants no other.
async fn honest(client: &Client) -> Result<(), String> {
    let path = ZPath::new("/truth").map_err(|error| error.to_string())?;
    let end = Instant::now() + PATIENCE;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        let read = timeout(left, client.get(&path)).await;
        match read {
            Ok(Ok(reply)) if reply.data.as_deref() == Some(answer::TRUTH) => return Ok(()),
            _ if client.session().state.is_final() => return Ok(()),
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
