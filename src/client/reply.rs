//! The future of one request. The request is queued when the method is called, not when the
//! future is first polled, so the order of calls is the order on the wire; dropping the future
//! discards the reply and disturbs nothing.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::error::Error;
use super::gate::Gate;
use super::outbox::{Pending, Refused};
use super::shared::Shared;
use super::slot::Slot;

/// The reply to a request that has been queued.
#[must_use = "a reply tells whether the request succeeded"]
pub(super) struct Reply<T>(State<T>);

enum State<T> {
    Refused(Option<Error>),
    Queued(Arc<Slot<T>>),
    /// Not queued: the queue is full.
    Parked(Arc<Slot<T>>, Box<Parked>),
    Over,
}

pub(super) struct Parked {
    pub(super) shared: Arc<Shared>,
    pub(super) body: Vec<u8>,
    pub(super) pending: Option<Pending>,
    pub(super) gate: Gate,
    pub(super) wait: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl<T> Reply<T> {
    pub(super) const fn refused(error: Error) -> Self {
        Self(State::Refused(Some(error)))
    }

    pub(super) const fn queued(slot: Arc<Slot<T>>) -> Self {
        Self(State::Queued(slot))
    }

    pub(super) fn parked(slot: Arc<Slot<T>>, parked: Parked) -> Self {
        Self(State::Parked(slot, Box::new(parked)))
    }
}

impl<T> Future for Reply<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        loop {
            match &mut self.0 {
                State::Queued(slot) => return slot.poll(cx.waker()),
                State::Refused(error) => {
                    return error.take().map_or(Poll::Pending, |e| Poll::Ready(Err(e)));
                }
                State::Over => return Poll::Pending,
                State::Parked(_, parked) => {
                    if parked.wait.as_mut().poll(cx).is_pending() {
                        return Poll::Pending;
                    }
                }
            }
            self.0 = match std::mem::replace(&mut self.0, State::Over) {
                State::Parked(slot, parked) => unpark(slot, *parked),
                other => other,
            };
        }
    }
}

fn unpark<T>(slot: Arc<Slot<T>>, mut parked: Parked) -> State<T> {
    let Some(pending) = parked.pending.take() else {
        return State::Over;
    };
    let body = &parked.body;
    let record = |out: &mut Vec<u8>| out.extend_from_slice(body);
    let (refused, pending) = match parked.shared.push(&record, pending, parked.gate) {
        Ok(()) => return State::Queued(slot),
        Err(refused) => *refused,
    };
    parked.wait = match refused {
        Refused::Because(kind) => {
            return State::Refused(Some(parked.shared.give_up(&pending, kind)));
        }
        Refused::Full => parked.shared.wait_for_room(),
    };
    parked.pending = Some(pending);
    State::Parked(slot, Box::new(parked))
}
