//! What actors can see and do: the tree, their sessions, the time and their luck. A thing
//! that can't be done (its znode is gone, say) is simply not done.

use fastrand::Rng;

use crate::proto::{Acl, CreateMode};
use crate::server::local::Local;
use crate::server::seed::Residents;

/// The world as the actors have it.
pub struct World {
    local: Local,
    residents: Residents,
    /// Their luck.
    pub rng: Rng,
    /// The time, in milliseconds since 1970.
    pub now_ms: i64,
}

impl World {
    /// A world on that server, whose seed opened these sessions.
    pub fn new(local: Local, residents: Residents, seed: u64) -> Self {
        Self {
            now_ms: local.now_ms(),
            rng: Rng::with_seed(seed),
            local,
            residents,
        }
    }

    /// The names of a znode's children, sorted; none if it does not exist.
    pub fn children(&self, path: &str) -> Vec<String> {
        self.local.get_children(path).unwrap_or_default()
    }

    /// A znode's data, if it exists and holds text.
    pub fn text(&self, path: &str) -> Option<String> {
        let (data, _) = self.local.get_data(path).ok()?;
        String::from_utf8(data?).ok()
    }

    /// Whether a znode exists.
    pub fn exists(&self, path: &str) -> bool {
        self.local.exists(path).is_some()
    }

    /// Makes a znode; answers its name if it could be made.
    pub fn create(&mut self, path: &str, text: &str, mode: CreateMode) -> Option<String> {
        self.make(0, path, text, mode)
    }

    /// Makes a znode that goes with `who`'s session, which is opened if it is not.
    pub fn create_as(
        &mut self,
        who: &str,
        path: &str,
        text: &str,
        mode: CreateMode,
    ) -> Option<String> {
        let open = || self.local.open_session();
        let session = *self.residents.entry(who.to_owned()).or_insert_with(open);
        self.make(session, path, text, mode)
    }

    fn make(&self, session: i64, path: &str, text: &str, mode: CreateMode) -> Option<String> {
        let acl = Acl::open_unsafe();
        let data = Some(text.as_bytes());
        self.local.create(session, path, data, &acl, mode).ok()
    }

    /// Replaces a znode's data.
    pub fn set(&mut self, path: &str, text: &str) {
        let _ = self.local.set_data(path, Some(text.as_bytes()), -1);
    }

    /// Deletes a znode.
    pub fn delete(&mut self, path: &str) {
        let _ = self.local.delete(path);
    }

    /// Ends `who`'s session, as if its program had crashed and the session expired.
    pub fn end(&mut self, who: &str) {
        if let Some(session) = self.residents.remove(who) {
            self.local.close_session(session);
        }
    }

    /// One of `choices`; the first if there is but one.
    pub fn choose<'a, T>(&mut self, choices: &'a [T]) -> Option<&'a T> {
        if choices.is_empty() {
            return None;
        }
        choices.get(self.rng.usize(..choices.len()))
    }

    /// A random UUID, in 32 hexadecimal digits.
    pub fn uuid_hex(&mut self) -> String {
        let bits = self.rng.u128(..);
        let version = (bits & !(0xf << 76)) | 4 << 76;
        let variant = (version & !(0x3 << 62)) | 2 << 62;
        format!("{variant:032x}")
    }

    /// A random UUID, with dashes.
    pub fn uuid(&mut self) -> String {
        let hex = self.uuid_hex();
        let parts = [
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..],
        ];
        parts.join("-")
    }

    /// The sessions by name.
    #[cfg(test)]
    pub const fn residents(&self) -> &Residents {
        &self.residents
    }
}
