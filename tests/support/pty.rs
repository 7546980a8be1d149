//! A program in a pseudo-terminal, and the terminal emulator that reads it: what is on the
//! screen, which modes are on, and what was asked of the terminal that no explorer may ask.

use std::ffi::OsString;
use std::io::{Read as _, Write};
use std::num::NonZero;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use vt100::{Callbacks, MouseProtocolMode, Parser, Screen};

use super::wait::LIMIT;

/// Rows and columns.
pub type Size = (u16, u16);

/// What a program left switched on in its terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "a terminal's modes are just that"
)]
pub struct Modes {
    /// The alternate screen.
    pub alternate: bool,
    /// Any kind of mouse reporting.
    pub mouse: bool,
    /// Bracketed paste.
    pub paste: bool,
    /// The cursor is hidden.
    pub hidden: bool,
}

impl Modes {
    /// What a shell expects.
    pub const PLAIN: Self = Self {
        alternate: false,
        mouse: false,
        paste: false,
        hidden: false,
    };
}

/// What the terminal was asked beside drawing: titles, clipboards, bells, unknown sequences.
#[derive(Debug, Default)]
pub struct Witness {
    /// In the order they came, readable.
    pub asked: Vec<String>,
}

#[rustfmt::skip]
impl Callbacks for Witness {
    fn audible_bell(&mut self, _: &mut Screen) {
        self.asked.push("bell".into());
    }
    fn resize(&mut self, _: &mut Screen, size: (u16, u16)) {
        self.asked.push(format!("resize {size:?}"));
    }
    fn set_window_icon_name(&mut self, _: &mut Screen, name: &[u8]) {
        self.asked.push(format!("icon {}", String::from_utf8_lossy(name)));
    }
    fn set_window_title(&mut self, _: &mut Screen, title: &[u8]) {
        self.asked.push(format!("title {}", String::from_utf8_lossy(title)));
    }
    fn copy_to_clipboard(&mut self, _: &mut Screen, _: &[u8], data: &[u8]) {
        self.asked.push(format!("copy {}", String::from_utf8_lossy(data)));
    }
    fn paste_from_clipboard(&mut self, _: &mut Screen, _: &[u8]) {
        self.asked.push("paste".into());
    }
    fn unhandled_osc(&mut self, _: &mut Screen, parts: &[&[u8]]) {
        let parts: Vec<_> = parts.iter().map(|part| String::from_utf8_lossy(part)).collect();
        self.asked.push(format!("osc {}", parts.join(";")));
    }
}

/// The emulator, and who waits for it to change.
struct Terminal {
    parser: Mutex<Parser<Witness>>,
    changed: Condvar,
}

impl Terminal {
    fn lock(&self) -> MutexGuard<'_, Parser<Witness>> {
        self.parser.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pump(&self, mut reader: Box<dyn std::io::Read + Send>) {
        let mut buffer = [0; 16 << 10];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            self.lock().process(&buffer[..count]);
            self.changed.notify_all();
        }
    }
}

/// A running program and its terminal. The program is killed when this value goes.
pub struct Pty {
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    terminal: Arc<Terminal>,
    settings: String,
}

impl Pty {
    /// Starts `command` in a terminal of this size.
    pub fn start(command: CommandBuilder, size: Size) -> Self {
        let pair = native_pty_system()
            .openpty(pixels(size))
            .expect("a pseudo-terminal");
        let settings = format!("{:?}", pair.master.get_termios());
        let reader = pair
            .master
            .try_clone_reader()
            .expect("the master can be read");
        let writer = pair
            .master
            .take_writer()
            .expect("the master can be written");
        let (rows, columns) = cells(size);
        let parser = Parser::new_with_callbacks(rows, columns, 0, Witness::default());
        let terminal = Arc::new(Terminal {
            parser: Mutex::new(parser),
            changed: Condvar::new(),
        });
        let child = pair
            .slave
            .spawn_command(command)
            .expect("the program starts");
        drop(pair.slave);
        let feed = Arc::clone(&terminal);
        std::thread::spawn(move || feed.pump(reader));
        Self {
            master: pair.master,
            child,
            writer,
            terminal,
            settings,
        }
    }

    /// Starts the program under test with these arguments.
    pub fn zooscope(arguments: &[&str], size: Size) -> Self {
        Self::zooscope_with(&[], arguments, size)
    }

    /// The same with these environment variables.
    pub fn zooscope_with(variables: &[(&str, &str)], arguments: &[&str], size: Size) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_zooscope"));
        command.args(arguments);
        let mut command = plain(command);
        for (name, value) in variables {
            command.env(name, value);
        }
        Self::start(command, size)
    }

    /// Types, or sends any other bytes a terminal may send.
    pub fn keys(&mut self, keys: &str) {
        self.writer
            .write_all(keys.as_bytes())
            .expect("the program reads its terminal");
        self.writer.flush().expect("the program reads its terminal");
    }

    /// Changes the terminal's size, as dragging its corner does.
    pub fn resize(&self, size: Size) {
        let (rows, columns) = cells(size);
        self.lock().set_size(rows, columns);
        self.master
            .resize(pixels(size))
            .expect("a terminal can be resized");
    }

    /// What is on the screen.
    pub fn text(&self) -> String {
        self.lock().screen().contents()
    }

    /// Looks at the screen.
    pub fn look<T>(&self, look: impl FnOnce(&Screen) -> T) -> T {
        look(self.lock().screen())
    }

    /// What was asked of the terminal so far.
    pub fn asked(&self) -> Vec<String> {
        self.lock().callbacks().asked.clone()
    }

    /// Which modes are on.
    pub fn modes(&self) -> Modes {
        self.look(|screen| Modes {
            alternate: screen.alternate_screen(),
            mouse: screen.mouse_protocol_mode() != MouseProtocolMode::None,
            paste: screen.bracketed_paste(),
            hidden: screen.hide_cursor(),
        })
    }

    /// Whether the line settings (raw, echo …) are those of a fresh terminal.
    pub fn is_cooked(&self) -> bool {
        format!("{:?}", self.master.get_termios()) == self.settings
    }

    /// Waits until the screen shows `text`.
    pub fn wait_for(&self, text: &str) {
        self.wait_until(&format!("{text:?} on the screen"), |pty| {
            pty.text().contains(text)
        });
    }

    /// Waits until something is true of the terminal.
    pub fn wait_until(&self, what: &str, ready: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + LIMIT;
        while !ready(self) {
            assert!(
                Instant::now() < deadline,
                "waited {LIMIT:?} for {what}; modes {:?}, screen:\n{}",
                self.modes(),
                self.text()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the program to end; returns its exit status.
    pub fn wait_exit(&mut self) -> u32 {
        let deadline = Instant::now() + LIMIT;
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return status.exit_code();
            }
            assert!(
                Instant::now() < deadline,
                "waited {LIMIT:?} for the program to end; screen:\n{}",
                self.text()
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for the screen to be as wanted, and looks at nothing else: as quick as the
    /// emulator. For measuring.
    pub fn wait_screen(&self, ready: impl Fn(&Screen) -> bool) {
        let waiting = self
            .terminal
            .changed
            .wait_timeout_while(self.lock(), LIMIT, |parser| !ready(parser.screen()));
        let (parser, waited) = waiting.unwrap_or_else(PoisonError::into_inner);
        let text = parser.screen().contents();
        assert!(
            !waited.timed_out(),
            "waited {LIMIT:?} for a screen, but got:\n{text}"
        );
    }

    /// The program's process id.
    pub fn id(&self) -> u32 {
        self.child
            .process_id()
            .expect("a started program has an id")
    }

    fn lock(&self) -> MutexGuard<'_, Parser<Witness>> {
        self.terminal.lock()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The environment variables here that are the program's own: whoever runs the tests may use
/// it, too.
pub fn own_variables() -> impl Iterator<Item = OsString> {
    let names = std::env::vars_os().map(|(name, _)| name);
    names.filter(|name| name.as_encoded_bytes().starts_with(b"ZOOSCOPE_"))
}

/// The environment of a test: a known terminal, no colour settings, no multiplexer.
pub fn plain(mut command: CommandBuilder) -> CommandBuilder {
    for name in [
        "NO_COLOR",
        "TMUX",
        "SSH_TTY",
        "SSH_CONNECTION",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "RUST_BACKTRACE",
        "HISTFILE",
    ] {
        command.env_remove(name);
    }
    for name in own_variables() {
        command.env_remove(name);
    }
    command.env("TERM", "xterm-256color");
    command.env("LANG", "C.UTF-8");
    command
}

const fn pixels((rows, cols): Size) -> PtySize {
    PtySize {
        rows,
        cols,
        pixel_width: 0,
        pixel_height: 0,
    }
}

fn cells((rows, columns): Size) -> (NonZero<u16>, NonZero<u16>) {
    let some = |count| NonZero::new(count).expect("a terminal has cells");
    (some(rows), some(columns))
}
