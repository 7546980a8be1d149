//! `Walk`: every znode of a subtree with data and Stat, read in batches that overlap on the
//! wire (multi-reads from 3.6 on, pipelined single reads before), handed out one by one.
//! What is held at a time is a few batches and the lists of names on the way down, never
//! the tree.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;

use crate::client::{Client, Error, ErrorKind, Read};
use crate::proto::{DataReply, ErrorCode, Names, ZPath};

/// A znode that a walk has come by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visited {
    /// Its path.
    pub path: ZPath,
    /// Its data and Stat.
    pub reply: DataReply,
}

/// Visits a znode and all below it, parents before their children.
///
/// It is no snapshot: each znode is as it was when its turn came, and one that vanishes
/// before its turn is left out. Lost connections are waited for and the reads repeated. A
/// znode that can't be read (`NoAuth`, too large) comes as an error, and the walk goes on.
///
/// ```no_run
/// # use zooscope::{client::{Client, Error}, proto::ZPath, recipe::Walk};
/// # async fn example(client: &Client) -> Result<(), Error> {
/// let mut bytes = 0;
/// let mut walk = Walk::new(client, &ZPath::root());
/// while let Some(visited) = walk.next().await {
///     bytes += visited?.reply.stat.data_length;
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "a walk goes only as it is asked for the next znode"]
pub struct Walk {
    client: Client,
    root: ZPath,
    /// Znodes whose children are to be listed; the deepest are last and go first.
    to_list: Vec<Folder>,
    /// Lists of children that are to be read; the deepest are last and go first.
    to_read: Vec<Level>,
    /// Batches on their way, in the order they were sent and will be answered.
    flight: VecDeque<Flight>,
    ready: VecDeque<Result<Visited, Error>>,
    /// What one znode's data takes of a reply, roughly.
    average: usize,
    over: bool,
}

/// A znode with about so many children.
struct Folder {
    path: ZPath,
    children: usize,
    depth: usize,
}

struct Level {
    parent: ZPath,
    depth: usize,
    names: Names,
    at: usize,
}

/// One read of a batch.
#[derive(Clone)]
enum Wanted {
    Data(ZPath),
    /// A list of about so many children.
    Children(ZPath, usize),
}

type Answers = Result<Vec<Result<Read, Error>>, Error>;

struct Flight {
    wanted: Vec<Wanted>,
    reply: Pin<Box<dyn Future<Output = Answers> + Send>>,
}

/// Reads in one batch. A server answers a batch without a pause, so it must stay short for
/// the sake of its other clients: this many take it about half a millisecond.
const BATCH: usize = 200;

/// Batches on the wire at a time: enough that the server never waits for us.
const IN_FLIGHT: usize = 6;

/// Lists are asked for while fewer names than this wait to be read.
const AHEAD: usize = BATCH * IN_FLIGHT;

/// Batches are cut so that an answer has about this many bytes.
const REPLY_BYTES: usize = 256 << 10;

/// What a list's name and a znode's Stat take at least.
const NAME_BYTES: usize = 24;
const STAT_BYTES: usize = 96;

impl Walk {
    /// Begins a walk at `root`; the first read is queued by this call.
    pub fn new(client: &Client, root: &ZPath) -> Self {
        let mut walk = Self {
            client: client.clone(),
            root: root.clone(),
            to_list: Vec::new(),
            to_read: Vec::new(),
            flight: VecDeque::new(),
            ready: VecDeque::new(),
            // Until the first answer a znode is taken for a big one.
            average: REPLY_BYTES / 8,
            over: false,
        };
        walk.send(vec![Wanted::Data(root.clone())]);
        walk
    }

    /// The next znode or error; `None` after the last. Safe to cancel.
    pub async fn next(&mut self) -> Option<Result<Visited, Error>> {
        loop {
            if let Some(next) = self.ready.pop_front() {
                return Some(next);
            }
            self.fill();
            let answers = self.flight.front_mut()?.reply.as_mut().await;
            if let Some(flight) = self.flight.pop_front() {
                self.absorb(flight.wanted, answers);
            }
        }
    }

    /// Sends as many batches as may be under way.
    fn fill(&mut self) {
        while !self.over && self.flight.len() < IN_FLIGHT {
            let batch = self.batch();
            if batch.is_empty() {
                return;
            }
            self.send(batch);
        }
    }

    /// The next reads, the deepest first, so that what waits stays little. Lists go before
    /// data, lest the data run out, but only as many as will be needed soon.
    fn batch(&mut self) -> Vec<Wanted> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        let mut ahead = self.ahead();
        while batch.len() < BATCH && bytes < REPLY_BYTES {
            if ahead < AHEAD
                && let Some(folder) = self.to_list.pop()
            {
                ahead += folder.children;
                bytes += folder.children * NAME_BYTES;
                batch.push(Wanted::Children(folder.path, folder.children));
            } else if let Some(level) = self.to_read.last_mut() {
                match level.names.get(level.at) {
                    Some(name) => {
                        level.at += 1;
                        bytes += self.average;
                        batch.push(Wanted::Data(level.parent.child(name)));
                    }
                    None => drop(self.to_read.pop()),
                }
            } else {
                break;
            }
        }
        batch
    }

    /// How many names are at hand or on their way at or below the level of the next list.
    /// Higher up there may be any number of them: they are what lists lead down from.
    fn ahead(&self) -> usize {
        let Some(next) = self.to_list.last() else {
            return 0;
        };
        let levels = self.to_read.iter().filter(|it| it.depth >= next.depth);
        let at_hand: usize = levels.map(|level| level.names.len() - level.at).sum();
        let wanted = self.flight.iter().flat_map(|flight| &flight.wanted);
        let on_their_way = wanted.map(|wanted| match wanted {
            Wanted::Children(_, children) => *children,
            Wanted::Data(_) => 0,
        });
        at_hand + on_their_way.sum::<usize>()
    }

    fn send(&mut self, wanted: Vec<Wanted>) {
        let reads = wanted
            .iter()
            .fold(self.client.multi_read(), |reads, wanted| match wanted {
                Wanted::Data(path) => reads.data(path),
                Wanted::Children(path, _) => reads.children(path),
            });
        let reply = Box::pin(reads.send());
        self.flight.push_back(Flight { wanted, reply });
    }

    fn absorb(&mut self, wanted: Vec<Wanted>, answers: Answers) {
        match answers {
            Ok(answers) => {
                for (wanted, answer) in wanted.into_iter().zip(answers) {
                    self.take(wanted, answer);
                }
            }
            Err(error) if error.is_connection_loss() => self.send(wanted),
            Err(error) if is_too_large(&error) => {
                self.divide(wanted, &error);
            }
            Err(error) => {
                self.over = true;
                self.flight.clear();
                self.ready.push_back(Err(error));
            }
        }
    }

    fn take(&mut self, wanted: Wanted, answer: Result<Read, Error>) {
        match (wanted, answer) {
            (Wanted::Data(path), Ok(Read::Data(reply))) => {
                let length = reply.data.as_ref().map_or(0, Vec::len) + STAT_BYTES;
                self.average = (self.average * 7 + length) / 8;
                if let Ok(children @ 1..) = usize::try_from(reply.stat.num_children) {
                    self.to_list.push(Folder {
                        path: path.clone(),
                        children,
                        depth: path.depth(),
                    });
                }
                self.ready.push_back(Ok(Visited { path, reply }));
            }
            (Wanted::Children(parent, _), Ok(Read::Children(names))) => {
                self.to_read.push(Level {
                    depth: parent.depth(),
                    parent,
                    names,
                    at: 0,
                });
            }
            (Wanted::Data(path) | Wanted::Children(path, _), Err(error)) => {
                if !error.is(ErrorCode::NoNode) || path == self.root {
                    self.ready.push_back(Err(error));
                }
            }
            // A server that answers something else than was asked is not believed.
            (_, Ok(_)) => {}
        }
    }

    /// Too much for one frame, there or back: half as much is asked for, down to one znode.
    fn divide(&mut self, mut wanted: Vec<Wanted>, error: &Error) {
        if wanted.len() > 1 {
            let rest = wanted.split_off(wanted.len() / 2);
            self.send(wanted);
            self.send(rest);
            return;
        }
        if let Some(Wanted::Data(path) | Wanted::Children(path, _)) = wanted.first() {
            self.ready.push_back(Err(error.about(path)));
        }
    }
}

/// Whether it is the frame limit that stood in the way, of the reply or (with very long
/// paths) of the request.
fn is_too_large(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ReplyTooLarge { .. } | ErrorKind::RequestTooLarge { .. }
    )
}
