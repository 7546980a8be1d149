//! The operations that change something. A client opened read-only sends none of them.

use std::future::Future;
use std::sync::Arc;

use super::error::Error;
use super::handle::Client;
use super::options::Auth;
use super::read::record;
use super::reply::Reply;
use super::shared::{Call, Shared};
use super::slot::lock;
use crate::proto::{
    Acl, CreateMode, CreateReply, DataReply, ErrorCode, OpCode, Request, Stat, ZPath,
};

/// A znode that was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Its path, a sequential suffix included.
    pub path: ZPath,
    /// Its Stat as created. Servers before 3.5 don't tell it, and none is asked for
    /// afterwards: it might be of what others have made of the znode since.
    pub stat: Option<Stat>,
}

impl Client {
    /// Creates a znode of any kind. An empty ACL list stands for "everyone may do all".
    ///
    /// Containers need 3.5.1, a time to live 3.5.3 (and a server that allows it); the Stat is
    /// told from 3.5 on. The parent must exist: see [`Self::create_with_parents`]. A sequential
    /// one at the root has its number for a name.
    ///
    /// (kazoo: `create`)
    pub fn create(
        &self,
        path: &ZPath,
        data: &[u8],
        acl: &[Acl],
        mode: CreateMode,
    ) -> impl Future<Output = Result<Created, Error>> + use<> {
        self.create_nullable(path, Some(data), acl, mode)
    }

    /// The same, also for data that is null, which ZooKeeper keeps apart from empty.
    pub fn create_nullable(
        &self,
        path: &ZPath,
        data: Option<&[u8]>,
        acl: &[Acl],
        mode: CreateMode,
    ) -> impl Future<Output = Result<Created, Error>> + use<> {
        let open = Acl::open_unsafe();
        let acl = if acl.is_empty() { &open } else { acl };
        let server_path = self.server_path_of_new(path, mode);
        let request = Request::create(server_path.as_str(), data, acl, mode, true);
        let mut call = Call::new(&request, Some(path), record::<CreateReply>);
        // The plain create does the same without telling the Stat, with the same record.
        call.fallback = (request.op() == OpCode::Create2).then_some(OpCode::Create);
        let reply: Reply<CreateReply> = self.shared().send(call);
        let client = self.clone();
        async move {
            let CreateReply { path, stat } = reply.await?;
            let path = client.client_path(&path);
            Ok(Created { path, stat })
        }
    }

    /// The server's path for a znode that is to be made. A sequential one at the root belongs
    /// below the chroot, not beside it: a slash at the end says so.
    pub(super) fn server_path_of_new(&self, path: &ZPath, mode: CreateMode) -> ZPath {
        let server_path = self.server_path(path);
        if mode.is_sequential() && server_path == self.chroot && !self.chroot.is_root() {
            return ZPath::from_server(&format!("{server_path}/"));
        }
        server_path
    }

    /// Creates a znode, and those above it that are missing: as persistent ones without data
    /// and, as in kazoo, with the same ACL.
    ///
    /// (kazoo: `create` with `makepath`)
    pub fn create_with_parents(
        &self,
        path: &ZPath,
        data: &[u8],
        acl: &[Acl],
        mode: CreateMode,
    ) -> impl Future<Output = Result<Created, Error>> + use<> {
        let first = self.create(path, data, acl, mode);
        let (client, path) = (self.clone(), path.clone());
        let (data, acl) = (data.to_vec(), acl.to_vec());
        async move {
            // Below the root, too, there may be no chroot yet.
            let parent = path
                .parent()
                .or(mode.is_sequential().then_some(path.clone()));
            match (first.await, parent) {
                (Err(error), Some(parent)) if error.is(ErrorCode::NoNode) => {
                    client.ensure_path(&parent, &acl).await?;
                    client.create(&path, &data, &acl, mode).await
                }
                (result, _) => result,
            }
        }
    }

    /// Creates whatever is missing of a path, the chroot included, as persistent znodes
    /// without data. What others create meanwhile is as good.
    ///
    /// (kazoo: `ensure_path`)
    pub fn ensure_path(
        &self,
        path: &ZPath,
        acl: &[Acl],
    ) -> impl Future<Output = Result<(), Error>> + use<> {
        // The chroot itself may be missing, so this is done by the server's paths.
        let (client, whole) = (self.clone(), self.unrooted());
        let (path, acl) = (self.server_path(path), acl.to_vec());
        let first = whole.exists(&path);
        let made = async move {
            if is_there(first.await)? {
                return Ok(());
            }
            let mut missing = vec![path.clone()];
            let mut at = path;
            while let Some(parent) = at.parent() {
                if is_there(whole.exists(&parent).await)? {
                    break;
                }
                missing.push(parent.clone());
                at = parent;
            }
            for path in missing.iter().rev() {
                let made = whole.create(path, b"", &acl, CreateMode::Persistent);
                match made.await {
                    Err(error) if !error.is(ErrorCode::NodeExists) => return Err(error),
                    _ => {}
                }
            }
            Ok(())
        };
        async move {
            made.await.map_err(|error: Error| match error.path() {
                Some(path) => error.about(&client.client_path(path.as_str())),
                None => error,
            })
        }
    }

    /// Replaces a znode's data, if `version` is still its version; `None` for whatever
    /// version it has.
    ///
    /// (kazoo: `set`)
    pub fn set(
        &self,
        path: &ZPath,
        data: &[u8],
        version: Option<i32>,
    ) -> impl Future<Output = Result<Stat, Error>> + use<> {
        self.set_nullable(path, Some(data), version)
    }

    /// The same, also for data that is null.
    pub fn set_nullable(
        &self,
        path: &ZPath,
        data: Option<&[u8]>,
        version: Option<i32>,
    ) -> impl Future<Output = Result<Stat, Error>> + use<> {
        let server_path = self.server_path(path);
        let request = Request::SetData {
            path: server_path.as_str().into(),
            data: data.map(Into::into),
            version: version.unwrap_or(ANY_VERSION),
        };
        self.shared().send(Call::new(&request, Some(path), record))
    }

    /// Deletes a childless znode, if `version` is still its version; `None` for whatever
    /// version it has.
    ///
    /// (kazoo: `delete`)
    pub fn delete(
        &self,
        path: &ZPath,
        version: Option<i32>,
    ) -> impl Future<Output = Result<(), Error>> + use<> {
        let server_path = self.server_path(path);
        let request = Request::Delete {
            path: server_path.as_str().into(),
            version: version.unwrap_or(ANY_VERSION),
        };
        self.shared()
            .send(Call::new(&request, Some(path), |_| Ok(())))
    }

    /// Replaces a znode's ACL, if `version` is still its ACL version.
    ///
    /// (kazoo: `set_acls`)
    pub fn set_acl(
        &self,
        path: &ZPath,
        acl: &[Acl],
        version: Option<i32>,
    ) -> impl Future<Output = Result<Stat, Error>> + use<> {
        let server_path = self.server_path(path);
        let request = Request::SetAcl {
            path: server_path.as_str().into(),
            acl: acl.into(),
            aversion: version.unwrap_or(ANY_VERSION),
        };
        self.shared().send(Call::new(&request, Some(path), record))
    }

    /// Authenticates this connection, and every later one, as one more identity; if the
    /// connection is lost before the answer, the next. An unknown scheme or refused credential
    /// makes the client useless, as servers then close it.
    ///
    /// (kazoo: `add_auth`)
    pub fn add_auth(&self, auth: Auth) -> impl Future<Output = Result<(), Error>> + use<> {
        let shared = self.shared().clone();
        let mut reply = send_auth(&shared, &auth);
        let mut auths = lock(&shared.auths);
        // Each is a round trip at every reconnect.
        if !auths.contains(&auth) {
            auths.push(auth.clone());
        }
        drop(auths);
        async move {
            loop {
                match reply.await {
                    // The next connection may have begun without it.
                    Err(error) if error.is_connection_loss() => reply = send_auth(&shared, &auth),
                    done => return done,
                }
            }
        }
    }

    /// Changes the members of the ensemble (3.5+, if its configuration allows it): either
    /// some that join and leave, or all as they shall be. `from_config` is the version of the
    /// configuration that must be current. Answers the new configuration.
    ///
    /// (kazoo: `reconfig`)
    pub fn reconfig(
        &self,
        change: &Reconfig<'_>,
        from_config: Option<i64>,
    ) -> impl Future<Output = Result<DataReply, Error>> + use<> {
        let (joining, leaving, new_members) = match *change {
            Reconfig::Change { joining, leaving } => (Some(joining), Some(leaving), None),
            Reconfig::Replace(members) => (None, None, Some(members)),
        };
        let request = Request::Reconfig {
            joining: joining.filter(|text| !text.is_empty()).map(Into::into),
            leaving: leaving.filter(|text| !text.is_empty()).map(Into::into),
            new_members: new_members.map(Into::into),
            from_config: from_config.unwrap_or(-1),
        };
        self.shared().send(Call::new(&request, None, record))
    }
}

/// How an ensemble shall change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reconfig<'a> {
    /// By members that join ("server.5=host:2888:3888:participant;2181", commas between) and
    /// ids of members that leave ("5,6"). Either may be empty.
    Change {
        /// Who joins.
        joining: &'a str,
        /// Who leaves.
        leaving: &'a str,
    },
    /// To these members, one a line or with commas between.
    Replace(&'a str),
}

fn send_auth(shared: &Arc<Shared>, auth: &Auth) -> Reply<()> {
    let request = Request::Auth {
        kind: 0,
        scheme: auth.scheme.as_str().into(),
        auth: Some(auth.credential.expose().into()),
    };
    shared.send(Call::new(&request, None, |_| Ok(())))
}

/// What servers take for "whatever version".
pub(super) const ANY_VERSION: i32 = -1;

/// A znode that may not be looked at (from 3.8.4 and 3.9.2 on `exists` wants READ) is there.
fn is_there(answer: Result<Option<Stat>, Error>) -> Result<bool, Error> {
    match answer {
        Err(error) if error.is(ErrorCode::NoAuth) => Ok(true),
        answer => Ok(answer?.is_some()),
    }
}
