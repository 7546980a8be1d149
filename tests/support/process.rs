//! One server process: started, found ready, stopped in every way a test wants, and gone
//! when the test is gone, however that ends: a small shell waits at a pipe that only this
//! process holds open, and ends the server when the pipe closes.

use std::fs::File;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::raw::four_letter_word;
use super::wait::{blocking, wait_until};

/// How to start a server.
#[derive(Debug, Clone)]
pub struct Start {
    /// Java's class path.
    pub class_path: String,
    /// The class with `main`.
    pub main: &'static str,
    /// Further options of Java.
    pub java: Vec<String>,
    /// The server's folder: `zoo.cfg` and `data/` are in it, `log` is written there.
    pub folder: PathBuf,
    /// What is removed if this process is ended: that folder, or the one that it shares.
    pub whole: PathBuf,
    /// Where clients will find it.
    pub port: u16,
}

/// A running server, or one that has been stopped and can start again.
#[derive(Debug)]
pub struct Jvm {
    start: Start,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    server: Child,
    guard: Child,
}

/// Why a server did not come up.
#[derive(Debug)]
pub struct NotUp {
    /// Whether another process has its port: another port is worth a try.
    pub clash: bool,
    /// Its log.
    pub log: String,
}

const UP_WITHIN: Duration = Duration::from_secs(60);

impl Jvm {
    /// A server that is not running yet.
    pub const fn new(start: Start) -> Self {
        Self {
            start,
            running: None,
        }
    }

    /// Where clients find it.
    pub fn addr(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.start.port).into()
    }

    /// Starts the process and returns at once.
    pub fn spawn(&mut self) {
        if self.running.is_some() {
            return;
        }
        let log = self.log_file();
        let mut java = Command::new("java");
        java.args([
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xshare:auto",
            // Servers read passwords in Java's own charset, which follows the environment.
            "-Dfile.encoding=UTF-8",
        ])
        .args(&self.start.java)
        .arg("-cp")
        .arg(&self.start.class_path)
        .arg(self.start.main)
        .arg(self.start.folder.join("zoo.cfg"))
        .current_dir(&self.start.folder)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a file handle can be cloned"))
        .stderr(log)
        .process_group(0);
        let server = java.spawn().expect("java starts");
        let guard = guard(&server, &self.start.whole);
        self.running = Some(Running { server, guard });
    }

    /// Waits until the process answers `srvr` with a mode, and is ours.
    pub fn wait(&mut self) -> Result<(), NotUp> {
        let deadline = Instant::now() + UP_WITHIN;
        blocking(|| {
            loop {
                if self.is_up() {
                    return Ok(());
                }
                if !self.is_alive() || Instant::now() > deadline {
                    let log = self.log();
                    let clash = log.contains("Address already in use") || self.is_taken();
                    self.kill();
                    return Err(NotUp { clash, log });
                }
                std::thread::sleep(Duration::from_millis(15));
            }
        })
    }

    /// The value of `Mode:`, if the server serves.
    pub fn mode(&self) -> Option<String> {
        let answer = four_letter_word(self.addr(), "srvr").ok()?;
        let line = answer
            .lines()
            .find_map(|line| line.strip_prefix("Mode: "))?;
        Some(line.trim().to_owned())
    }

    fn is_up(&self) -> bool {
        self.mode().is_some() && self.is_ours()
    }

    /// Whether what listens on the port has our folder: another process may have been faster.
    fn is_ours(&self) -> bool {
        let folder = self.start.folder.display().to_string();
        four_letter_word(self.addr(), "conf").is_ok_and(|conf| conf.contains(&folder))
    }

    fn is_taken(&self) -> bool {
        four_letter_word(self.addr(), "conf").is_ok_and(|conf| !conf.is_empty()) && !self.is_ours()
    }

    /// Whether the process has not ended.
    pub fn is_alive(&mut self) -> bool {
        self.running
            .as_mut()
            .is_some_and(|running| matches!(running.server.try_wait(), Ok(None)))
    }

    /// Ends it as an operator would.
    pub fn stop(&mut self) {
        self.signal(Signal::TERM);
        self.gone();
    }

    /// Ends it as a crash would (SIGKILL).
    pub fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.gone();
    }

    /// Stops its clock (SIGSTOP): the sockets stay open and nothing answers. The signal is no
    /// more than asked for when it is sent: each thread stops in its own time.
    pub fn freeze(&self) {
        self.signal(Signal::STOP);
        if let Some(running) = &self.running {
            let threads = format!("/proc/{}/task", running.server.id());
            wait_until("every thread to stop", || all_stopped(Path::new(&threads)));
        }
    }

    /// Lets it go on after [`freeze`](Self::freeze).
    pub fn thaw(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        if let Some(running) = &self.running
            && let Ok(id) = i32::try_from(running.server.id())
            && let Some(pid) = Pid::from_raw(id)
        {
            // A process that has ended by itself is as gone as was wanted.
            let _ = kill_process(pid, signal);
        }
    }

    fn gone(&mut self) {
        if let Some(mut running) = self.running.take() {
            // First the guard, so that it can't end a stranger that got the server's pid.
            drop(running.guard.kill());
            drop(blocking(|| running.guard.wait()));
            drop(blocking(|| running.server.wait()));
        }
    }

    /// What the server wrote so far.
    pub fn log(&self) -> String {
        let bytes = std::fs::read(self.start.folder.join("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn log_file(&self) -> File {
        let path = self.start.folder.join("log");
        let options = File::options().create(true).append(true).open(path);
        options.expect("the log can be written")
    }
}

impl Drop for Jvm {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<&str> = log.lines().rev().take(30).collect();
            let tail: Vec<&str> = tail.into_iter().rev().collect();
            let text = format!(
                "--- {} ---\n{}\n",
                self.start.folder.display(),
                tail.join("\n")
            );
            drop(std::io::stderr().write_all(text.as_bytes()));
        }
    }
}

/// Ends `server` and removes its folder once this process is gone.
pub fn guard(server: &Child, folder: &Path) -> Child {
    Command::new("sh")
        .args(["-c", "read -r _; kill -9 \"$1\"; rm -rf \"$2\"", "guard"])
        .arg(server.id().to_string())
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("sh starts")
}

/// Whether none of these threads runs. One that is gone doesn't.
fn all_stopped(threads: &Path) -> bool {
    let Ok(threads) = std::fs::read_dir(threads) else {
        return true;
    };
    threads.flatten().all(|thread| {
        let stat = std::fs::read_to_string(thread.path().join("stat")).unwrap_or_default();
        // The name before it is in parentheses, and may hold any.
        let state = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
        !state.starts_with(['R', 'S', 'D'])
    })
}
