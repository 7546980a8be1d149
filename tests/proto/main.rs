//! Every record of the protocol against random values, hostile bytes and a fuzzer.
//! What goes in must come out, what is no record must be refused, and nothing that a peer
//! sends may panic or take more memory than its own length explains.
//!
//! Longer: `fuzz/run` by coverage; `ZOOSCOPE_FUZZ_SECONDS=600 cargo test --release --test
//! proto fuzz -- --nocapture` by chance, and the whole client against a lying server.

mod fuzz;
mod hostile;
mod live;
mod requests;
mod roundtrip;
mod strategy;
mod targets;
