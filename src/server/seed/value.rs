//! What a znode holds, in the ways in which a seed can say it. Packs, but never unpacks: what
//! bytes mean is not known on this side of the wire.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use serde::Deserialize;

use super::fields::Fields;

/// The longest value that a pattern may be repeated to: far more than a server takes.
const LONGEST: usize = 64 << 20;

/// A value, before the number of a child is filled in.
#[derive(Debug, Clone)]
pub enum Value {
    /// No data at all, which is not the same as empty data.
    Null,
    /// These bytes.
    Bytes(Vec<u8>),
    /// A text.
    Text(String),
    /// A text, compressed as in RFC 1952.
    Gzip(String),
    /// A text, compressed as in RFC 1950.
    Zlib(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Repeat {
    text: String,
    bytes: usize,
}

impl Value {
    /// Takes the one key of `text`, `gzip`, `zlib`, `hex`, `base64`, `repeat` and `null` that
    /// is there; without any the value is empty.
    pub fn take(fields: &mut Fields<'_, '_>) -> Self {
        let mut found: Vec<(Self, usize)> = Vec::new();
        let wraps: [(&str, Wrap); 3] = [
            ("text", Self::Text),
            ("gzip", Self::Gzip),
            ("zlib", Self::Zlib),
        ];
        for (key, wrap) in wraps {
            found.extend(fields.take(key).map(|(text, line)| (wrap(text), line)));
        }
        let decoders: [(&str, Decoder); 2] = [("hex", hex), ("base64", base64)];
        for (key, decode) in decoders {
            if let Some((text, line)) = fields.take::<String>(key) {
                match decode(&text) {
                    Ok(bytes) => found.push((Self::Bytes(bytes), line)),
                    Err(why) => fields.wrong(line, format_args!("{key}: {why}")),
                }
            }
        }
        if let Some((repeat, line)) = fields.take::<Repeat>("repeat") {
            match repeat.bytes() {
                Ok(bytes) => found.push((Self::Bytes(bytes), line)),
                Err(why) => fields.wrong(line, format_args!("repeat: {why}")),
            }
        }
        if let Some((true, line)) = fields.take::<bool>("null") {
            found.push((Self::Null, line));
        }
        for (_, line) in found.iter().skip(1) {
            fields.wrong(*line, "a znode has one value: this is another one");
        }
        let first = found.into_iter().next();
        first.map_or_else(|| Self::Bytes(Vec::new()), |(value, _)| value)
    }

    /// The bytes; `fill` puts in what a text leaves open.
    pub fn bytes(&self, fill: impl Fn(&str) -> String) -> Option<Vec<u8>> {
        Some(match self {
            Self::Null => return None,
            Self::Bytes(bytes) => bytes.clone(),
            Self::Text(text) => fill(text).into_bytes(),
            Self::Gzip(text) => {
                let mut packer = GzEncoder::new(Vec::new(), Compression::default());
                // Writing to memory can't fail.
                let _ = packer.write_all(fill(text).as_bytes());
                packer.finish().unwrap_or_default()
            }
            Self::Zlib(text) => {
                let mut packer = ZlibEncoder::new(Vec::new(), Compression::default());
                let _ = packer.write_all(fill(text).as_bytes());
                packer.finish().unwrap_or_default()
            }
        })
    }
}

impl Repeat {
    fn bytes(&self) -> Result<Vec<u8>, String> {
        if self.text.is_empty() {
            return Err("an empty text can't be repeated".to_owned());
        }
        if self.bytes > LONGEST {
            return Err(format!(
                "{} bytes are too many: at most {LONGEST}",
                self.bytes
            ));
        }
        Ok(self.text.bytes().cycle().take(self.bytes).collect())
    }
}

type Wrap = fn(String) -> Value;
type Decoder = fn(&str) -> Result<Vec<u8>, String>;

fn compact(text: &str) -> String {
    text.chars().filter(|char| !char.is_whitespace()).collect()
}

fn base64(text: &str) -> Result<Vec<u8>, String> {
    BASE64
        .decode(compact(text))
        .map_err(|error| error.to_string())
}

fn hex(text: &str) -> Result<Vec<u8>, String> {
    let digits: Vec<u32> = compact(text)
        .chars()
        .map(|char| char.to_digit(16).ok_or(format!("{char:?} is no hex digit")))
        .collect::<Result<_, _>>()?;
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err("the number of digits is odd".to_owned());
    }
    Ok(pairs
        .filter_map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok())
        .collect())
}
