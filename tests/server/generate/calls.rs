//! Single operations, each with good and bad arguments, and records that are cut off or
//! have too much in them.

use zooscope::proto::{CreateMode, MAX_TTL_MS, OpCode, Request};

use super::{Generator, values};
use crate::script::Call;

impl Generator {
    /// One request for the middle of a batch: it gets a reply and the connection goes on.
    pub(super) fn call(&mut self) -> Call {
        let xid = self.xid();
        let request = self.request();
        self.remember(&request);
        let mut call = Call::new(xid, &request);
        match self.rng.u16(..300) {
            0..4 => {
                let keep = self.rng.usize(..=call.body.len().saturating_sub(1));
                if !matches!(request, Request::GetEphemerals { .. } | Request::WhoAmI) {
                    call.body.truncate(keep);
                }
            }
            4..6 => call.body.extend_from_slice(b"more than there should be"),
            // A null for the path with which most records start.
            6..8 if starts_with_path(&request) => {
                let length = call.body.first_chunk::<4>().copied().unwrap_or_default();
                let path = usize::try_from(i32::from_be_bytes(length)).unwrap_or(0);
                call.body.splice(..4 + path, [0xff; 4]);
            }
            _ => {}
        }
        call
    }

    /// Keeps the path of a watch, so that it can be asked for and removed.
    fn remember(&mut self, request: &Request<'_>) {
        if let Request::AddWatch { path, .. }
        | Request::Exists { path, watch: true }
        | Request::GetData { path, watch: true }
        | Request::GetChildren { path, watch: true }
        | Request::GetChildren2 { path, watch: true } = request
        {
            let keep_from = self.watched.len().saturating_sub(5);
            self.watched.drain(..keep_from);
            self.watched.push(path.to_string());
        }
    }

    /// The path of a watch that may still be there.
    fn watched(&mut self) -> String {
        match self.rng.choice(&self.watched) {
            Some(path) if self.rng.u8(..4) > 0 => path.clone(),
            _ => values::any(&mut self.rng, &self.hints),
        }
    }

    fn request(&mut self) -> Request<'static> {
        let new = self.is_at_least(&[3, 6]);
        let path = values::any(&mut self.rng, &self.hints).into();
        let watch = self.rng.u8(..10) < 4;
        match self.rng.u16(..1_000) {
            0..230 => self.create(false),
            230..340 => self.delete(),
            340..440 => self.set_data(),
            440..500 => Request::Exists { path, watch },
            500..540 => Request::GetChildren { path, watch },
            540..600 => Request::GetChildren2 { path, watch },
            600..630 => Request::GetAcl { path },
            630..655 => self.set_acl(),
            655..670 => Request::Sync { path },
            670..675 => Request::Ping,
            675..760 => self.multi(),
            760..930 if new => self.newer(),
            _ => Request::GetData { path, watch },
        }
    }

    /// Operations of 3.5 and later.
    fn newer(&mut self) -> Request<'static> {
        let path = values::any(&mut self.rng, &self.hints).into();
        match self.rng.u8(..100) {
            0..25 => Request::AddWatch {
                path,
                mode: match self.rng.u8(..20) {
                    0 => 2,
                    1 => -1,
                    2..10 => 0,
                    _ => 1,
                },
            },
            25..45 => Request::RemoveWatches {
                path: self.watched().into(),
                kind: self.watcher_type(),
            },
            45..55 => Request::CheckWatches {
                path: self.watched().into(),
                kind: self.watcher_type(),
            },
            55..70 => self.multi_read(),
            70..80 => Request::GetEphemerals {
                prefix: match self.rng.u8(..5) {
                    0 => None,
                    1 => Some("".into()),
                    2 => Some("/".into()),
                    _ => Some(path),
                },
            },
            80..82 => Request::Reconfig {
                joining: None,
                leaving: Some("5".into()),
                new_members: None,
                from_config: -1,
            },
            82..90 if self.is_at_least(&[3, 7]) => Request::WhoAmI,
            _ => Request::GetAllChildrenNumber { path },
        }
    }

    fn watcher_type(&mut self) -> i32 {
        match self.rng.u8(..20) {
            0..4 => 1,
            4..8 => 2,
            8..12 => 3,
            12..15 => 4,
            15..18 => 5,
            18 => 0,
            _ => 6,
        }
    }

    /// A path, and a version that may be its node's.
    pub(super) fn versioned(&mut self) -> (String, i32) {
        let path = values::any(&mut self.rng, &self.hints);
        let known = self.hints.known.iter().find(|known| known.path == path);
        let right = known.map(|known| known.version);
        let version = values::version(&mut self.rng, right);
        (path, version)
    }

    pub(super) fn delete(&mut self) -> Request<'static> {
        let (path, version) = self.versioned();
        Request::Delete {
            path: path.into(),
            version,
        }
    }

    pub(super) fn set_data(&mut self) -> Request<'static> {
        let (path, version) = self.versioned();
        let path = self.harmless(path);
        Request::SetData {
            path: path.into(),
            data: values::data(&mut self.rng).map(Into::into),
            version,
        }
    }

    /// An empty path in a write is taken for the root by a 3.4 server, and is its end, now
    /// and at every restart.
    fn harmless(&self, path: String) -> String {
        if path.is_empty() && !self.is_at_least(&[3, 5]) {
            return "/".to_owned();
        }
        path
    }

    fn set_acl(&mut self) -> Request<'static> {
        let path = values::any(&mut self.rng, &self.hints);
        let path = self.harmless(path);
        let known = self.hints.known.iter().find(|known| known.path == path);
        let right = known.map(|known| known.aversion);
        Request::SetAcl {
            path: path.into(),
            acl: values::acl(&mut self.rng).into(),
            aversion: values::version(&mut self.rng, right),
        }
    }

    /// A create of any kind that the version knows, with flags that fit its operation, or
    /// with flags that nothing knows.
    pub(super) fn create(&mut self, in_multi: bool) -> Request<'static> {
        let new = self.is_at_least(&[3, 5]);
        let with_stat = new && self.rng.bool();
        let mode = match self.rng.u8(..100) {
            40..60 => CreateMode::Ephemeral,
            60..73 => CreateMode::PersistentSequential,
            73..85 => CreateMode::EphemeralSequential,
            85..90 if new => CreateMode::Container,
            90..96 if new => CreateMode::PersistentTtl { ttl_ms: self.ttl() },
            96..99 if new => CreateMode::PersistentSequentialTtl { ttl_ms: self.ttl() },
            _ => CreateMode::Persistent,
        };
        let mut path = values::target(&mut self.rng, &self.hints);
        if !new && mode.is_ephemeral() {
            // After a multi that failed, 3.4 forgets to count the children of its nodes down
            // when a session ends; the root is never asked for that count.
            let top = path.rfind('/').unwrap_or(0);
            path.drain(..top);
        }
        if mode.is_sequential() && self.rng.u8(..4) == 0 {
            path.push('/');
        }
        let op = mode.op(with_stat);
        let flags = match op {
            OpCode::Create | OpCode::Create2 if !in_multi && self.rng.u8(..80) == 0 => {
                values::pick(&mut self.rng, [-1, 7, 8, i32::MAX])
            }
            _ => mode.flags(),
        };
        Request::Create {
            op,
            path: path.into(),
            data: values::data(&mut self.rng).map(Into::into),
            acl: values::acl(&mut self.rng).into(),
            flags,
            ttl_ms: mode.ttl_ms().unwrap_or(0),
        }
    }

    /// Longer than any script, or not allowed.
    fn ttl(&mut self) -> i64 {
        match self.rng.u8(..10) {
            0 => values::pick(&mut self.rng, [0, -1, MAX_TTL_MS + 1, i64::MAX]),
            1 => MAX_TTL_MS,
            _ => 3_600_000,
        }
    }
}

/// Whether a null for its path may be sent: see [`crate::differences::NOT_PLAYED`].
fn starts_with_path(request: &Request<'_>) -> bool {
    !matches!(
        request,
        Request::Ping
            | Request::WhoAmI
            | Request::Multi(_)
            | Request::MultiRead(_)
            | Request::Reconfig { .. }
            | Request::Create { .. }
            | Request::AddWatch { .. }
            | Request::CheckWatches { .. }
            | Request::RemoveWatches { .. }
    )
}
