//! Frames: any bytes in any pieces come out as they would if cut by hand, and no length that
//! a frame claims takes more memory than has come. Knows nothing of what is in a frame.

use zooscope::proto::{Decode as _, Frames, NextFrame, Reader, ReplyHeader};

/// What a stream is cut into.
#[derive(Debug, PartialEq)]
enum Part {
    Frame(Vec<u8>),
    TooLarge(ReplyHeader, usize),
    /// Nothing can follow.
    Impossible,
}

/// The first byte picks the limit, the second the pieces; the rest is the stream.
pub fn frames(input: &[u8]) -> bool {
    let [limit, pieces, stream @ ..] = input else {
        return false;
    };
    let limit = [16, 100, 1000, 0x7fff_fffe][usize::from(limit % 4)];
    let mut cut = Vec::new();
    let taken = allocation_counter::measure(|| cut = in_pieces(stream, limit, *pieces));
    // Two buffers while one grows, each at most a megabyte or twice what has come.
    let most = (4 << 20) + 64 * stream.len() as u64;
    assert!(taken.bytes_max <= most, "{} bytes taken", taken.bytes_max);
    assert_eq!(cut, at_once(stream, limit));
    cut.iter().any(|part| matches!(part, Part::Frame(_)))
}

fn in_pieces(mut stream: &[u8], limit: usize, pieces: u8) -> Vec<Part> {
    let mut frames = Frames::new(limit);
    let mut parts = Vec::new();
    let mut rng = fastrand::Rng::with_seed(u64::from(pieces));
    while !stream.is_empty() {
        let space = frames.space();
        assert!(!space.is_empty(), "there is always room to read to");
        let most = space.len().min(stream.len());
        let count = match pieces {
            0 => most,
            1..=64 => most.min(usize::from(pieces)),
            _ => rng.usize(1..=most),
        };
        space[..count].copy_from_slice(&stream[..count]);
        stream = &stream[count..];
        frames.filled(count);
        loop {
            match frames.next() {
                Ok(NextFrame::Frame(frame)) => parts.push(Part::Frame(frame.to_vec())),
                Ok(NextFrame::TooLarge(header, size)) => parts.push(Part::TooLarge(header, size)),
                Ok(NextFrame::More) => break,
                Err(_) => {
                    parts.push(Part::Impossible);
                    return parts;
                }
            }
        }
    }
    parts
}

/// The same by the protocol's own words: a length, and that many bytes.
fn at_once(mut stream: &[u8], limit: usize) -> Vec<Part> {
    let mut parts = Vec::new();
    while let Some((length, rest)) = stream.split_first_chunk::<4>() {
        let Ok(size) = usize::try_from(i32::from_be_bytes(*length)) else {
            parts.push(Part::Impossible);
            break;
        };
        if size > limit {
            let Ok(header) = ReplyHeader::decode(&mut Reader::new(rest)) else {
                break;
            };
            parts.push(Part::TooLarge(header, size));
            stream = rest.get(size..).unwrap_or_default();
            continue;
        }
        let Some((frame, rest)) = rest.split_at_checked(size) else {
            break;
        };
        parts.push(Part::Frame(frame.to_vec()));
        stream = rest;
    }
    parts
}
