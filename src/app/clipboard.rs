//! The way to the user's clipboard, which depends on where the program runs: through tmux,
//! through the terminal itself (over SSH), or to the desktop.

use std::process::Stdio;
use std::sync::mpsc;

use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::sync::oneshot;

/// Terminals drop longer OSC 52 sequences (about 74 KB are commonly taken, in base64).
const TERMINAL_LIMIT: usize = 74_000 / 4 * 3;

/// How a copy went.
#[derive(Debug, PartialEq, Eq)]
pub enum Copied {
    /// Done; the words say how.
    Done(&'static str),
    /// The event loop must send it through the terminal.
    ThroughTerminal(String),
    /// Not possible; the words say why.
    Failed(String),
}

/// Where this program runs, as far as it matters for copying.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Tmux,
    Remote,
    Desktop,
}

/// Hands out copies. Cheap to clone.
#[derive(Clone)]
pub struct Clipboard {
    place: Place,
    desktop: mpsc::Sender<Job>,
}

struct Job {
    text: String,
    done: oneshot::Sender<Result<(), arboard::Error>>,
}

impl Clipboard {
    /// Looks once at where the program runs. The desktop's clipboard is opened at the first
    /// copy, on a thread of its own that then keeps what was copied alive.
    pub fn new() -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let (desktop, jobs) = mpsc::channel();
        let _ = std::thread::Builder::new()
            .name("clipboard".into())
            .spawn(move || serve_desktop(&jobs));
        Self {
            place: place(&set),
            desktop,
        }
    }

    /// Copies `bytes`, which must be text.
    pub async fn copy(&self, bytes: Vec<u8>) -> Copied {
        let Ok(text) = String::from_utf8(bytes) else {
            return Copied::Failed("the data is not text; a clipboard holds text only".into());
        };
        let done = match self.place {
            Place::Tmux => tmux(&text).await.then_some("to tmux's buffer"),
            Place::Remote => None,
            Place::Desktop => self
                .to_desktop(&text)
                .await
                .then_some("to the desktop's clipboard"),
        };
        match done {
            Some(how) => Copied::Done(how),
            None if text.len() > TERMINAL_LIMIT => Copied::Failed(format!(
                "{} bytes are more than a terminal takes ({TERMINAL_LIMIT})",
                text.len()
            )),
            None => Copied::ThroughTerminal(text),
        }
    }

    async fn to_desktop(&self, text: &str) -> bool {
        let (done, answer) = oneshot::channel();
        let text = text.to_owned();
        self.desktop.send(Job { text, done }).is_ok() && matches!(answer.await, Ok(Ok(())))
    }
}

impl Default for Clipboard {
    fn default() -> Self {
        Self::new()
    }
}

fn place(set: &dyn Fn(&str) -> bool) -> Place {
    if set("TMUX") {
        Place::Tmux
    } else if set("SSH_CONNECTION") || set("SSH_TTY") {
        Place::Remote
    } else if cfg!(any(windows, target_os = "macos")) || set("DISPLAY") || set("WAYLAND_DISPLAY") {
        Place::Desktop
    } else {
        Place::Remote
    }
}

/// Under X11 and Wayland a clipboard's content dies with its owner, so one handle stays for
/// as long as the program does.
fn serve_desktop(jobs: &mpsc::Receiver<Job>) {
    let mut clipboard = None;
    while let Ok(Job { text, done }) = jobs.recv() {
        let opened = match clipboard.take() {
            Some(open) => Ok(open),
            None => arboard::Clipboard::new(),
        };
        let result = opened.and_then(|mut open| {
            let set = open.set_text(text);
            clipboard = Some(open);
            set
        });
        let _ = done.send(result);
    }
}

/// tmux drops what a program sends to the terminal's clipboard unless told otherwise, but
/// takes a buffer and passes it on.
async fn tmux(text: &str) -> bool {
    let child = Command::new("tmux")
        .args(["load-buffer", "-w", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let Ok(mut child) = child else { return false };
    let Some(mut stdin) = child.stdin.take() else {
        return false;
    };
    let written = stdin.write_all(text.as_bytes()).await.is_ok();
    drop(stdin);
    written && child.wait().await.is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_follows_the_environment() {
        let with = |names: &'static [&'static str]| place(&|name| names.contains(&name));
        assert_eq!(with(&["TMUX", "DISPLAY", "SSH_TTY"]), Place::Tmux);
        assert_eq!(with(&["SSH_CONNECTION", "DISPLAY"]), Place::Remote);
        assert_eq!(with(&["WAYLAND_DISPLAY"]), Place::Desktop);
        #[cfg(target_os = "linux")]
        assert_eq!(with(&[]), Place::Remote);
    }

    #[tokio::test]
    async fn bytes_that_are_no_text_are_refused_and_long_text_is_not_sent_to_a_terminal() {
        let (desktop, _jobs) = mpsc::channel();
        let clipboard = Clipboard {
            place: Place::Remote,
            desktop,
        };
        assert!(matches!(
            clipboard.copy(vec![0xff]).await,
            Copied::Failed(_)
        ));
        assert_eq!(
            clipboard.copy(b"/a".to_vec()).await,
            Copied::ThroughTerminal("/a".into())
        );
        assert!(matches!(
            clipboard.copy(vec![b'a'; TERMINAL_LIMIT + 1]).await,
            Copied::Failed(_)
        ));
    }
}
