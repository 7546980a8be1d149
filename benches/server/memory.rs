//! How much memory a million znodes take, by what the kernel says of this process.

use std::time::Instant;

use zooscope::proto::{Acl, CreateMode};

use super::blast::Idle;
use super::{say, serve};

const DATA: [u8; 100] = [b'x'; 100];
const PER_PARENT: u64 = 1_000;

/// Makes `znodes` of 100 bytes under parents of a thousand children each, then as many more
/// under one parent, and tells what each million took.
pub fn measure(runtime: &tokio::runtime::Runtime, znodes: u64) {
    let server = serve(runtime);
    let local = server.local();
    let acl = Acl::open_unsafe();
    let make = |path: &str| {
        local
            .create(0, path, Some(&DATA), &acl, CreateMode::Persistent)
            .expect("a new path");
    };
    let before = resident();
    let began = Instant::now();
    for number in 0..znodes {
        let parent = format!("/tree/{:04}", number / PER_PARENT);
        if number % PER_PARENT == 0 {
            local.ensure_path(&parent).expect("a new path");
        }
        make(&format!("{parent}/znode-{number:07}"));
    }
    tell("in a tree", znodes, before, began);

    let before = resident();
    let began = Instant::now();
    local.ensure_path("/flat").expect("a new path");
    for number in 0..znodes {
        make(&format!("/flat/znode-{number:07}"));
    }
    tell("under one parent, as many more", znodes, before, began);
}

/// What idle sessions take: the sockets' other ends are here too, but cost a number only.
pub fn measure_sessions(runtime: &tokio::runtime::Runtime, sessions: u64) {
    let server = serve(runtime);
    let before = resident();
    let idle: Vec<_> = (0..sessions)
        .map(|_| Idle::connect(server.addr()))
        .collect();
    let grown = resident().saturating_sub(before);
    say(&format!(
        "{} idle sessions: {} KiB, {} bytes each",
        idle.len(),
        grown >> 10,
        grown / sessions.max(1)
    ));
}

fn tell(how: &str, znodes: u64, before: u64, began: Instant) {
    let grown = resident().saturating_sub(before);
    say(&format!(
        "{znodes} znodes of {} bytes {how}: {} MiB, {} bytes each, made in {:.1} s",
        DATA.len(),
        grown >> 20,
        grown / znodes.max(1),
        began.elapsed().as_secs_f64()
    ));
}

/// This process's resident memory in bytes (Linux; elsewhere 0).
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .and_then(|kilobytes| kilobytes.trim().parse::<u64>().ok())
        .unwrap_or(0)
        * 1024
}
