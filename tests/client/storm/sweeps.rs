//! Small trees, made for sure and then deleted as a whole: what was there is counted, and
//! nothing of it is left.

use futures_util::future::join_all;
use zooscope::client::Client;
use zooscope::proto::ZPath;

use super::Ledger;
use super::fate::{Tally, make};
use super::truth::Truth;

/// Folders and znodes in each.
const SIZE: (u32, u32) = (3, 4);

pub struct Sweeps {
    client: Client,
    home: ZPath,
    next: usize,
    tally: Tally,
}

impl Sweeps {
    pub fn new(client: &Client, home: &ZPath) -> Self {
        Self {
            client: client.clone(),
            home: home.child("sweep"),
            next: 0,
            tally: Tally::default(),
        }
    }
}

fn below(at: &ZPath, count: u32) -> impl Iterator<Item = ZPath> {
    (0..count).map(|name| at.child(&name.to_string()))
}

impl Ledger for Sweeps {
    async fn write(&mut self) {
        let root = self.home.child(&self.next.to_string());
        self.next += 1;
        make(&self.client, &root, b"").await;
        let folders: Vec<ZPath> = below(&root, SIZE.0).collect();
        join_all(folders.iter().map(|at| make(&self.client, at, b""))).await;
        let leaves: Vec<ZPath> = folders.iter().flat_map(|at| below(at, SIZE.1)).collect();
        join_all(leaves.iter().map(|at| make(&self.client, at, b""))).await;
        let gone = self.client.delete_recursive(&root, |_| {}).await;
        let gone = gone.expect("it goes on through any loss");
        assert_eq!(gone, u64::from(1 + SIZE.0 * (1 + SIZE.1)), "{root}");
        self.tally.done += usize::try_from(gone).expect("a few");
    }

    fn check(&mut self, truth: &Truth, what: &str) {
        let left: Vec<_> = truth.under("/sweep").collect();
        assert!(left.is_empty(), "{what}: {left:?} should be gone");
    }

    fn tally(&self) -> Tally {
        self.tally
    }
}
