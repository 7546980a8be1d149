//! Cuts what was read from a server into frames, without copying one. A frame over the limit
//! is told by its header and skipped, so that only its own request fails. What a frame claims
//! to be long is believed up to a megabyte; beyond that memory grows with what has come.
//! Bytes in, frames out: refuses to know where they come from.

use super::header::ReplyHeader;
use super::jute::{Decode as _, DecodeError, Reader};

const START: usize = 64 << 10;
/// A buffer that grew beyond this for one frame shrinks again once that was read; and a frame
/// that claims to be longer gets more than this only as it comes.
const KEEP: usize = 1 << 20;

/// Bytes read and not yet understood.
#[derive(Debug)]
pub struct Frames {
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// How many bytes of a frame over the limit are still to come.
    skip: usize,
    limit: usize,
}

/// What stands at the front of the buffer.
#[derive(Debug)]
pub enum NextFrame<'a> {
    /// A whole frame.
    Frame(&'a [u8]),
    /// The header of a frame over the limit, and the frame's length.
    TooLarge(ReplyHeader, usize),
    /// Not enough yet.
    More,
}

impl Frames {
    /// Takes frames of at most `limit` bytes, their length not counted.
    pub fn new(limit: usize) -> Self {
        Self {
            buffer: vec![0; START],
            start: 0,
            end: 0,
            skip: 0,
            limit,
        }
    }

    /// A stand-in without a buffer.
    pub const fn none() -> Self {
        Self {
            buffer: Vec::new(),
            start: 0,
            end: 0,
            skip: 0,
            limit: 0,
        }
    }

    /// Where to read to; never empty once [`Self::next`] has answered [`NextFrame::More`].
    pub fn space(&mut self) -> &mut [u8] {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
            if self.buffer.len() > KEEP {
                self.buffer = vec![0; START];
            }
        }
        let wanted = self.wanted();
        if self.start + wanted > self.buffer.len() || self.end == self.buffer.len() {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            if self.buffer.len() < wanted {
                self.buffer.resize(wanted, 0);
            }
        }
        &mut self.buffer[self.end..]
    }

    /// How many bytes from `start` the frame at hand needs, as far as can be told.
    fn wanted(&self) -> usize {
        let least = 4 + ReplyHeader::WIRE_LEN;
        match self.buffer[self.start..self.end].first_chunk::<4>() {
            Some(&length) => match usize::try_from(i32::from_be_bytes(length)) {
                Ok(length) if length <= self.limit => {
                    let come = self.end - self.start;
                    (length + 4).min(KEEP.max(2 * come)).max(least)
                }
                _ => least,
            },
            None => least,
        }
    }

    /// `count` more bytes were read into [`Self::space`].
    pub fn filled(&mut self, count: usize) {
        self.end = (self.end + count).min(self.buffer.len());
    }

    /// What comes next. Frames are consumed by being answered.
    ///
    /// # Errors
    /// A negative length: what comes is no frame, nor is anything after it.
    #[expect(
        clippy::should_implement_trait,
        reason = "what it lends can't outlive the next"
    )]
    pub fn next(&mut self) -> Result<NextFrame<'_>, DecodeError> {
        let skipped = self.skip.min(self.end - self.start);
        self.skip -= skipped;
        self.start += skipped;
        let here = &self.buffer[self.start..self.end];
        let Some((&length, rest)) = here.split_first_chunk::<4>() else {
            return Ok(NextFrame::More);
        };
        let length = i32::from_be_bytes(length);
        let Ok(size) = usize::try_from(length) else {
            return Err(DecodeError::BadLength {
                what: "frame",
                length,
            });
        };
        if size > self.limit {
            if rest.len() < ReplyHeader::WIRE_LEN {
                return Ok(NextFrame::More);
            }
            let header = ReplyHeader::decode(&mut Reader::new(rest))?;
            self.start += 4;
            self.skip = size;
            return Ok(NextFrame::TooLarge(header, size));
        }
        if rest.len() < size {
            return Ok(NextFrame::More);
        }
        let from = self.start + 4;
        self.start = from + size;
        Ok(NextFrame::Frame(&self.buffer[from..from + size]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that comes out when the bytes come in portions of `step`.
    fn cut(bytes: &[u8], step: usize, limit: usize) -> Vec<Result<Vec<u8>, usize>> {
        let mut frames = Frames::new(limit);
        let mut seen = Vec::new();
        for part in bytes.chunks(step) {
            let mut part = part;
            while !part.is_empty() {
                let space = frames.space();
                let count = part.len().min(space.len());
                space[..count].copy_from_slice(&part[..count]);
                part = &part[count..];
                frames.filled(count);
                loop {
                    match frames.next().expect("no bad length") {
                        NextFrame::Frame(frame) => seen.push(Ok(frame.to_vec())),
                        NextFrame::TooLarge(_, size) => seen.push(Err(size)),
                        NextFrame::More => break,
                    }
                }
            }
        }
        seen
    }

    #[test]
    fn frames_come_out_whole_however_they_came_in() {
        let mut bytes = Vec::new();
        let mut expected = Vec::new();
        for size in [0usize, 1, 16, 300_000, 99, 500, 2_000_000, 17] {
            bytes.extend_from_slice(&i32::try_from(size).expect("small").to_be_bytes());
            let body: Vec<u8> = (0..size)
                .map(|i| u8::try_from(i % 251).expect("<251"))
                .collect();
            bytes.extend_from_slice(&body);
            expected.push(if size > 1_000_000 {
                Err(size)
            } else {
                Ok(body)
            });
        }
        for step in [1000, 7, 65_537, usize::MAX] {
            assert_eq!(cut(&bytes, step, 1_000_000), expected, "portions of {step}");
        }
    }

    #[test]
    fn a_negative_length_is_an_error() {
        let mut frames = Frames::new(100);
        frames.space()[..4].copy_from_slice(&(-1i32).to_be_bytes());
        frames.filled(4);
        assert!(frames.next().is_err());
    }
}
