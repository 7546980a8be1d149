//! The terminal: the one place that knows its modes and writes escape sequences.
//! [`Screen::enter`] turns every mode on, [`leave`] turns every mode off again, from wherever
//! it is called: the end of the program, a suspend, a signal, a panic.

use std::io::{self, BufWriter, Stdout, Write as _, stdout};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{Command, cursor, execute};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal};

/// Whether the modes are on: [`leave`] may be called by anyone at any time.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// The terminal while the explorer owns it.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    mouse: bool,
}

impl Screen {
    /// Takes the terminal over. From here on a panic restores it before it is reported.
    pub fn enter(mouse: bool) -> io::Result<Self> {
        restore_on_panic();
        modes_on(mouse)?;
        // Without a large buffer every cell run would be a write of its own.
        let out = BufWriter::with_capacity(1 << 16, stdout());
        let terminal = Terminal::new(CrosstermBackend::new(out)).inspect_err(|_| leave())?;
        Ok(Self { terminal, mouse })
    }

    /// Draws one frame, shown at once by terminals that know synchronised updates.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        let drawn = self.terminal.draw(render).map(|_| ());
        let ended = execute!(self.terminal.backend_mut(), EndSynchronizedUpdate);
        drawn.and(ended)
    }

    /// Columns and rows.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }

    /// Captures the mouse, or leaves it to the terminal's own selection.
    pub fn mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        execute!(self.terminal.backend_mut(), Mouse(on))
    }

    /// Sends text to the terminal's clipboard (OSC 52). The terminal never says whether it
    /// took it.
    pub fn clipboard(&mut self, text: &str) -> io::Result<()> {
        let out = self.terminal.backend_mut();
        execute!(out, CopyToClipboard::to_clipboard_from(text))
    }

    /// Stops the whole process group as the shell's Ctrl-Z would, and comes back when
    /// continued. The caller must not hold the terminal's input meanwhile.
    #[cfg(unix)]
    pub fn suspend(&mut self) -> io::Result<()> {
        leave();
        // SIGSTOP to the group: a parent such as a script or `cargo run` stops too.
        rustix::process::kill_current_process_group(rustix::process::Signal::STOP)?;
        modes_on(self.mouse)?;
        self.repaint()
    }

    /// There is no job control here.
    #[cfg(not(unix))]
    pub fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Makes the next frame write every cell. `Terminal::clear` would ask the terminal where
    /// its cursor is, and wait for an answer that may not come.
    fn repaint(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal
            .resize(Rect::new(0, 0, size.width, size.height))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        leave();
    }
}

fn modes_on(mouse: bool) -> io::Result<()> {
    ENTERED.store(true, Ordering::SeqCst);
    let on = || {
        enable_raw_mode()?;
        execute!(
            stdout(),
            EnterAlternateScreen,
            EnableBracketedPaste,
            cursor::Hide
        )?;
        if mouse {
            execute!(stdout(), Mouse(true))?;
        }
        Ok(())
    };
    on().inspect_err(|_: &io::Error| leave())
}

/// Gives the terminal back as it was. Errors are ignored: there is nobody left to tell.
pub fn leave() {
    if !ENTERED.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = stdout();
    let _ = execute!(
        out,
        EndSynchronizedUpdate,
        Mouse(false),
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = out.flush();
    let _ = disable_raw_mode();
}

/// A panic anywhere, in any task, ends the program: no loop may go on drawing over the
/// message. Installed once, and only when a terminal is taken over.
fn restore_on_panic() {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if INSTALLED.swap(true, Ordering::SeqCst) {
        return;
    }
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        leave();
        report(panic);
        std::process::exit(101);
    }));
}

/// Reports of buttons, drags and the wheel, in SGR form, on or off. Crossterm's own command
/// would also ask for every movement, which floods a slow line.
struct Mouse(bool);

impl Command for Mouse {
    fn write_ansi(&self, f: &mut impl std::fmt::Write) -> std::fmt::Result {
        f.write_str(if self.0 {
            "\x1b[?1000h\x1b[?1002h\x1b[?1006h"
        } else {
            "\x1b[?1006l\x1b[?1002l\x1b[?1000l"
        })
    }

    #[cfg(windows)]
    fn execute_winapi(&self) -> io::Result<()> {
        if self.0 {
            crossterm::event::EnableMouseCapture.execute_winapi()
        } else {
            crossterm::event::DisableMouseCapture.execute_winapi()
        }
    }
}
