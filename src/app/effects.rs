//! The world behind the effects: each is carried out by the client in a task of its own, and
//! what comes of it returns as a message over one bounded channel. What is followed ends when
//! its task is dropped, and with it the watch on the server.

use std::collections::HashMap;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::clipboard::{Clipboard, Copied};
use super::{request, session};
use crate::client::{Client, Error};
use crate::explorer::{Effect, Failure, Message, Ticket};
use crate::proto::{ChildrenReply, ErrorCode, ZPath};
use crate::recipe::{ChildrenWatch, DataWatch};

/// How many messages may wait for the event loop before the tasks have to.
const WAITING: usize = 1024;

/// What comes back from the world.
pub enum Reply {
    /// For the explorer.
    Message(Message),
    /// A text to copy by way of the terminal, which only the event loop may write to.
    ThroughTerminal {
        /// What is copied.
        what: &'static str,
        /// The text.
        text: String,
    },
}

/// Everything outside of the explorer but the terminal.
pub struct World {
    client: Client,
    clipboard: Clipboard,
    replies: mpsc::Receiver<Reply>,
    tell: mpsc::Sender<Reply>,
    opened: HashMap<ZPath, Task>,
    followed: Option<Task>,
    peek: Option<Task>,
    _session: Task,
}

/// A task that ends with its handle.
struct Task(JoinHandle<()>);

impl Task {
    fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(future))
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl World {
    /// A world that is reached through `client`. Must be made inside the runtime.
    pub fn new(client: Client) -> Self {
        let (tell, replies) = mpsc::channel(WAITING);
        let session = Task::spawn(session::report(client.clone(), tell.clone()));
        Self {
            client,
            clipboard: Clipboard::new(),
            replies,
            tell,
            opened: HashMap::new(),
            followed: None,
            peek: None,
            _session: session,
        }
    }

    /// The next thing that comes back. Cancelling the future loses nothing.
    pub async fn next(&mut self) -> Reply {
        match self.replies.recv().await {
            Some(reply) => reply,
            // Never: we hold a sender ourselves.
            None => std::future::pending().await,
        }
    }

    /// What has come back already, without waiting.
    pub fn ready(&mut self) -> Option<Reply> {
        self.replies.try_recv().ok()
    }

    /// Sets about an effect. Those of the terminal are the event loop's own.
    pub fn perform(&mut self, effect: Effect) {
        let (client, tell) = (self.client.clone(), self.tell.clone());
        match effect {
            Effect::Open { ticket, path } => {
                let task = Task::spawn(follow_children(client, tell, ticket, path.clone()));
                self.opened.insert(path, task);
            }
            Effect::Close { path } => drop(self.opened.remove(&path)),
            Effect::Follow { ticket, path } => {
                self.followed = Some(Task::spawn(follow_data(client, tell, ticket, path)));
            }
            Effect::Peek { ticket, paths } => {
                self.peek = Some(Task::spawn(peek(client, tell, ticket, paths)));
            }
            Effect::Copy { what, bytes } => {
                let clipboard = self.clipboard.clone();
                tokio::spawn(copy(clipboard, tell, what, bytes));
            }
            Effect::Mouse(_) | Effect::Suspend | Effect::Quit => {}
            other => drop(tokio::spawn(once(client, tell, other))),
        }
    }
}

async fn send(tell: &mpsc::Sender<Reply>, message: Message) {
    // A closed channel means that the explorer has quit: nobody wants to know.
    let _ = tell.send(Reply::Message(message)).await;
}

async fn follow_children(client: Client, tell: mpsc::Sender<Reply>, ticket: Ticket, path: ZPath) {
    let mut watch = ChildrenWatch::new(&client, &path);
    while let Some(result) = watch.next().await {
        // Servers send names in no order, and a hundred thousand of them take their time to
        // sort: here nobody waits for it.
        let result = result.map(|reply| ChildrenReply {
            names: reply.names.sorted(),
            ..reply
        });
        let (path, result) = (path.clone(), result.map_err(failure));
        send(
            &tell,
            Message::Children {
                ticket,
                path,
                result,
            },
        )
        .await;
    }
}

async fn follow_data(client: Client, tell: mpsc::Sender<Reply>, ticket: Ticket, path: ZPath) {
    let mut watch = DataWatch::new(&client, &path);
    while let Some(result) = watch.next().await {
        let (path, result) = (path.clone(), result.map_err(failure));
        send(
            &tell,
            Message::Data {
                ticket,
                path,
                result,
            },
        )
        .await;
    }
}

/// All requests are queued before the first answer is awaited, so they leave in one batch.
async fn peek(client: Client, tell: mpsc::Sender<Reply>, ticket: Ticket, paths: Vec<ZPath>) {
    let asked: Vec<_> = paths.iter().map(|path| client.exists(path)).collect();
    let mut rows = Vec::with_capacity(paths.len());
    for (path, stat) in paths.iter().zip(asked) {
        let stat = stat.await.map_err(failure);
        let stat = stat.and_then(|stat| stat.ok_or_else(|| gone(path)));
        rows.push((path.clone(), stat));
    }
    send(&tell, Message::Peeked { ticket, rows }).await;
}

async fn copy(clipboard: Clipboard, tell: mpsc::Sender<Reply>, what: &'static str, bytes: Vec<u8>) {
    let result = match clipboard.copy(bytes).await {
        Copied::Done(how) => Ok(how.to_owned()),
        Copied::Failed(why) => Err(why),
        Copied::ThroughTerminal(text) => {
            let _ = tell.send(Reply::ThroughTerminal { what, text }).await;
            return;
        }
    };
    send(&tell, Message::Copied { what, result }).await;
}

async fn once(client: Client, tell: mpsc::Sender<Reply>, effect: Effect) {
    let message = match effect {
        Effect::ReadAcl { .. } | Effect::Reread { .. } => request::read(&client, effect).await,
        _ => request::write(&client, &tell, effect).await,
    };
    if let Some(message) = message {
        send(&tell, message).await;
    }
}

/// An absent znode where a present one was asked for.
fn gone(path: &ZPath) -> Failure {
    Failure {
        code: Some(ErrorCode::NoNode),
        may_have_been_applied: false,
        text: format!("{path}: {}", ErrorCode::NoNode),
    }
}

/// What went wrong, in the explorer's terms.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err wants"
)]
pub fn failure(error: Error) -> Failure {
    Failure {
        code: error.code(),
        may_have_been_applied: error.may_have_been_applied(),
        text: error.to_string(),
    }
}
