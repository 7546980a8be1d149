//! The only impure corner of the explorer, and in this file its event loop: something comes
//! in, the explorer decides, effects are carried out, a frame is drawn if anything changed.
//! Nothing here waits for a server, so a slow one can't freeze the screen; with nothing to do
//! the loop sleeps.

mod clipboard;
mod effects;
mod input;
mod request;
mod session;
mod terminal;
mod tty;

use std::io;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub use effects::World;
pub use terminal::leave;
pub use tty::{Incoming, RealTty, Tty};

use crate::explorer::{Effect, Explorer, Keymap, Message, Now, Settings};
use crate::ui::{self, Look};
use effects::Reply;
use input::Input;

/// The shortest time between two frames that nobody's hand has asked for: a storm of changes
/// shares frames, while a key is answered at once.
const FRAME: Duration = Duration::from_millis(16);
/// How many messages are taken in before the next frame at most.
const BURST: usize = 256;

/// What the explorer starts with.
pub struct Start {
    /// What the command line decided.
    pub settings: Settings,
    /// Which key asks for what.
    pub keymap: Keymap,
    /// How everything looks.
    pub look: Look,
    /// What time it is; pictures that must not change bring a clock that stands.
    pub clock: fn() -> Now,
}

/// Runs the explorer until it quits. Only the terminal's own errors come back: those of the
/// server are part of what is shown.
pub async fn run<T: Tty>(tty: &mut T, world: World, start: Start) -> io::Result<()> {
    let clock = start.clock;
    let (explorer, wanted) = Explorer::new(start.settings, start.keymap, clock());
    let mut app = App {
        explorer,
        world,
        look: start.look,
        clock,
        input: Input::default(),
        dirty: true,
        touched: false,
        drawn: None,
        over: false,
    };
    for effect in wanted {
        app.perform(tty, effect)?;
    }
    app.resize(tty)?;
    while !app.over {
        app.draw_if_due(tty)?;
        app.wait(tty).await?;
        app.drain(tty)?;
    }
    Ok(())
}

struct App {
    explorer: Explorer,
    world: World,
    look: Look,
    clock: fn() -> Now,
    input: Input,
    /// Something has changed since the last frame.
    dirty: bool,
    /// The user did something since the last frame.
    touched: bool,
    /// When the last frame was drawn.
    drawn: Option<Instant>,
    over: bool,
}

impl App {
    fn resize<T: Tty>(&mut self, tty: &mut T) -> io::Result<()> {
        let (width, height) = tty.size()?;
        self.dirty = true;
        self.update(tty, Message::Resize(ui::viewport(width, height)))
    }

    /// Waits for one thing to happen and takes it in. The user comes first: a flood of replies
    /// must not keep a key from being heard.
    async fn wait<T: Tty>(&mut self, tty: &mut T) -> io::Result<()> {
        let deadline = self.next_deadline();
        tokio::select! {
            biased;
            incoming = tty.next() => self.take_incoming(tty, incoming),
            reply = self.world.next() => self.take_reply(tty, reply),
            () = at(deadline) => {
                if self.explorer.deadline().is_some_and(|due| due <= Instant::now()) {
                    self.update(tty, Message::Tick)?;
                }
                Ok(())
            }
        }
    }

    /// Takes in what else is there already, so that a burst costs one frame.
    fn drain<T: Tty>(&mut self, tty: &mut T) -> io::Result<()> {
        for _ in 0..BURST {
            if self.over {
                break;
            }
            if let Some(incoming) = tty.ready() {
                self.take_incoming(tty, incoming)?;
            } else if let Some(reply) = self.world.ready() {
                self.take_reply(tty, reply)?;
            } else {
                break;
            }
        }
        Ok(())
    }

    fn take_incoming<T: Tty>(&mut self, tty: &mut T, incoming: Incoming) -> io::Result<()> {
        match incoming {
            Incoming::Terminate => self.update(tty, Message::Terminate),
            Incoming::Suspend => self.perform(tty, Effect::Suspend),
            Incoming::Event(event) => {
                self.touched = true;
                let hit = |column, row| ui::hit(&self.explorer, column, row);
                match self.input.translate(event, Instant::now(), hit) {
                    Some(message) => self.update(tty, message),
                    None => Ok(()),
                }
            }
        }
    }

    fn take_reply<T: Tty>(&mut self, tty: &mut T, reply: Reply) -> io::Result<()> {
        match reply {
            Reply::Message(message) => self.update(tty, message),
            Reply::ThroughTerminal { what, text } => {
                let result = tty
                    .clipboard(&text)
                    .map(|()| "sent to the terminal's clipboard".to_owned())
                    .map_err(|error| error.to_string());
                self.update(tty, Message::Copied { what, result })
            }
        }
    }

    fn update<T: Tty>(&mut self, tty: &mut T, message: Message) -> io::Result<()> {
        let effects = self.explorer.update((self.clock)(), message);
        self.dirty |= self.explorer.take_dirty();
        for effect in effects {
            self.perform(tty, effect)?;
        }
        Ok(())
    }

    fn perform<T: Tty>(&mut self, tty: &mut T, effect: Effect) -> io::Result<()> {
        match effect {
            Effect::Quit => self.over = true,
            Effect::Mouse(on) => tty.mouse(on)?,
            Effect::Suspend => {
                tty.suspend()?;
                self.resize(tty)?;
            }
            other => self.world.perform(other),
        }
        Ok(())
    }

    /// When to wake up if nothing comes in; never, if nothing is waited for.
    fn next_deadline(&self) -> Option<Instant> {
        let frame = if self.dirty {
            self.drawn.map(|drawn| drawn + FRAME)
        } else {
            None
        };
        [frame, self.explorer.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    fn draw_if_due<T: Tty>(&mut self, tty: &mut T) -> io::Result<()> {
        let due = self.touched || self.drawn.is_none_or(|drawn| drawn.elapsed() >= FRAME);
        if !self.dirty || !due {
            return Ok(());
        }
        let (explorer, look, now) = (&self.explorer, &self.look, (self.clock)());
        tty.draw(|frame| ui::view(explorer, look, now, frame))?;
        self.dirty = false;
        self.touched = false;
        self.drawn = Some(Instant::now());
        Ok(())
    }
}

async fn at(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

/// The time as this machine has it.
pub fn now() -> Now {
    let wall = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Now {
        mono: Instant::now(),
        wall_ms: i64::try_from(wall.as_millis()).unwrap_or(i64::MAX),
    }
}
