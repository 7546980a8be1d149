//! Three real servers that elect a leader among them.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::history::History;
use super::install::Install;
use super::ports::free_port;
use super::process::{Jvm, Start};
use super::raw::Raw;
use super::server::Setup;
use super::wait::wait_until;

const MAIN: &str = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
const MEMBERS: usize = 3;

/// An ensemble that lives as long as this value. Its members are counted from 0.
#[derive(Debug)]
pub struct Ensemble {
    members: Vec<Jvm>,
    /// Removed after the processes: fields are dropped in this order.
    folder: TempDir,
}

impl Ensemble {
    /// Starts three members and waits until all of them serve.
    pub fn start(install: &Install) -> Self {
        Self::start_with(install, &Setup::default())
    }

    /// Starts three members with settings of their own.
    pub fn start_with(install: &Install, setup: &Setup) -> Self {
        for attempt in 1.. {
            let mut ensemble = Self::prepare(install, setup);
            for member in &mut ensemble.members {
                member.spawn();
            }
            let waits: Result<Vec<()>, _> = ensemble.members.iter_mut().map(Jvm::wait).collect();
            match waits {
                Ok(_) => return ensemble,
                Err(not_up) => assert!(
                    attempt < 4,
                    "an ensemble of ZooKeeper {install} does not come up:\n{}",
                    not_up.log
                ),
            }
        }
        unreachable!("the loop ends by returning or by failing")
    }

    fn prepare(install: &Install, setup: &Setup) -> Self {
        let folder = TempDir::with_prefix("zooscope-ensemble-").expect("a temporary folder");
        let mut more = String::from("initLimit=20\nsyncLimit=10\n");
        for id in 1..=MEMBERS {
            let (quorum, election) = (free_port(), free_port());
            writeln!(more, "server.{id}=127.0.0.1:{quorum}:{election}").expect("memory");
        }
        let members = (1..=MEMBERS)
            .map(|id| member(install, setup, folder.path(), id, &more))
            .collect();
        Self { members, folder }
    }

    /// Where clients find member `index`.
    pub fn addr(&self, index: usize) -> SocketAddr {
        self.members[index].addr()
    }

    /// All members, as a client's host list.
    pub fn hosts(&self) -> String {
        let all: Vec<String> = (0..MEMBERS).map(|i| self.addr(i).to_string()).collect();
        all.join(",")
    }

    /// The member that leads; waits for an election to end.
    pub fn leader(&self) -> usize {
        let mut leader = None;
        wait_until("a leader", || {
            leader = (0..MEMBERS).find(|&i| self.mode(i).as_deref() == Some("leader"));
            leader.is_some()
        });
        leader.expect("the wait ended with a leader")
    }

    /// A member that follows; waits for an election to end.
    pub fn follower(&self) -> usize {
        let mut follower = None;
        wait_until("a follower", || {
            follower = (0..MEMBERS).find(|&i| self.mode(i).as_deref() == Some("follower"));
            follower.is_some()
        });
        follower.expect("the wait ended with a follower")
    }

    /// What member `index` says of itself: leader, follower, read-only; `None` if nothing.
    pub fn mode(&self, index: usize) -> Option<String> {
        self.members[index].mode()
    }

    /// The process of member `index`: stop, kill, freeze, thaw.
    pub fn member(&mut self, index: usize) -> &mut Jvm {
        &mut self.members[index]
    }

    /// Ends member `index` as a crash would.
    pub fn kill(&mut self, index: usize) {
        self.members[index].kill();
    }

    /// Ends member `index` as an operator would.
    pub fn stop(&mut self, index: usize) {
        self.members[index].stop();
    }

    /// Starts member `index` again, with its data, and waits until it serves.
    pub fn restart(&mut self, index: usize) {
        self.members[index].spawn();
        let up = self.members[index].wait();
        let log = up.as_ref().map_or_else(|not_up| &*not_up.log, |()| "");
        assert!(up.is_ok(), "member {index} does not come up:\n{log}");
    }

    /// What member `index` has on disk.
    pub fn history(&self, index: usize) -> History {
        History::of(&self.data(index))
    }

    /// Takes member `index`, which must not run, all its transactions.
    pub fn forget(&self, index: usize) {
        History::erase(&self.data(index));
    }

    fn data(&self, index: usize) -> PathBuf {
        self.folder
            .path()
            .join((index + 1).to_string())
            .join("data")
    }

    /// A second client at member `index`.
    pub fn raw(&self, index: usize) -> Raw {
        Raw::connect(self.addr(index))
    }
}

fn member(install: &Install, setup: &Setup, whole: &Path, id: usize, more: &str) -> Jvm {
    let folder = &whole.join(id.to_string());
    let port = free_port();
    let data = folder.join("data");
    std::fs::create_dir_all(&data).expect("the folder can be written");
    std::fs::write(data.join("myid"), id.to_string()).expect("the folder can be written");
    std::fs::write(folder.join("zoo.cfg"), setup.config(folder, port, more))
        .expect("the folder can be written");
    Jvm::new(Start {
        class_path: install.class_path.clone(),
        main: MAIN,
        java: setup.java(folder),
        folder: folder.clone(),
        whole: whole.to_owned(),
        port,
    })
}
