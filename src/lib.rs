//! zooscope: a terminal explorer for Apache ZooKeeper, and the tokio client under it.

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
