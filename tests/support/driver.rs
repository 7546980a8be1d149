//! Drives the whole explorer as a person would, on a screen in memory: keys in as text, the
//! picture out. What runs is the real event loop, the real client and a real server.

use std::io;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Frame;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use zooscope::app::{self, Incoming, Start, Tty, World};
use zooscope::client::{Client, Options};
use zooscope::explorer::{Keymap, Settings};
use zooscope::text::Charset;
use zooscope::ui::{Look, Theme};

/// How long a screen may take to show what is waited for, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A terminal in memory.
struct ScriptTty {
    terminal: Terminal<TestBackend>,
    input: mpsc::UnboundedReceiver<Event>,
    frames: watch::Sender<(Buffer, Position)>,
    copied: mpsc::UnboundedSender<String>,
}

impl Tty for ScriptTty {
    async fn next(&mut self) -> Incoming {
        self.input
            .recv()
            .await
            .map_or(Incoming::Terminate, Incoming::Event)
    }

    fn ready(&mut self) -> Option<Incoming> {
        self.input.try_recv().ok().map(Incoming::Event)
    }

    fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        let Ok(frame) = self.terminal.draw(render);
        let buffer = frame.buffer.clone();
        let Ok(cursor) = self.terminal.get_cursor_position();
        self.frames.send_replace((buffer, cursor));
        Ok(())
    }

    fn size(&self) -> io::Result<(u16, u16)> {
        let Ok(size) = self.terminal.size();
        Ok((size.width, size.height))
    }

    fn mouse(&mut self, _on: bool) -> io::Result<()> {
        Ok(())
    }

    fn clipboard(&mut self, text: &str) -> io::Result<()> {
        let _ = self.copied.send(text.to_owned());
        Ok(())
    }

    fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A running explorer.
pub struct Driver {
    input: mpsc::UnboundedSender<Event>,
    frames: watch::Receiver<(Buffer, Position)>,
    /// What was sent to the terminal's clipboard.
    pub copied: mpsc::UnboundedReceiver<String>,
    /// The explorer's own client.
    pub client: Client,
    running: JoinHandle<io::Result<()>>,
}

impl Driver {
    /// Opens the explorer on `hosts`, 100 columns by 30 rows.
    pub fn open(hosts: &str) -> Self {
        let options = Options::new(hosts).expect("hosts of the test");
        Self::start(options, start(Settings::default()), (100, 30))
    }

    /// Opens the explorer as told.
    pub fn start(options: Options, start: Start, size: (u16, u16)) -> Self {
        let Ok(terminal) = Terminal::new(TestBackend::new(size.0, size.1));
        let (input, events) = mpsc::unbounded_channel();
        let (frames, seen) = watch::channel(<_>::default());
        let (copy, copied) = mpsc::unbounded_channel();
        let client = Client::connect(options);
        let world = World::new(client.clone());
        let mut tty = ScriptTty {
            terminal,
            input: events,
            frames,
            copied: copy,
        };
        let running = tokio::spawn(async move { app::run(&mut tty, world, start).await });
        Self {
            input,
            frames: seen,
            copied,
            client,
            running,
        }
    }

    /// Presses keys: characters as they stand, others by name in angle brackets, as in
    /// `"jj<right>:<C-s><esc>"`. A `<` itself is `<lt>`.
    pub fn keys(&self, script: &str) {
        for key in parse_keys(script) {
            let _ = self.input.send(Event::Key(key));
        }
    }

    /// Sends any other event.
    pub fn event(&self, event: Event) {
        let _ = self.input.send(event);
    }

    /// The last frame.
    pub fn buffer(&self) -> Buffer {
        self.frames.borrow().0.clone()
    }

    /// Where the cursor stood last; it may be hidden.
    pub fn cursor(&self) -> (u16, u16) {
        self.frames.borrow().1.into()
    }

    /// The last frame's text, a line each, trailing blanks cut.
    pub fn text(&self) -> String {
        text_of(&self.frames.borrow().0)
    }

    /// Waits until `text` is on the screen.
    pub async fn wait_for(&mut self, text: &str) {
        self.wait_until(&format!("{text:?} on the screen"), |screen| {
            screen.contains(text)
        })
        .await;
    }

    /// Waits until `text` is not on the screen.
    pub async fn wait_gone(&mut self, text: &str) {
        self.wait_until(&format!("{text:?} gone from the screen"), |screen| {
            !screen.contains(text)
        })
        .await;
    }

    /// Waits until the screen's text is as wanted.
    pub async fn wait_until(&mut self, what: &str, is_so: impl Fn(&str) -> bool) {
        let wanted = self.frames.wait_for(|frame| is_so(&text_of(&frame.0)));
        let seen = tokio::time::timeout(PATIENCE, wanted).await;
        let seen = seen.is_ok_and(|seen| seen.is_ok());
        assert!(
            seen,
            "waited in vain for {what}; the screen is\n{}",
            self.text()
        );
    }

    /// Waits until the explorer has quit by itself.
    pub async fn ended(self) -> io::Result<()> {
        tokio::time::timeout(PATIENCE, self.running)
            .await
            .expect("the explorer quits")
            .expect("the explorer does not panic")
    }
}

/// The usual keys and colours, times in UTC.
pub fn start(settings: Settings) -> Start {
    let theme = Theme::named("dark").expect("a built-in theme");
    Start {
        settings,
        keymap: Keymap::default(),
        look: Look::new(theme, Charset::Unicode, jiff::tz::TimeZone::UTC),
        clock: app::now,
    }
}

/// A buffer's text, a line each, trailing blanks cut. The cell behind a wide character holds
/// nothing of its own.
pub fn text_of(buffer: &Buffer) -> String {
    use unicode_width::UnicodeWidthStr as _;
    let mut text = String::new();
    for row in 0..buffer.area.height {
        let mut line = String::new();
        let mut column = 0;
        while column < buffer.area.width {
            let symbol = buffer[(column, row)].symbol();
            line.push_str(symbol);
            column += u16::try_from(symbol.width().max(1)).unwrap_or(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn parse_keys(script: &str) -> Vec<KeyEvent> {
    let mut keys = Vec::new();
    let mut rest = script;
    while let Some(c) = rest.chars().next() {
        if let Some((name, tail)) = rest.strip_prefix('<').and_then(|tail| tail.split_once('>')) {
            keys.push(named_key(name));
            rest = tail;
        } else {
            keys.push(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
            rest = &rest[c.len_utf8()..];
        }
    }
    keys
}

fn named_key(name: &str) -> KeyEvent {
    let (modifiers, name) = match name.split_once('-') {
        Some(("C", name)) => (KeyModifiers::CONTROL, name),
        Some(("S", name)) => (KeyModifiers::SHIFT, name),
        Some(("A", name)) => (KeyModifiers::ALT, name),
        _ => (KeyModifiers::NONE, name),
    };
    let code = match name {
        "lt" => KeyCode::Char('<'),
        "space" => KeyCode::Char(' '),
        "ret" => KeyCode::Enter,
        "esc" => KeyCode::Esc,
        "tab" => KeyCode::Tab,
        "backtab" => KeyCode::BackTab,
        "backspace" => KeyCode::Backspace,
        "del" => KeyCode::Delete,
        "up" => KeyCode::Up,
        "down" => KeyCode::Down,
        "left" => KeyCode::Left,
        "right" => KeyCode::Right,
        "home" => KeyCode::Home,
        "end" => KeyCode::End,
        "pgup" => KeyCode::PageUp,
        "pgdn" => KeyCode::PageDown,
        one => KeyCode::Char(one.chars().next().expect("a key has a name")),
    };
    KeyEvent::new(code, modifiers)
}
