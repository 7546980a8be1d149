//! What the command line decided for the whole run.

use crate::proto::{SERVER_FRAME_LIMIT, ZPath};
use crate::text::Charset;

/// What the command line decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Nothing may be written (`--read-only`).
    pub read_only: bool,
    /// The servers as given: `host:port` by commas, and the chroot if there is one.
    pub cluster: String,
    /// The path to go to at first (`--path`).
    pub path: Option<ZPath>,
    /// The longest frame the server takes (its `jute.maxbuffer`), in bytes.
    pub frame_limit: usize,
    /// How many bytes the chroot adds to each path sent.
    pub chroot_len: usize,
    /// Whether the mouse is captured from the start.
    pub mouse: bool,
    /// What the terminal is trusted with: how long a text is when it is shown depends on it.
    pub charset: Charset,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            read_only: false,
            cluster: String::new(),
            path: None,
            frame_limit: SERVER_FRAME_LIMIT,
            chroot_len: 0,
            mouse: true,
            charset: Charset::Unicode,
        }
    }
}

impl Settings {
    /// The most data that fits into a request beside what else it holds: for setData a
    /// header, a path and a version; for create also an ACL (world:anyone) and flags.
    pub fn data_limit(&self, path: &ZPath, create: bool) -> usize {
        const SET: usize = 8 + 4 + 4 + 4;
        const CREATE: usize = 8 + 4 + 4 + (4 + 4 + 4 + 5 + 4 + 6) + 4;
        let rest = if create { CREATE } else { SET };
        let used = rest + self.chroot_len + path.as_str().len();
        self.frame_limit.saturating_sub(used)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::{Acl, CreateMode, Encode as _, Perms, Request, RequestHeader};

    #[test]
    fn the_limit_is_what_a_frame_of_the_largest_size_holds() {
        let settings = Settings::default();
        let path = ZPath::from_server("/some/znode");
        let limit = settings.data_limit(&path, false);
        let (data, acl) = (vec![0; limit], [Acl::world(Perms::ALL)]);
        let set = Request::SetData {
            path: path.as_str().into(),
            data: Some(data.into()),
            version: 3,
        };
        let data = vec![0; settings.data_limit(&path, true)];
        let mode = CreateMode::Persistent;
        let create = Request::create(path.as_str(), Some(&data), &acl, mode, true);
        for request in [set, create] {
            let mut frame = RequestHeader {
                xid: 1,
                op: request.op().code(),
            }
            .to_bytes();
            request.encode(&mut frame);
            assert_eq!(frame.len(), SERVER_FRAME_LIMIT);
        }
    }
}
