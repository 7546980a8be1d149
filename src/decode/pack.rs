//! Unpacking: many programs store their JSON compressed. Only data that is packed whole, is
//! intact and stays below a limit is unpacked; anything else is shown as it is.

use std::io::Read as _;

use flate2::read::{GzDecoder, ZlibDecoder};

/// Unpacked data beyond this stays packed: a few kilobytes can unpack to gigabytes, and each
/// byte may be a line. Eight times what a znode holds by default.
const LIMIT: usize = 8 << 20;

/// How data was packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// RFC 1952.
    Gzip,
    /// RFC 1950.
    Zlib,
}

impl Packing {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
        }
    }
}

/// The unpacked data, if `data` is packed.
pub(super) fn unpack(data: &[u8]) -> Option<(Packing, Vec<u8>)> {
    match *data {
        [0x1f, 0x8b, 8, ..] => read_all(GzDecoder::new(data)).map(|out| (Packing::Gzip, out)),
        [cmf @ 0x78, flg, ..] if (u16::from(cmf) << 8 | u16::from(flg)).is_multiple_of(31) => {
            read_all(ZlibDecoder::new(data)).map(|out| (Packing::Zlib, out))
        }
        _ => None,
    }
}

fn read_all(reader: impl std::io::Read) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let read = reader.take(LIMIT as u64 + 1).read_to_end(&mut out);
    (read.is_ok() && out.len() <= LIMIT).then_some(out)
}
