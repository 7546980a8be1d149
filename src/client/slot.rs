//! Where a reply meets its caller: one allocation that the session task fills and the
//! caller's future empties. Knows nothing of sockets or order.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use super::error::Error;
use crate::proto::{DecodeError, Reader};

/// Reads a reply's record.
pub(super) type Decoder<T> = fn(&mut Reader<'_>) -> Result<T, DecodeError>;

/// The session task's view of a slot, whatever its type.
pub(super) trait Complete: Send + Sync {
    /// Hands over a reply's record.
    fn fill(&self, body: &mut Reader<'_>) -> Result<(), DecodeError>;
    /// Hands over a failure.
    fn fail(&self, error: Error);
}

pub(super) struct Slot<T> {
    decode: Decoder<T>,
    state: Mutex<State<T>>,
}

enum State<T> {
    Waiting(Option<Waker>),
    Done(Result<T, Error>),
    Taken,
}

impl<T> Slot<T> {
    pub(super) fn new(decode: Decoder<T>) -> Arc<Self> {
        Arc::new(Self {
            decode,
            state: Mutex::new(State::Waiting(None)),
        })
    }

    pub(super) fn poll(&self, waker: &Waker) -> Poll<Result<T, Error>> {
        let mut state = lock(&self.state);
        match &mut *state {
            State::Waiting(Some(known)) if known.will_wake(waker) => Poll::Pending,
            State::Waiting(known) => {
                *known = Some(waker.clone());
                Poll::Pending
            }
            // Polled again after it was ready: as with any future, nothing more will come.
            State::Taken => Poll::Pending,
            State::Done(_) => match std::mem::replace(&mut *state, State::Taken) {
                State::Done(result) => Poll::Ready(result),
                State::Waiting(_) | State::Taken => Poll::Pending,
            },
        }
    }

    fn complete(&self, result: Result<T, Error>) {
        let mut state = lock(&self.state);
        let old = std::mem::replace(&mut *state, State::Done(result));
        drop(state);
        if let State::Waiting(Some(waker)) = old {
            waker.wake();
        }
    }
}

impl<T: Send> Complete for Slot<T> {
    fn fill(&self, body: &mut Reader<'_>) -> Result<(), DecodeError> {
        let value = (self.decode)(body)?;
        self.complete(Ok(value));
        Ok(())
    }

    fn fail(&self, error: Error) {
        self.complete(Err(error));
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
