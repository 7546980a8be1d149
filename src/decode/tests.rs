//! What the room promises, seen from outside: bytes and a path in, rows of tokens out.

use std::io::Write as _;
use std::time::{Duration, Instant};

use super::*;

use proptest::prelude::*;

fn shown(data: &[u8], width: usize) -> Vec<String> {
    let decoded = decode(Some(data));
    let count = decoded.row_count(width, Charset::Unicode);
    decoded
        .rows(0..count, width, Charset::Unicode)
        .iter()
        .map(Row::text)
        .collect()
}

#[test]
fn kinds() {
    assert_eq!(decode(None).kind(), Kind::Null);
    assert_eq!(decode(Some(b"")).kind(), Kind::Empty);
    assert_eq!(decode(Some(b" {\"a\": 1} ")).kind(), Kind::Json);
    assert_eq!(decode(Some(b"[]")).kind(), Kind::Json);
    assert_eq!(decode(Some(b"{\"a\": 1")).kind(), Kind::Text);
    assert_eq!(decode(Some(b"42")).kind(), Kind::Text);
    assert_eq!(decode(Some("größe\n".as_bytes())).kind(), Kind::Text);
    assert_eq!(
        decode(Some(b"\x1b]52;c;harm, but text\x07")).kind(),
        Kind::Text
    );
    assert_eq!(decode(Some(b"a\0b")).kind(), Kind::Binary);
    assert_eq!(decode(Some(b"\xac\xed\0\x05")).kind(), Kind::Binary);
    assert_eq!(decode(Some(b"\x01\x02\x03")).kind(), Kind::Binary);
}

#[test]
fn json_is_laid_out_but_not_changed() {
    let source =
        br#"{"z":9007199254740993.10,"a" : [1e400,-0,{ },[ ]],"s":"\u00e9\n:,{","z":null}"#;
    assert_eq!(
        shown(source, 60),
        [
            "{",
            "  \"z\": 9007199254740993.10,",
            "  \"a\": [",
            "    1e400,",
            "    -0,",
            "    {},",
            "    []",
            "  ],",
            r#"  "s": "\u00e9\n:,{","#,
            "  \"z\": null",
            "}",
        ]
    );
}

#[test]
fn json_tokens_have_meanings() {
    let decoded = decode(Some(br#"{"k": "v", "n": [1, true]}"#));
    let row = &decoded.rows(1..2, 40, Charset::Unicode)[0];
    let tokens: Vec<_> = row.pieces.iter().map(|p| (p.token, &*p.text)).collect();
    assert_eq!(
        tokens,
        [
            (Token::Plain, "  "),
            (Token::Key, "\"k\""),
            (Token::Punctuation, ":"),
            (Token::Punctuation, " "),
            (Token::String, "\"v\""),
            (Token::Punctuation, ","),
        ]
    );
}

#[test]
fn long_lines_go_on_below() {
    assert_eq!(
        shown(b"0123456789abcdefghijGHIJ\nx\n\ny", 20),
        ["0123456789abcdefghij", "GHIJ", "x", "", "y"]
    );
    let rows = shown(br#"{"key":"0123456789abcdefghij"}"#, 20);
    assert_eq!(
        rows,
        ["{", "  \"key\": \"0123456789", "    abcdefghij\"", "}"]
    );
    let decoded = decode(Some("日本語日本語日本語日本".as_bytes()));
    assert_eq!(decoded.rows(1..2, 21, Charset::Unicode)[0].text(), "本");
    assert!(decoded.rows(1..2, 21, Charset::Unicode)[0].continued);
}

#[test]
fn line_ends_are_not_shown_but_told() {
    let decoded = decode(Some(b"a\r\nb\r\n"));
    assert_eq!(decoded.rows(0..9, 40, Charset::Unicode).len(), 2);
    assert_eq!(decoded.summary(), "text, CRLF");
    assert_eq!(decoded.text(), Some("a\r\nb\r\n"));
}

#[test]
fn binary_by_offset() {
    let bytes: Vec<u8> = (0_u8..=40).collect();
    let rows = shown(&bytes, 80);
    assert_eq!(
        rows[0],
        "00000000  0001 0203 0405 0607 0809 0a0b 0c0d 0e0f  ................"
    );
    assert_eq!(rows[2].find("!\"#"), Some(rows[0].len() - 15));
    assert_eq!(rows.len(), 3);
    assert!(decode(Some(&bytes)).text().is_none());
}

#[test]
fn packed_data_is_unpacked_but_not_editable() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"{\"a\":1}").expect("memory");
    let packed = gzip.finish().expect("memory");
    let decoded = decode(Some(&packed));
    assert_eq!(
        (decoded.kind(), decoded.packing()),
        (Kind::Json, Some(Packing::Gzip))
    );
    assert_eq!(decoded.summary(), "JSON, 7 B in gzip");
    assert_eq!(decoded.text(), None);
    assert_eq!(decode(Some(&packed[..12])).kind(), Kind::Binary);
}

#[test]
fn sizes_in_words() {
    for (bytes, words) in [
        (0, "0 B"),
        (1023, "1023 B"),
        (1536, "1.5 KiB"),
        (1_048_575, "1.0 MiB"),
    ] {
        assert_eq!(bytes_in_words(bytes), words);
    }
}

/// Letters that join without end: at a narrow width, where a nested line is indented by half
/// of it, each piece of them must still fit, or laying them out would never end.
#[test]
fn letters_that_join_fit_at_every_width() {
    let letters = "\u{1100}".repeat(40);
    let nested = format!("{}{letters:?}{}", "[".repeat(12), "]".repeat(12));
    for width in 0..60 {
        let rows = shown(nested.as_bytes(), width);
        let joined: String = rows.iter().map(|row| row.trim()).collect();
        assert_eq!(joined.matches('\u{1100}').count(), 40, "{width}");
    }
}

/// Unoptimised and beside other tests it takes a while; what matters is that it isn't minutes.
#[test]
fn a_megabyte_is_one_pass_and_a_window_is_nothing() {
    let long = format!("[\"{}\"]", "x\u{301}日".repeat(200_000));
    let many = format!("[{}1]", "1,".repeat(500_000));
    for source in [long, many] {
        let started = Instant::now();
        let decoded = decode(Some(source.as_bytes()));
        let count = decoded.row_count(80, Charset::Unicode);
        assert!(count > 5_000);
        assert!(
            started.elapsed() < Duration::from_secs(20),
            "{:?}",
            started.elapsed()
        );
        let started = Instant::now();
        assert_eq!(
            decoded.rows(count - 40..count, 80, Charset::Unicode).len(),
            40
        );
        assert!(
            started.elapsed() < Duration::from_millis(200),
            "{:?}",
            started.elapsed()
        );
    }
}

proptest! {
    #[test]
    fn rows_are_safe_and_fit(data in prop::collection::vec(any::<u8>(), 0..200), width in 0_usize..90) {
        check(&data, width)?;
    }

    #[test]
    fn so_are_rows_of_text(data in "(\\PC|[\u{0}-\u{9f}\u{200b}-\u{202e}\t\n]){0,60}", width in 0_usize..90) {
        check(data.as_bytes(), width)?;
        let json = serde_json::to_vec(&serde_json::json!({ &data: [&data, 1.5e300, {}, null] }));
        let json = json.expect("a value");
        prop_assert_eq!(decode(Some(&json)).kind(), Kind::Json);
        check(&json, width)?;
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        let all: String = shown(&json, 2000).concat();
        let plain = text::safe(std::str::from_utf8(&json).expect("UTF-8")).into_owned();
        prop_assert_eq!(bare(&all), bare(&plain));
    }
}

fn check(data: &[u8], width: usize) -> Result<(), TestCaseError> {
    for row in shown(data, width) {
        prop_assert!(text::width(&row) <= width.max(MIN_WIDTH), "{row:?}");
        prop_assert_eq!(&*text::safe(&row), &*row);
    }
    Ok(())
}
