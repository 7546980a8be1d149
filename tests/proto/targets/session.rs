//! The whole client, to which a server says anything: it was let in, has made a call of every
//! kind, and gets the input as the answers. Each call must end, and the client with them.
//! Refuses to judge what a call made of its answer.

use std::cell::LazyCell;
use std::future::Future;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::task::JoinSet;
use tokio::time::timeout;
use zooscope::client::{Client, Error, Options};
use zooscope::proto::{Acl, AddWatchMode, ConnectResponse, CreateMode, Encode as _, OpCode, ZPath};

use super::pieces::{Pieces, framed};

/// Nothing here takes longer, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(10);

const SRVR: &[u8] = b"Zookeeper version: 3.9.4-7246445, built on 2025-08-19 19:53 UTC\n";

thread_local! {
    static RUNTIME: LazyCell<Runtime> = const { LazyCell::new(|| {
        Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
    }) };
}

/// The input is frames, each of two bytes of length and so many bytes: the answers to the
/// requests 1 to 16 as [`calls`] makes them.
pub fn session(input: &[u8]) -> bool {
    let mut script = Vec::new();
    for frame in Pieces(input) {
        script.extend_from_slice(&framed(frame));
    }
    RUNTIME.with(|runtime| runtime.block_on(play(script)))
}

async fn play(script: Vec<u8>) -> bool {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let hosts = listener.local_addr().expect("an address").to_string();
    let server = tokio::spawn(serve(listener, script));
    let options = Options::new(&hosts).expect("an address is a host");
    let client = Client::connect(options.max_backoff(Duration::from_millis(1)));
    let done = async {
        client.ask_version().await;
        let mut calls = calls(&client);
        // It has said all it will once it hangs up.
        let mut info = client.watch_session();
        let gone = info.wait_for(|info| !info.state.is_connected()).await;
        drop(gone);
        client.close().await;
        let mut answered = 0;
        while let Some(call) = calls.join_next().await {
            answered += usize::from(call.expect("no call panics"));
        }
        answered
    };
    let answered = timeout(PATIENCE, done).await;
    let answered = answered.expect("every call ends, and the client with them");
    server.abort();
    drop(client);
    let gone = async {
        while Handle::current().metrics().num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, gone).await.expect("no task is left");
    answered > 1
}

/// Every kind of call, in the order in which their requests are numbered. They are queued
/// here, and their futures, with the watches they hold, live until they have answered.
fn calls(client: &Client) -> JoinSet<bool> {
    let path = |text| ZPath::new(text).expect("a path");
    let (a, b, acl) = (path("/a"), path("/b"), Acl::open_unsafe());
    let mut calls = JoinSet::new();
    let set = &mut calls;
    add(set, client.get_watch(&a));
    add(set, client.exists_watch(&b));
    add(set, client.get_children_watch(&a));
    add(
        set,
        client.add_watch(&ZPath::root(), AddWatchMode::PersistentRecursive),
    );
    add(set, client.get(&a));
    add(set, client.get_children(&a));
    add(set, client.get_acl(&a));
    add(
        set,
        client.create(&path("/c"), b"1", &acl, CreateMode::Persistent),
    );
    add(set, client.set(&a, b"2", None));
    add(set, client.delete(&b, None));
    let transaction = client
        .transaction()
        .create(&b, b"", &acl, CreateMode::Persistent);
    add(set, transaction.set(&a, b"3", None).check(&a, 1).commit());
    add(
        set,
        client.multi_read().data(&a).children(&a).data(&b).send(),
    );
    add(set, client.get_all_children_number(&a));
    add(set, client.get_ephemerals(&a));
    add(set, client.who_am_i());
    add(set, client.sync(&a));
    calls
}

fn add<T: Send + 'static>(
    calls: &mut JoinSet<bool>,
    call: impl Future<Output = Result<T, Error>> + Send + 'static,
) {
    calls.spawn(async { call.await.is_ok() });
}

/// Lets the first in, and answers it once it has asked all; tells everyone its version.
async fn serve(listener: TcpListener, script: Vec<u8>) {
    let mut script = Some(script);
    while let Ok((mut socket, _)) = listener.accept().await {
        drop(socket.set_nodelay(true));
        let mut first = [0; 4];
        if socket.read_exact(&mut first).await.is_err() {
            continue;
        }
        if &first == b"srvr" {
            drop(socket.write_all(SRVR).await);
        } else if let Some(script) = script.take() {
            tokio::spawn(answer(socket, first, script));
        }
    }
}

async fn answer(mut socket: TcpStream, first: [u8; 4], script: Vec<u8>) -> Option<()> {
    body(&mut socket, first).await?;
    let response = ConnectResponse {
        protocol_version: 0,
        timeout_ms: 10_000,
        session_id: 1,
        password: vec![1; 16],
        read_only: Some(false),
    };
    socket.write_all(&framed(&response.to_bytes())).await.ok()?;
    loop {
        let mut length = [0; 4];
        socket.read_exact(&mut length).await.ok()?;
        let request = body(&mut socket, length).await?;
        if request.get(4..8) == Some(&OpCode::Sync.code().to_be_bytes()) {
            break;
        }
    }
    socket.write_all(&script).await.ok()?;
    socket.shutdown().await.ok()?;
    // The rest is read, or else the answers might be lost with the connection.
    let mut rest = Vec::new();
    socket.read_to_end(&mut rest).await.ok().map(drop)
}

async fn body(socket: &mut TcpStream, length: [u8; 4]) -> Option<Vec<u8>> {
    let mut frame = vec![0; usize::try_from(u32::from_be_bytes(length)).ok()?];
    socket.read_exact(&mut frame).await.ok()?;
    Some(frame)
}
