//! Znodes that are made for sure and then deleted, but for some that are kept.

use zooscope::client::Client;
use zooscope::proto::ZPath;

use super::Ledger;
use super::fate::{Fate, Tally, few, make};
use super::truth::Truth;

pub struct Deaths {
    client: Client,
    home: ZPath,
    /// What became of each number's deletion; `None` of one that is kept.
    all: Vec<Option<Fate>>,
    tally: Tally,
}

impl Deaths {
    pub fn new(client: &Client, home: &ZPath) -> Self {
        Self {
            client: client.clone(),
            home: home.child("del"),
            all: Vec::new(),
            tally: Tally::default(),
        }
    }
}

impl Ledger for Deaths {
    async fn write(&mut self) {
        let number = self.all.len();
        let at = self.home.child(&number.to_string());
        make(&self.client, &at, b"").await;
        if number % 5 == 4 {
            self.all.push(None);
            return;
        }
        // One that is gone already was deleted by nobody else: no error but a loss will do.
        let result = if number.is_multiple_of(2) {
            self.client.delete(&at, Some(0)).await
        } else {
            few().delete(&self.client, &at, None).await
        };
        let fate = Fate::of(&result);
        self.tally.count(fate);
        self.all.push(Some(fate));
    }

    fn check(&mut self, truth: &Truth, what: &str) {
        for (number, fate) in self.all.iter().enumerate() {
            let there = truth.has(&format!("/del/{number}"));
            let fine = match fate {
                None | Some(Fate::Refused) => there,
                Some(Fate::Done) => !there,
                Some(Fate::Unknown) => true,
            };
            let unknown = *fate == Some(Fate::Unknown);
            self.tally.found += usize::from(unknown && !there);
            assert!(fine, "{what}: /del/{number} is {fate:?}, there: {there}");
        }
    }

    fn tally(&self) -> Tally {
        self.tally
    }
}
