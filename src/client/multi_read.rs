//! Several reads in one request (3.6+), or one request each at older servers. The answer is
//! the same but for time: neither is atomic.

use std::future::Future;

use super::answered::Answered;
use super::error::Error;
use super::handle::Client;
use super::reply::Reply;
use super::shared::Call;
use super::version::Version;
use crate::proto::{
    DataReply, DecodeError, Encode, MultiHeader, Names, OpCode, Reader, ZPath, put_read,
};

/// What one read of several answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// Data and Stat.
    Data(DataReply),
    /// The children's names.
    Children(Names),
}

/// What one of them answered by itself.
pub(super) type Answer = Result<Read, Error>;

/// What all reads answered, each by itself; or why none did.
pub type Reads = Result<Vec<Result<Read, Error>>, Error>;

/// Answers that can be taken one by one; or why there are none, and the list back.
pub(crate) type Asked = Result<Answered, (MultiRead, Error)>;

/// A list of reads to be made together.
#[must_use = "nothing is read until it is sent"]
pub struct MultiRead {
    pub(super) client: Client,
    kinds: Vec<Kind>,
    paths: Names,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Data,
    Children,
}

impl Kind {
    pub(super) const fn op(self) -> OpCode {
        match self {
            Self::Data => OpCode::GetData,
            Self::Children => OpCode::GetChildren,
        }
    }
}

impl Client {
    /// Begins a list of reads.
    pub fn multi_read(&self) -> MultiRead {
        MultiRead {
            client: self.clone(),
            kinds: Vec::new(),
            paths: Names::default(),
        }
    }
}

impl MultiRead {
    /// Reads a znode's data and Stat.
    pub fn data(mut self, path: &ZPath) -> Self {
        self.push_data(path.as_str());
        self
    }

    /// Reads the names of a znode's children.
    pub fn children(mut self, path: &ZPath) -> Self {
        self.push_children(path.as_str());
        self
    }

    pub(crate) fn push_data(&mut self, path: &str) {
        self.push(Kind::Data, path);
    }

    pub(crate) fn push_children(&mut self, path: &str) {
        self.push(Kind::Children, path);
    }

    fn push(&mut self, kind: Kind, path: &str) {
        self.kinds.push(kind);
        self.paths.push(path);
    }

    /// How many reads there are.
    pub fn len(&self) -> usize {
        self.kinds.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// The reads in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Kind, &str)> {
        self.kinds.iter().copied().zip(self.paths.iter())
    }

    /// The read at a place of the list.
    pub(super) fn get(&self, index: usize) -> Option<(Kind, &str)> {
        Some((*self.kinds.get(index)?, self.paths.get(index)?))
    }

    /// The znode of the read at a place of the list.
    pub(crate) fn path(&self, index: usize) -> Option<ZPath> {
        self.paths.get(index).map(ZPath::from_server)
    }

    /// The same reads in several lists of at most so many.
    pub(crate) fn split(self, most: usize) -> impl Iterator<Item = Self> {
        let most = most.max(1);
        let starts = (0..self.len()).step_by(most);
        starts.map(move |start| {
            let mut part = self.client.multi_read();
            for (kind, path) in self.iter().skip(start).take(most) {
                part.push(kind, path);
            }
            part
        })
    }

    /// Makes all reads. Each has its own result. The whole fails with the connection or the
    /// client, when request or answer are over a frame limit, or when the server has too much
    /// to do. Unlike other requests, these are queued by
    /// the call only if the server's version is known by then; otherwise once it is.
    pub fn send(self) -> impl Future<Output = Reads> + use<> {
        let asked = self.ask();
        async move { asked.await.map_err(|(_, error)| error)?.collect() }
    }

    /// The same, with answers that can be taken one by one; and gives the list back if there
    /// are none, to ask again.
    pub(crate) fn ask(self) -> impl Future<Output = Asked> + Send + use<> {
        let now = match self.client.server_version() {
            Some(version) if version >= Version::needed_for(OpCode::MultiRead) => {
                Now::Packed(self.packed())
            }
            Some(_) => Now::Single(self.single()),
            None => Now::Wait,
        };
        async move {
            let single = match now {
                Now::Packed(reply) => return self.unpack(reply.await),
                Now::Single(reply) => reply.await,
                Now::Wait => match self.client.ask_version().await {
                    Some(version) if version >= Version::needed_for(OpCode::MultiRead) => {
                        let reply = self.packed().await;
                        return self.unpack(reply);
                    }
                    // A server that tells no version is not tried with what may cost the
                    // connection.
                    _ => self.single().await,
                },
            };
            match single {
                Ok(answers) => Ok(Answered::single(self, answers)),
                Err(error) => Err((self, error)),
            }
        }
    }

    fn packed(&self) -> Reply<Vec<u8>> {
        let needs = Version::needed_for(OpCode::MultiRead);
        let call = Call::of(OpCode::MultiRead, needs, self, None, whole);
        self.client.shared().send(call)
    }

    fn unpack(self, record: Result<Vec<u8>, Error>) -> Asked {
        match record {
            Ok(record) => Ok(Answered::packed(self, record)),
            Err(error) => Err((self, error)),
        }
    }

    fn single(&self) -> impl Future<Output = Reads> + Send + use<> {
        let replies: Vec<_> = self
            .iter()
            .map(|(kind, path)| {
                let path = ZPath::from_server(path);
                match kind {
                    Kind::Data => Single::Data(Box::pin(self.client.get(&path))),
                    Kind::Children => Single::Children(Box::pin(self.client.get_children(&path))),
                }
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

/// The record of the whole.
impl Encode for MultiRead {
    fn encode(&self, out: &mut Vec<u8>) {
        for (kind, path) in self.iter() {
            let (chroot, path) = self.client.server_parts(path);
            put_read(out, kind.op(), chroot, path);
        }
        MultiHeader::END.encode(out);
    }
}

/// The record as it came.
fn whole(body: &mut Reader<'_>) -> Result<Vec<u8>, DecodeError> {
    let length = body.rest().len();
    body.take(length, "results").map(<[u8]>::to_vec)
}
