//! One client's socket: cuts what arrives into frames, hands them to the state, and sends
//! what the state queued. Knows nothing of what a frame means. Whatever a client does, it
//! costs at most one frame of memory in, and its own replies out.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};

use super::state::{End, State, is_word};
use super::tree::ConnId;

/// Replies waiting beyond this stop the reading of further requests.
const HIGH_WATER: usize = 256 << 10;

/// How much is read at once from a client that sends much.
const CHUNK: usize = 64 << 10;

/// How much room a quiet client has: there may be thousands of them.
const LITTLE: usize = 2 << 10;

/// The state, for all tasks of a server.
#[derive(Debug, Clone)]
pub struct Shared(Arc<Mutex<State>>);

impl Shared {
    /// Wraps a state.
    pub fn new(state: State) -> Self {
        Self(Arc::new(Mutex::new(state)))
    }

    /// The state, to oneself. Never held across an await.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is read but not yet executed, and what is taken but not yet sent.
#[derive(Default)]
struct Buffers {
    input: Vec<u8>,
    /// Whether the last read took all the room there was.
    filled: bool,
    /// Bytes not to leave before their time.
    delayed: VecDeque<(Instant, Vec<u8>)>,
    /// How many those are.
    held: usize,
    output: Vec<u8>,
    written: usize,
    talking: bool,
    end: End,
}

/// Serves one connection until either side ends it, or the server stops.
pub async fn serve(stream: TcpStream, shared: Shared, mut stop: watch::Receiver<()>) {
    let Ok(peer) = stream.peer_addr() else {
        return;
    };
    let wake = Arc::new(Notify::new());
    let Some(id) = shared.lock().accept(peer, Arc::clone(&wake)) else {
        return;
    };
    // Small replies should not wait for company; a socket that can't say so still works.
    let _ = stream.set_nodelay(true);
    tokio::select! {
        _ = stop.changed() => {}
        () = run(stream, &shared, id, &wake) => {}
    }
    shared.lock().forget(id);
}

async fn run(mut stream: TcpStream, shared: &Shared, id: ConnId, wake: &Notify) {
    let (mut reader, mut writer) = stream.split();
    let mut buffers = Buffers::default();
    let limit = shared.lock().options.frame_limit;
    loop {
        buffers.pump(shared, id);
        match buffers.end {
            End::Now => return,
            End::AfterSending if buffers.is_sent() => {
                let _ = writer.shutdown().await;
                return;
            }
            End::AfterSending | End::Open => {}
        }
        let pending = buffers.output.len() - buffers.written;
        let due = buffers.delayed.front().map(|(due, _)| *due);
        let room = CHUNK.max(buffers.wanted(limit));
        let may_read = buffers.end == End::Open && buffers.input.len() < room;
        if may_read {
            buffers.make_room();
        }
        tokio::select! {
            read = reader.read_buf(&mut buffers.input), if may_read => match read {
                Ok(0) | Err(_) => return,
                Ok(_) => buffers.filled = buffers.input.len() == buffers.input.capacity(),
            },
            sent = writer.write(&buffers.output[buffers.written..]), if pending > 0 => match sent {
                Ok(0) | Err(_) => return,
                Ok(count) => buffers.sent(count),
            },
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
            () = wake.notified() => {}
        }
    }
}

impl Buffers {
    fn is_sent(&self) -> bool {
        self.written == self.output.len() && self.delayed.is_empty()
    }

    fn sent(&mut self, count: usize) {
        self.written += count;
        if self.written == self.output.len() {
            self.written = 0;
            self.output.clear();
            self.output.shrink_to(HIGH_WATER);
        }
    }

    /// A read with no room would look like the end.
    fn make_room(&mut self) {
        if self.input.len() == self.input.capacity() || self.filled {
            let room = if self.filled { CHUNK } else { LITTLE };
            self.input.reserve(room);
        }
    }

    /// How long the frame at the front is, its length included; 0 if that isn't known yet. One
    /// that is too long is refused when its turn comes, and not read till then.
    fn wanted(&self, limit: usize) -> usize {
        self.input
            .first_chunk::<4>()
            .and_then(|bytes| usize::try_from(i32::from_be_bytes(*bytes)).ok())
            .filter(|length| *length <= limit)
            .map_or(0, |length| length + 4)
    }

    /// Whether so many bytes that wait to be sent are enough.
    const fn is_full(&self, waiting: usize) -> bool {
        self.output.len() + self.held + waiting >= HIGH_WATER
    }

    /// Executes the frames that are complete and takes what is to be sent.
    fn pump(&mut self, shared: &Shared, id: ConnId) {
        let mut state = shared.lock();
        self.end = state.end(id);
        if self.end == End::Now || state.faults.mute {
            return;
        }
        let mut at = 0;
        while self.end == End::Open && !self.is_full(state.waiting(id)) {
            let Some(head) = self.input[at..].first_chunk::<4>() else {
                break;
            };
            if !self.talking && is_word(head) {
                let text = state.word(head);
                state.last_words(id, text.as_bytes());
                at = self.input.len();
                break;
            }
            let limit = state.options.frame_limit;
            let length = usize::try_from(i32::from_be_bytes(*head)).unwrap_or(usize::MAX);
            if length > limit {
                state.hang_up(id);
                break;
            }
            let Some(frame) = self.input.get(at + 4..at + 4 + length) else {
                break;
            };
            self.talking = true;
            state.frame(id, frame);
            at += 4 + length;
            self.end = state.end(id);
        }
        self.end = state.end(id);
        // What can't be sent yet stays there, where it is counted.
        let out = if self.is_full(0) {
            Vec::new()
        } else {
            state.take_out(id)
        };
        let delay = state.faults.delay;
        drop(state);
        self.input.drain(..at);
        if self.input.is_empty() && self.input.capacity() > 2 * CHUNK {
            self.input.shrink_to(LITTLE);
        }
        self.queue(out, delay);
    }

    fn queue(&mut self, out: Vec<u8>, delay: std::time::Duration) {
        let now = Instant::now();
        if !out.is_empty() && (!delay.is_zero() || !self.delayed.is_empty()) {
            // What was asked for later must not overtake.
            self.held += out.len();
            let after = self.delayed.back().map_or(now, |(due, _)| *due);
            self.delayed.push_back(((now + delay).max(after), out));
        } else if self.output.is_empty() {
            self.output = out;
        } else {
            self.output.extend_from_slice(&out);
        }
        while let Some((due, bytes)) = self.delayed.pop_front() {
            if due > now {
                self.delayed.push_front((due, bytes));
                break;
            }
            self.held -= bytes.len();
            self.output.extend_from_slice(&bytes);
        }
    }
}
