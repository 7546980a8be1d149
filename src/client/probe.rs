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

/// How long a server is left alone after each answer of no use.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(20),
    Duration::from_millis(100),
    Duration::from_millis(300),
    Duration::ZERO,
];

/// What a server says that has no quorum.
const NOT_SERVING: &str = "This ZooKeeper instance is not currently serving requests";

/// An answer to `srvr` has some hundreds of bytes.
const LONGEST: u64 = 64 << 10;

/// The version in the server's words, and in numbers if it is a ZooKeeper; `None` if it
/// told nothing of use.
pub(super) type Answer = Option<(Arc<str>, Option<Version>)>;

/// Asks one server, and again if it closes the connection before its first line is complete,
/// or does not serve yet (kazoo: `server_version` with `retries`).
pub(super) async fn ask(shared: &Arc<Shared>, host: &Host, address: SocketAddr) -> Answer {
    let asking = async {
        for pause in PAUSES {
            let text = four_letter_word(shared, host, address, b"srvr").await;
            if let Some((line, _)) = text.as_deref().and_then(|text| text.split_once('\n'))
                && line != NOT_SERVING
            {
                return understand(line);
            }
            tokio::time::sleep(pause).await;
        }
        None
    };
    tokio::time::timeout(PATIENCE, asking).await.ok()?
}

fn understand(line: &str) -> Answer {
    let version = Version::from_srvr(line);
    let words = if let Some(version) = version {
        version.to_string()
    } else {
        let (_, words) = line.split_once("version:")?;
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
    // However the connection ends, what came before it is the answer: some TLS terminators
    // end it without a word.
    let _ = stream.take(LONGEST).read_to_end(&mut answer).await;
    Some(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::TcpListener;

    use super::*;
    use crate::client::Options;

    #[tokio::test]
    async fn an_answer_counts_however_the_connection_ends() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
        let addr = listener.local_addr().expect("it is bound");
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                while matches!(stream.peek(&mut [0; 4]), Ok(1..4)) {}
                // The word is left unread, so the kernel resets the connection.
                let _ = stream.write_all(b"Zookeeper version: 3.8.0-x, built\nmore\n");
            }
        });
        let options = Options::new(&addr.to_string()).expect("an address");
        let host = options.hosts().servers()[0].clone();
        let shared = Arc::new(Shared::new(options));
        let (words, version) = ask(&shared, &host, addr).await.expect("an answer");
        assert_eq!(&*words, "3.8.0");
        assert_eq!(version, Some(Version::new(3, 8, 0)));
    }
}
