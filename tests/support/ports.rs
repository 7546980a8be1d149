//! Free ports for servers. They are taken below the range from which the kernel serves
//! outgoing connections, so that a server can be stopped and find its port free again.

use std::collections::HashSet;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{LazyLock, Mutex, PoisonError};

static GIVEN: LazyLock<Mutex<HashSet<u16>>> = LazyLock::new(Mutex::default);

/// A loopback port that nothing listens on and that this process has not given out before.
/// Another process may still be faster: who starts a server checks that it is its own.
pub fn free_port() -> u16 {
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    (0..10_000)
        .map(|_| fastrand::u16(15_000..32_000))
        .find(|&port| {
            !given.contains(&port)
                && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
                && given.insert(port)
        })
        .expect("there is a free port between 15000 and 32000")
}
