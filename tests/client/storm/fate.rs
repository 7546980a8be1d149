//! What became of a write as far as its writer was told, and how to repeat what does no harm.

use std::fmt;
use std::time::Duration;

use zooscope::client::{Client, Error, Retry};
use zooscope::proto::{ErrorCode, ZPath};

use super::pace::PATIENCE;

/// What a writer was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Done,
    /// It was not applied, and never will be.
    Refused,
    Unknown,
}

impl Fate {
    /// Fails the test on an error that no fault excuses.
    pub fn of<T>(result: &Result<T, Error>) -> Self {
        match result {
            Ok(_) => Self::Done,
            Err(error) => {
                assert!(error.is_connection_loss(), "no fault excuses: {error}");
                if error.may_have_been_applied() {
                    Self::Unknown
                } else {
                    Self::Refused
                }
            }
        }
    }
}

/// How many writes had which fate.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    pub done: usize,
    pub refused: usize,
    pub unknown: usize,
    /// Of the unknown ones, those found to have been applied.
    pub found: usize,
}

impl Tally {
    pub fn count(&mut self, fate: Fate) {
        match fate {
            Fate::Done => self.done += 1,
            Fate::Refused => self.refused += 1,
            Fate::Unknown => self.unknown += 1,
        }
    }

    pub fn add(&mut self, other: Self) {
        self.done += other.done;
        self.refused += other.refused;
        self.unknown += other.unknown;
        self.found += other.found;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            done,
            refused,
            unknown,
            found,
        } = self;
        write!(
            f,
            "{done:>7} acknowledged {refused:>5} failed for sure {unknown:>5} unknown, \
             {found} of them found applied"
        )
    }
}

/// Repeats what does no harm to repeat, until it is answered.
pub async fn again<T, F>(mut request: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, Error>>,
{
    let answer = async {
        loop {
            match request().await {
                Ok(value) => return value,
                Err(error) => assert!(error.is_connection_loss(), "no fault excuses: {error}"),
            }
        }
    };
    let answer = tokio::time::timeout(PATIENCE, answer).await;
    answer.expect("an answer, whatever the fault")
}

/// Makes a znode, whatever it takes.
pub async fn make(client: &Client, at: &ZPath, data: &[u8]) {
    again(
        async || match client.create(at, data, &[], super::PLAIN).await {
            Err(error) if !error.is(ErrorCode::NodeExists) => Err(error),
            _ => Ok(()),
        },
    )
    .await;
}

/// Deletes a znode if it is there, whatever it takes.
pub async fn unmake(client: &Client, at: &ZPath) {
    again(async || match client.delete(at, None).await {
        Err(error) if !error.is(ErrorCode::NoNode) => Err(error),
        _ => Ok(()),
    })
    .await;
}

/// A few attempts only, so that what then is told of the outcome is put to the test too.
pub fn few() -> Retry {
    Retry::default()
        .tries(Some(3))
        .delay(Duration::from_millis(20))
        .max_delay(Duration::from_millis(200))
}
