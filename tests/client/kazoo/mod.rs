//! kazoo's behaviours, test by test. Whatever test of ours stands for one of kazoo's, here or
//! in another file, names it in a line of its doc, ``/// kazoo: `file::Class::test` ``;
//! `names.rs` checks that none is missing. What differs on purpose is said in the client's
//! and the recipes' own docs, and tested as it is here.

mod acls;
mod listeners;
mod names;
mod patient;
mod roots;
mod sessions;
mod transactions;
mod watching;
mod znodes;

use zooscope::client::{Client, Error};
use zooscope::proto::ErrorCode;

use crate::common::open;
use crate::support::{self, RealServer};

fn refused<T: std::fmt::Debug>(result: Result<T, Error>, code: ErrorCode) {
    let error = result.expect_err("it must be refused");
    assert!(error.is(code), "{error}, not {code}");
}

/// Runs the test on a server of every version, one client each.
async fn on_all(name: &str, test: impl AsyncFn(Client, &'static RealServer)) {
    for server in support::shared_all() {
        let client = open(server, name).await;
        test(client.clone(), server).await;
        client.close().await;
    }
}
