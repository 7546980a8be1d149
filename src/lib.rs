//! zooscope: a terminal explorer for Apache ZooKeeper, and the tokio client under it.
//!
//! # The rooms
//!
//! | room | what it knows | what it may import |
//! |---|---|---|
//! | [`text`] | bytes from outside → safe, measured display text | nothing |
//! | [`proto`] | ZooKeeper's nouns, and every record of its protocol both ways | nothing |
//! | [`decode`] | a znode's bytes → what they are, and rows to show | proto, text |
//! | [`client`] | sessions, requests, watches, on tokio | proto |
//! | [`recipe`] | what can be built of the client's public calls alone | client, proto |
//! | [`server`] | a ZooKeeper in memory, for the demo and for tests | proto |
//! | [`explorer`] | what the user sees, decides and may do; no clock, no world | proto, text, decode |
//! | [`config`] | files of the user's, over the built-in ones | explorer |
//! | [`ui`] | the explorer, drawn into a buffer | explorer, proto, text, decode |
//! | [`app`] | the event loop, the terminal, effects carried out | all but cli |
//! | [`cli`] | the command line | all |
//!
//! `tests/layers.rs` fails on an import that this table does not allow.
//!
//! # Features
//!
//! `gssapi`, off unless asked for: SASL GSSAPI (Kerberos), through the system's Kerberos
//! library, whose headers and `libclang` it needs to be built.
//!
//! # Where do I look?
//!
//! - what a key does: `assets/keymap.toml` → the command in `explorer/command.rs` → its arm
//!   under `explorer/act/`
//! - how it looks: `ui/`, one file a region; a colour: `assets/themes/`
//! - bytes on the wire: `proto/`; reconnects, pings, watches: `client/session.rs` and
//!   `client/watch/`
//! - what an effect asks of a server: `app/effects.rs` and `app/request.rs`
//! - Ctrl-Z, mouse modes, panics: `app/terminal.rs`
//! - why a name prints oddly: `text/`; how a value is shown: `decode/`
//! - what the demo holds: `assets/demo.toml`; who keeps it alive: `server/actors/`

pub mod app;
pub mod cli;
pub mod client;
pub mod config;
pub mod decode;
pub mod explorer;
pub mod proto;
pub mod recipe;
pub mod server;
pub mod text;
pub mod ui;
