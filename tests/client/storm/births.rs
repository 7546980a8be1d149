//! Sequential znodes, each created once: plainly, or so that a lost answer costs nothing.

use std::collections::BTreeMap;

use zooscope::client::Client;
use zooscope::proto::{CreateMode, ZPath};

use super::Ledger;
use super::fate::{Fate, Tally, few};
use super::truth::Truth;

pub struct Births {
    client: Client,
    home: ZPath,
    protected: bool,
    /// What became of each number, and under which name.
    all: Vec<(Fate, Option<String>)>,
    tally: Tally,
}

impl Births {
    pub fn plain(client: &Client, home: &ZPath) -> Self {
        Self {
            client: client.clone(),
            home: home.child("seq"),
            protected: false,
            all: Vec::new(),
            tally: Tally::default(),
        }
    }

    pub fn protected(client: &Client, home: &ZPath) -> Self {
        Self {
            protected: true,
            ..Self::plain(client, home)
        }
    }

    const fn mark(&self) -> &'static str {
        if self.protected { "p" } else { "n" }
    }
}

impl Ledger for Births {
    async fn write(&mut self) {
        let mark = self.mark();
        let at = self.home.child(&format!("{mark}-"));
        let data = format!("{mark}{}", self.all.len()).into_bytes();
        let mode = CreateMode::PersistentSequential;
        let result = if self.protected {
            let retry = few();
            retry
                .create_protected(&self.client, &at, &data, &[], mode)
                .await
        } else {
            self.client.create(&at, &data, &[], mode).await
        };
        let fate = Fate::of(&result);
        self.tally.count(fate);
        let name = result.ok().map(|made| made.path.name().to_owned());
        self.all.push((fate, name));
    }

    fn check(&mut self, truth: &Truth, what: &str) {
        let mut there: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, data) in truth.under("/seq") {
            if data.starts_with(self.mark()) {
                there.entry(data).or_default().push(name);
            }
        }
        for (number, (fate, name)) in self.all.iter().enumerate() {
            let data = format!("{}{number}", self.mark());
            let found = there.remove(data.as_str()).unwrap_or_default();
            let fine = match fate {
                Fate::Done => found == [name.as_deref().expect("it was told")],
                Fate::Refused => found.is_empty(),
                Fate::Unknown => found.len() <= 1,
            };
            let unknown = *fate == Fate::Unknown;
            self.tally.found += usize::from(unknown && !found.is_empty());
            assert!(
                fine,
                "{what}: {data} is {fate:?} as {name:?}, there is {found:?}"
            );
        }
        assert!(there.is_empty(), "{what}: nobody made {there:?}");
    }

    fn tally(&self) -> Tally {
        self.tally
    }
}
