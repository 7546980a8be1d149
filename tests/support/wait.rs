//! Waiting for conditions, never for a length of time: each wait polls and has a limit after
//! which the test fails, saying what it waited for.

use std::time::{Duration, Instant};

/// How long a test waits for what normally takes milliseconds.
pub const LIMIT: Duration = Duration::from_secs(30);

const PAUSE: Duration = Duration::from_millis(10);

/// Polls `ready` until it is true; fails the test after [`LIMIT`].
pub fn wait_until(what: &str, mut ready: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    blocking(|| {
        while !ready() {
            assert!(Instant::now() < deadline, "waited {LIMIT:?} for: {what}");
            std::thread::sleep(PAUSE);
        }
    });
}

/// The same from async code, without holding up the runtime.
pub async fn eventually(what: &str, mut ready: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !ready() {
        assert!(Instant::now() < deadline, "waited {LIMIT:?} for: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Runs what blocks. On a multi-threaded runtime the other tasks go on meanwhile.
pub fn blocking<T>(work: impl FnOnce() -> T) -> T {
    let runtime = tokio::runtime::Handle::try_current();
    match runtime.map(|handle| handle.runtime_flavor()) {
        Ok(tokio::runtime::RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}
