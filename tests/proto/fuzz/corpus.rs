//! The seeds: one text file per target, a line per seed, `name hex…`, so that a diff shows
//! what changed. A name that starts with `!` is an input its target must refuse, kept because
//! it once was, or might be, trouble.

use std::fmt::Write as _;

/// One seed.
pub struct Seed {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// Whether its target refuses it.
    pub refused: bool,
}

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        const FILES: &[(&str, &str)] = &[$(($name, include_str!(concat!("../corpus/", $name, ".hex"))),)+];
    };
}

files! {
    "connect-request", "connect-response", "request", "stat", "create-reply", "data-reply",
    "children-reply", "names", "acl-reply", "identities", "event", "multi-reply", "reply",
    "strings", "value",
}

/// The seeds of a target.
pub fn of(target: &str) -> Vec<Seed> {
    let file = FILES.iter().find(|(name, _)| *name == target);
    let text = file.map_or("", |(_, text)| text);
    text.lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (name, digits) = line.split_once(' ').unwrap_or((line, ""));
            Seed {
                name,
                bytes: bytes(digits).expect("a seed is an even number of hex digits"),
                refused: name.starts_with('!'),
            }
        })
        .collect()
}

/// Bytes as a corpus file has them.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes anything");
        text
    })
}

fn bytes(digits: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = digits
        .chars()
        .filter(|c| *c != ' ')
        .map(|c| c.to_digit(16))
        .collect::<Option<_>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else {
        return None;
    };
    pairs
        .iter()
        .map(|[high, low]| u8::try_from(high << 4 | low).ok())
        .collect()
}
