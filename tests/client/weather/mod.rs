//! Faults: what can happen to an ensemble's members and to the connections that lead to
//! them, one at a time and drawn from a seed. Each is held until it has had its effect, then
//! undone, and everyone's writes must go on.

mod fault;
mod roads;

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use zooscope::client::{Client, Options, SessionState};
use zooscope::proto::CreateMode;

use crate::common::{connected, path, soon, until};
use crate::soak::say;
use crate::storm::{Storm, again};
use crate::support::{Ensemble, Install, Setup, blocking, eventually, four_letter_word};

pub use fault::{Count, Fault};
pub use roads::Roads;
use roads::all_down;

/// So many writes of every writer show that everyone is at work.
const FEW: usize = 3;

/// Three members, each behind a proxy.
pub struct Climate {
    ensemble: Ensemble,
    /// Whether the version has defects that faults are to go round. A leader that was frozen
    /// along with all others must not come back as such: in 3.6.3 proposals that it had made
    /// may then stay outstanding for ever, and nothing is written; in 3.8.0 the others may
    /// elect nobody while they wait for its word. A member that joins among writes may fail
    /// at that (ZOOKEEPER-4394), and then writes down twice what it is sent, in no order. One
    /// that follows a new leader and knows less than it counts as of the new epoch before it
    /// has written down the rest: if that leader ends now (ZOOKEEPER-4685), the one that knows
    /// less may lead, and what was acknowledged is lost (ZOOKEEPER-4643).
    brittle: bool,
    pub roads: Roads,
}

impl Climate {
    pub fn of(install: &Install) -> Self {
        // A frozen leader is soon found out.
        let setup = Setup {
            config: vec!["syncLimit=4".to_owned()],
            ..Setup::default()
        };
        let ensemble = blocking(|| Ensemble::start_with(install, &setup));
        let roads = Roads::to((0..3).map(|index| ensemble.addr(index)));
        let brittle = !install.is_at_least(&[3, 9]);
        Self {
            ensemble,
            brittle,
            roads,
        }
    }

    /// The members themselves, as a client's host list.
    pub fn hosts(&self) -> String {
        self.ensemble.hosts()
    }

    /// Runs a storm here. `None` if it failed where the ensemble itself has lost what clients
    /// had been told, as old versions may: that is said, and nothing is proved of a client.
    pub async fn judge<T>(&mut self, storm: impl AsyncFnOnce(&mut Self) -> T) -> Option<T> {
        match AssertUnwindSafe(storm(self)).catch_unwind().await {
            Ok(done) => Some(done),
            Err(failure) => match self.lost() {
                Some(lost) => {
                    say(&format!("a storm proves nothing: {lost}\n"));
                    None
                }
                None => resume_unwind(failure),
            },
        }
    }

    /// What a member has skipped of all that clients were told.
    fn lost(&self) -> Option<String> {
        let told = self.roads.told();
        (0..3).find_map(|index| {
            let flaw = self.ensemble.history(index).flaw(&told)?;
            Some(format!("on member {index} {flaw}"))
        })
    }

    /// Lets a fault happen, sees to its effect, and undoes it.
    pub async fn suffer(
        &mut self,
        fault: Fault,
        storm: &Storm,
        random: &mut fastrand::Rng,
        what: &str,
    ) {
        match fault {
            Fault::LeaderKilled => {
                let leader = blocking(|| self.ensemble.leader());
                self.without(leader, storm, what, Ensemble::kill).await;
            }
            Fault::FollowerKilled => {
                let follower = blocking(|| self.ensemble.follower());
                self.without(follower, storm, what, Ensemble::kill).await;
            }
            Fault::OwnKilled => {
                let own = self.own(storm).await;
                self.without(own, storm, what, Ensemble::kill).await;
            }
            Fault::OwnStopped => {
                let own = self.own(storm).await;
                self.without(own, storm, what, Ensemble::stop).await;
            }
            Fault::MajorityLost => self.lose_majority(storm, random.usize(0..3), what).await,
            Fault::OwnFrozen => {
                self.freeze_own(storm, what).await;
            }
            Fault::AllFrozen => self.freeze_all(storm, what).await,
            Fault::RollingRestart => {
                for index in 0..3 {
                    self.without(index, storm, what, Ensemble::stop).await;
                }
            }
            other => self.roads.suffer(other, storm, random, what).await,
        }
        storm.pace.go_on(FEW, what).await;
    }

    /// Before a member of an old version comes back to others that serve.
    async fn rest(&self, storm: &Storm, what: &str) {
        if self.brittle {
            storm.pace.hold();
            storm.pace.rest(what).await;
        }
    }

    /// Lets members come back: in old versions while nobody writes.
    async fn come_back(&mut self, storm: &Storm, what: &str, back: impl FnOnce(&mut Ensemble)) {
        if self.brittle {
            storm.pace.hold();
        }
        blocking(|| back(&mut self.ensemble));
        if self.brittle {
            self.settle(what).await;
            storm.pace.release();
        }
    }

    /// Waits until every member serves, and has written down what it was sent.
    async fn settle(&self, what: &str) {
        let told = self.roads.told();
        let what = format!("{what}: every member to have joined the others");
        let settled = |index| {
            let written = self.ensemble.history(index).reaches(&told);
            written && self.ensemble.mode(index).is_some()
        };
        eventually(&what, || blocking(|| (0..3).all(settled))).await;
    }

    /// The member that the first client is connected to.
    async fn own(&self, storm: &Storm) -> usize {
        let client = &storm.clients[0];
        soon("a session", client.connected()).await.expect("open");
        self.roads.of(client).expect("it goes through a proxy")
    }

    /// Everyone goes on without a member, which then comes back.
    async fn without(
        &mut self,
        index: usize,
        storm: &Storm,
        what: &str,
        end: impl FnOnce(&mut Ensemble, usize),
    ) {
        blocking(|| end(&mut self.ensemble, index));
        if !self.brittle || self.elects().await {
            storm.pace.go_on(FEW, what).await;
            self.rest(storm, what).await;
        } else {
            say(&format!(
                "{what}: two members elect nobody, the third comes back at once\n"
            ));
        }
        self.come_back(storm, what, |ensemble| ensemble.restart(index))
            .await;
    }

    /// Whether two members find a leader among them: in 3.8.0 they may not until the third
    /// is back.
    async fn elects(&self) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            let leads = |index| self.ensemble.mode(index).as_deref() == Some("leader");
            if blocking(|| (0..3).any(leads)) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        false
    }

    async fn lose_majority(&mut self, storm: &Storm, drawn: usize, what: &str) {
        let spared = if self.brittle {
            // One that has more to tell than the others may be forgotten along with it (see
            // `brittle`): all three know the same, and the one that is left proposes nothing.
            self.rest(storm, what).await;
            self.settle(what).await;
            blocking(|| self.ensemble.follower())
        } else {
            drawn
        };
        let [one, other] = [(spared + 1) % 3, (spared + 2) % 3];
        blocking(|| {
            self.ensemble.kill(one);
            self.ensemble.kill(other);
        });
        storm.pace.release();
        all_down(storm, what).await;
        self.come_back(storm, what, |ensemble| {
            // A member alone does not come up, so both are started before either is awaited.
            ensemble.member(one).spawn();
            ensemble.restart(other);
            ensemble.restart(one);
        })
        .await;
    }

    /// Freezes the first client's member for longer than a session there can last; answers
    /// whether the client's own session has lived.
    pub async fn freeze_own(&mut self, storm: &Storm, what: &str) -> bool {
        let client = &storm.clients[0];
        let own = self.own(storm).await;
        let before = client.session();
        // Someone who can't leave that member shows when its sessions are over.
        let hosts = self.ensemble.addr(own).to_string();
        let options = Options::new(&hosts).expect("hosts");
        let captive = connected(options.session_timeout(before.timeout)).await;
        let mut states = captive.states();
        let at = path(&format!("/captive-{:x}", captive.session().id));
        let made = captive.create(&at, b"", &[], CreateMode::Ephemeral);
        made.await.expect("made");
        self.ensemble.member(own).freeze();
        until(&mut states, SessionState::Lost).await;
        soon(&format!("{what}: the end of the frozen session"), async {
            while again(|| client.exists(&at)).await.is_some() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await;
        let still = client.session().state.is_connected() && self.roads.of(client) == Some(own);
        assert!(!still, "{what}: the client is still at a frozen member");
        self.rest(storm, what).await;
        self.come_back(storm, what, |ensemble| ensemble.member(own).thaw())
            .await;
        captive.close().await;
        client.session().id == before.id
    }

    /// Every client must find out by its own clock that its session is over.
    async fn freeze_all(&mut self, storm: &Storm, what: &str) {
        let mut states: Vec<_> = storm.clients.iter().map(Client::states).collect();
        let leader = blocking(|| self.ensemble.leader());
        for index in 0..3 {
            self.ensemble.member(index).freeze();
        }
        for states in &mut states {
            until(states, SessionState::Lost).await;
        }
        let brittle = self.brittle;
        self.come_back(storm, what, |ensemble| {
            if brittle {
                ensemble.kill(leader);
            }
            for index in [(leader + 1) % 3, (leader + 2) % 3, leader] {
                ensemble.member(index).thaw();
            }
            if brittle {
                ensemble.restart(leader);
            }
        })
        .await;
        for states in &mut states {
            until(states, SessionState::Connected).await;
        }
    }
}

/// A test that fails says where the members stood.
impl Drop for Climate {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for index in 0..3 {
                for word in ["srvr", "cons"] {
                    let answer = four_letter_word(self.ensemble.addr(index), word);
                    say(&format!("member {index}, {word}: {answer:#?}\n"));
                }
            }
        }
    }
}
