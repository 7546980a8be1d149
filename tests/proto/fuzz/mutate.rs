//! How a seed becomes an input: flipped bits, edited length fields, pieces cut, doubled and
//! spliced in from another seed. Lengths and counts are what decoders trust, so half of the
//! mutations go for four bytes that look like one.

use fastrand::Rng;

/// Inputs longer than this only slow the fuzzer down.
const LONGEST: usize = 4096;

/// Values that lengths, counts, codes and versions break at.
const EDGES: [i32; 16] = [
    -1,
    0,
    1,
    -2,
    2,
    4,
    9,
    16,
    68,
    100,
    127,
    0xffff,
    0xf_ffff,
    i32::MAX,
    i32::MIN,
    i32::MAX - 8,
];

/// An input made from one or two of `seeds`.
pub fn some(rng: &mut Rng, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut input = pick(rng, seeds).to_vec();
    for _ in 0..rng.usize(1..6) {
        once(rng, &mut input, seeds);
    }
    input.truncate(LONGEST);
    input
}

fn pick<'a>(rng: &mut Rng, seeds: &'a [Vec<u8>]) -> &'a [u8] {
    seeds
        .get(rng.usize(..seeds.len().max(1)))
        .map_or(&[], Vec::as_slice)
}

fn once(rng: &mut Rng, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
    match rng.u8(..12) {
        0..=3 => edit_length(rng, input),
        4 | 5 => edit_anywhere(rng, input),
        6 => flip_bit(rng, input),
        7 => set_byte(rng, input),
        8 => input.truncate(rng.usize(..=input.len())),
        9 => double(rng, input),
        10 => {
            let other = pick(rng, seeds);
            splice(rng, input, other);
        }
        _ => insert(rng, input),
    }
}

/// Changes four bytes that hold a number no larger than the input, or a null.
fn edit_length(rng: &mut Rng, input: &mut [u8]) {
    let most = i32::try_from(input.len()).unwrap_or(i32::MAX);
    let fields: Vec<usize> = (0..input.len().saturating_sub(3))
        .filter(|&at| (-1..=most).contains(&int(input, at)))
        .collect();
    if let Some(&at) = rng.choice(&fields) {
        let old = int(input, at);
        let new = match rng.u8(..4) {
            0 => old.wrapping_add(1),
            1 => old.wrapping_sub(1),
            2 => most
                .wrapping_sub(i32::try_from(at).unwrap_or(0))
                .wrapping_sub(rng.i32(0..8)),
            _ => edge(rng),
        };
        put(input, at, new);
    }
}

fn edit_anywhere(rng: &mut Rng, input: &mut [u8]) {
    if input.len() >= 4 {
        let at = rng.usize(..=input.len() - 4);
        let value = if rng.bool() {
            edge(rng)
        } else {
            rng.i32(-130..130)
        };
        put(input, at, value);
    }
}

fn edge(rng: &mut Rng) -> i32 {
    rng.choice(EDGES).unwrap_or(0)
}

fn int(input: &[u8], at: usize) -> i32 {
    let bytes = input[at..].first_chunk::<4>();
    bytes.map_or(0, |bytes| i32::from_be_bytes(*bytes))
}

fn put(input: &mut [u8], at: usize, value: i32) {
    input[at..at + 4].copy_from_slice(&value.to_be_bytes());
}

fn flip_bit(rng: &mut Rng, input: &mut [u8]) {
    if !input.is_empty() {
        let at = rng.usize(..input.len());
        input[at] ^= 1 << rng.u8(..8);
    }
}

fn set_byte(rng: &mut Rng, input: &mut [u8]) {
    if !input.is_empty() {
        let at = rng.usize(..input.len());
        // Among others the bytes that UTF-8 and Java's surrogates turn on.
        input[at] = rng
            .choice([0, 0xff, 0xed, 0xa0, 0xb0, 0x80, b'/', b'"'])
            .unwrap_or(0);
    }
}

/// Repeats a piece: another element that the count before it does not know of.
fn double(rng: &mut Rng, input: &mut Vec<u8>) {
    let (start, end) = piece(rng, input.len());
    let copy = input[start..end].to_vec();
    let at = rng.usize(..=input.len());
    input.splice(at..at, copy);
}

fn splice(rng: &mut Rng, input: &mut Vec<u8>, other: &[u8]) {
    let (from, to) = piece(rng, input.len());
    let (start, end) = piece(rng, other.len());
    input.splice(from..to, other[start..end].iter().copied());
}

fn insert(rng: &mut Rng, input: &mut Vec<u8>) {
    let at = rng.usize(..=input.len());
    let bytes: Vec<u8> = (0..rng.usize(1..12)).map(|_| rng.u8(..)).collect();
    input.splice(at..at, bytes);
}

fn piece(rng: &mut Rng, length: usize) -> (usize, usize) {
    let start = rng.usize(..=length);
    (start, rng.usize(start..=length))
}
