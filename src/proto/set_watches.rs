//! The record that brings watches back after a reconnect, in both its forms: operation 101
//! knows one-shot watches, operation 105 (3.6+) persistent ones too.

use std::borrow::Cow;

use super::jute::{DecodeError, Reader, put_long, put_strings};
use super::request::path;

/// Watches to set again after a reconnect, and the zxid up to which events were seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the fields are the protocol's own words")]
pub struct SetWatches<'a> {
    pub relative_zxid: i64,
    pub data: Vec<Cow<'a, str>>,
    pub exist: Vec<Cow<'a, str>>,
    pub child: Vec<Cow<'a, str>>,
    /// Only on the wire with operation 105.
    pub persistent: Vec<Cow<'a, str>>,
    /// Only on the wire with operation 105.
    pub persistent_recursive: Vec<Cow<'a, str>>,
}

impl<'a> SetWatches<'a> {
    /// Reads the record of operation 101, or of 105 if `second`.
    pub(super) fn decode(second: bool, r: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let mut watches = Self {
            relative_zxid: r.long("relativeZxid")?,
            data: paths(r, "dataWatches")?,
            exist: paths(r, "existWatches")?,
            child: paths(r, "childWatches")?,
            ..Self::default()
        };
        if second {
            watches.persistent = paths(r, "persistentWatches")?;
            watches.persistent_recursive = paths(r, "persistentRecursiveWatches")?;
        }
        Ok(watches)
    }

    /// Writes the record of operation 101, or of 105 if `second`.
    pub(super) fn encode(&self, second: bool, out: &mut Vec<u8>) {
        put_long(out, self.relative_zxid);
        put_strings(out, &self.data);
        put_strings(out, &self.exist);
        put_strings(out, &self.child);
        if second {
            put_strings(out, &self.persistent);
            put_strings(out, &self.persistent_recursive);
        }
    }
}

/// Paths of which none, nor the list itself, may be null: servers refuse that.
fn paths<'a>(r: &mut Reader<'a>, what: &'static str) -> Result<Vec<Cow<'a, str>>, DecodeError> {
    if r.rest().starts_with(&[0xff; 4]) {
        return Err(DecodeError::BadLength { what, length: -1 });
    }
    let count = r.count(4, what)?;
    (0..count).map(|_| path(r)).collect()
}
