//! `Walk`: every znode of a subtree with data and Stat, read in batches that overlap on the
//! wire (multi-reads from 3.6 on, pipelined single reads before), handed out one by one.
//! What is held at a time is a few batches and the lists of names on the way down, never
//! the tree.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;

use super::follow::pause;
use super::level::{Level, depth, mean};
use crate::client::{Answered, Asked, Client, Error, ErrorKind, MultiRead, Read, Version};
use crate::proto::{DataReply, ErrorCode, OpCode, Skimmed, ZPath};

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
    /// Lists of children that are to be read, in the order in which they came.
    to_read: Vec<Level>,
    /// Batches on their way, in the order they were sent and will be answered.
    flight: VecDeque<Flight>,
    /// Parts of a batch that was too much at once, and about how many names they will bring.
    again: VecDeque<(MultiRead, usize)>,
    /// What was answered last and has not been handed out.
    ready: Option<Answered>,
    /// An error that stands for itself.
    failed: Option<Error>,
    /// What one znode's data takes of a reply, roughly.
    average: usize,
    over: bool,
}

/// A znode with about so many children.
struct Folder {
    path: String,
    children: usize,
}

struct Flight {
    /// About how many names its lists will bring.
    names: usize,
    reply: Pin<Box<dyn Future<Output = Asked> + Send>>,
}

/// Reads in one batch. A server answers a batch without a pause, so it must stay short for
/// the sake of its other clients: this many take it about half a millisecond. An answer of
/// small znodes fits the 64 KiB that a server writes at once.
const BATCH: usize = 300;

/// Batches on the wire at a time: enough that the server never waits for us, not even where
/// a machine is slow to wake us.
const IN_FLIGHT: usize = 4;

/// The same where each read is a request of its own, which takes a server some ten times as
/// long: its other clients wait for all that is on the wire before them.
const SINGLES_IN_FLIGHT: usize = 2;

/// Lists are asked for while fewer names than this wait to be read: a list comes when all that
/// is on the wire before it is answered, and its first children's size as much later.
const AHEAD: usize = 2 * BATCH * IN_FLIGHT;

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
            again: VecDeque::new(),
            ready: None,
            failed: None,
            // Until the first answer a znode is taken for a big one.
            average: REPLY_BYTES / 8,
            over: false,
        };
        walk.send(client.multi_read().data(root), 0);
        walk
    }

    /// The next znode or error; `None` after the last. Safe to cancel.
    pub async fn next(&mut self) -> Option<Result<Visited, Error>> {
        loop {
            if let Some(visited) = self.hand_out() {
                return Some(visited);
            }
            if let Some(error) = self.failed.take() {
                return Some(Err(error));
            }
            self.fill();
            let asked = self.flight.front_mut()?.reply.as_mut().await;
            if let Some(flight) = self.flight.pop_front() {
                self.absorb(asked, flight.names);
                // The server has work again before the caller looks at the answers.
                self.fill();
            }
        }
    }

    /// The next of the answers at hand that is somebody's business.
    fn hand_out(&mut self) -> Option<Result<Visited, Error>> {
        let ready = self.ready.as_mut()?;
        loop {
            let (index, answer) = match ready.next() {
                Ok(Some(next)) => next,
                Ok(None) => break,
                Err(error) => return Some(Err(error)),
            };
            let path = || ready.reads().path(index);
            match answer {
                Ok(Read::Data(reply)) => {
                    let path = path()?;
                    return Some(Ok(Visited { path, reply }));
                }
                Err(error)
                    if !error.is(ErrorCode::NoNode) || path().as_ref() == Some(&self.root) =>
                {
                    return Some(Err(error));
                }
                _ => {}
            }
        }
        self.ready = None;
        None
    }

    /// Sends as many batches as may be under way.
    fn fill(&mut self) {
        while !self.over && self.flight.len() < self.width() {
            let again = self.again.pop_front();
            let (reads, names) = again.unwrap_or_else(|| self.batch());
            if reads.is_empty() {
                return;
            }
            self.send(reads, names);
        }
    }

    /// How many batches may be under way.
    fn width(&self) -> usize {
        match self.client.server_version() {
            Some(version) if version >= Version::needed_for(OpCode::MultiRead) => IN_FLIGHT,
            _ => SINGLES_IN_FLIGHT,
        }
    }

    /// The next reads and about how many names they will bring, the deepest first, so that
    /// what waits stays little. Lists go before data, lest the data run out, but only as many
    /// as will be needed soon.
    fn batch(&mut self) -> (MultiRead, usize) {
        let mut reads = self.client.multi_read();
        let (mut bytes, mut names) = (0, 0);
        let ahead = self.ahead();
        while reads.len() < BATCH && bytes < REPLY_BYTES {
            if ahead + names < AHEAD
                && let Some(folder) = self.to_list.pop()
            {
                names += folder.children;
                bytes += folder.children * NAME_BYTES;
                reads.push_children(&folder.path);
                continue;
            }
            let Some(index) = self.next_level() else {
                break;
            };
            let level = &mut self.to_read[index];
            while level.open() > 0 && reads.len() < BATCH && bytes < REPLY_BYTES {
                let Some((path, length)) = level.next() else {
                    break;
                };
                bytes += length.unwrap_or(self.average);
                reads.push_data(path);
            }
            if level.is_over() {
                self.to_read.remove(index);
            }
        }
        (reads, names)
    }

    /// The list to go on with: of the deepest one that nothing was asked of yet, so that its
    /// children's size is known when its turn comes; else the one begun first, so that few
    /// are half read.
    fn next_level(&self) -> Option<usize> {
        let open = self.to_read.iter().enumerate();
        let open = open.rev().filter(|(_, level)| level.open() > 0);
        let (index, _) = open.max_by_key(|(_, level)| (level.depth(), level.is_untouched()))?;
        Some(index)
    }

    /// How many names are at hand or on their way at or below the level of the next list.
    /// Higher up there may be any number of them: they are what lists lead down from.
    fn ahead(&self) -> usize {
        let Some(next) = self.to_list.last() else {
            return 0;
        };
        let floor = depth(&next.path);
        let levels = self.to_read.iter().filter(|it| it.depth() >= floor);
        let at_hand: usize = levels.map(Level::left).sum();
        let on_their_way: usize = self.flight.iter().map(|flight| flight.names).sum();
        at_hand + on_their_way
    }

    fn send(&mut self, reads: MultiRead, names: usize) {
        let reply = Box::pin(reads.ask());
        self.flight.push_back(Flight { names, reply });
    }

    fn absorb(&mut self, asked: Asked, names: usize) {
        match asked {
            Ok(mut answered) => {
                let learnt = answered.skim(|path, skimmed| self.learn(path, skimmed));
                match learnt {
                    Ok(()) => self.ready = Some(answered),
                    Err(error) => self.end(error),
                }
            }
            Err((reads, error)) if error.is_connection_loss() => self.send(reads, names),
            Err((reads, error)) if error.is_transient() => {
                let reply = Box::pin(async move {
                    tokio::time::sleep(pause()).await;
                    reads.ask().await
                });
                self.flight.push_back(Flight { names, reply });
            }
            Err((reads, error)) if is_too_large(&error) => self.divide(reads, names, &error),
            Err((_, error)) => self.end(error),
        }
    }

    fn end(&mut self, error: Error) {
        self.over = true;
        self.flight.clear();
        self.failed = Some(error);
    }

    /// Where an answer leads on to, and what it tells of its siblings'.
    fn learn(&mut self, path: &str, skimmed: Skimmed) {
        match skimmed {
            Skimmed::Data(length, stat) => {
                let length = length + STAT_BYTES;
                self.average = mean(Some(self.average), length);
                self.tell_level(path, length);
                if let Ok(children @ 1..) = usize::try_from(stat.num_children) {
                    let path = path.to_owned();
                    self.to_list.push(Folder { path, children });
                }
            }
            Skimmed::Children(names) => self.to_read.push(Level::new(path, names)),
            Skimmed::Failed => self.tell_level(path, STAT_BYTES),
        }
    }

    fn tell_level(&mut self, child: &str, length: usize) {
        let mut levels = self.to_read.iter_mut().rev();
        if let Some(level) = levels.find(|level| level.holds(child)) {
            level.learn(length);
        }
    }

    /// Too much for one frame, there or back: it is asked for in parts, down to one znode, and
    /// the next batches are the smaller for it.
    fn divide(&mut self, reads: MultiRead, names: usize, error: &Error) {
        let parts = match *error.kind() {
            ErrorKind::ReplyTooLarge { size, .. } => {
                let average = size / reads.len().max(1);
                self.average = self.average.max(average);
                for level in &mut self.to_read {
                    level.expect(average);
                }
                size / REPLY_BYTES + 2
            }
            _ => 2,
        };
        if let (1, Some(path)) = (reads.len(), reads.path(0)) {
            self.failed = Some(error.about(&path));
            self.tell_level(path.as_str(), self.average);
            return;
        }
        let each = (reads.len() / parts).max(1);
        let parts = reads.split(each).map(|part| (part, 0));
        self.again.extend(parts);
        if let Some((_, last)) = self.again.back_mut() {
            *last = names;
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
