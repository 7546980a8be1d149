//! What is wrong with a seed, all of it at once, each mistake with its line and its znode.
//! Knows lines; what is right and wrong is decided elsewhere.

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct SeedError {
    /// The line of the file, from 1.
    pub line: usize,
    /// What is wrong, with the znode's path where it is known.
    pub what: String,
}

/// All mistakes of a seed, by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedErrors(pub Vec<SeedError>);

impl std::error::Error for SeedErrors {}

impl std::fmt::Display for SeedErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{error}")?;
        }
        Ok(())
    }
}

/// Collects mistakes while a text is read.
#[derive(Debug)]
pub struct Report {
    /// Where each line but the first begins.
    breaks: Vec<usize>,
    errors: Vec<SeedError>,
}

impl Report {
    /// A report on `text`.
    pub fn new(text: &str) -> Self {
        Self {
            breaks: text.match_indices('\n').map(|(at, _)| at + 1).collect(),
            errors: Vec::new(),
        }
    }

    /// The line that byte `at` is in.
    pub fn line(&self, at: usize) -> usize {
        self.breaks.partition_point(|&start| start <= at) + 1
    }

    /// Adds a mistake.
    pub fn add(&mut self, line: usize, what: impl Into<String>) {
        self.errors.push(SeedError {
            line,
            what: what.into(),
        });
    }

    /// `value` if nothing was wrong, else all that was.
    pub fn conclude<T>(mut self, value: T) -> Result<T, SeedErrors> {
        if self.errors.is_empty() {
            return Ok(value);
        }
        self.errors.sort_by_key(|error| error.line);
        Err(SeedErrors(self.errors))
    }
}
