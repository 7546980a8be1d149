//! A conversation with the embedded server: a handshake, then frames of any bytes. It must
//! answer or hang up, and be there for the next client. Refuses to judge the answers.

use std::cell::LazyCell;
use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;
use zooscope::proto::{ConnectRequest, Encode as _};
use zooscope::server::{Handle, Options, Server};

use super::pieces::{Pieces, framed};

/// Nothing here takes longer, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(10);

thread_local! {
    static RUNTIME: LazyCell<Runtime> = const { LazyCell::new(|| {
        Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
    }) };
}

/// The input is frames, each of two bytes of length and so many bytes. The first byte says
/// whether a handshake goes before them.
pub fn conversation(input: &[u8]) -> bool {
    let Some((&first, frames)) = input.split_first() else {
        return false;
    };
    let mut sent = if first % 8 == 7 {
        Vec::new()
    } else {
        framed(&hello())
    };
    let version = ["3.4", "3.6", "3.8", "3.9"][usize::from(first / 8 % 4)];
    for frame in Pieces(frames) {
        sent.extend_from_slice(&framed(frame));
    }
    RUNTIME.with(|runtime| {
        runtime.block_on(async {
            let options = Options {
                version: version.parse().expect("one of the versions"),
                starts_at: Some(1_700_000_000_000),
                ..Options::default()
            };
            let server = Server::start(options).await.expect("a free port");
            let answer = timeout(PATIENCE, talk(&server, &sent)).await;
            let answer = answer.expect("the server answers or hangs up");
            // A task that panicked would leave its connection counted.
            let gone = async {
                while server.connections() > 0 {
                    tokio::task::yield_now().await;
                }
            };
            timeout(PATIENCE, gone)
                .await
                .expect("the connection is forgotten");
            answer.is_ok_and(|bytes| bytes.len() > 4)
        })
    })
}

async fn talk(server: &Handle, sent: &[u8]) -> io::Result<Vec<u8>> {
    let mut socket = TcpStream::connect(server.addr()).await?;
    // Or else a long run leaves the machine without free ports.
    socket.set_zero_linger()?;
    let mut answer = Vec::new();
    let (mut reader, mut writer) = socket.split();
    let write = async {
        writer.write_all(sent).await?;
        writer.shutdown().await
    };
    let read = reader.read_to_end(&mut answer);
    let (written, read) = tokio::join!(write, read);
    written.and(read).map(|_| answer)
}

fn hello() -> Vec<u8> {
    ConnectRequest {
        protocol_version: 0,
        last_zxid_seen: 0,
        timeout_ms: 10_000,
        session_id: 0,
        password: vec![0; 16],
        read_only: Some(false),
    }
    .to_bytes()
}
