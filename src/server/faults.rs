//! Things that go wrong on demand. Part of the state, so that a fault is in force for
//! whatever is executed after it was asked for.

use std::collections::VecDeque;
use std::time::Duration;

use crate::proto::{ErrorCode, OpCode};

/// The faults in force.
#[derive(Debug, Default)]
pub struct Faults {
    /// New connections are closed at once.
    pub refuse: bool,
    /// Nothing is executed or answered; sockets stay open.
    pub mute: bool,
    /// Replies and events leave so much later.
    pub delay: Duration,
    /// The server has lost its quorum: reads only.
    pub read_only: bool,
    planned: VecDeque<(Option<OpCode>, ErrorCode)>,
}

impl Faults {
    /// The next `op` (or the next operation at all) is answered with `code`, not executed.
    pub fn plan(&mut self, op: Option<OpCode>, code: ErrorCode) {
        self.planned.push_back((op, code));
    }

    /// The code planned for this operation, which is then used up. Pings are spared unless
    /// they are meant.
    pub fn planned(&mut self, op: OpCode) -> Option<ErrorCode> {
        let at = self.planned.iter().position(|(wanted, _)| match wanted {
            Some(wanted) => *wanted == op,
            None => !matches!(op, OpCode::Ping | OpCode::CloseSession),
        })?;
        self.planned.remove(at).map(|(_, code)| code)
    }
}
