//! Plain text as an editor of lines takes it: which bytes are one, cut into lines and put
//! together again byte for byte. It refuses to know the editor.

/// Why these bytes can't be edited as a text, if so. What passes comes out of the text area
/// byte for byte as it went in: its lines end all alike, and nothing in them is lost.
pub(super) fn refusal(data: Option<&[u8]>) -> Option<&'static str> {
    let bytes = data.unwrap_or_default();
    if std::str::from_utf8(bytes).is_err() {
        return Some("the data is not UTF-8 text: editing it as text would damage it");
    }
    let mut before = 0;
    let (mut lf, mut crlf, mut cr) = (false, false, false);
    for &byte in bytes {
        // The controls beyond ASCII, U+0080 to U+009F, are C2 and a byte below A0.
        let beyond = before == 0xc2 && byte < 0xa0;
        let control = byte < 0x20 && !matches!(byte, b'\n' | b'\t' | b'\r');
        if beyond || control || byte == 0x7f {
            return Some("the data holds control characters, which a text editor can't show");
        }
        match (before, byte) {
            (b'\r', b'\n') => crlf = true,
            (_, b'\n') => lf = true,
            (b'\r', _) => cr = true,
            _ => {}
        }
        before = byte;
    }
    if before == b'\r' || cr || (lf && crlf) {
        return Some("the data mixes line ends (LF, CR, CR LF), which editing would even out");
    }
    None
}

/// The text's lines, and whether they end in CR LF.
pub(super) fn split(text: &str) -> (bool, Vec<String>) {
    let crlf = text.contains("\r\n");
    let end = if crlf { "\r\n" } else { "\n" };
    (crlf, text.split(end).map(str::to_owned).collect())
}

pub(super) fn join(lines: &[String], crlf: bool) -> String {
    lines.join(if crlf { "\r\n" } else { "\n" })
}
