//! How quick the explorer feels: the program that ships, in a pseudo-terminal, on a real
//! ZooKeeper on this machine. Times are taken outside of the program, at the terminal
//! emulator, so that they hold all that a user waits for.
//!
//!     cargo bench --bench explorer
//!
//! `ZOOSCOPE_PROGRAM` names another build to measure in its place.
#![expect(clippy::print_stdout, reason = "a table is what this program is for")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use portable_pty::CommandBuilder;
use support::{Pty, Raw, RealServer, Size, plain};
use vt100::Screen;

const SHIPPED: &str = env!("CARGO_BIN_EXE_zooscope");
const SIZE: Size = (40, 120);
const STARTS: usize = 20;
const KEYS: usize = 300;
const CHANGES: usize = 100;
const WIDE: usize = 100_000;
/// Between two changes, so that none has to wait for the frame of the one before.
const PAUSE: Duration = Duration::from_millis(40);
/// Marks of what has just changed fade, and that is drawn.
const SETTLE: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_secs(20);

fn main() {
    let Some(install) = support::newest() else {
        return;
    };
    let server = RealServer::start(install);
    println!(
        "ZooKeeper {install} on loopback, terminal of {} columns, {} rows",
        SIZE.1, SIZE.0
    );
    println!("{:<58} {:>9} {:>9} {:>9}", "", "median", "p99", "target");
    startup(&server);
    changes(&server);
    wide(&server);
}

/// From the start of the process to the tree on the screen.
fn startup(server: &RealServer) {
    let root = server.chroot("startup");
    server
        .raw()
        .create_children(&root, (0..20).map(|i| format!("child-{i:02}")), b"data");
    let times = (0..STARTS).map(|_| {
        let start = Instant::now();
        let pty = open(server, &root);
        pty.wait_screen(|screen| screen.contents().contains("child-19"));
        let time = start.elapsed();
        quit(pty);
        time
    });
    report(
        "process start to the tree on the screen",
        times.collect(),
        100.0,
    );
}

/// From another client's request to what it changed on the screen.
fn changes(server: &RealServer) {
    let root = server.chroot("changes");
    let mut raw = server.raw();
    raw.create_children(&root, (0..20).map(|i| format!("child-{i:02}")), b"data");
    let mut pty = open(server, &root);
    pty.wait_screen(|screen| screen.contents().contains("child-19"));
    pty.keys("j");
    pty.wait_screen(|screen| screen.contents().contains("data"));
    let data = (0..CHANGES)
        .map(|i| data_change(&pty, &mut raw, &root, i))
        .collect();
    report(
        "another client's write to the new value on the screen",
        data,
        25.0,
    );
    let rows = (0..CHANGES)
        .map(|i| row_change(&pty, &mut raw, &root, i))
        .collect();
    report(
        "another client's create to the new row on the screen",
        rows,
        25.0,
    );
    idle("CPU of an idle explorer, connected", &pty);
    quit(pty);
}

fn data_change(pty: &Pty, raw: &mut Raw, root: &str, number: usize) -> Duration {
    let text = format!("written-{number:03}");
    std::thread::sleep(PAUSE);
    let start = Instant::now();
    raw.set(&format!("{root}/child-00"), text.as_bytes());
    pty.wait_screen(|screen| screen.contents().contains(&text));
    start.elapsed()
}

fn row_change(pty: &Pty, raw: &mut Raw, root: &str, number: usize) -> Duration {
    let name = format!("aaa-{number:03}");
    let path = format!("{root}/{name}");
    std::thread::sleep(PAUSE);
    let start = Instant::now();
    raw.create(&path, b"");
    pty.wait_screen(|screen| screen.contents().contains(&name));
    let time = start.elapsed();
    raw.delete(&path);
    pty.wait_screen(|screen| !screen.contents().contains(&name));
    time
}

/// With so many rows open that drawing or walking all of them would show.
fn wide(server: &RealServer) {
    let root = server.chroot("wide");
    let mut raw = server.raw();
    raw.create_children(&root, (0..WIDE).map(|i| format!("child-{i:06}")), b"");
    raw.close();
    let start = Instant::now();
    let mut pty = open(server, &root);
    pty.wait_screen(|screen| screen.contents().contains("child-000030"));
    report(
        "process start to a node of 100,000 children open",
        vec![start.elapsed()],
        1000.0,
    );
    for (what, key) in [
        ("down", "\x1b[B"),
        ("page down", "\x1b[6~"),
        ("up", "\x1b[A"),
    ] {
        let times = (0..KEYS).map(|_| press(&mut pty, key)).collect();
        report(
            &format!("key {what:?} to its frame, 100,000 rows open"),
            times,
            5.0,
        );
    }
    idle("CPU of an idle explorer, 100,000 rows open", &pty);
    println!(
        "{:<58} {:>6.1} MB",
        "memory with 100,000 rows open",
        resident(&pty)
    );
    quit(pty);
}

/// From a key to the screen on which the selection has moved.
fn press(pty: &mut Pty, key: &str) -> Duration {
    let before = pty.look(selected);
    let start = Instant::now();
    pty.keys(key);
    pty.wait_screen(|screen| selected(screen) != before);
    start.elapsed()
}

/// The text in inverse cells of the tree: the selected row.
fn selected(screen: &Screen) -> String {
    let (rows, columns) = screen.size();
    let row = |row: u16| {
        (0..columns.get())
            .filter_map(|column| screen.cell(row, column))
            .filter(|cell| cell.inverse())
            .map(vt100::Cell::contents)
            .collect::<String>()
    };
    (0..rows.get())
        .map(row)
        .find(|text| text.contains("child-"))
        .unwrap_or_default()
}

fn idle(what: &str, pty: &Pty) {
    std::thread::sleep(SETTLE);
    let before = processor_time(pty);
    std::thread::sleep(IDLE);
    let used = processor_time(pty).saturating_sub(before);
    let percent = used.as_secs_f64() / IDLE.as_secs_f64() * 100.0;
    println!("{what:<58} {percent:>7.2} % {:>9} {:>9}", "", "0 %");
}

/// What all threads of the explorer have used.
fn processor_time(pty: &Pty) -> Duration {
    let tasks = std::fs::read_dir(format!("/proc/{}/task", pty.id())).expect("Linux's /proc");
    let nanoseconds = tasks.flatten().filter_map(|task| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanoseconds.sum())
}

/// Megabytes in memory.
fn resident(pty: &Pty) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pty.id())).expect("/proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.unwrap_or_default() / 1024.0
}

fn open(server: &RealServer, root: &str) -> Pty {
    let program = std::env::var("ZOOSCOPE_PROGRAM");
    let mut command = CommandBuilder::new(program.as_deref().unwrap_or(SHIPPED));
    command.arg(format!("{}{root}", server.hosts()));
    let mut command = plain(command);
    // The selection is inverse in every theme; without colours nothing else is.
    command.env("NO_COLOR", "1");
    Pty::start(command, SIZE)
}

fn quit(mut pty: Pty) {
    pty.keys("q");
    pty.wait_exit();
}

fn report(what: &str, mut times: Vec<Duration>, target: f64) {
    times.sort();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    let median = milliseconds(times[times.len() / 2]);
    let late = milliseconds(times[times.len() * 99 / 100]);
    let verdict = if median < target { "" } else { "  MISSED" };
    println!("{what:<58} {median:>6.2} ms {late:>6.2} ms {target:>6.0} ms{verdict}");
}
