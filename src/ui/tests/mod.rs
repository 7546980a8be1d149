//! The whole view on all kinds of explorers and sizes: nothing panics, nothing leaves its
//! column, nothing harmful gets through, and a click is on what is drawn.

mod small;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::fixture::{Scene, rows, session};
use super::{Look, Theme, hit, layout, paint};
use crate::explorer::{Focus, Message, SessionState, Target};
use crate::text::{self, Charset};

/// Explorers in which everything that can be drawn is drawn.
fn scenes(width: u16, height: u16) -> Vec<(&'static str, Scene)> {
    [
        ("tree", "right down right down"),
        ("hostile", "right j j j right j"),
        ("hostile data", "right j j j right j j tab G"),
        ("binary", "right j j right j tab"),
        ("filter", "right / o d d"),
        ("help", "? j"),
        ("palette", ": c o"),
        ("go to", "p / x"),
        ("create", "n a / b tab x y"),
        ("delete", "right j d"),
        ("delete below", "right j d y"),
        ("edit", "right right right right right e x enter y"),
        ("conflict", "right right right right right e x ctrl-s"),
        ("leaving", "right right right right right e x esc"),
        ("quitting", "right right right right right e x ctrl-c"),
    ]
    .into_iter()
    .map(|(name, keys)| {
        let mut scene = Scene::new(width, height);
        scene.keys(keys);
        (name, scene)
    })
    .collect()
}

#[test]
fn no_size_panics() {
    for (name, mut scene) in scenes(100, 30) {
        for width in (0..=200).step_by(7).chain(36..44).chain(60..68) {
            for height in (0..=60).step_by(5).chain(7..13) {
                scene.resize(width, height);
                let (buffer, cursor) = scene.draw();
                let inside = cursor.is_none_or(|cursor| buffer.area.contains(cursor));
                assert!(inside, "{name} at {width}x{height}: {cursor:?}");
            }
        }
    }
}

#[test]
#[ignore = "every size there is: minutes without optimisation"]
fn no_size_at_all_panics() {
    for (_, mut scene) in scenes(100, 30) {
        for (width, height) in
            (0..=200).flat_map(|width| (0..=60).map(move |height| (width, height)))
        {
            scene.resize(width, height);
            scene.draw();
        }
    }
}

#[test]
fn a_size_that_the_explorer_has_not_heard_of_yet_does_not_matter() {
    for (_, scene) in scenes(100, 30) {
        for (width, height) in [(40, 10), (64, 12), (200, 60), (99, 31)] {
            let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
            paint(&scene.explorer, &scene.look, scene.now, &mut buffer);
        }
    }
}

#[test]
fn nothing_harmful_reaches_a_cell() {
    for (name, scene) in scenes(90, 40) {
        let (buffer, _) = scene.draw();
        for cell in buffer.content() {
            assert_eq!(&*text::safe(cell.symbol()), cell.symbol(), "{name}");
        }
    }
    let mut scene = Scene::new(120, 36);
    scene.keys("right j j j right j j");
    let shown = scene.text().join("\n");
    for escaped in ["\\x1b[31mexe", "\\u{202e}txt", "\\x1b]52;c;QUJD\\x07 \\x9b"] {
        assert!(shown.contains(escaped), "{escaped}\n{shown}");
    }
}

#[test]
fn every_row_is_as_wide_as_the_screen() {
    for width in [80, 81, 120] {
        for (name, scene) in scenes(width, 30) {
            for row in scene.text() {
                assert_eq!(text::width(&row), usize::from(width), "{name}: {row}");
            }
        }
    }
}

#[test]
fn wide_names_break_no_column() {
    let mut scene = Scene::new(80, 24);
    scene.keys("right j j j right");
    let (buffer, _) = scene.draw();
    let regions = layout(buffer.area, false);
    for y in regions.body.y..regions.body.bottom() {
        let bar = buffer[(regions.tree.right(), y)].symbol();
        assert!(["│", "┃", "├"].contains(&bar), "row {y}: {bar}");
    }
    assert!(
        rows(&buffer)
            .iter()
            .any(|row| row.contains("日本語のノード"))
    );
}

#[test]
fn ascii_means_ascii() {
    for (name, mut scene) in scenes(80, 24) {
        scene.look.charset = Charset::Ascii;
        for row in scene.text() {
            assert!(row.is_ascii(), "{name}: {row}");
        }
    }
}

#[test]
fn in_ascii_alone_a_value_is_all_there_and_the_cursor_stands_where_it_types() {
    let mut scene = Scene::ascii(100, 30);
    scene.keys("right tab end");
    let last = scene.text();
    let found = last.iter().filter(|row| row.contains("\\u{5b57}")).count();
    assert!(found > 5 && !last.join("\n").contains("}~"), "{last:#?}");
    scene.keys("home");
    assert_ne!(scene.text(), last, "there was more above");
    scene.keys("tab e right right");
    let (buffer, cursor) = scene.draw();
    let cursor = cursor.expect("text is typed");
    let row = rows(&buffer)[usize::from(cursor.y)].clone();
    let before = &row[..usize::from(cursor.x)];
    assert!(before.ends_with("\\u{6f22}\\u{5b57}"), "{row}");
    scene.keys("esc p").keys("/ / 漢");
    let (buffer, cursor) = scene.draw();
    let cursor = cursor.expect("a path is typed");
    let row = rows(&buffer)[usize::from(cursor.y)].clone();
    assert!(
        row[..usize::from(cursor.x)].ends_with("/\\u{6f22}"),
        "{row}"
    );
}

#[test]
fn without_colour_the_selection_shows_and_nothing_has_a_colour() {
    let theme = Theme::named("mono").expect("built in");
    let mut scene = Scene::new(80, 24);
    scene.look = Look {
        theme,
        ..scene.look.clone()
    };
    scene.keys("right j");
    let (buffer, _) = scene.draw();
    let colourless = |cell: &ratatui::buffer::Cell| {
        [cell.fg, cell.bg]
            .iter()
            .all(|colour| *colour == ratatui::style::Color::Reset)
    };
    assert!(buffer.content().iter().all(colourless));
    let y = 1 + u16::try_from(scene.explorer.tree().selected_row()).expect("few");
    assert!(buffer[(5, y)].modifier.contains(Modifier::REVERSED));
    assert!(!buffer[(5, y + 1)].modifier.contains(Modifier::REVERSED));
}

#[test]
fn each_state_has_its_word_and_its_server() {
    for (state, word) in [
        (SessionState::Connecting, "CONNECTING"),
        (SessionState::Connected, "CONNECTED"),
        (SessionState::ReadOnly, "READ-ONLY"),
        (SessionState::Suspended, "SUSPENDED"),
        (SessionState::Lost, "LOST"),
        (SessionState::AuthFailed, "AUTH FAILED"),
        (SessionState::Closed, "CLOSED"),
    ] {
        let mut scene = Scene::new(120, 30);
        scene.send(Message::Session(session(state)));
        let status = scene.text()[28].clone();
        assert!(status.starts_with(&format!(" {word} ")), "{status}");
        assert!(status.contains("10.0.0.11:2181"), "{status}");
    }
    let status = Scene::new(120, 30).text()[28].clone();
    for part in [
        "ZooKeeper 3.9.4",
        "0x10000a2b3c400001",
        "timeout 10 s",
        "ping 0.6 ms",
    ] {
        assert!(status.contains(part), "{part} in {status}");
    }
}

#[test]
fn why_there_is_no_connection_is_told() {
    let mut scene = Scene::new(100, 24);
    let mut lost = session(SessionState::Suspended);
    lost.trouble = Some("10.0.0.11:2181 closed the connection".into());
    scene.keys("right").send(Message::Session(lost));
    let shown = scene.text();
    assert!(shown[22].contains("closed the connection"), "{}", shown[22]);
    assert!(shown[0].contains("stale"), "{}", shown[0]);
}

#[test]
fn a_value_never_stands_under_the_name_of_another_znode() {
    let mut scene = Scene::new(100, 24);
    scene.keys("right j");
    let shown = scene.explorer.tree().selected().to_string();
    assert!(!scene.text()[0].contains("loading"));
    // The next value does not come: the server takes its time.
    let key = Message::Key("j".parse().expect("a key"));
    drop(scene.explorer.update(scene.now, key));
    let title = scene.text()[0].clone();
    assert!(title.contains("loading the selected one"), "{title}");
    assert!(title.contains(&shown), "{shown} in {title}");
}

#[test]
fn the_stat_has_all_eleven_fields_by_their_names() {
    for (width, height) in [(120, 36), (80, 24)] {
        let mut scene = Scene::new(width, height);
        scene.keys("right right right right right");
        let shown = scene.text().join("\n");
        for name in [
            "czxid",
            "mzxid",
            "pzxid",
            "ctime",
            "mtime",
            "version",
            "cversion",
            "aversion",
            "ephemeralOwner",
            "dataLength",
            "numChildren",
        ] {
            assert!(shown.contains(name), "{name} at {width}x{height}\n{shown}");
        }
        for value in [
            "0x200000004",
            "2025-11-18 04:23:11",
            "3 d ago",
            "42 s ago",
            "ours",
        ] {
            assert!(
                shown.contains(value),
                "{value} at {width}x{height}\n{shown}"
            );
        }
        assert!(shown.contains("9007199254740993"), "never rounded\n{shown}");
    }
}

#[test]
fn a_click_is_on_what_is_drawn() {
    let mut scene = Scene::new(100, 30);
    scene.keys("right j right");
    let (buffer, _) = scene.draw();
    let regions = layout(buffer.area, false);
    for (at, row) in scene.explorer.window().iter().enumerate() {
        let y = regions.tree.y + u16::try_from(at).expect("few");
        let x = (0..regions.tree.width).find(|x| ["▾", "▸"].contains(&buffer[(*x, y)].symbol()));
        if let Some(x) = x {
            assert_eq!(hit(&scene.explorer, x, y), Target::Fold(row.number));
        }
        let last = regions.tree.right() - 1;
        assert_eq!(hit(&scene.explorer, last, y), Target::Row(row.number));
    }
    assert_eq!(hit(&scene.explorer, 3, 26), Target::Tree);
    assert_eq!(hit(&scene.explorer, 90, 10), Target::Detail);
    assert_eq!(hit(&scene.explorer, 3, 28), Target::Nothing);
    assert_eq!(hit(&scene.explorer, 500, 500), Target::Nothing);
    assert_eq!(scene.explorer.focus(), Focus::Tree);
}

#[test]
fn a_click_on_an_entry_of_a_popup_is_on_that_entry() {
    let mut scene = Scene::new(100, 30);
    scene.keys(": c o p y");
    let shown = scene.text();
    let found = |word: &str| {
        let y = shown.iter().position(|row| row.contains(word)).expect(word);
        hit(&scene.explorer, 50, u16::try_from(y).expect("few"))
    };
    assert_eq!(found("copy-path"), Target::Entry(0));
    assert_eq!(found("copy-data"), Target::Entry(1));
    assert_eq!(hit(&scene.explorer, 0, 0), Target::Popup);
}

#[test]
fn a_conflict_says_whose_each_line_is() {
    let mut scene = Scene::new(100, 30);
    scene.keys("right right right right right e x ctrl-s");
    let shown = scene.text();
    let has = |words: &[&str]| {
        shown
            .iter()
            .any(|row| words.iter().all(|word| row.contains(word)))
    };
    assert!(
        has(&["conflict /brokers/ids/1", "nothing was overwritten"]),
        "{shown:#?}"
    );
    assert!(has(&["version 5", "version 4"]), "{shown:#?}");
    assert!(
        has(&["theirs", "\\x1b[2J"]) && has(&["mine", "x{"]),
        "{shown:#?}"
    );
    assert!(shown[29].contains("take theirs"), "{}", shown[29]);
}

#[test]
fn a_create_under_way_can_be_left_and_says_so() {
    let mut scene = Scene::new(100, 30);
    scene.keys("right n x enter");
    assert!(scene.text().join("\n").contains("creating"));
    scene.keys("esc");
    assert!(scene.text().join("\n").contains("esc once more"));
    scene.keys("esc");
    assert!(scene.explorer.dialogs().is_empty());
}

#[test]
fn deep_rows_keep_room_for_their_names_and_tell_their_level() {
    let mut scene = Scene::new(80, 30);
    let mut path = String::from("/deep");
    scene.put(&path, None);
    for level in 2..12 {
        path = format!("{path}/level-{level:02}");
        scene.put(&path, None);
    }
    scene.keys("r down down").keys(&"right ".repeat(30));
    let shown = scene.text();
    assert!(
        shown.iter().any(|row| row.contains("11 ▾ level-11")),
        "{shown:#?}"
    );
}

#[test]
fn the_editor_pages_by_the_screen() {
    let mut scene = Scene::new(100, 30);
    let text: Vec<String> = (1..=200).map(|line| format!("line {line}")).collect();
    scene.put("/aaa", Some(text.join("\n").as_bytes()));
    scene.keys("r down e");
    assert!(scene.text().iter().any(|row| row.contains("line 25")));
    scene.keys("page-down page-down");
    let (buffer, cursor) = scene.draw();
    let shown = rows(&buffer);
    let at = usize::from(cursor.expect("text is typed").y);
    assert!(shown[at].contains("line 47"), "{shown:#?}");
}
