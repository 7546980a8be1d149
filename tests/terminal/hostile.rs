//! Names and data that would like to be more than text: escape sequences, bidi controls,
//! wide and combining characters. They may look odd; they change no terminal state and move
//! no column.

use super::support::{Proxy, Pty};
use super::{SIZE, TAKEN};

/// Titles, clipboards, modes, colours, cursor moves, resets; 7-bit and 8-bit.
const ESCAPES: &str = "\x1b]52;c;aGFja2Vk\x07\x1b]0;hacked\x07\x1b]2;hacked\x1b\\\x1b[?1049l\x1b[?25h\
    \x1b[?1000l\x1b[?2004l\x1bc\x1b[2J\x1b[H\x1b[31;44m\x1b[8;5;5t\u{9b}31m\u{9d}0;hacked\u{9c}\x07\x08\r\n\t\0";
const BIDI: &str = "a\u{202e}desrever\u{202c} \u{2066}iso\u{2069} \u{200f}rtl שלום عربى";
const WIDE: &str =
    "漢字かな交じり文 ｆｕｌｌ 👩‍👩‍👧‍👦 family 🇨🇭 e\u{301}\u{302}\u{303} z\u{200d}w\u{feff}j ❤️";

/// The column of the line between the panes, if there is one on this row.
fn dividers(pty: &Pty) -> Vec<Vec<u16>> {
    pty.look(|screen| {
        let bar = |row: u16, column: &u16| {
            screen
                .cell(row, *column)
                .is_some_and(|cell| matches!(cell.contents(), "│" | "║" | "┃" | "|"))
        };
        (0..SIZE.0)
            .map(|row| (0..SIZE.1).filter(|column| bar(row, column)).collect())
            .collect()
    })
}

#[test]
fn hostile_names_and_data_change_no_state_and_break_no_column() {
    let Some(server) = super::support::shared_newest() else {
        return;
    };
    let root = server.chroot("hostile");
    let mut raw = server.raw();
    let title = "\x1b]0;hacked\x07\x1b[?25h\x1b[?1049l";
    let harmless = "H".repeat(title.len());
    // In the order in which the tree has them: by bytes.
    let znodes = [
        (harmless.as_str(), ESCAPES),
        ("a\u{202e}desrever\u{202c}", BIDI),
        ("e\u{301}\u{302}\u{303}\u{304}combining", WIDE),
        ("tail", "plain"),
        ("漢字かな交じり文", "plain"),
    ];
    for (number, (name, data)) in znodes.iter().enumerate() {
        let data = format!("datum{number} {data}");
        raw.create(&format!("{root}/{name}"), data.as_bytes());
    }
    // No real server takes a control character in a name; another make might.
    let proxy = Proxy::start(server.addr());
    proxy.disguise(harmless.as_bytes(), title.as_bytes());
    let mut pty = Pty::zooscope(&[&format!("{}{root}", proxy.hosts())], SIZE);
    pty.wait_for("tail");
    pty.wait_for("漢字かな交じり文");
    let before = dividers(&pty);
    assert!(
        before.iter().flatten().count() > 0,
        "a line divides the panes:\n{}",
        pty.text()
    );
    for number in 0..znodes.len() {
        pty.keys("j");
        pty.wait_for(&format!("datum{number}"));
        pty.wait_until("straight columns", |pty| {
            is_straight(&before, &dividers(pty))
        });
        assert_eq!(pty.modes(), TAKEN, "screen:\n{}", pty.text());
    }
    // Too long for the pane, it is cut in its middle.
    pty.wait_for("\\x1b]0;ha");
    pty.wait_for("\\u{202e}");
    assert_eq!(
        pty.asked(),
        [""; 0],
        "nothing reached the terminal but text"
    );
    let text = pty.text();
    assert!(
        !text.contains('\u{202e}') && !text.contains('\x1b'),
        "{text}"
    );
    pty.keys("q");
    assert_eq!(pty.wait_exit(), 0);
    assert_eq!(pty.asked(), [""; 0]);
}

/// Whether the lines between panes stand where they stood.
fn is_straight(before: &[Vec<u16>], after: &[Vec<u16>]) -> bool {
    let frame = |rows: &[Vec<u16>]| {
        let columns = rows
            .iter()
            .flatten()
            .copied()
            .collect::<std::collections::BTreeSet<_>>();
        columns
            .into_iter()
            .filter(|column| rows.iter().filter(|row| row.contains(column)).count() > 10)
            .collect::<Vec<_>>()
    };
    frame(before) == frame(after)
}
