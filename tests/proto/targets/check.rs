//! The two questions every test here asks: what does a decoder make of bytes, and how much
//! memory did it take for that? It knows any record. It refuses to know where bytes come from.

use std::fmt::Debug;

use zooscope::proto::{Decode, DecodeError, Encode, OpCode, Reader, Request};

/// A decoded record is larger than its bytes: a result of nine bytes becomes an enum, and a
/// growing vector holds its old half too. This is by how much it may be, at the most …
const MEMORY_PER_BYTE: u64 = 64;
/// … and what it may take however short the bytes are.
const MEMORY_AT_LEAST: u64 = 4096;

/// A record that can be written, read and compared.
pub trait Record: Encode + for<'a> Decode<'a> + PartialEq + Debug {}
impl<T: Encode + for<'a> Decode<'a> + PartialEq + Debug> Record for T {}

/// Runs `decode` over `bytes` and fails if it took more memory than they explain.
pub fn bounded<'a, T>(bytes: &'a [u8], decode: impl FnOnce(&'a [u8]) -> T) -> T {
    let mut value = None;
    let taken = allocation_counter::measure(|| value = Some(decode(bytes)));
    let most = MEMORY_PER_BYTE * bytes.len() as u64 + MEMORY_AT_LEAST;
    assert!(
        taken.bytes_max <= most,
        "{} bytes took {} of memory",
        bytes.len(),
        taken.bytes_max
    );
    value.expect("measuring runs the closure")
}

/// Reads one record, and answers what was left of the bytes.
pub fn read<T: Record>(bytes: &[u8]) -> Result<(T, &[u8]), DecodeError> {
    let mut reader = Reader::new(bytes);
    let record = T::decode(&mut reader)?;
    Ok((record, reader.rest()))
}

/// Whatever `bytes` are: they are refused, or they are a record that survives being written.
/// Answers which.
pub fn record<T: Record>(bytes: &[u8]) -> bool {
    let Ok(record) = bounded(bytes, |bytes| read::<T>(bytes).map(|(record, _)| record)) else {
        return false;
    };
    let written = record.to_bytes();
    let again = read::<T>(&written).map(|(again, rest)| (again, rest.len()));
    assert_eq!(again, Ok((record, 0)), "written and read again");
    true
}

/// The same for a request of operation `op`.
pub fn request(op: OpCode, bytes: &[u8]) -> bool {
    let decode = |bytes| Request::decode(op, &mut Reader::new(bytes));
    let Ok(request) = bounded(bytes, decode) else {
        return false;
    };
    let written = request.to_bytes();
    let mut reader = Reader::new(&written);
    let again = Request::decode(op, &mut reader);
    assert_eq!(again, Ok(request), "written and read again");
    assert!(reader.rest().is_empty(), "and nothing is left over");
    true
}
