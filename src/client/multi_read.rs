//! Several reads in one request (3.6+), or one request each at older servers. The answer is
//! the same but for time: neither is atomic.

use std::future::Future;

use super::error::{Error, ErrorKind};
use super::handle::Client;
use super::reply::Reply;
use super::shared::Call;
use super::version::Version;
use crate::proto::{
    DataReply, DecodeError, Encode, ErrorCode, MultiHeader, MultiResult, Names, OpCode, Reader,
    Request, ZPath, decode_results,
};

/// What one read of several answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// Data and Stat.
    Data(DataReply),
    /// The children's names.
    Children(Names),
}

/// What all reads answered, each by itself; or why none did.
pub type Reads = Result<Vec<Result<Read, Error>>, Error>;

/// A list of reads to be made together.
#[must_use = "nothing is read until it is sent"]
pub struct MultiRead {
    client: Client,
    reads: Vec<(Kind, ZPath)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
        self.push_data(path.clone());
        self
    }

    /// Reads the names of a znode's children.
    pub fn children(mut self, path: &ZPath) -> Self {
        self.push_children(path.clone());
        self
    }

    pub(crate) fn push_data(&mut self, path: ZPath) {
        self.reads.push((Kind::Data, path));
    }

    pub(crate) fn push_children(&mut self, path: ZPath) {
        self.reads.push((Kind::Children, path));
    }

    /// How many reads there are.
    pub fn len(&self) -> usize {
        self.reads.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.reads.is_empty()
    }

    /// The znodes, in the order of the reads.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &ZPath> {
        self.reads.iter().map(|(_, path)| path)
    }

    pub(crate) fn into_paths(self) -> impl Iterator<Item = ZPath> + use<> {
        self.reads.into_iter().map(|(_, path)| path)
    }

    /// Takes all reads but so many away, as a list of its own.
    pub(crate) fn split_off(&mut self, at: usize) -> Self {
        Self {
            client: self.client.clone(),
            reads: self.reads.split_off(at),
        }
    }

    /// Makes all reads. Each has its own result. The whole fails with the connection or the
    /// client, when request or answer are over a frame limit, or when the server has too much
    /// to do. Unlike other requests, these are queued by
    /// the call only if the server's version is known by then; otherwise once it is.
    pub fn send(self) -> impl Future<Output = Reads> + use<> {
        let sent = self.send_and_keep();
        async move { sent.await.1 }
    }

    /// The same, and gives the list back: to know which answer is whose, or to ask again.
    pub(crate) fn send_and_keep(self) -> impl Future<Output = (Self, Reads)> + Send + use<> {
        let now = match self.client.server_version() {
            Some(version) if version >= Version::needed_for(OpCode::MultiRead) => {
                Now::Packed(self.packed())
            }
            Some(_) => Now::Single(self.single()),
            None => Now::Wait,
        };
        async move {
            let answers = match now {
                Now::Packed(reply) => self.named(reply.await),
                Now::Single(reply) => reply.await,
                Now::Wait => match self.client.ask_version().await {
                    Some(version) if version >= Version::needed_for(OpCode::MultiRead) => {
                        let answers = self.packed().await;
                        self.named(answers)
                    }
                    // A server that tells no version is not tried with what may cost the
                    // connection.
                    _ => self.single().await,
                },
            };
            (self, answers)
        }
    }

    fn packed(&self) -> Reply<Vec<Result<Read, Error>>> {
        let needs = Version::needed_for(OpCode::MultiRead);
        let call = Call::of(OpCode::MultiRead, needs, self, None, decode_reads);
        self.client.shared().send(call)
    }

    /// Errors get the names of what they are about: the decoder doesn't know them.
    fn named(&self, answers: Reads) -> Reads {
        let mut answers = answers?;
        if answers.len() != self.reads.len() {
            let length = i32::try_from(answers.len()).unwrap_or(i32::MAX);
            let what = "results of several reads";
            let kind = ErrorKind::BadReply(DecodeError::BadLength { what, length });
            let server = self.client.shared().server();
            return Err(Error::of(kind, OpCode::MultiRead, None, server.as_ref()));
        }
        for ((kind, path), answer) in self.reads.iter().zip(&mut answers) {
            let (op, why) = match (kind, &*answer) {
                (Kind::Data, Ok(Read::Data(_))) | (Kind::Children, Ok(Read::Children(_))) => {
                    continue;
                }
                (Kind::Data, Ok(_)) => (OpCode::GetData, OTHER_THING),
                (Kind::Children, Ok(_)) => (OpCode::GetChildren, OTHER_THING),
                (Kind::Data, Err(error)) => (OpCode::GetData, error.kind().clone()),
                (Kind::Children, Err(error)) => (OpCode::GetChildren, error.kind().clone()),
            };
            let server = self.client.shared().server();
            *answer = Err(Error::of(why, op, Some(path), server.as_ref()));
        }
        Ok(answers)
    }

    fn single(&self) -> impl Future<Output = Reads> + Send + use<> {
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
                    // It is no znode's own: the others will fare no better.
                    Err(error) if error.is_transient() || error.is_final() => return Err(error),
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

/// The record of the whole. There may be thousands of reads: no [`Request`] is made of each.
impl Encode for MultiRead {
    fn encode(&self, out: &mut Vec<u8>) {
        for (kind, path) in &self.reads {
            let path = self.client.server_text(path);
            let watch = false;
            let read = match kind {
                Kind::Data => Request::GetData { path, watch },
                Kind::Children => Request::GetChildren { path, watch },
            };
            MultiHeader::before(read.op()).encode(out);
            read.encode(out);
        }
        MultiHeader::END.encode(out);
    }
}

/// The server answered a read of one kind with what belongs to the other.
const OTHER_THING: ErrorKind = ErrorKind::Server(ErrorCode::MarshallingError);

fn decode_reads(body: &mut Reader<'_>) -> Result<Vec<Result<Read, Error>>, DecodeError> {
    decode_results(body, |result| {
        let code = match result {
            MultiResult::Data(reply) => return Ok(Read::Data(reply)),
            MultiResult::Children(names) => return Ok(Read::Children(names)),
            MultiResult::Failed(code) => ErrorCode::from(code),
            _ => ErrorCode::MarshallingError,
        };
        let kind = ErrorKind::Server(code);
        Err(Error::of(kind, OpCode::MultiRead, None, None))
    })
}
