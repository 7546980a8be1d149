//! Requests that are answered once: the effect goes to the client, what comes of it is the
//! message. Nothing here decides anything.

use tokio::sync::mpsc;

use super::effects::{Reply, failure};
use crate::client::{Client, Error};
use crate::explorer::{Effect, Message, Ticket};
use crate::proto::{Acl, CreateMode, DataReply, ZPath};

/// Carries out an effect that reads once. `None` if it is none.
pub async fn read(client: &Client, effect: Effect) -> Option<Message> {
    Some(match effect {
        Effect::ReadAcl { ticket, path } => {
            let result = client.get_acl(&path).await;
            let result = result.map(|reply| reply.acl).map_err(failure);
            Message::Acl {
                ticket,
                path,
                result,
            }
        }
        Effect::Reread { ticket, path } => {
            let result = reread(client, &path).await.map_err(failure);
            Message::Reread {
                ticket,
                path,
                result,
            }
        }
        _ => return None,
    })
}

/// Carries out an effect that changes something. `None` if it is none.
pub async fn write(client: &Client, tell: &mpsc::Sender<Reply>, effect: Effect) -> Option<Message> {
    Some(match effect {
        Effect::Write {
            ticket,
            path,
            data,
            version,
        } => {
            let result = client.set(&path, &data, Some(version)).await;
            let result = result.map_err(failure);
            Message::Written {
                ticket,
                path,
                result,
            }
        }
        Effect::Create {
            ticket,
            path,
            data,
            mode,
            parents,
        } => {
            let result = create(client, &path, &data, mode, parents).await;
            let result = result.map_err(failure);
            Message::Created {
                ticket,
                path,
                result,
            }
        }
        Effect::Delete {
            ticket,
            path,
            version,
        } => {
            let result = client.delete(&path, Some(version)).await;
            let result = result.map(|()| 1).map_err(failure);
            Message::Deleted {
                ticket,
                path,
                result,
            }
        }
        Effect::DeleteTree { ticket, path } => {
            let result = delete_tree(client, tell, ticket, &path).await;
            let result = result.map_err(failure);
            Message::Deleted {
                ticket,
                path,
                result,
            }
        }
        _ => return None,
    })
}

/// Tells now and then how far it has come.
async fn delete_tree(
    client: &Client,
    tell: &mpsc::Sender<Reply>,
    ticket: Ticket,
    path: &ZPath,
) -> Result<u64, Error> {
    let told = |deleted| {
        let path = path.clone();
        let message = Message::Deleting {
            ticket,
            path,
            deleted,
        };
        // Progress is worth showing, never worth waiting for.
        let _ = tell.try_send(Reply::Message(message));
    };
    client.delete_recursive(path, told).await
}

/// Reads through the leader: after a write whose outcome is unknown, a server that lags behind
/// must not make it look undone.
async fn reread(client: &Client, path: &ZPath) -> Result<DataReply, Error> {
    client.sync(path).await?;
    client.get(path).await
}

async fn create(
    client: &Client,
    path: &ZPath,
    data: &[u8],
    mode: CreateMode,
    parents: bool,
) -> Result<ZPath, Error> {
    let acl = Acl::open_unsafe();
    let created = if parents {
        client.create_with_parents(path, data, &acl, mode).await?
    } else {
        client.create(path, data, &acl, mode).await?
    };
    Ok(created.path)
}
