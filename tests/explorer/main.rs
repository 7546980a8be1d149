//! The whole explorer on real servers, driven by keys on a screen in memory: what runs is the
//! program's own event loop, client and views. Scripts wait for what a user would wait for.

#[path = "../support/mod.rs"]
mod support;

mod conflict;
mod editing;
mod expiry;
mod forbidden;
mod live;
mod read_only;
mod restart;
mod stage;
mod start;
mod unknown;
mod whole_job;
mod wide;
