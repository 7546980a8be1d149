//! Other people's clients on `zooscope serve`: kazoo and ZooKeeper's own shell each do a
//! session of what their users do. Each test says so where its client isn't installed;
//! `ZOOSCOPE_PYTHON` names a Python that has kazoo if `python3` hasn't.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use zooscope::server::Version;

const ZKCLI: &str = "/usr/share/zookeeper/bin/zkCli.sh";
const LIMIT: Duration = Duration::from_secs(90);

/// The program serving, until this is dropped.
struct Serve {
    program: Child,
    hosts: String,
}

impl Serve {
    fn start(version: Version) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_zooscope"))
            .args(["serve", "--listen", "127.0.0.1:0", "--server-version"])
            .arg(version.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let stdout = program.stdout.take().expect("a pipe");
        let mut line = String::new();
        BufReader::new(stdout)
            .read_line(&mut line)
            .expect("a line of text");
        let hosts = line
            .split([' ', ','])
            .find(|word| word.starts_with("127.0.0.1:"))
            .map(str::to_owned);
        let Some(hosts) = hosts else {
            let _ = program.kill();
            unreachable!("the program says where it serves, not {line:?}");
        };
        Self { program, hosts }
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

fn skipped(why: &str) {
    let line = format!("skipped: {why}\n");
    // Past the test runner's capture, which would hide it.
    drop(std::io::stderr().write_all(line.as_bytes()));
}

/// What the command wrote, once it has ended; it is not waited for without end.
fn finished(mut command: Child, input: &str) -> Output {
    let mut stdin = command.stdin.take().expect("a pipe");
    let typed = stdin.write_all(input.as_bytes());
    drop(stdin);
    let ends = Instant::now() + LIMIT;
    let id = command.id();
    let output = std::thread::spawn(move || command.wait_with_output());
    while !output.is_finished() && Instant::now() < ends {
        std::thread::sleep(Duration::from_millis(20));
    }
    if !output.is_finished() {
        let _ = Command::new("kill").arg(id.to_string()).status();
    }
    let output = output.join().expect("no panic").expect("its output");
    assert!(typed.is_ok(), "{output:?}");
    output
}

fn spawn(command: &mut Command) -> Option<Child> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()
}

#[test]
fn kazoo_does_a_session_on_every_version() {
    let python = std::env::var("ZOOSCOPE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let kazoo = Command::new(&python)
        .args(["-c", "import kazoo"])
        .stderr(Stdio::null())
        .status();
    if !kazoo.is_ok_and(|status| status.success()) {
        skipped("no kazoo: pip install kazoo, or name a Python that has it in ZOOSCOPE_PYTHON");
        return;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/server/kazoo_session.py");
    for version in Version::ALL {
        let serve = Serve::start(version);
        let session = spawn(Command::new(&python).arg(&script).arg(&serve.hosts));
        let output = finished(session.expect("Python starts"), "");
        let said = String::from_utf8_lossy(&output.stdout);
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said.trim(), "done", "{version}: {complaint}");
        assert!(output.status.success(), "{version}: {complaint}");
    }
}

/// What is typed, and what must be among the lines that the shell prints.
const SHELL: [(&str, &[&str]); 15] = [
    ("create /shell one", &["Created /shell"]),
    ("create -s /shell/n- x", &["Created /shell/n-0000000000"]),
    ("create -e /shell/gone", &["Created /shell/gone"]),
    ("get -w /shell", &["\none\n"]),
    ("ls /shell", &["[gone, n-0000000000]"]),
    (
        "set /shell two",
        &["WatchedEvent state:SyncConnected type:NodeDataChanged path:/shell"],
    ),
    (
        "get -s /shell",
        &["\ntwo\n", "dataVersion = 1", "numChildren = 2"],
    ),
    (
        "set -v 7 /shell three",
        &["version No is not valid : /shell"],
    ),
    ("create -c /shell/box", &["Created /shell/box"]),
    ("create -t 600000 /shell/brief", &["Created /shell/brief"]),
    ("getAcl /shell", &["'world,'anyone", ": cdrwa"]),
    ("getAllChildrenNumber /shell", &["4"]),
    ("addWatch -m PERSISTENT_RECURSIVE /shell", &[]),
    ("deleteall /shell", &["type:NodeDeleted path:/shell"]),
    ("ls /", &["[zookeeper]"]),
];

#[test]
fn the_official_shell_does_a_session() {
    if !Path::new(ZKCLI).exists() {
        skipped("no zkCli.sh: install Debian's package zookeeper");
        return;
    }
    let serve = Serve::start(Version::default());
    let mut input: String = SHELL.map(|(typed, _)| format!("{typed}\n")).concat();
    input.push_str("quit\n");
    let shell = spawn(Command::new(ZKCLI).args(["-server", &serve.hosts]));
    let output = finished(shell.expect("a shell"), &input);
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    for wanted in SHELL.iter().flat_map(|(_, wanted)| *wanted) {
        assert!(said.contains(wanted), "{wanted:?} is not in:\n{said}");
    }
}
