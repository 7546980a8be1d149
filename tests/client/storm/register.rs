//! A znode whose data is set again and again, by one writer: its version counts what was
//! applied, its data tells which. Nothing may be applied that was refused, nothing twice.

use std::collections::HashSet;

use zooscope::client::{Client, Error};
use zooscope::proto::{ErrorCode, Stat, ZPath};

use super::Ledger;
use super::fate::{Fate, Tally, again, few};
use super::truth::Truth;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    Versioned,
    /// Whatever the version.
    Whatever,
    /// Versioned, and repeated by the client's own means.
    Retried,
}

pub struct Register {
    client: Client,
    path: ZPath,
    how: How,
    /// Of the last write that is known to have been applied.
    version: i32,
    value: u64,
    next: u64,
    /// Writes since then that may have been applied.
    open: Vec<u64>,
    refused: HashSet<u64>,
    tally: Tally,
}

impl Register {
    pub fn new(client: &Client, path: &ZPath, how: How) -> Self {
        Self {
            client: client.clone(),
            path: path.clone(),
            how,
            version: 0,
            value: 0,
            next: 0,
            open: Vec::new(),
            refused: HashSet::new(),
            tally: Tally::default(),
        }
    }

    async fn set(&self, value: u64) -> Result<Stat, Error> {
        let data = value.to_string().into_bytes();
        let (client, path) = (&self.client, &self.path);
        match self.how {
            How::Versioned => client.set(path, &data, Some(self.version)).await,
            How::Whatever => client.set(path, &data, None).await,
            How::Retried => few().set(client, path, &data, self.version).await,
        }
    }

    fn acknowledged(&mut self, value: u64, version: i32) {
        let others = usize::try_from(version - self.version - 1).expect("versions grow");
        let most = if self.how == How::Whatever {
            self.open.len()
        } else {
            0
        };
        assert!(
            others <= most,
            "{}: {value} got version {version} after {}, with {:?} unknown",
            self.path,
            self.version,
            self.open
        );
        self.tally.found += others;
        self.settle(value, version);
    }

    fn settle(&mut self, value: u64, version: i32) {
        (self.value, self.version) = (value, version);
        self.open.clear();
    }

    /// Whether one of the unknown writes was applied.
    async fn look(&mut self) -> bool {
        let (client, path) = (&self.client, &self.path);
        again(|| client.sync(path)).await;
        let reply = again(|| client.get(path)).await;
        let value = number(&reply.data.unwrap_or_default());
        let version = reply.stat.version;
        if version == self.version {
            assert_eq!(value, self.value, "{path}: version {version} has changed");
            return false;
        }
        let ours = version == self.version + 1 && self.open.contains(&value);
        assert!(
            ours,
            "{path}: {value} in version {version} after {} in {}, with {:?} unknown",
            self.value, self.version, self.open
        );
        self.tally.found += 1;
        self.settle(value, version);
        true
    }
}

impl Ledger for Register {
    async fn write(&mut self) {
        self.next += 1;
        let value = self.next;
        let result = self.set(value).await;
        match &result {
            Ok(stat) => self.acknowledged(value, stat.version),
            // An earlier one has been applied after all.
            Err(error) if error.is(ErrorCode::BadVersion) => {
                self.refused.insert(value);
                self.tally.count(Fate::Refused);
                assert!(self.look().await, "{}: {error}", self.path);
                return;
            }
            Err(_) => {}
        }
        let fate = Fate::of(&result);
        self.tally.count(fate);
        match fate {
            Fate::Done => {}
            Fate::Refused => drop(self.refused.insert(value)),
            Fate::Unknown => {
                self.open.push(value);
                if self.how != How::Whatever {
                    self.look().await;
                }
            }
        }
    }

    fn check(&mut self, truth: &Truth, what: &str) {
        let name = format!("/{}", self.path.name());
        let (data, stat) = truth.at(&name);
        let value = number(data.as_bytes());
        let more = usize::try_from(stat.version - self.version).expect("versions grow");
        let fine = match more {
            0 => value == self.value,
            more => more <= self.open.len() && self.open.contains(&value),
        };
        assert!(
            fine,
            "{what}: {name} is {value} in version {}, known was {} in {}, unknown {:?}",
            stat.version, self.value, self.version, self.open
        );
    }

    fn tally(&self) -> Tally {
        self.tally
    }

    fn refused(&self) -> Vec<String> {
        let name = self.path.name();
        let all = self.refused.iter();
        all.map(|value| format!("{name}={value}")).collect()
    }
}

fn number(data: &[u8]) -> u64 {
    let text = std::str::from_utf8(data).expect("registers hold text");
    text.parse().expect("registers hold numbers")
}
