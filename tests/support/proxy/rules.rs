//! What a proxy has been told to do wrong.

use std::time::Duration;

use zooscope::proto::OpCode;

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Requests.
    ToServer,
    /// Replies and notifications.
    ToClient,
}

/// When a connection ends, seen from a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The server never sees the request.
    BeforeRequest,
    /// The server has carried it out and answered; the client never sees the reply.
    BeforeReply,
}

/// Random misbehaviour. Each connection draws from its own sequence, so that a seed gives
/// the same faults however threads are scheduled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chaos {
    /// Print it when a test fails.
    pub seed: u64,
    /// A connection ends, on average, after so many bytes in either direction; 0 never.
    pub bytes: usize,
    /// Pieces are of 1 to so many bytes.
    pub piece: usize,
    /// Each piece waits up to so long.
    pub delay: Duration,
}

/// All rules in force.
#[derive(Debug, Default)]
pub struct Rules {
    pub refuse: bool,
    pub delay: Duration,
    pub split: Option<usize>,
    pub cut_at: Option<(OpCode, Cut)>,
    pub chaos: Option<Chaos>,
    /// As the server spells it, and as the client does.
    pub disguise: Option<(Vec<u8>, Vec<u8>)>,
    to_server: Way,
    to_client: Way,
}

/// The rules of one direction.
#[derive(Debug, Default)]
pub struct Way {
    pub stalled: bool,
    /// How many bytes may still pass.
    pub left: Option<usize>,
}

impl Rules {
    /// The rules of `direction`.
    pub const fn way(&mut self, direction: Direction) -> &mut Way {
        match direction {
            Direction::ToServer => &mut self.to_server,
            Direction::ToClient => &mut self.to_client,
        }
    }
}
