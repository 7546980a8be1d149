//! That nothing of the product panics, not even in a task that nobody joins, and that no
//! task outlives what it was for.

use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::Handle;

use crate::support::eventually;

/// How many panics there were so far outside of the tests' own code.
fn panics() -> usize {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let at = panic.location().map_or("", |location| location.file());
            if !at.starts_with("tests/") {
                COUNT.fetch_add(1, Ordering::Relaxed);
            }
            usual(panic);
        }));
    });
    COUNT.load(Ordering::Relaxed)
}

/// The tasks of this test's runtime. From here on panics are counted.
pub fn tasks() -> usize {
    panics();
    Handle::current().metrics().num_alive_tasks()
}

/// Waits until there are no more tasks than before, and has there been no panic.
pub async fn no_task_is_left(before: usize) {
    eventually("every task to end", || tasks() <= before).await;
    assert_eq!(panics(), 0, "something panicked: see above");
}
