//! Multi and multi-read: short ones that mostly succeed, with a bad part now and then.

use zooscope::proto::{Acl, Request};

use super::{Generator, values};

impl Generator {
    /// Several writes, all or nothing.
    pub(super) fn multi(&mut self) -> Request<'static> {
        let count = match self.rng.u8(..20) {
            0 => 0,
            1..6 => 1,
            _ => self.rng.usize(2..7),
        };
        let mut parts: Vec<Request<'static>> = (0..count).map(|_| self.part()).collect();
        if self.rng.u8(..30) == 0 {
            // No part of a multi: the whole is refused.
            let path = values::known(&mut self.rng, &self.hints).into();
            parts.push(match self.rng.u8(..3) {
                0 => Request::GetData { path, watch: false },
                1 => Request::SetAcl {
                    path,
                    acl: Acl::open_unsafe().into(),
                    aversion: -1,
                },
                _ => Request::Exists { path, watch: false },
            });
        }
        Request::Multi(parts)
    }

    fn part(&mut self) -> Request<'static> {
        match self.rng.u8(..20) {
            0..8 => self.create(true),
            8..12 => self.delete(),
            12..16 => self.set_data(),
            _ => {
                let (path, version) = self.versioned();
                Request::Check {
                    path: path.into(),
                    version,
                }
            }
        }
    }

    /// Several reads.
    pub(super) fn multi_read(&mut self) -> Request<'static> {
        let count = self.rng.usize(..6);
        let mut parts: Vec<Request<'static>> = (0..count)
            .map(|_| {
                let path = values::any(&mut self.rng, &self.hints).into();
                let watch = self.rng.u8(..20) == 0;
                if self.rng.bool() {
                    Request::GetData { path, watch }
                } else {
                    Request::GetChildren { path, watch }
                }
            })
            .collect();
        if self.rng.u8(..20) == 0 {
            parts.push(self.delete());
        }
        Request::MultiRead(parts)
    }
}
