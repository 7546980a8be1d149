//! What the generator remembers of the answers so far, so that its guesses hit often enough:
//! which nodes there seem to be, with which versions. Being wrong costs nothing.

use zooscope::proto::{MultiResult, OpCode, Reader, Request, Stat};

use crate::play::Heard;
use crate::said::{Body, Said, Zxid};
use crate::script::{Call, SLOTS, Step};

/// A node that was there when last heard of.
#[derive(Debug, Clone)]
pub struct Known {
    pub path: String,
    pub version: i32,
    pub aversion: i32,
}

/// The generator's memory.
#[derive(Debug, Default)]
pub struct Hints {
    pub known: Vec<Known>,
    /// The newest zxid seen, from the script's start.
    pub zxid: i64,
    /// Which slots have a connection, and which a session.
    pub connected: [bool; SLOTS],
    pub alive: [bool; SLOTS],
    /// Slots that have just come back and may set their watches again.
    pub returned: [bool; SLOTS],
    /// Whether any multi has failed.
    pub multi_failed: bool,
}

impl Hints {
    /// Takes in what a server answered to a step.
    pub fn learn(&mut self, step: &Step, heard: &Heard) {
        self.returned = [false; SLOTS];
        match step {
            Step::Batch { slot, calls } => {
                let replies = heard[*slot]
                    .iter()
                    .filter(|said| !matches!(said, Said::Event { .. }));
                for (call, said) in calls.iter().zip(replies) {
                    if let Said::Reply {
                        zxid, err, body, ..
                    } = said
                    {
                        if let Zxid::At(zxid) = zxid {
                            self.zxid = *zxid;
                        }
                        self.reply(call, *err, body);
                    }
                }
            }
            Step::Resume { slot } => self.returned[*slot] = true,
            _ => {}
        }
    }

    fn reply(&mut self, call: &Call, err: i32, body: &Body) {
        let Some(request) = call
            .op_code()
            .and_then(|op| Request::decode(op, &mut Reader::new(&call.body)).ok())
        else {
            return;
        };
        match (request, body) {
            (request, _) if err == -101 => {
                if let Some(path) = path_of(&request)
                    && !matches!(request.op(), OpCode::Create | OpCode::Create2)
                {
                    self.forget(path);
                }
            }
            (_, Body::Created(reply)) => self.add(&reply.path, 0, 0),
            (Request::Delete { path, .. }, _) if err == 0 => self.forget(&path),
            (request, Body::Stat(stat)) => self.seen(&request, stat),
            (request, Body::Data(reply)) => self.seen(&request, &reply.stat),
            (Request::Multi(requests), Body::Results(results)) => {
                for (request, result) in requests.iter().zip(results) {
                    match result {
                        MultiResult::Failed(_) => self.multi_failed = true,
                        MultiResult::Created { path, .. } => self.add(path, 0, 0),
                        MultiResult::Deleted => self.forget(path_of(request).unwrap_or_default()),
                        MultiResult::Set(stat) => self.seen(request, stat),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    fn seen(&mut self, request: &Request<'_>, stat: &Stat) {
        if let Some(path) = path_of(request) {
            self.add(path, stat.version, stat.aversion);
        }
    }

    fn add(&mut self, path: &str, version: i32, aversion: i32) {
        let known = Known {
            path: path.to_owned(),
            version,
            aversion,
        };
        match self.known.iter_mut().find(|other| other.path == path) {
            Some(other) => *other = known,
            None if path.starts_with('/') => self.known.push(known),
            None => {}
        }
    }

    fn forget(&mut self, path: &str) {
        self.known.retain(|known| known.path != path);
    }
}

fn path_of<'a>(request: &'a Request<'_>) -> Option<&'a str> {
    match request {
        Request::Create { path, .. }
        | Request::Delete { path, .. }
        | Request::Exists { path, .. }
        | Request::GetData { path, .. }
        | Request::SetData { path, .. }
        | Request::GetAcl { path }
        | Request::SetAcl { path, .. }
        | Request::GetChildren { path, .. }
        | Request::GetChildren2 { path, .. } => Some(path),
        _ => None,
    }
}
