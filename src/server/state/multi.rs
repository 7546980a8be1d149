//! Several operations in one frame: all or nothing when they write, each for itself when
//! they read.

use super::Answer;
use super::State;
use super::writes::Written;
use crate::proto::{DataReply, ErrorCode, MultiResult, OpCode, Request, encode_multi_reply};
use crate::server::tree::ConnId;

impl State {
    /// A transaction. If one operation fails, all are taken back, and each result says what
    /// part it had in that: rolled back (0), the culprit, or not looked at any more (-2).
    pub(super) fn multi(
        &mut self,
        id: ConnId,
        session: i64,
        requests: &[Request<'_>],
        body: &mut Vec<u8>,
    ) -> Answer {
        let strict = self.version.checks_flags_of_multis();
        let fits = |request: &Request<'_>| {
            let flags = match request {
                Request::Create { flags, .. } => *flags,
                _ => 0,
            };
            may_write(request.op()) && (!strict || (0..=6).contains(&flags))
        };
        if !requests.iter().all(fits) {
            return Err(ErrorCode::MarshallingError);
        }
        let mut changes = Vec::new();
        let mut results = Vec::with_capacity(requests.len());
        for (at, request) in requests.iter().enumerate() {
            match self.apply(id, session, request, &mut changes) {
                Ok(written) => results.push(self.result(written)),
                Err(code) => {
                    self.tree.roll_back(changes);
                    encode_multi_reply(&failed(requests.len(), at, code), body);
                    return Ok(());
                }
            }
        }
        self.commit(changes);
        encode_multi_reply(&results, body);
        Ok(())
    }

    fn result(&self, written: Written) -> MultiResult {
        match written {
            Written::Created(op, path, stat) => {
                let tells = match op {
                    OpCode::Create => false,
                    OpCode::Create2 => self.version.multi_answers_stat(),
                    _ => true,
                };
                MultiResult::Created {
                    path,
                    stat: tells.then_some(stat),
                }
            }
            Written::Changed(stat) => MultiResult::Set(stat),
            Written::Done(OpCode::Check) => MultiResult::Checked,
            Written::Done(_) => MultiResult::Deleted,
        }
    }

    /// Several reads, not atomic: each has its own result. Servers drop the watch flags. A
    /// short request can ask for the same megabyte thousands of times: whoever does is cut off.
    pub(super) fn multi_read(
        &mut self,
        id: ConnId,
        requests: &[Request<'_>],
        body: &mut Vec<u8>,
    ) -> Answer {
        if requests.iter().any(|request| !may_read(request.op())) {
            if requests.iter().all(|request| may_write(request.op())) {
                // A transaction in the wrong place: the refusal carries an end of results.
                encode_multi_reply(&[], body);
            }
            return Err(ErrorCode::MarshallingError);
        }
        let mut results = Vec::with_capacity(requests.len());
        let mut bytes = 0;
        for request in requests {
            let result = match request {
                Request::GetData { path, .. } => self.readable_at(id, path).map(|node| {
                    let node = self.tree.node(node);
                    let data = node.data.as_ref().map(|data| data.to_vec());
                    bytes += data.as_ref().map_or(0, Vec::len);
                    let stat = node.stat();
                    MultiResult::Data(DataReply { data, stat })
                }),
                Request::GetChildren { path, .. } => self.readable_at(id, path).map(|node| {
                    let names = self.tree.node(node).names();
                    MultiResult::Children(names.inspect(|name| bytes += name.len() + 4).collect())
                }),
                _ => return Err(ErrorCode::MarshallingError),
            };
            if bytes > self.options.outbox_limit {
                self.hang_up(id);
                return Err(ErrorCode::MarshallingError);
            }
            results.push(result.unwrap_or_else(|code| MultiResult::Failed(code.code())));
        }
        encode_multi_reply(&results, body);
        Ok(())
    }
}

const fn may_read(op: OpCode) -> bool {
    matches!(op, OpCode::GetData | OpCode::GetChildren)
}

const fn may_write(op: OpCode) -> bool {
    matches!(
        op,
        OpCode::Create
            | OpCode::Create2
            | OpCode::CreateContainer
            | OpCode::CreateTtl
            | OpCode::Delete
            | OpCode::SetData
            | OpCode::Check
    )
}

fn failed(count: usize, culprit: usize, code: ErrorCode) -> Vec<MultiResult> {
    let code_at = |at: usize| match at.cmp(&culprit) {
        std::cmp::Ordering::Less => 0,
        std::cmp::Ordering::Equal => code.code(),
        std::cmp::Ordering::Greater => ErrorCode::RuntimeInconsistency.code(),
    };
    (0..count)
        .map(|at| MultiResult::Failed(code_at(at)))
        .collect()
}
