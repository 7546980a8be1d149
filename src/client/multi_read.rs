//! Several reads in one request (3.6+), or one request each at older servers. The answer is
//! the same but for time: neither is atomic.

use std::borrow::Cow;
use std::future::Future;

use super::error::{Error, ErrorKind};
use super::handle::Client;
use super::shared::Call;
use super::version::Version;
use crate::proto::{
    DataReply, ErrorCode, MultiResult, Names, OpCode, Request, ZPath, decode_multi_reply,
};

/// What one read of several answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// Data and Stat.
    Data(DataReply),
    /// The children's names.
    Children(Names),
}

/// A list of reads to be made together.
#[must_use = "nothing is read until it is sent"]
pub struct MultiRead {
    client: Client,
    reads: Vec<(Kind, ZPath)>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Data,
    Children,
}

impl Client {
    /// Begins a list of reads.
    pub fn multi_read(&self) -> MultiRead {
        MultiRead {
            client: self.clone(),
            reads: Vec::new(),
        }
    }
}

impl MultiRead {
    /// Reads a znode's data and Stat.
    pub fn data(mut self, path: &ZPath) -> Self {
        self.reads.push((Kind::Data, path.clone()));
        self
    }

    /// Reads the names of a znode's children.
    pub fn children(mut self, path: &ZPath) -> Self {
        self.reads.push((Kind::Children, path.clone()));
        self
    }

    /// How many reads there are.
    pub fn len(&self) -> usize {
        self.reads.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.reads.is_empty()
    }

    /// Makes all reads. Each has its own result; the whole fails only with the connection,
    /// or when the answer is over the frame limit. Unlike other requests, these are queued by
    /// the call only if the server's version is known by then; otherwise once it is.
    pub fn send(self) -> impl Future<Output = Result<Vec<Result<Read, Error>>, Error>> + use<> {
        let packed = self
            .client
            .server_version()
            .map(|version| version >= Version::needed_for(OpCode::MultiRead));
        let now = match packed {
            Some(true) => Now::Packed(self.packed()),
            Some(false) => Now::Single(self.single()),
            None => Now::Wait,
        };
        async move {
            match now {
                Now::Packed(reply) => reply.await,
                Now::Single(reply) => reply.await,
                Now::Wait => match self.client.ask_version().await {
                    Some(version) if version >= Version::needed_for(OpCode::MultiRead) => {
                        self.packed().await
                    }
                    // A server that tells no version is not tried with what may cost the
                    // connection.
                    _ => self.single().await,
                },
            }
        }
    }

    fn packed(
        &self,
    ) -> impl Future<Output = Result<Vec<Result<Read, Error>>, Error>> + Send + use<> {
        let server_path = |(_, path): &(Kind, ZPath)| self.client.server_path(path);
        let paths: Vec<ZPath> = self.reads.iter().map(server_path).collect();
        let requests = self.reads.iter().zip(&paths).map(|((kind, _), path)| {
            let path = Cow::Borrowed(path.as_str());
            let watch = false;
            match kind {
                Kind::Data => Request::GetData { path, watch },
                Kind::Children => Request::GetChildren { path, watch },
            }
        });
        let request = Request::MultiRead(requests.collect());
        let call = Call::new(&request, None, decode_multi_reply);
        let reply = self.client.shared().send(call);
        let (client, reads) = (self.client.clone(), self.reads.clone());
        async move {
            let results = reply.await?;
            let read = reads.iter().zip(results);
            Ok(read
                .map(|(read, result)| told(&client, read, result))
                .collect())
        }
    }

    fn single(
        &self,
    ) -> impl Future<Output = Result<Vec<Result<Read, Error>>, Error>> + Send + use<> {
        let replies: Vec<_> = self
            .reads
            .iter()
            .map(|(kind, path)| match kind {
                Kind::Data => {
                    let reply = self.client.get(path);
                    Single::Data(Box::pin(reply))
                }
                Kind::Children => Single::Children(Box::pin(self.client.get_children(path))),
            })
            .collect();
        async move {
            let mut results = Vec::with_capacity(replies.len());
            for reply in replies {
                let result = match reply {
                    Single::Data(reply) => reply.await.map(Read::Data),
                    Single::Children(reply) => reply.await.map(Read::Children),
                };
                match result {
                    Err(error) if error.is_connection_loss() => return Err(error),
                    result => results.push(result),
                }
            }
            Ok(results)
        }
    }
}

enum Now<P, S> {
    Packed(P),
    Single(S),
    Wait,
}

enum Single<D, C> {
    Data(D),
    Children(C),
}

fn told(client: &Client, (kind, path): &(Kind, ZPath), result: MultiResult) -> Result<Read, Error> {
    let op = match kind {
        Kind::Data => OpCode::GetData,
        Kind::Children => OpCode::GetChildren,
    };
    let code = match result {
        MultiResult::Data(reply) => return Ok(Read::Data(reply)),
        MultiResult::Children(names) => return Ok(Read::Children(names)),
        MultiResult::Failed(code) => ErrorCode::from(code),
        _ => ErrorCode::MarshallingError,
    };
    let server = client.shared().server();
    Err(Error::of(
        ErrorKind::Server(code),
        op,
        Some(path),
        server.as_ref(),
    ))
}
