//! Another client's single reads while a contender walks the tree over and over: packing reads
//! must not make a server slow for everyone else.

use std::net::SocketAddr;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use zooscope::proto::Request;

use crate::measure::{Metrics, percentiles};
use crate::rounds::command;
use crate::sizes::ONE;
use crate::support::Raw;
use crate::task::{Contender, Task};

const WARM_UP: Duration = Duration::from_millis(300);
const MEASURED: Duration = Duration::from_millis(1500);
/// A neighbour that asks now and then, as most do.
const PAUSE: Duration = Duration::from_millis(1);

/// `p50` and `p99` of a single read; for "raw", with nobody walking.
pub fn measure(contender: Contender, addr: SocketAddr) -> Metrics {
    let walker = (contender != Contender::Raw).then(|| Walker::start(contender, addr));
    let mut raw = Raw::connect(addr);
    std::thread::sleep(WARM_UP);
    let end = Instant::now() + MEASURED;
    let mut times = Vec::new();
    while Instant::now() < end {
        let began = Instant::now();
        raw.call(&Request::GetData {
            path: ONE.into(),
            watch: false,
        })
        .expect("the node is there");
        times.push(began.elapsed());
        std::thread::sleep(PAUSE);
    }
    raw.close();
    drop(walker);
    percentiles(times)
}

/// A child that walks until it is ended.
struct Walker(Child);

impl Walker {
    fn start(contender: Contender, addr: SocketAddr) -> Self {
        let mut command = command(contender, Task::Neighbour, addr);
        Self(
            command
                .stdout(Stdio::null())
                .spawn()
                .expect("this program can be started again"),
        )
    }
}

impl Drop for Walker {
    fn drop(&mut self) {
        assert!(
            matches!(self.0.try_wait(), Ok(None)),
            "the walker walked to the end"
        );
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
