//! The connections that lead to servers, and what can happen to them.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use zooscope::client::{Client, Version};
use zooscope::proto::OpCode;

use super::{FEW, Fault};
use crate::common::soon;
use crate::storm::Storm;
use crate::support::{Chaos, Cut, Direction, Proxy, eventually};

/// The connections that lead to servers.
pub struct Roads {
    proxies: Vec<Proxy>,
}

impl Roads {
    pub fn to(servers: impl IntoIterator<Item = SocketAddr>) -> Self {
        Self {
            proxies: servers.into_iter().map(Proxy::start).collect(),
        }
    }

    /// All of them, as a client's host list.
    pub fn hosts(&self) -> String {
        let all: Vec<String> = self.proxies.iter().map(Proxy::hosts).collect();
        all.join(",")
    }

    /// Bad weather on all roads.
    pub fn blow(&self, storm: &Storm, random: &mut fastrand::Rng) {
        let chaos = Chaos {
            seed: random.u64(..),
            // A connection must live long enough for the longest list to come through.
            bytes: random.usize(20_000..60_000) + 100 * storm.pace.most(),
            piece: random.usize(50..2000),
            delay: Duration::from_micros(random.u64(0..1000)),
        };
        self.change(Some(chaos));
    }

    /// No more of it.
    pub fn calm(&self) {
        self.change(None);
    }

    fn change(&self, chaos: Option<Chaos>) {
        self.all(|proxy| proxy.chaos(chaos));
        // A connection that has begun without limits keeps them.
        self.all(Proxy::cut);
    }

    fn all(&self, change: impl Fn(&Proxy)) {
        self.proxies.iter().for_each(change);
    }

    /// Which road a client has taken.
    pub fn of(&self, client: &Client) -> Option<usize> {
        let server = client.session().server?;
        let taken = |proxy: &Proxy| proxy.hosts() == *server;
        self.proxies.iter().position(taken)
    }

    /// Lets a fault happen, sees to its effect, and undoes it.
    pub async fn suffer(
        &self,
        fault: Fault,
        storm: &Storm,
        random: &mut fastrand::Rng,
        what: &str,
    ) {
        let direction = *random
            .choice(&[Direction::ToServer, Direction::ToClient])
            .expect("two");
        let pace = &storm.pace;
        match fault {
            Fault::Cut => self.all(Proxy::cut),
            Fault::HalfClosed => self.all(|proxy| proxy.half_close(direction)),
            Fault::Stalled => {
                self.all(|proxy| proxy.stall(direction, true));
                all_down(storm, what).await;
                self.all(|proxy| proxy.stall(direction, false));
            }
            Fault::Delayed => {
                let delay = Duration::from_millis(random.u64(1..10));
                self.all(|proxy| proxy.delay(delay));
                pace.go_on(FEW, what).await;
                self.all(|proxy| proxy.delay(Duration::ZERO));
            }
            Fault::Split => {
                self.all(|proxy| proxy.split(Some(1)));
                pace.go_on(FEW, what).await;
                self.all(|proxy| proxy.split(None));
            }
            Fault::ClosedAfter => {
                let bytes = random.usize(1..4000);
                self.all(|proxy| proxy.close_after(direction, bytes));
                pace.go_on(2 * FEW, what).await;
            }
            Fault::CutAt => {
                let op = *random
                    .choice(&requests(&storm.clients[0]).await)
                    .expect("some");
                for cut in [Cut::BeforeRequest, Cut::BeforeReply] {
                    self.cut_at(op, cut, storm, what).await;
                }
            }
            Fault::Chaos => {
                self.blow(storm, random);
                pace.go_on(FEW, what).await;
                self.calm();
            }
            Fault::Refused => {
                self.all(|proxy| proxy.refuse(true));
                self.all(Proxy::cut);
                all_down(storm, what).await;
                self.all(|proxy| proxy.refuse(false));
            }
            other => panic!("{other:?} is no fault of a connection"),
        }
        pace.go_on(FEW, what).await;
    }

    /// Cuts every road that is taken, until all clients have found one that holds.
    async fn cut_at(&self, op: OpCode, cut: Cut, storm: &Storm, what: &str) {
        self.all(|proxy| proxy.cut_at(op, cut));
        let what = format!("{what}: a cut at {op:?}, {cut:?}, on every road taken");
        eventually(&what, || {
            let taken = storm.clients.iter().map(|client| self.of(client));
            taken
                .into_iter()
                .all(|road| road.is_some_and(|road| !self.proxies[road].is_armed()))
        })
        .await;
        self.all(Proxy::disarm);
    }

    /// Every state of a server's that clients were told of, by its zxid.
    pub fn told(&self) -> BTreeSet<i64> {
        self.proxies.iter().flat_map(Proxy::told).collect()
    }
}

/// What every client asks for all the time at a server of this version.
async fn requests(client: &Client) -> [OpCode; 6] {
    let version = soon("a server's version", client.ask_version()).await;
    let create = match version {
        Some(version) if version >= Version::needed_for(OpCode::Create2) => OpCode::Create2,
        _ => OpCode::Create,
    };
    [
        OpCode::SetData,
        create,
        OpCode::Delete,
        OpCode::Multi,
        OpCode::GetData,
        OpCode::GetChildren2,
    ]
}

/// Waits until no client is connected.
pub async fn all_down(storm: &Storm, what: &str) {
    for client in &storm.clients {
        let mut info = client.watch_session();
        let down = info.wait_for(|info| !info.state.is_connected());
        let down = soon(&format!("{what}: the loss of the connection"), down).await;
        assert!(down.is_ok(), "{what}: the client has ended");
    }
}
