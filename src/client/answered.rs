//! What several reads answered. A server's answer to all of them is kept as it came, in one
//! piece, and each result is read from it when it is asked for: of a walk of thousands of
//! znodes only the one at hand is ever taken apart.

use std::sync::Arc;

use super::error::{Error, ErrorKind};
use super::multi_read::{Answer, Kind, MultiRead, Read, Reads};
use crate::proto::{
    DecodeError, ErrorCode, MultiResult, OpCode, Reader, Skimmed, ZPath, next_result,
    next_without_names, skim_result,
};

pub(crate) struct Answered {
    reads: MultiRead,
    /// The read whose result comes next.
    at: usize,
    results: Results,
}

enum Results {
    Packed(Record),
    Single(std::vec::IntoIter<Answer>),
}

/// All results as the server sent them.
struct Record {
    bytes: Vec<u8>,
    /// Where the next begins.
    at: usize,
    /// Whether the lists among them were handed over.
    skimmed: bool,
    server: Option<Arc<str>>,
}

impl Answered {
    /// Answers to a multi-read.
    pub(super) fn packed(reads: MultiRead, bytes: Vec<u8>) -> Self {
        let server = reads.client.shared().server();
        let results = Results::Packed(Record {
            bytes,
            at: 0,
            skimmed: false,
            server,
        });
        Self {
            reads,
            at: 0,
            results,
        }
    }

    /// Answers to requests of their own.
    pub(super) fn single(reads: MultiRead, answers: Vec<Answer>) -> Self {
        let results = Results::Single(answers.into_iter());
        Self {
            reads,
            at: 0,
            results,
        }
    }

    /// What was asked.
    pub(crate) const fn reads(&self) -> &MultiRead {
        &self.reads
    }

    /// All results, if there are as many as there should be.
    pub(super) fn collect(mut self) -> Reads {
        let mut answers = Vec::with_capacity(self.reads.len());
        while let Some((_, answer)) = self.next()? {
            answers.push(answer);
        }
        if let Results::Packed(record) = &self.results {
            record.expect_end(&mut record.reader())?;
        }
        Ok(answers)
    }

    /// Shows what the results are, with the znodes they are of, and copies no data. Call it
    /// before any was asked for. Lists of children are handed over: they are empty later.
    pub(crate) fn skim(&mut self, mut show: impl FnMut(&str, Skimmed)) -> Result<(), Error> {
        let reads = self.reads.iter();
        match &mut self.results {
            Results::Packed(record) => {
                record.skimmed = true;
                record.skim(reads, show)
            }
            Results::Single(answers) => {
                for ((_, path), answer) in reads.zip(answers.as_mut_slice()) {
                    show(path, skimmed(answer));
                }
                Ok(())
            }
        }
    }

    /// The next result and the place of its read. Fails if the server's answer makes no sense
    /// from here on; then there is no next.
    pub(crate) fn next(&mut self) -> Result<Option<(usize, Answer)>, Error> {
        let index = self.at;
        let Some((kind, path)) = self.reads.get(index) else {
            return Ok(None);
        };
        let answer = match &mut self.results {
            Results::Single(answers) => Ok(answers.next()),
            Results::Packed(record) => record.next(kind, path).map(Some),
        };
        self.at = match &answer {
            Ok(Some(_)) => index + 1,
            _ => self.reads.len(),
        };
        Ok(answer?.map(|answer| (index, answer)))
    }
}

fn skimmed(answer: &mut Answer) -> Skimmed {
    match answer {
        Ok(Read::Data(reply)) => {
            let length = reply.data.as_ref().map_or(0, Vec::len);
            Skimmed::Data(length, reply.stat)
        }
        Ok(Read::Children(names)) => Skimmed::Children(std::mem::take(names)),
        Err(_) => Skimmed::Failed,
    }
}

impl Record {
    fn reader(&self) -> Reader<'_> {
        Reader::new(self.bytes.get(self.at..).unwrap_or_default())
    }

    fn skim<'a>(
        &self,
        reads: impl Iterator<Item = (Kind, &'a str)>,
        mut show: impl FnMut(&str, Skimmed),
    ) -> Result<(), Error> {
        let mut reader = self.reader();
        for (kind, path) in reads {
            let skimmed = skim_result(&mut reader).and_then(there);
            let skimmed = match (kind, skimmed.map_err(|why| self.nonsense(why))?) {
                (Kind::Data, data @ Skimmed::Data(..)) => data,
                (Kind::Children, children @ Skimmed::Children(_)) => children,
                _ => Skimmed::Failed,
            };
            show(path, skimmed);
        }
        self.expect_end(&mut reader)
    }

    fn next(&mut self, kind: Kind, path: &str) -> Result<Answer, Error> {
        let mut reader = self.reader();
        let result = if self.skimmed {
            next_without_names(&mut reader)
        } else {
            next_result(&mut reader)
        };
        let left = reader.rest().len();
        let result = result.and_then(there).map_err(|why| self.nonsense(why))?;
        self.at = self.bytes.len() - left;
        let code = match (kind, result) {
            (Kind::Data, MultiResult::Data(reply)) => return Ok(Ok(Read::Data(reply))),
            (Kind::Children, MultiResult::Children(names)) => {
                return Ok(Ok(Read::Children(names)));
            }
            (_, MultiResult::Failed(code)) => ErrorCode::from(code),
            // A read of one kind was answered with what belongs to another.
            _ => ErrorCode::MarshallingError,
        };
        let path = ZPath::from_server(path);
        let why = ErrorKind::Server(code);
        Ok(Err(Error::of(
            why,
            kind.op(),
            Some(&path),
            self.server.as_ref(),
        )))
    }

    fn expect_end(&self, reader: &mut Reader<'_>) -> Result<(), Error> {
        match skim_result(reader) {
            Ok(None) => Ok(()),
            Ok(Some(_)) => Err(self.nonsense(OTHER_COUNT)),
            Err(why) => Err(self.nonsense(why)),
        }
    }

    fn nonsense(&self, why: DecodeError) -> Error {
        let why = ErrorKind::BadReply(why);
        Error::of(why, OpCode::MultiRead, None, self.server.as_ref())
    }
}

fn there<T>(result: Option<T>) -> Result<T, DecodeError> {
    result.ok_or(OTHER_COUNT)
}

/// There are more or fewer results than reads.
const OTHER_COUNT: DecodeError = DecodeError::BadText {
    what: "results of several reads",
    wanted: "one for each",
};
