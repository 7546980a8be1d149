//! Transactions: a counter is set and two znodes are made, all of it or nothing.

use zooscope::client::{Client, Done, Error};
use zooscope::proto::{ErrorCode, ZPath};

use super::fate::{Fate, Tally, again};
use super::truth::Truth;
use super::{Ledger, PLAIN};

pub struct Pairs {
    client: Client,
    counter: ZPath,
    version: i32,
    all: Vec<Fate>,
    tally: Tally,
}

impl Pairs {
    pub fn new(client: &Client, home: &ZPath) -> Self {
        Self {
            client: client.clone(),
            counter: home.child("pairs"),
            version: 0,
            all: Vec::new(),
            tally: Tally::default(),
        }
    }

    async fn commit(&self) -> Result<Vec<Done>, Error> {
        let number = self.all.len();
        let transaction = self.client.transaction();
        transaction
            .create(&self.counter.child(&format!("a{number}")), b"", &[], PLAIN)
            .set(&self.counter, b"", Some(self.version))
            .create(&self.counter.child(&format!("b{number}")), b"", &[], PLAIN)
            .commit()
            .await
    }

    /// Asks what the counter's version is now.
    async fn look(&mut self) {
        let (client, counter) = (&self.client, &self.counter);
        again(|| client.sync(counter)).await;
        let now = again(|| client.stat(counter)).await.version;
        let more = usize::try_from(now - self.version).expect("versions grow");
        assert!(more <= 1, "{counter} went from {} to {now}", self.version);
        self.tally.found += more;
        self.version = now;
    }
}

impl Ledger for Pairs {
    async fn write(&mut self) {
        let result = self.commit().await;
        if let Err(error) = &result
            && error.is(ErrorCode::BadVersion)
        {
            // An earlier one has been applied after all.
            self.all.push(Fate::Refused);
            self.tally.count(Fate::Refused);
            let before = self.version;
            self.look().await;
            assert_ne!(self.version, before, "{error}");
            return;
        }
        let fate = Fate::of(&result);
        self.all.push(fate);
        self.tally.count(fate);
        match fate {
            Fate::Done => self.version += 1,
            Fate::Refused => {}
            Fate::Unknown => self.look().await,
        }
    }

    fn check(&mut self, truth: &Truth, what: &str) {
        let mut applied = 0;
        for (number, fate) in self.all.iter().enumerate() {
            let there = ["a", "b"].map(|name| truth.has(&format!("/pairs/{name}{number}")));
            assert_eq!(there[0], there[1], "{what}: half of {number}, {fate:?}");
            let fine = match fate {
                Fate::Done => there[0],
                Fate::Refused => !there[0],
                Fate::Unknown => true,
            };
            assert!(fine, "{what}: pair {number} is {fate:?}, there: {there:?}");
            applied += i32::from(there[0]);
        }
        assert_eq!(truth.at("/pairs").1.version, applied, "{what}: the counter");
    }

    fn tally(&self) -> Tally {
        self.tally
    }
}
