//! What takes microseconds, and bursts, whose rate the server halves and doubles from moment to
//! moment: all contenders in one process, one after the other at every single turn and in a new
//! order each time, so that whatever disturbs the machine disturbs all.

use std::future::Future;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::future::{FutureExt as _, LocalBoxFuture};
use tokio::sync::Mutex;

use crate::measure::{Metrics, cpu_time, percentiles, rates};
use crate::pipeline::{pipelined, set};
use crate::sizes::{BURST, DATA, ONE, SIZES};
use crate::support::Raw;
use crate::task::{Contender, Task};
use crate::{ours, peer_kezhuw, peer_tokio, raw};

/// One get, one burst, or one event; answers how long it took.
pub type Turn = Box<dyn Fn() -> LocalBoxFuture<'static, Duration>>;

/// What the contenders do of a task, and how long it takes them.
pub async fn run(
    task: Task,
    addr: SocketAddr,
    contenders: Vec<Contender>,
) -> Vec<(Contender, Metrics)> {
    let mut all = Vec::new();
    for contender in contenders {
        let turn = open(contender, task, addr).await;
        all.push((contender, turn, Vec::new(), Duration::ZERO));
    }
    let count = match task {
        Task::Watch => SIZES.events,
        Task::Latency => SIZES.singles,
        _ => SIZES.bursts,
    };
    for _ in 0..count {
        fastrand::shuffle(&mut all);
        for (contender, turn, times, cpu) in &mut all {
            if task.is_of_bursts() {
                // What a server makes of one connection is not to decide.
                *turn = open(*contender, task, addr).await;
            }
            let before = cpu_time();
            times.push(turn().await);
            *cpu += cpu_time().saturating_sub(before);
        }
    }
    all.into_iter()
        .map(|(contender, _, times, cpu)| {
            let metrics = if task.is_of_bursts() {
                rates(BURST * count, times.iter().sum(), cpu)
            } else {
                percentiles(times)
            };
            (contender, metrics)
        })
        .collect()
}

async fn open(contender: Contender, task: Task, addr: SocketAddr) -> Turn {
    match contender {
        Contender::Ours => ours::turn(task, addr).await,
        Contender::Kezhuw => peer_kezhuw::turn(task, addr).await,
        Contender::Tokio => peer_tokio::turn(task, addr).await,
        _ => raw::turn(contender, task, addr).await,
    }
}

/// A watch that was set; its event is awaited later.
pub struct Armed<W>(pub W);

/// A turn that is one call.
pub fn calls<C, F>(client: C, call: impl Fn(Rc<C>) -> F + Clone + 'static) -> Turn
where
    C: 'static,
    F: Future,
{
    let client = Rc::new(client);
    Box::new(move || {
        let (client, call) = (client.clone(), call.clone());
        async move {
            let began = Instant::now();
            call(client).await;
            began.elapsed()
        }
        .boxed_local()
    })
}

/// A turn that asks for all of `paths` with many requests in flight. Each answers how many bytes
/// were read or written.
pub fn bursts<C: 'static, P: 'static>(
    client: C,
    paths: Vec<P>,
    ask: impl AsyncFn(&C, &P) -> usize + 'static,
) -> Turn {
    calls((client, paths, ask), async |it: Rc<(C, Vec<P>, _)>| {
        let (client, paths, ask) = &*it;
        let done = pipelined(paths.iter(), |path| ask(client, path)).await;
        assert_eq!(done, paths.len() * DATA.len());
    })
}

/// A turn that sets a watch, has a rival change the znode, and waits for the event.
pub fn events<C, F, W>(
    client: C,
    arm: impl Fn(Rc<C>) -> F + Clone + 'static,
    addr: SocketAddr,
) -> Turn
where
    C: 'static,
    F: Future<Output = Armed<W>>,
    W: Future,
{
    let client = Rc::new(client);
    let rival = Rc::new(Mutex::new(Raw::connect(addr)));
    Box::new(move || {
        let (client, arm, rival) = (client.clone(), arm.clone(), rival.clone());
        async move {
            let mut rival = rival.lock().await;
            let Armed(event) = arm(client).await;
            let began = Instant::now();
            let xid = rival.send(&set(ONE, &DATA)).expect("the rival lives");
            event.await;
            let took = began.elapsed();
            rival.reply(xid).expect("the node is there");
            took
        }
        .boxed_local()
    })
}
