//! Binary data as rows of offset, hex and ASCII. A row is found by arithmetic, so a megabyte
//! costs no more than the rows on the screen.

use std::fmt::Write as _;
use std::ops::Range;

use super::row::{Row, Token};

/// Bytes a row holds, the most that fit: an offset and two cells, five for each two bytes,
/// a cell, one for each byte.
fn bytes_per_row(width: usize) -> usize {
    let fits = |per_row: &usize| 8 + 2 + per_row / 2 * 5 + 1 + per_row <= width;
    [32, 16, 8, 4].into_iter().find(fits).unwrap_or(2)
}

pub(super) fn row_count(len: usize, width: usize) -> usize {
    len.div_ceil(bytes_per_row(width))
}

pub(super) fn rows(bytes: &[u8], window: Range<usize>, width: usize) -> Vec<Row> {
    let per_row = bytes_per_row(width);
    let chunks = bytes.chunks(per_row).enumerate();
    let wanted = chunks.skip(window.start).take(window.len());
    wanted
        .map(|(at, chunk)| row(at * per_row, chunk, per_row))
        .collect()
}

fn row(offset: usize, chunk: &[u8], per_row: usize) -> Row {
    let mut row = Row::default();
    row.push(Token::Offset, format!("{offset:08x}  "));
    let (mut run, mut text) = (Token::Hex, String::new());
    for (at, byte) in chunk.iter().enumerate() {
        let token = if *byte == 0 { Token::Zero } else { Token::Hex };
        if token != run {
            row.push(run, std::mem::take(&mut text));
            run = token;
        }
        let gap = if at % 2 == 1 { " " } else { "" };
        // Writing to a String can't fail.
        let _ = write!(text, "{byte:02x}{gap}");
    }
    row.push(run, text);
    let missing = per_row / 2 * 5 + 1 - (chunk.len() * 2 + chunk.len() / 2);
    row.push(Token::Plain, " ".repeat(missing));
    let shown = |byte: &u8| match *byte {
        byte @ b' '..=b'~' => char::from(byte),
        _ => '.',
    };
    row.push(Token::Plain, chunk.iter().map(shown).collect());
    row
}
