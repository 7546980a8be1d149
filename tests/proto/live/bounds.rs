//! What a round may cost: no panic, no task left, little memory at a time and none for good.
//! Refuses to know what is played.

use std::cell::Cell;
use std::panic;
use std::sync::{Once, mpsc};
use std::time::{Duration, Instant};

/// What a round may take at a time, the server's half included, and leave behind.
const MEMORY: u64 = 4 << 20;
const LEFT: i64 = 64 << 10;
/// How long the last tasks may take to end.
const PATIENCE: Duration = Duration::from_secs(20);
/// No round takes longer, unless it hangs where no timeout of its own can help.
const LONGEST: Duration = Duration::from_secs(120);

thread_local! {
    static PANICS: Cell<u32> = const { Cell::new(0) };
}

/// Counts the panics of this thread: a task's own are told to nobody.
fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            PANICS.set(PANICS.get() + 1);
            before(info);
        }));
    });
}

/// Runs `round` on a thread and a runtime of its own, so that what it takes and leaves behind
/// can be counted, and that one which spins is found out. Answers what it came to.
pub fn within<T, F>(round: impl FnOnce() -> F + Send + 'static) -> Result<(T, u64), String>
where
    T: Send + 'static,
    F: Future<Output = Result<T, String>>,
{
    let (done, outcome) = mpsc::channel();
    std::thread::spawn(move || drop(done.send(counted(round))));
    let result = outcome.recv_timeout(LONGEST);
    result.unwrap_or_else(|_| Err("the round never ended".to_owned()))
}

/// The round's result, and the most bytes of memory it held.
fn counted<T, F>(round: impl FnOnce() -> F) -> Result<(T, u64), String>
where
    F: Future<Output = Result<T, String>>,
{
    count_panics();
    let mut result = Err(String::new());
    let taken = allocation_counter::measure(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        result = runtime.block_on(async {
            let result = round().await?;
            all_tasks_end().await.map(|()| result)
        });
    });
    let result = result?;
    match PANICS.get() {
        0 if taken.bytes_max > MEMORY => Err(format!("{} bytes taken", taken.bytes_max)),
        0 if taken.bytes_current > LEFT => Err(format!("{} bytes left", taken.bytes_current)),
        0 => Ok((result, taken.bytes_max)),
        panics => Err(format!("{panics} panics")),
    }
}

/// Neither the client nor what it spoke with may leave a task behind.
async fn all_tasks_end() -> Result<(), String> {
    let end = Instant::now() + PATIENCE;
    let metrics = tokio::runtime::Handle::current().metrics();
    while metrics.num_alive_tasks() > 0 {
        if Instant::now() > end {
            return Err(format!("{} tasks left", metrics.num_alive_tasks()));
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}
