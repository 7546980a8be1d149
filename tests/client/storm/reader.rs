//! Reads all the time: within a session nobody reads of a register what is older than what he
//! has read before; and a walk finds all that stands still, each znode once, though only who
//! is authenticated may read it.

use std::collections::HashSet;
use std::sync::Arc;

use zooscope::client::Client;
use zooscope::proto::ZPath;
use zooscope::recipe::Walk;

use super::pace::Pace;
use super::{Alarm, STILL};
use crate::common::soon;

pub struct Reader {
    client: Client,
    registers: Vec<ZPath>,
    still: ZPath,
    /// The newest seen of each in the session before: how many sessions were lost, and mzxid.
    newest: Vec<(u32, i64)>,
    /// `name=value` of all.
    pub seen: HashSet<String>,
    pub reads: usize,
}

impl Reader {
    pub fn new(client: Client, home: &ZPath) -> Self {
        let registers = ["reg-0", "reg-1", "reg-2"].map(|name| home.child(name));
        Self {
            client,
            still: home.child("still"),
            newest: vec![(0, 0); registers.len()],
            registers: registers.into(),
            seen: HashSet::new(),
            reads: 0,
        }
    }

    pub async fn run(mut self, pace: Arc<Pace>, seed: u64) -> Self {
        let _alarm = Alarm(pace.clone());
        let mut random = fastrand::Rng::with_seed(seed);
        while !pace.is_over() {
            let which = random.usize(0..self.registers.len());
            self.read(which).await;
            if self.reads.is_multiple_of(20) {
                self.walk().await;
            }
            pace.breathe().await;
        }
        self
    }

    async fn read(&mut self, which: usize) {
        let path = &self.registers[which];
        let before = self.client.session().expired;
        let reply = match self.client.get(path).await {
            Ok(reply) => reply,
            Err(error) => {
                assert!(error.is_connection_loss(), "no fault excuses: {error}");
                return;
            }
        };
        let after = self.client.session().expired;
        let (session, newest) = self.newest[which];
        let mzxid = reply.stat.mzxid;
        if before == after && session == before {
            assert!(
                mzxid >= newest,
                "{path} went back to {mzxid:x} from {newest:x}"
            );
        }
        self.newest[which] = (after, mzxid);
        self.reads += 1;
        let value = String::from_utf8(reply.data.unwrap_or_default()).expect("text");
        self.seen.insert(format!("{}={value}", path.name()));
    }

    async fn walk(&self) {
        let mut walk = Walk::new(&self.client, &self.still);
        let mut found = 0;
        let visits = async {
            while let Some(visited) = walk.next().await {
                let visited = visited.expect("it goes on through any loss");
                found += usize::from(visited.path != self.still);
            }
        };
        soon("the end of a walk", visits).await;
        assert_eq!(found, STILL, "znodes that nobody touches");
    }
}
