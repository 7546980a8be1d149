//! A target's inputs as its two text files have them, in hex, so that a diff shows what
//! changed. Refuses to know what they mean.

use std::fmt::Write as _;

use super::Target;

/// An input written by hand.
pub struct Seed {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    /// Whether its target refuses it.
    pub refused: bool,
}

impl Target {
    /// The inputs written by hand.
    pub fn seeds(&self) -> Vec<Seed> {
        let lines = self.seeds.lines();
        lines
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

    /// All inputs.
    pub fn corpus(&self) -> Vec<Vec<u8>> {
        let found = self.found.lines();
        let found = found.map(|line| bytes(line).expect("an even number of hex digits"));
        let seeds = self.seeds().into_iter().map(|seed| seed.bytes);
        seeds.chain(found).collect()
    }
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
