//! The client against real servers of every version at hand, through faults, and kazoo's
//! behaviours one by one.
#![expect(clippy::panic, reason = "a helper of a test fails it")]

#[path = "../support/mod.rs"]
mod support;

mod alone;
mod bounds;
mod common;
mod cuts;
mod deletions;
mod endings;
mod fake;
mod faults;
mod footprint;
mod gates;
mod kazoo;
mod keeping;
#[cfg(feature = "gssapi")]
mod kerberos;
mod lifetimes;
mod limits;
mod links;
mod matrix;
mod moments;
mod overlaps;
mod quorum;
mod recipes;
mod refusals;
mod retries;
mod rollback;
mod secrecy;
mod secrets;
mod security;
mod session;
mod soak;
mod staying;
mod storm;
mod system_roots;
mod traps;
mod trees;
mod trickle;
mod unreadable;
mod walks;
mod watches;
mod weather;
