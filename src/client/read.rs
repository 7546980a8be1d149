//! The operations that change nothing, each with or without a watch.

use std::future::Future;

use super::error::Error;
use super::handle::Client;
use super::reply::Reply;
use super::shared::Call;
use super::version::Version;
use super::watch::{Arm, Cell, Feed, OneshotWatch, PersistentWatch, Target};
use crate::proto::{
    AclId, AclReply, AddWatchMode, ChildrenReply, DataReply, Decode, DecodeError, ErrorCode,
    IdentitiesReply, Names, OpCode, Reader, Request, Stat, WatcherType, ZPath,
};

/// Where every server keeps its ensemble's configuration, whatever the chroot.
const CONFIG: &str = "/zookeeper/config";

impl Client {
    /// A znode's data and Stat.
    ///
    /// (kazoo: `get`)
    pub fn get(&self, path: &ZPath) -> impl Future<Output = Result<DataReply, Error>> + use<> {
        self.read(path, get_data, record)
    }

    /// The same, and a watch of its data and its deletion.
    pub fn get_watch(
        &self,
        path: &ZPath,
    ) -> impl Future<Output = Result<(DataReply, OneshotWatch), Error>> + use<> {
        let (reply, watch) = self.read_watched(path, Target::Data, get_data, record);
        async move { Ok((reply.await?, watch)) }
    }

    /// A znode's Stat, or `None` if there is no such znode.
    ///
    /// (kazoo: `exists`)
    pub fn exists(
        &self,
        path: &ZPath,
    ) -> impl Future<Output = Result<Option<Stat>, Error>> + use<> {
        let reply = self.read(path, exists, record);
        async move { or_absent(reply.await) }
    }

    /// A znode's Stat; an error if there is no such znode.
    pub fn stat(&self, path: &ZPath) -> impl Future<Output = Result<Stat, Error>> + use<> {
        self.read(path, exists, record)
    }

    /// [`Self::exists`], and a watch of its data and deletion, or of its creation.
    pub fn exists_watch(
        &self,
        path: &ZPath,
    ) -> impl Future<Output = Result<(Option<Stat>, OneshotWatch), Error>> + use<> {
        let (reply, watch) = self.read_watched(path, Target::Exists, exists, record);
        async move { Ok((or_absent(reply.await)?, watch)) }
    }

    /// The names of a znode's children, in no order.
    ///
    /// (kazoo: `get_children`)
    pub fn get_children(&self, path: &ZPath) -> impl Future<Output = Result<Names, Error>> + use<> {
        self.read(path, get_children, record)
    }

    /// The names of a znode's children, in no order, and its Stat.
    ///
    /// (kazoo: `get_children` with `include_data`)
    pub fn get_children_with_stat(
        &self,
        path: &ZPath,
    ) -> impl Future<Output = Result<ChildrenReply, Error>> + use<> {
        self.read(path, get_children2, record)
    }

    /// The same, and a watch of the list and of the znode's deletion.
    pub fn get_children_watch(
        &self,
        path: &ZPath,
    ) -> impl Future<Output = Result<(ChildrenReply, OneshotWatch), Error>> + use<> {
        let (reply, watch) = self.read_watched(path, Target::Children, get_children2, record);
        async move { Ok((reply.await?, watch)) }
    }

    /// A znode's ACL and Stat. Without ADMIN permission servers hide password hashes.
    ///
    /// (kazoo: `get_acls`)
    pub fn get_acl(&self, path: &ZPath) -> impl Future<Output = Result<AclReply, Error>> + use<> {
        let server_path = self.server_path(path);
        let request = Request::GetAcl {
            path: server_path.as_str().into(),
        };
        self.shared().send(Call::new(&request, Some(path), record))
    }

    /// Brings the server up to date with the leader: a read after it sees all that was
    /// committed before. The path matters to no server and need not exist.
    ///
    /// (kazoo: `sync`)
    pub fn sync(&self, path: &ZPath) -> impl Future<Output = Result<(), Error>> + use<> {
        let server_path = self.server_path(path);
        let request = Request::Sync {
            path: server_path.as_str().into(),
        };
        self.shared()
            .send(Call::new(&request, Some(path), |_| Ok(())))
    }

    /// How many znodes are below this one (3.6+).
    pub fn get_all_children_number(
        &self,
        path: &ZPath,
    ) -> impl Future<Output = Result<u32, Error>> + use<> {
        let server_path = self.server_path(path);
        let request = Request::GetAllChildrenNumber {
            path: server_path.as_str().into(),
        };
        self.shared().send(Call::new(&request, Some(path), |body| {
            Ok(body.int("number of children")?.unsigned_abs())
        }))
    }

    /// This session's ephemeral znodes at or below a path (3.6+).
    pub fn get_ephemerals(
        &self,
        below: &ZPath,
    ) -> impl Future<Output = Result<Vec<ZPath>, Error>> + use<> {
        let server_path = self.server_path(below);
        let request = Request::GetEphemerals {
            prefix: Some(server_path.as_str().into()),
        };
        let call = Call::new(&request, Some(below), |body| {
            let paths = body.strings("ephemerals")?;
            Ok(paths.iter().map(|path| ZPath::from_server(path)).collect())
        });
        let reply: Reply<Vec<ZPath>> = self.shared().send(call);
        let chroot = self.chroot.clone();
        async move {
            // The server compares plain prefixes: "/a" would find "/ab" too.
            let mut paths = reply.await?;
            paths.retain(|path| server_path.contains(path));
            Ok(paths
                .iter()
                .filter_map(|path| chroot.unchroot(path.as_str()))
                .collect())
        }
    }

    /// Who the server thinks this connection is (3.7+).
    pub fn who_am_i(&self) -> impl Future<Output = Result<Vec<AclId>, Error>> + use<> {
        let call = Call::new(&Request::WhoAmI, None, |body| {
            Ok(IdentitiesReply::decode(body)?.ids)
        });
        self.shared().send(call)
    }

    /// The ensemble's configuration (3.5+), whatever this client's chroot.
    pub fn get_config(&self) -> impl Future<Output = Result<DataReply, Error>> + use<> {
        let path = ZPath::from_server(CONFIG);
        let request = get_data(path.as_str(), false);
        // It is kept where it can be changed.
        let needs = Version::needed_for(OpCode::Reconfig);
        let call = Call::of(request.op(), needs, &request, Some(&path), record);
        self.shared().send(call)
    }

    /// Watches a znode, or it and all below it, until the watch is dropped (3.6+). The znode
    /// need not exist, and no permission is needed until something happens.
    pub fn add_watch(
        &self,
        path: &ZPath,
        mode: AddWatchMode,
    ) -> impl Future<Output = Result<PersistentWatch, Error>> + use<> {
        let key = self.server_path(path);
        let feed = Feed::new(mode, &self.chroot);
        let arm = Arm::new(key.clone(), Target::Feed(feed.clone()));
        let watch = PersistentWatch::new(self.shared().clone(), key.clone(), feed);
        let request = Request::AddWatch {
            path: key.as_str().into(),
            mode: mode.code(),
        };
        let mut call = Call::new(&request, Some(path), |_| Ok(()));
        call.arm = Some(arm);
        let reply = self.shared().send(call);
        async move {
            reply.await?;
            Ok(watch)
        }
    }

    /// Ends every watch of this kind on a znode, of all handles that share this session, and
    /// answers how many there were: they are told [`WatchEvent::Closed`], or end as streams.
    /// The server is told too, where it can be (3.5+). Dropping a watch does the same for it
    /// alone.
    ///
    /// [`WatchEvent::Closed`]: super::WatchEvent::Closed
    pub fn remove_watches(&self, path: &ZPath, kind: WatcherType) -> usize {
        self.shared().remove_watches(&self.server_path(path), kind)
    }

    fn read<T: Send + 'static>(
        &self,
        path: &ZPath,
        request: fn(&str, bool) -> Request<'_>,
        decode: fn(&mut Reader<'_>) -> Result<T, DecodeError>,
    ) -> Reply<T> {
        let server_path = self.server_path(path);
        let request = request(server_path.as_str(), false);
        self.shared().send(Call::new(&request, Some(path), decode))
    }

    /// A read that leaves a watch: one request does both, so no change falls between.
    fn read_watched<T: Send + 'static>(
        &self,
        path: &ZPath,
        target: fn(std::sync::Arc<Cell>) -> Target,
        request: fn(&str, bool) -> Request<'_>,
        decode: fn(&mut Reader<'_>) -> Result<T, DecodeError>,
    ) -> (Reply<T>, OneshotWatch) {
        let key = self.server_path(path);
        let named = match path.as_str() {
            "" => ZPath::root(),
            _ => path.clone(),
        };
        let cell = Cell::new(named);
        let arm = Arm::new(key.clone(), target(cell.clone()));
        let watch = OneshotWatch::new(
            self.shared().clone(),
            key.clone(),
            target(cell.clone()),
            cell,
        );
        let request = request(key.as_str(), true);
        let mut asking = Call::new(&request, Some(path), decode);
        asking.arm = Some(arm);
        (self.shared().send(asking), watch)
    }
}

fn get_data(path: &str, watch: bool) -> Request<'_> {
    let path = path.into();
    Request::GetData { path, watch }
}

fn exists(path: &str, watch: bool) -> Request<'_> {
    let path = path.into();
    Request::Exists { path, watch }
}

fn get_children(path: &str, watch: bool) -> Request<'_> {
    let path = path.into();
    Request::GetChildren { path, watch }
}

fn get_children2(path: &str, watch: bool) -> Request<'_> {
    let path = path.into();
    Request::GetChildren2 { path, watch }
}

pub(super) fn record<T: for<'a> Decode<'a>>(body: &mut Reader<'_>) -> Result<T, DecodeError> {
    T::decode(body)
}

fn or_absent<T>(result: Result<T, Error>) -> Result<Option<T>, Error> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is(ErrorCode::NoNode) => Ok(None),
        Err(error) => Err(error),
    }
}
