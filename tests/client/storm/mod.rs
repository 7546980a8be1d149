//! A storm: writers, readers and watchers of every kind at work below one znode while faults
//! are inflicted. Each writer keeps a ledger of what it was told of each write; at the end
//! the ledgers are held against the server's truth, and every watcher must see it too.

mod births;
mod deaths;
mod fate;
mod leases;
mod pace;
mod pairs;
mod panics;
mod reader;
mod register;
mod sweeps;
mod truth;
mod views;
mod watchers;

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::task::JoinHandle;
use zooscope::client::{Auth, Client, Options};
use zooscope::proto::{Acl, CreateMode, Perms, ZPath};

use crate::common::{connected, path, soon};
use crate::soak::say;
use crate::support::eventually;

pub use fate::{again, make};
pub use pace::Pace;
pub use panics::{no_task_is_left, tasks};

use births::Births;
use deaths::Deaths;
use fate::{Tally, unmake};
use leases::Leases;
use pairs::Pairs;
use reader::Reader;
use register::{How, Register};
use sweeps::Sweeps;
use truth::Truth;
use watchers::Watcher;

/// What a writer knows of its writes.
trait Ledger: Send {
    /// One more write.
    fn write(&mut self) -> impl Future<Output = ()> + Send;

    /// Fails the test unless the truth agrees.
    fn check(&mut self, truth: &Truth, what: &str);

    /// Outcomes so far.
    fn tally(&self) -> Tally;

    /// Values that must never be seen, as `path=value`: their writes failed for sure.
    fn refused(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What a storm came to.
#[derive(Debug, Default)]
pub struct Figures {
    writes: BTreeMap<&'static str, Tally>,
    reads: usize,
    events: usize,
    gaps: usize,
    lost_sessions: u32,
    connections: u64,
}

impl Figures {
    /// Adds another storm's.
    pub fn add(&mut self, other: Self) {
        for (kind, tally) in other.writes {
            self.writes.entry(kind).or_default().add(tally);
        }
        self.reads += other.reads;
        self.events += other.events;
        self.gaps += other.gaps;
        self.lost_sessions += other.lost_sessions;
        self.connections += other.connections;
    }

    /// How many writes were acknowledged.
    pub fn acknowledged(&self) -> usize {
        self.writes.values().map(|tally| tally.done).sum()
    }

    /// The same in words, a line each.
    pub fn table(&self) -> String {
        let mut text = String::new();
        for (kind, tally) in &self.writes {
            writeln!(text, "  {kind:<20} {tally}").expect("memory");
        }
        writeln!(
            text,
            "  reads {}, watch events {}, gaps told {}, connections {}, sessions lost {}",
            self.reads, self.events, self.gaps, self.connections, self.lost_sessions
        )
        .expect("memory");
        text
    }
}

/// Holds a ledger against the truth; answers what it came to.
type Check = Box<dyn FnOnce(&Truth, &str) -> Tally + Send>;

/// A ledger of any kind, closed.
struct Book {
    kind: &'static str,
    refused: Vec<String>,
    check: Check,
}

/// Everyone at work.
pub struct Storm {
    /// The clients that faults are to hit; most writers use the first.
    pub clients: Vec<Client>,
    pub pace: Arc<Pace>,
    home: ZPath,
    writers: Vec<JoinHandle<Book>>,
    readers: Vec<JoinHandle<Reader>>,
    watchers: Vec<Watcher>,
}

const WRITERS: [&str; 10] = [
    "set, versioned",
    "set, unversioned",
    "set, retried",
    "create, sequential",
    "create, protected",
    "delete",
    "multi",
    "create, ephemeral",
    "create and delete",
    "delete, recursive",
];

impl Storm {
    /// Opens two clients and sets everyone to work below a znode of its own.
    pub async fn start(options: &Options, seed: u64) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let home = path(&format!("/storm-{}-{number}", std::process::id()));
        let mut options = options.clone().auth(Auth::digest(USER.0, USER.1));
        if !seed.is_multiple_of(2) {
            // Hardly anything fits into the queue and onto the wire: most callers wait.
            options = options.max_in_flight(4).max_queued(3);
        }
        let clients = vec![connected(options.clone()).await, connected(options).await];
        let mut storm = Self {
            pace: Arc::new(Pace::new(&WRITERS)),
            home,
            writers: Vec::new(),
            readers: Vec::new(),
            watchers: Vec::new(),
            clients,
        };
        storm.furnish().await;
        storm.write(seed);
        for client in &storm.clients {
            let pace = storm.pace.clone();
            let watchers = watchers::all(client, &storm.home, &pace).await;
            storm.watchers.extend(watchers);
            let reader = Reader::new(client.clone(), &storm.home);
            storm.readers.push(tokio::spawn(reader.run(pace, seed)));
        }
        storm
    }

    async fn furnish(&self) {
        let client = &self.clients[0];
        make(client, &self.home, b"").await;
        for name in [
            "seq", "del", "pairs", "eph", "tree", "sweep", "still", "reg-0", "reg-1", "reg-2",
        ] {
            make(client, &self.home.child(name), b"0").await;
        }
        let still = self.home.child("still");
        let acl = [Acl::digest(Perms::ALL, USER.0, USER.1)];
        for number in 0..STILL {
            let at = still.child(&number.to_string());
            let made = client.create(&at, b"0", &acl, PLAIN).await;
            made.expect("it can be made");
        }
    }

    /// Half of the writers use the other client: what one writes, the other's watchers see.
    fn write(&mut self, seed: u64) {
        let (home, pace) = (self.home.clone(), self.pace.clone());
        let [one, other] = [self.clients[0].clone(), self.clients[1].clone()];
        let register = |name, how, client: &Client| Register::new(client, &home.child(name), how);
        let ledgers = [
            spawn(0, &pace, register("reg-0", How::Versioned, &one)),
            spawn(1, &pace, register("reg-1", How::Whatever, &one)),
            spawn(2, &pace, register("reg-2", How::Retried, &other)),
            spawn(3, &pace, Births::plain(&one, &home)),
            spawn(4, &pace, Births::protected(&other, &home)),
            spawn(5, &pace, Deaths::new(&one, &home)),
            spawn(6, &pace, Pairs::new(&other, &home)),
            spawn(7, &pace, Leases::new(&one, &home)),
            spawn(8, &pace, views::Churn::new(&other, &home, seed)),
            spawn(9, &pace, Sweeps::new(&one, &home)),
        ];
        self.writers = ledgers.into();
    }

    /// Ends it, checks everything that must be true after any fault, and leaves nothing
    /// behind. `calm` reaches the same server or ensemble without faults.
    pub async fn finish(mut self, calm: &Options, what: &str) -> Figures {
        let mut figures = Figures::default();
        self.pace.stop();
        let calm = connected(calm.clone().auth(Auth::digest(USER.0, USER.1))).await;
        let mut books = Vec::new();
        for writer in std::mem::take(&mut self.writers) {
            let end = soon(&format!("{what}: a writer's end"), writer).await;
            books.push(end.unwrap_or_else(|error| panic!("{what}: a writer: {error}")));
        }
        let mut seen = HashSet::new();
        for reader in std::mem::take(&mut self.readers) {
            let end = soon(&format!("{what}: a reader's end"), reader).await;
            let reader = end.unwrap_or_else(|error| panic!("{what}: a reader: {error}"));
            figures.reads += reader.reads;
            seen.extend(reader.seen);
        }
        leases::settle(&self.clients[0], &calm, &self.home).await;
        let truth = Truth::of(&calm, &self.home).await;
        for book in books {
            for refused in &book.refused {
                assert!(!seen.contains(refused), "{what}: {refused} was refused");
            }
            let tally = (book.check)(&truth, what);
            figures.writes.insert(book.kind, tally);
        }
        self.all_watchers_see(&calm, what).await;
        self.wind_up(&calm, &mut figures, what).await;
        figures
    }

    /// A last change of everything that is watched reaches every watcher.
    async fn all_watchers_see(&self, calm: &Client, what: &str) {
        for name in ["reg-0", "reg-1", "reg-2"] {
            let at = self.home.child(name);
            again(|| calm.set(&at, b"last", None)).await;
        }
        for name in ["seq/last", "tree/last", "tree/last/y"] {
            make(calm, &path(&format!("{}/{name}", self.home)), b"last").await;
        }
        // It may be there or not: of these two changes one is for sure.
        let flip = self.home.child("flip");
        unmake(calm, &flip).await;
        self.all_see_the_truth(calm, what).await;
        make(calm, &flip, b"last").await;
        self.all_see_the_truth(calm, what).await;
    }

    async fn all_see_the_truth(&self, calm: &Client, what: &str) {
        let truth = Truth::of(calm, &self.home).await;
        for watcher in &self.watchers {
            let wanted = watcher.wanted(&truth);
            let sight = format!("{what}: the truth to be seen by {}", watcher.name);
            eventually(&sight, || watcher.sees(&wanted)).await;
        }
    }

    /// The first client's watchers are dropped, the other's end with their client.
    async fn wind_up(mut self, calm: &Client, figures: &mut Figures, what: &str) {
        let watchers = std::mem::take(&mut self.watchers);
        let (first, other) = (&self.clients[0], &self.clients[1]);
        let half = watchers.len() / 2;
        for (index, watcher) in watchers.into_iter().enumerate() {
            if index == half {
                let gone = format!("{what}: all watches to go with their watchers");
                eventually(&gone, || first.watched() == 0).await;
                other.close().await;
            }
            figures.events += watcher.counts.events();
            figures.gaps += watcher.counts.gaps();
            watcher.end(index < half).await;
        }
        for client in &self.clients {
            let info = client.session();
            figures.lost_sessions += info.expired;
            figures.connections += info.epoch;
            client.close().await;
        }
        let swept = calm.delete_recursive(&self.home, |_| {}).await;
        assert!(swept.expect("no faults any more") > 0);
        calm.close().await;
    }
}

/// A test that fails says where its clients stood, and nobody goes on with it.
impl Drop for Storm {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for client in &self.clients {
                say(&format!("{client:#?}\n"));
            }
        }
        self.writers.iter().for_each(JoinHandle::abort);
        self.readers.iter().for_each(JoinHandle::abort);
        self.watchers.iter().for_each(Watcher::abort);
    }
}

fn spawn<L: Ledger + 'static>(who: usize, pace: &Arc<Pace>, mut ledger: L) -> JoinHandle<Book> {
    let pace = pace.clone();
    tokio::spawn(async move {
        let _alarm = Alarm(pace.clone());
        while !pace.is_over() {
            let before = ledger.tally().done;
            ledger.write().await;
            pace.acknowledged(who, ledger.tally().done - before);
            pace.breathe().await;
            pace.may_write().await;
        }
        Book {
            kind: WRITERS[who],
            refused: ledger.refused(),
            check: Box::new(move |truth, what| {
                ledger.check(truth, what);
                ledger.tally()
            }),
        }
    })
}

/// Tells everyone when a task fails the test.
struct Alarm(Arc<Pace>);

impl Drop for Alarm {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.break_off();
        }
    }
}

/// Who alone may read the znodes that never change.
const USER: (&str, &str) = ("ann", "secret");

/// How many there are of those.
const STILL: usize = 40;

/// How a kind of znode is made where nothing else is said.
const PLAIN: CreateMode = CreateMode::Persistent;
