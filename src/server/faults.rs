//! Things that go wrong on demand. Part of the state, so that a fault is in force for
//! whatever is executed after it was asked for.

use std::collections::VecDeque;
use std::time::Duration;

use crate::proto::{ErrorCode, OpCode};

/// What is to happen to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// It is answered with this code and not executed.
    Answer(ErrorCode),
    /// The connection ends before it is executed.
    LoseRequest,
    /// It is executed, and the connection ends before it is answered.
    LoseReply,
}

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
    planned: VecDeque<(Option<OpCode>, Plan)>,
}

impl Faults {
    /// The next `op` (or the next operation at all) fares so.
    pub fn plan(&mut self, op: Option<OpCode>, plan: Plan) {
        self.planned.push_back((op, plan));
    }

    /// What is planned for this operation, which is then used up. Pings and closes are spared
    /// unless they are meant.
    pub fn planned(&mut self, op: OpCode) -> Option<Plan> {
        let at = self.planned.iter().position(|(wanted, _)| match wanted {
            Some(wanted) => *wanted == op,
            None => !matches!(op, OpCode::Ping | OpCode::CloseSession),
        })?;
        self.planned.remove(at).map(|(_, plan)| plan)
    }
}
