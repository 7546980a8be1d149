//! Asks a server which version it is: the four-letter word `srvr` on a connection of its
//! own, which every server since 3.5.3 answers without being told to, and all before.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::connect::open;
use super::hosts::Host;
use super::shared::Shared;
use super::version::Version;

/// A server that does not answer by then is taken for one that never will.
const PATIENCE: Duration = Duration::from_secs(2);

/// An answer to `srvr` has some hundreds of bytes.
const LONGEST: u64 = 64 << 10;

/// The version in the server's words, and in numbers if it is a ZooKeeper; `None` if it
/// told nothing of use.
pub(super) type Answer = Option<(Arc<str>, Option<Version>)>;

/// Asks one server.
pub(super) async fn ask(shared: &Arc<Shared>, host: &Host, address: SocketAddr) -> Answer {
    let word = four_letter_word(shared, host, address, b"srvr");
    let text = tokio::time::timeout(PATIENCE, word).await.ok()??;
    let version = Version::from_srvr(&text);
    let words = if let Some(version) = version {
        version.to_string()
    } else {
        let (_, words) = text.lines().next()?.split_once("version:")?;
        words.trim().to_owned()
    };
    Some((words.into(), version))
}

/// Sends a four-letter word and reads the whole answer.
pub(super) async fn four_letter_word(
    shared: &Arc<Shared>,
    host: &Host,
    address: SocketAddr,
    word: &[u8; 4],
) -> Option<String> {
    let mut stream = open(shared, host, address).await.ok()?;
    stream.write_all(word).await.ok()?;
    stream.flush().await.ok()?;
    let mut answer = Vec::new();
    stream.take(LONGEST).read_to_end(&mut answer).await.ok()?;
    Some(String::from_utf8_lossy(&answer).into_owned())
}
