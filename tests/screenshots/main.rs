//! The pictures in `screenshots/`, taken of the program itself: its event loop, its client and
//! its own server with the demo's tree, driven by keys.
//!
//! `cargo test --test screenshots -- --ignored` takes them anew. Their clocks stand at one
//! moment, so a picture changes only if what it shows has changed.

#[path = "../support/driver.rs"]
#[expect(dead_code, reason = "other tests use more of it")]
mod driver;
mod svg;

use std::path::Path;
use std::time::Instant;

use driver::Driver;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use zooscope::app::Start;
use zooscope::client::Options;
use zooscope::explorer::{Keymap, Now, Settings};
use zooscope::server::{self, DEMO, Handle, Seed, Server};
use zooscope::text::Charset;
use zooscope::ui::{Look, Theme};

/// When the pictures are taken: 2026-11-21 12:00 UTC.
const MOMENT_MS: i64 = 1_795_262_400_000;
/// How much later the explorer's clock stands, so that no age hangs on a millisecond.
const LATER_MS: i64 = 20_500;
/// The address that pictures show. Rarely taken, and always the same.
const LISTEN: &str = "127.0.0.1:21810";
/// The znode that most pictures show.
const CONFIG: &str = "/app/checkout/config.json";
const SIZE: (u16, u16) = (120, 34);

fn clock() -> Now {
    Now {
        mono: Instant::now(),
        wall_ms: MOMENT_MS + LATER_MS,
    }
}

/// A server with the demo's tree, at the pictures' moment.
async fn stage() -> Handle {
    let options = server::Options {
        listen: LISTEN.parse().expect("an address"),
        starts_at: Some(MOMENT_MS),
        ..server::Options::default()
    };
    let handle = Server::start(options)
        .await
        .expect("nobody else listens there");
    let seed = Seed::parse(DEMO).expect("the demo's seed");
    handle.local().plant(&seed).expect("a tree to plant");
    handle
}

fn open(theme: &str) -> Driver {
    let options = Options::new(LISTEN).expect("one host");
    let theme = Theme::named(theme).expect("built in");
    let start = Start {
        settings: Settings {
            cluster: LISTEN.to_owned(),
            ..Settings::default()
        },
        keymap: Keymap::default(),
        look: Look::new(theme, Charset::Unicode, TimeZone::UTC),
        clock,
    };
    Driver::start(options, start, SIZE)
}

/// Goes to a znode and waits until its value is there.
async fn go(driver: &mut Driver, path: &str, shows: &str) {
    driver.wait_for("CONNECTED").await;
    driver.wait_for("ping").await;
    driver.keys(&format!("p<C-u>{path}<ret>"));
    driver.wait_for(shows).await;
    driver.wait_for("world:anyone").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes screenshots/: cargo test --test screenshots -- --ignored"]
async fn take_all() {
    let server = stage().await;
    for (theme, name) in [("light", "light"), ("dark", "tree")] {
        let mut driver = open(theme);
        go(&mut driver, CONFIG, "\"currency\"").await;
        save(name, &driver, false);
        if theme == "dark" {
            popups(&mut driver).await;
            go(&mut driver, "/hbase/master", "00000000").await;
            save("binary", &driver, false);
            edit(&mut driver, &server).await;
            suspended(&mut driver, &server).await;
        }
        driver.keys("q");
        driver.ended().await.expect("a quiet end");
    }
}

/// The editor, and what happens if someone else writes meanwhile.
async fn edit(driver: &mut Driver, server: &Handle) {
    go(driver, CONFIG, "\"currency\"").await;
    driver.keys("e");
    driver.wait_for("edit /app").await;
    driver.keys("<down><down><end><backspace><backspace><backspace><backspace>150,");
    driver.wait_for("150,").await;
    save("edit", driver, true);
    let local = server.local();
    let (data, _) = local.get_data(CONFIG).expect("the demo's");
    let text = String::from_utf8(data.expect("some data")).expect("a text");
    let theirs = text.replace("100,", "250,").replace("2500", "4000");
    let written = local.set_data(CONFIG, Some(theirs.as_bytes()), -1);
    written.expect("nothing forbids it");
    driver.wait_for("on the server").await;
    driver.keys("<C-s>");
    driver.wait_for("conflict /app").await;
    save("conflict", driver, false);
    driver.keys("t");
    driver.wait_for("edit /app").await;
    driver.keys("<esc>");
    driver.wait_gone("edit /app").await;
    // The row's mark of having changed goes by itself.
    driver.wait_gone("* ").await;
}

async fn popups(driver: &mut Driver) {
    driver.keys("?");
    driver.wait_for("Go up a row").await;
    save("help", driver, false);
    driver.keys("<esc>:co");
    driver.wait_for("close-all").await;
    driver.wait_gone("page-up").await;
    save("palette", driver, true);
    driver.keys("<esc>");
    driver.wait_gone("close-all").await;
    go(driver, "/app/catalog", "empty: zero bytes").await;
    driver.keys("d");
    driver.wait_for("Delete it?").await;
    driver.keys("y");
    driver.wait_for("type its name").await;
    driver.keys("cat");
    driver.wait_for("│ cat ").await;
    save("delete", driver, true);
    driver.keys("<esc>");
    driver.wait_gone("type its name").await;
}

/// The connection breaks, and no server takes a new one.
async fn suspended(driver: &mut Driver, server: &Handle) {
    go(driver, "/app/checkout/feature-flags", "\"one-click\"").await;
    server.refuse_connections(true);
    server.drop_all_connections();
    driver.wait_for("SUSPENDED").await;
    save("suspended", driver, false);
    server.refuse_connections(false);
    driver.wait_for("CONNECTED").await;
}

/// Writes a picture of the last frame, as SVG and PNG; with the cursor if text is typed.
fn save(name: &str, driver: &Driver, typing: bool) {
    let mut buffer = driver.buffer();
    still(&mut buffer);
    let palette = if name == "light" {
        &svg::LIGHT
    } else {
        &svg::DARK
    };
    let svg = svg::draw(&buffer, typing.then(|| driver.cursor()), palette);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    std::fs::create_dir_all(&folder).expect("a folder for the pictures");
    std::fs::write(folder.join(name).with_extension("svg"), &svg).expect("an SVG");
    std::fs::write(folder.join(name).with_extension("png"), png(&svg)).expect("a PNG");
}

/// The round trip is the one figure that no clock makes stand still.
fn still(buffer: &mut Buffer) {
    let row = buffer.area.height - 2;
    let text: Vec<_> = (0..buffer.area.width)
        .map(|x| buffer[(x, row)].symbol().to_owned())
        .collect();
    let Some(at) = text.windows(5).position(|cells| cells.concat() == "ping ") else {
        return;
    };
    for (x, symbol) in (at + 5..text.len()).zip("0.3 ms".chars().chain(std::iter::repeat(' '))) {
        buffer[(u16::try_from(x).expect("a column"), row)].set_char(symbol);
    }
}

fn png(svg: &str) -> Vec<u8> {
    let mut options = resvg::usvg::Options::default();
    options.fontdb_mut().load_system_fonts();
    let tree = resvg::usvg::Tree::from_str(svg, &options).expect("an SVG of ours");
    let size = tree.size().to_int_size();
    let mut pixels = resvg::tiny_skia::Pixmap::new(size.width(), size.height()).expect("a size");
    resvg::render(
        &tree,
        resvg::tiny_skia::Transform::default(),
        &mut pixels.as_mut(),
    );
    pixels.encode_png().expect("a PNG")
}
