//! The record that brings watches back after a reconnect, in both its forms: operation 101
//! knows one-shot watches, operation 105 (3.6+) persistent ones too.

use std::borrow::Cow;

use super::jute::{DecodeError, Reader, put_long, put_strings};

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
            data: r.strings("dataWatches")?,
            exist: r.strings("existWatches")?,
            child: r.strings("childWatches")?,
            ..Self::default()
        };
        if second {
            watches.persistent = r.strings("persistentWatches")?;
            watches.persistent_recursive = r.strings("persistentRecursiveWatches")?;
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
