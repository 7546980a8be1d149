//! Numbers: percentiles, this process's CPU time and memory, and how a child tells its parent.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// What a child found, by name: `p50 123.4`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Metrics(pub BTreeMap<String, f64>);

impl Metrics {
    #[must_use]
    pub fn with(mut self, name: &str, value: f64) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// The most memory that the process had of its own, and `with_file` what it had together
    /// with the pages of program and libraries that were looked at. All contenders are in one
    /// program, and the kernel maps pages around those that are wanted.
    #[must_use]
    pub fn with_memory(self) -> Self {
        let all = status("VmHWM:");
        self.with("peak", all - status("RssFile:"))
            .with("with_file", all)
    }

    /// Reads what [`Display`](fmt::Display) wrote.
    pub fn parse(text: &str) -> Self {
        let pairs = text.split_whitespace().filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            Some((name.to_owned(), value.parse().ok()?))
        });
        Self(pairs.collect())
    }
}

impl fmt::Display for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs: Vec<String> = self
            .0
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        f.write_str(&pairs.join(" "))
    }
}

/// A stretch of work being measured.
pub struct Stretch {
    began: Instant,
    cpu: Duration,
}

impl Stretch {
    pub fn begin() -> Self {
        Self {
            began: Instant::now(),
            cpu: cpu_time(),
        }
    }

    /// `rate` and `cpu` for `count` things done since.
    pub fn end(&self, count: usize) -> Metrics {
        let cpu = cpu_time().saturating_sub(self.cpu);
        rates(count, self.began.elapsed(), cpu)
    }
}

/// `rate` (a second) and `cpu` (µs each) of `count` things done altogether in that time.
pub fn rates(count: usize, took: Duration, cpu: Duration) -> Metrics {
    let count = float(count);
    Metrics::default()
        .with("rate", count / took.as_secs_f64())
        .with("cpu", cpu.as_secs_f64() / count * 1e6)
}

/// `p50` and `p99` in µs.
pub fn percentiles(mut times: Vec<Duration>) -> Metrics {
    times.sort_unstable();
    let at = |percent: usize| {
        let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
        times
            .get(index)
            .map_or(0.0, |time| time.as_secs_f64() * 1e6)
    };
    Metrics::default().with("p50", at(50)).with("p99", at(99))
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// A size from the kernel's account of this process, in MiB. `VmHWM` is the most it ever had in
/// memory; `RssFile` is what of that are files, and only grows.
fn status(field: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(field));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}

/// The CPU time that this process has had.
pub fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

/// Counts here are far below where a float loses whole numbers.
pub fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
