//! What takes microseconds: all contenders in one process, one after the other at every single
//! turn and in a new order each time, so that whatever disturbs the machine disturbs all.

use std::future::Future;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use futures_util::future::{FutureExt as _, LocalBoxFuture};
use tokio::sync::Mutex;

use crate::measure::{Metrics, percentiles};
use crate::pipeline::set;
use crate::sizes::{DATA, ONE, SIZES};
use crate::support::Raw;
use crate::task::{Contender, Task};
use crate::{ours, peer_kezhuw, peer_tokio, raw};

/// One get, or one event; answers how long it took.
pub type Turn = Box<dyn Fn() -> LocalBoxFuture<'static, Duration>>;

/// A program's `p50` and `p99`, for each of the task's contenders.
pub async fn run(task: Task, addr: SocketAddr) -> Vec<(Contender, Metrics)> {
    let mut all = Vec::new();
    for contender in task.contenders(false) {
        let turn = match contender {
            Contender::Ours => ours::turn(task, addr).await,
            Contender::Kezhuw => peer_kezhuw::turn(task, addr).await,
            Contender::Tokio => peer_tokio::turn(task, addr).await,
            _ => raw::turn(task, addr).await,
        };
        all.push((contender, turn, Vec::new()));
    }
    let count = match task {
        Task::Watch => SIZES.events,
        _ => SIZES.singles,
    };
    for _ in 0..count {
        fastrand::shuffle(&mut all);
        for (_, turn, times) in &mut all {
            times.push(turn().await);
        }
    }
    all.into_iter()
        .map(|(contender, _, times)| (contender, percentiles(times)))
        .collect()
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
