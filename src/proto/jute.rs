//! Jute, ZooKeeper's serialisation: big-endian integers, length-prefixed buffers and
//! strings, counted vectors, records as their fields in order.
//! A reader never trusts a length: nothing is allocated that the bytes can't fill.

use std::borrow::Cow;

/// Why bytes could not be read as the record they should hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// The record wants more bytes than there are.
    #[error("{what}: {needed} bytes needed, {left} left")]
    Truncated {
        /// The field being read.
        what: &'static str,
        /// How many bytes the field needs.
        needed: usize,
        /// How many bytes are left.
        left: usize,
    },
    /// A length or count that no record can have.
    #[error("{what}: impossible length {length}")]
    BadLength {
        /// The field being read.
        what: &'static str,
        /// The length as sent.
        length: i32,
    },
    /// A value outside of what the field may hold.
    #[error("{what}: unexpected value {value}")]
    BadValue {
        /// The field being read.
        what: &'static str,
        /// The value as sent.
        value: i64,
    },
    /// A text that lacks what it must have.
    #[error("{what}: {wanted} wanted")]
    BadText {
        /// The text being read.
        what: &'static str,
        /// What it lacks.
        wanted: &'static str,
    },
}

/// Something that can be written as jute.
pub trait Encode {
    /// Appends this record to `out`.
    fn encode(&self, out: &mut Vec<u8>);

    /// This record alone, as bytes.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }
}

/// Something that can be read from jute.
pub trait Decode<'a>: Sized {
    /// Reads this record from the front of `reader`.
    fn decode(reader: &mut Reader<'a>) -> Result<Self, DecodeError>;
}

/// A cursor over one frame's bytes.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Reads from the start of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// What has not been read yet.
    pub const fn rest(&self) -> &'a [u8] {
        self.bytes
    }

    /// Takes exactly `count` bytes.
    pub fn take(&mut self, count: usize, what: &'static str) -> Result<&'a [u8], DecodeError> {
        let Some((head, tail)) = self.bytes.split_at_checked(count) else {
            return Err(DecodeError::Truncated {
                what,
                needed: count,
                left: self.bytes.len(),
            });
        };
        self.bytes = tail;
        Ok(head)
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], DecodeError> {
        let left = self.bytes.len();
        let Some((head, tail)) = self.bytes.split_first_chunk::<N>() else {
            return Err(DecodeError::Truncated {
                what,
                needed: N,
                left,
            });
        };
        self.bytes = tail;
        Ok(*head)
    }

    /// A four-byte signed integer.
    pub fn int(&mut self, what: &'static str) -> Result<i32, DecodeError> {
        self.array(what).map(i32::from_be_bytes)
    }

    /// An eight-byte signed integer.
    pub fn long(&mut self, what: &'static str) -> Result<i64, DecodeError> {
        self.array(what).map(i64::from_be_bytes)
    }

    /// One byte; any non-zero value is true, as servers read it.
    pub fn bool(&mut self, what: &'static str) -> Result<bool, DecodeError> {
        self.array::<1>(what).map(|[byte]| byte != 0)
    }

    /// A buffer; `None` is jute's null, which is not the same as empty.
    pub fn buffer(&mut self, what: &'static str) -> Result<Option<&'a [u8]>, DecodeError> {
        let length = self.int(what)?;
        match usize::try_from(length) {
            Ok(length) => self.take(length, what).map(Some),
            Err(_) if length == -1 => Ok(None),
            Err(_) => Err(DecodeError::BadLength { what, length }),
        }
    }

    /// A string, read leniently (Java writes surrogates, which are joined); null reads as `None`.
    pub fn opt_string(&mut self, what: &'static str) -> Result<Option<Cow<'a, str>>, DecodeError> {
        Ok(self.buffer(what)?.map(lenient_utf8))
    }

    /// A string in which null and empty mean the same.
    pub fn string(&mut self, what: &'static str) -> Result<Cow<'a, str>, DecodeError> {
        Ok(self.opt_string(what)?.unwrap_or_default())
    }

    /// A vector's count; null reads as 0. Each element takes at least `least` bytes, so a
    /// count that the rest of the frame can't hold is refused before anything is reserved.
    pub fn count(&mut self, least: usize, what: &'static str) -> Result<usize, DecodeError> {
        let length = self.int(what)?;
        let Ok(count) = usize::try_from(length) else {
            return if length == -1 {
                Ok(0)
            } else {
                Err(DecodeError::BadLength { what, length })
            };
        };
        let needed = count.saturating_mul(least);
        if needed > self.bytes.len() {
            let left = self.bytes.len();
            return Err(DecodeError::Truncated { what, needed, left });
        }
        Ok(count)
    }

    /// A vector of records, each at least `least` bytes long.
    pub fn vector<T: Decode<'a>>(
        &mut self,
        least: usize,
        what: &'static str,
    ) -> Result<Vec<T>, DecodeError> {
        let count = self.count(least, what)?;
        (0..count).map(|_| T::decode(self)).collect()
    }

    /// A vector of strings.
    pub fn strings(&mut self, what: &'static str) -> Result<Vec<Cow<'a, str>>, DecodeError> {
        let count = self.count(4, what)?;
        (0..count).map(|_| self.string(what)).collect()
    }
}

/// Text as a Java server writes it. Java encodes each UTF-16 unit on its own, so characters
/// outside of the basic plane arrive as two three-byte surrogates (CESU-8): those are joined.
/// What is no text at all becomes U+FFFD.
pub fn lenient_utf8(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(join_surrogates(bytes)),
    }
}

fn join_surrogates(mut bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    while !bytes.is_empty() {
        if let [
            0xed,
            h1 @ 0xa0..=0xaf,
            h2,
            0xed,
            l1 @ 0xb0..=0xbf,
            l2,
            rest @ ..,
        ] = bytes
        {
            let high = u32::from(h1 & 0x0f) << 6 | u32::from(h2 & 0x3f);
            let low = u32::from(l1 & 0x0f) << 6 | u32::from(l2 & 0x3f);
            let code = 0x1_0000 + (high << 10) + low;
            text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            bytes = rest;
            continue;
        }
        // Up to the next surrogate lead, the standard library's own rule decides.
        let next = bytes[1..]
            .iter()
            .position(|&byte| byte == 0xed)
            .map_or(bytes.len(), |at| at + 1);
        text.push_str(&String::from_utf8_lossy(&bytes[..next]));
        bytes = &bytes[next..];
    }
    text
}

pub(crate) fn put_int(out: &mut Vec<u8>, value: i32) {
    out.extend_from_slice(&value.to_be_bytes());
}

pub(crate) fn put_long(out: &mut Vec<u8>, value: i64) {
    out.extend_from_slice(&value.to_be_bytes());
}

pub(crate) fn put_bool(out: &mut Vec<u8>, value: bool) {
    out.push(u8::from(value));
}

/// A length as jute writes it. Frames are capped far below 2 GiB before they are sent.
pub(crate) fn put_len(out: &mut Vec<u8>, length: usize) {
    put_int(out, i32::try_from(length).unwrap_or(i32::MAX));
}

pub(crate) fn put_buffer(out: &mut Vec<u8>, value: Option<&[u8]>) {
    match value {
        None => put_int(out, -1),
        Some(bytes) => {
            put_len(out, bytes.len());
            out.extend_from_slice(bytes);
        }
    }
}

pub(crate) fn put_string(out: &mut Vec<u8>, value: &str) {
    put_buffer(out, Some(value.as_bytes()));
}

pub(crate) fn put_strings<S: AsRef<str>>(out: &mut Vec<u8>, values: &[S]) {
    put_len(out, values.len());
    for value in values {
        put_string(out, value.as_ref());
    }
}

pub(crate) fn put_vector<T: Encode>(out: &mut Vec<u8>, values: &[T]) {
    put_len(out, values.len());
    for value in values {
        value.encode(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_and_empty_buffers_differ() {
        let mut out = Vec::new();
        put_buffer(&mut out, None);
        put_buffer(&mut out, Some(b""));
        let mut reader = Reader::new(&out);
        assert_eq!(reader.buffer("data"), Ok(None));
        assert_eq!(reader.buffer("data"), Ok(Some(&b""[..])));
    }

    #[test]
    fn a_count_the_frame_cannot_hold_is_refused_before_anything_is_reserved() {
        let bytes = i32::MAX.to_be_bytes();
        let error = Reader::new(&bytes).count(4, "children").unwrap_err();
        assert!(matches!(error, DecodeError::Truncated { left: 0, .. }));
    }

    #[test]
    fn negative_lengths_other_than_null_are_refused() {
        let bytes = (-2i32).to_be_bytes();
        assert_eq!(
            Reader::new(&bytes).buffer("data"),
            Err(DecodeError::BadLength {
                what: "data",
                length: -2
            })
        );
    }

    #[test]
    fn java_surrogates_are_joined_and_nonsense_is_replaced() {
        assert_eq!(lenient_utf8(b"\xed\xa0\xbd\xed\xb8\x80"), "\u{1f600}");
        assert_eq!(lenient_utf8(b"a\xed\xa0\xbd\xed\xb8\x80b"), "a\u{1f600}b");
        assert_eq!(lenient_utf8(b"a\xff\xedb"), "a\u{fffd}\u{fffd}b");
        assert_eq!(lenient_utf8("한글".as_bytes()), "한글");
    }
}
