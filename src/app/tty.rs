//! What the event loop needs of a terminal, and the real one: its screen, its input and the
//! signals that concern it. Tests and screenshots bring a terminal of their own.

use std::io;
use std::time::Duration;

use crossterm::event::{Event, EventStream};
use futures_util::StreamExt as _;
use ratatui::Frame;
#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::terminal::Screen;

/// Something came in from the terminal's side.
#[derive(Debug)]
pub enum Incoming {
    /// A key, a paste, the mouse, a new size.
    Event(Event),
    /// A request to stop as Ctrl-Z does (SIGTSTP).
    Suspend,
    /// The end: SIGTERM, SIGHUP, SIGINT, or the input is gone.
    Terminate,
}

/// A terminal, as the event loop sees it.
pub trait Tty {
    /// The next thing that comes in. Cancelling the future loses nothing.
    fn next(&mut self) -> impl Future<Output = Incoming> + Send;
    /// What else has come in already, without waiting.
    fn ready(&mut self) -> Option<Incoming>;
    /// Draws one frame.
    fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()>;
    /// Columns and rows.
    fn size(&self) -> io::Result<(u16, u16)>;
    /// Captures the mouse or leaves it to the terminal.
    fn mouse(&mut self, on: bool) -> io::Result<()>;
    /// Sends text to the terminal's own clipboard.
    fn clipboard(&mut self, text: &str) -> io::Result<()>;
    /// Stops, and returns once continued.
    fn suspend(&mut self) -> io::Result<()>;
}

/// The terminal that the program was started in.
pub struct RealTty {
    screen: Screen,
    /// `None` only while suspended: nobody else may read the terminal's input at that time.
    input: Option<EventStream>,
    #[cfg(unix)]
    signals: Signals,
}

#[cfg(unix)]
struct Signals {
    terminate: Signal,
    hangup: Signal,
    interrupt: Signal,
    stop: Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            // Ignored, a dead terminal would keep its reader spinning.
            hangup: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            stop: signal(SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw()))?,
        })
    }

    async fn next(&mut self) -> Incoming {
        tokio::select! {
            _ = self.terminate.recv() => Incoming::Terminate,
            _ = self.hangup.recv() => Incoming::Terminate,
            _ = self.interrupt.recv() => Incoming::Terminate,
            _ = self.stop.recv() => Incoming::Suspend,
        }
    }
}

impl RealTty {
    /// Takes the terminal over. Must be called inside the runtime.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        #[cfg(unix)]
        let signals = Signals::listen()?;
        Ok(Self {
            screen: Screen::enter(mouse)?,
            input: Some(EventStream::new()),
            #[cfg(unix)]
            signals,
        })
    }
}

impl Tty for RealTty {
    async fn next(&mut self) -> Incoming {
        let Some(input) = &mut self.input else {
            return Incoming::Terminate;
        };
        #[cfg(unix)]
        tokio::select! {
            biased;
            incoming = self.signals.next() => incoming,
            event = input.next() => incoming(event),
        }
        #[cfg(not(unix))]
        incoming(input.next().await)
    }

    /// Past the stream: it remembers the waker of its first poll only, and one that is polled
    /// from here, without a task, would sleep through all keys to come.
    fn ready(&mut self) -> Option<Incoming> {
        self.input.as_ref()?;
        match crossterm::event::poll(Duration::ZERO) {
            Ok(false) => None,
            Ok(true) => Some(incoming(Some(crossterm::event::read()))),
            Err(error) => Some(incoming(Some(Err(error)))),
        }
    }

    fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.screen.draw(render)
    }

    fn size(&self) -> io::Result<(u16, u16)> {
        self.screen.size()
    }

    fn mouse(&mut self, on: bool) -> io::Result<()> {
        self.screen.mouse(on)
    }

    fn clipboard(&mut self, text: &str) -> io::Result<()> {
        self.screen.clipboard(text)
    }

    fn suspend(&mut self) -> io::Result<()> {
        self.input = None;
        let done = self.screen.suspend();
        self.input = Some(EventStream::new());
        done
    }
}

/// A broken or ended input means that the terminal is gone.
fn incoming(event: Option<io::Result<Event>>) -> Incoming {
    match event {
        Some(Ok(event)) => Incoming::Event(event),
        Some(Err(_)) | None => Incoming::Terminate,
    }
}
