//! Several writes, all or nothing: built like a list, committed as one request, answered
//! with one result an operation, or with which of them failed and why.

use std::borrow::Cow;
use std::future::Future;

use super::error::{Error, ErrorKind};
use super::handle::Client;
use super::shared::Call;
use super::write::{ANY_VERSION, Created};
use crate::proto::{
    Acl, CreateMode, DecodeError, ErrorCode, MultiResult, OpCode, Request, Stat, ZPath,
    decode_multi_reply,
};

/// What one operation of a transaction did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Done {
    /// A znode was created. Before 3.9 its Stat is not told.
    Created(Created),
    /// Data was replaced.
    Set(Stat),
    /// A znode was deleted.
    Deleted,
    /// A version was as expected.
    Checked,
}

/// A list of writes to be carried out together (kazoo: `transaction`).
///
/// Unlike kazoo's, a failed commit is an error: [`ErrorKind::Transaction`] tells which
/// operation failed, and the error's path is that operation's. Each operation sees what the
/// earlier ones did.
///
/// ```no_run
/// # use zooscope::{client::{Client, Error}, proto::ZPath};
/// # async fn example(client: &Client, from: &ZPath, to: &ZPath) -> Result<(), Error> {
/// let old = client.get(from).await?;
/// client
///     .transaction()
///     .create(to, &old.data.unwrap_or_default(), &[], Default::default())
///     .delete(from, Some(old.stat.version))
///     .commit()
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a transaction does nothing until it is committed"]
pub struct Transaction {
    client: Client,
    requests: Vec<Request<'static>>,
    paths: Vec<ZPath>,
}

impl Client {
    /// Begins a transaction. Nothing is sent before it is committed.
    pub fn transaction(&self) -> Transaction {
        Transaction {
            client: self.clone(),
            requests: Vec::new(),
            paths: Vec::new(),
        }
    }
}

impl Transaction {
    /// Creates a znode of any kind; an empty ACL list stands for "everyone may do all".
    pub fn create(self, path: &ZPath, data: &[u8], acl: &[Acl], mode: CreateMode) -> Self {
        let open = Acl::open_unsafe();
        let acl = if acl.is_empty() { open } else { acl.to_vec() };
        let server_path = self.client.server_path_of_new(path, mode);
        self.add_at(&server_path, path, |path| Request::Create {
            op: mode.op(false),
            path,
            data: Some(Cow::Owned(data.to_vec())),
            acl: Cow::Owned(acl),
            flags: mode.flags(),
            ttl_ms: mode.ttl_ms().unwrap_or(0),
        })
    }

    /// Replaces a znode's data, if `version` is still its version.
    pub fn set(self, path: &ZPath, data: &[u8], version: Option<i32>) -> Self {
        self.add(path, |path| Request::SetData {
            path,
            data: Some(Cow::Owned(data.to_vec())),
            version: version.unwrap_or(ANY_VERSION),
        })
    }

    /// Deletes a childless znode, if `version` is still its version.
    pub fn delete(self, path: &ZPath, version: Option<i32>) -> Self {
        let version = version.unwrap_or(ANY_VERSION);
        self.add(path, |path| Request::Delete { path, version })
    }

    /// Fails the transaction unless the znode exists and has this version.
    pub fn check(self, path: &ZPath, version: i32) -> Self {
        self.add(path, |path| Request::Check { path, version })
    }

    /// How many operations it has.
    pub fn len(&self) -> usize {
        self.requests.len()
    }

    /// Whether it has none. Such a transaction may be committed all the same.
    pub fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    /// Carries all of it out, or nothing.
    pub fn commit(self) -> impl Future<Output = Result<Vec<Done>, Error>> + use<> {
        let Self {
            client,
            requests,
            paths,
        } = self;
        let ops: Vec<OpCode> = requests.iter().map(Request::op).collect();
        let request = Request::Multi(requests);
        // One operation alone can tell its path in an error from the start.
        let path = match paths.as_slice() {
            [path] => Some(path),
            _ => None,
        };
        let mut call = Call::new(&request, path, decode_multi_reply);
        call.wants_stats = ops.contains(&OpCode::Create);
        let reply = client.shared().send(call);
        async move {
            let results = reply.await?;
            if results.len() != ops.len() {
                let length = i32::try_from(results.len()).unwrap_or(i32::MAX);
                let what = "results of a transaction";
                return Err(nonsense(&client, DecodeError::BadLength { what, length }));
            }
            let failed = |result: &MultiResult| matches!(result, MultiResult::Failed(_));
            if results.iter().any(failed) {
                return Err(culprit(&client, &results, &paths));
            }
            let results = ops.into_iter().zip(results);
            results
                .map(|(op, result)| done(&client, op, result))
                .collect()
        }
    }

    fn add(
        self,
        path: &ZPath,
        request: impl FnOnce(Cow<'static, str>) -> Request<'static>,
    ) -> Self {
        let server_path = self.client.server_path(path);
        self.add_at(&server_path, path, request)
    }

    fn add_at(
        mut self,
        server_path: &ZPath,
        path: &ZPath,
        request: impl FnOnce(Cow<'static, str>) -> Request<'static>,
    ) -> Self {
        self.requests
            .push(request(Cow::Owned(server_path.as_str().to_owned())));
        self.paths.push(path.clone());
        self
    }
}

/// The first operation with a code of its own is the one to blame: those before it have 0,
/// those after it "something failed before".
fn culprit(client: &Client, results: &[MultiResult], paths: &[ZPath]) -> Error {
    let (index, code) = results
        .iter()
        .enumerate()
        .find_map(|(index, result)| Some((index, result.error()?)))
        .unwrap_or((0, ErrorCode::RuntimeInconsistency));
    Error::of(
        ErrorKind::Transaction { index, code },
        OpCode::Multi,
        paths.get(index),
        client.shared().server().as_ref(),
    )
}

/// What an operation did, by its result, which must be of its kind.
fn done(client: &Client, op: OpCode, result: MultiResult) -> Result<Done, Error> {
    Ok(match (op, result) {
        (
            OpCode::Create | OpCode::CreateContainer | OpCode::CreateTtl,
            MultiResult::Created { path, stat },
        ) => Done::Created(Created {
            path: client.client_path(&path),
            stat,
        }),
        (OpCode::SetData, MultiResult::Set(stat)) => Done::Set(stat),
        (OpCode::Delete, MultiResult::Deleted) => Done::Deleted,
        (OpCode::Check, MultiResult::Checked) => Done::Checked,
        (op, _) => {
            let (what, value) = ("result of an operation", op.code().into());
            return Err(nonsense(client, DecodeError::BadValue { what, value }));
        }
    })
}

/// The server's answer is none to what it was asked.
fn nonsense(client: &Client, why: DecodeError) -> Error {
    let server = client.shared().server();
    let kind = ErrorKind::BadReply(why);
    Error::of(kind, OpCode::Multi, None, server.as_ref())
}
