//! Ephemeral znodes: they are there as long as the session in which they were made, and go
//! with it.

use zooscope::client::Client;
use zooscope::proto::{CreateMode, ZPath};

use super::Ledger;
use super::fate::{Fate, Tally, again};
use super::truth::Truth;
use crate::common::soon;

/// More than these stay; older ones are deleted.
const MOST: usize = 30;

pub struct Leases {
    client: Client,
    home: ZPath,
    /// Names and sessions of those that were made and not deleted.
    held: Vec<(usize, i64)>,
    next: usize,
    tally: Tally,
}

impl Leases {
    pub fn new(client: &Client, home: &ZPath) -> Self {
        Self {
            client: client.clone(),
            home: home.child("eph"),
            held: Vec::new(),
            next: 0,
            tally: Tally::default(),
        }
    }

    fn at(&self, number: usize) -> ZPath {
        self.home.child(&number.to_string())
    }
}

impl Ledger for Leases {
    async fn write(&mut self) {
        let before = self.client.session();
        let at = self.at(self.next);
        let made = self.client.create(&at, b"", &[], CreateMode::Ephemeral);
        let fate = Fate::of(&made.await);
        self.tally.count(fate);
        let after = self.client.session();
        // Between two sessions it can't be told whose it is.
        if fate == Fate::Done && before.id == after.id && before.expired == after.expired {
            self.held.push((self.next, after.id));
        }
        self.next += 1;
        if self.held.len() > MOST {
            let (oldest, _) = self.held.remove(0);
            // It may have gone with its session.
            let _ = self.client.delete(&self.at(oldest), None).await;
        }
    }

    fn check(&mut self, truth: &Truth, what: &str) {
        let session = self.client.session().id;
        for &(number, owner) in &self.held {
            let name = format!("/eph/{number}");
            if owner == session {
                let (_, stat) = truth.at(&name);
                assert_eq!(stat.ephemeral_owner, session, "{what}: {name}");
            } else {
                assert!(!truth.has(&name), "{what}: {name} outlives {owner:x}");
            }
        }
    }

    fn tally(&self) -> Tally {
        self.tally
    }
}

/// Waits until the sessions that are over are so for the server, too: a client may know of
/// it first.
pub async fn settle(client: &Client, calm: &Client, home: &ZPath) {
    soon("the end of old sessions", async {
        let home = home.child("eph");
        loop {
            let mut strangers = 0;
            for name in again(|| calm.get_children(&home)).await.iter() {
                let stat = again(|| calm.exists(&home.child(name))).await;
                let mine = |owner| owner == client.session().id;
                strangers += usize::from(stat.is_some_and(|stat| !mine(stat.ephemeral_owner)));
            }
            if strangers == 0 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    })
    .await;
}
