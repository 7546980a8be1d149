//! One TOML table, taken apart key by key, so that a mistake in one key doesn't hide the
//! next one. Whatever is left at the end is a key that nobody knows.

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::report::Report;

/// A table being read.
pub struct Fields<'a, 'text> {
    table: DeTable<'text>,
    /// The line it begins on.
    pub line: usize,
    /// What it is, for messages: a znode's path once known.
    pub name: String,
    report: &'a mut Report,
}

impl<'a, 'text> Fields<'a, 'text> {
    /// The table in `value`; anything else is a mistake.
    pub fn new(value: Spanned<DeValue<'text>>, name: &str, report: &'a mut Report) -> Option<Self> {
        let line = report.line(value.span().start);
        match value.into_inner() {
            DeValue::Table(table) => Some(Self::of(table, line, name, report)),
            other => {
                let kind = other.type_str();
                report.add(line, format!("{name}: a table is wanted here, not: {kind}"));
                None
            }
        }
    }

    /// A table that is known to be one.
    pub fn of(table: DeTable<'text>, line: usize, name: &str, report: &'a mut Report) -> Self {
        Self {
            table,
            line,
            name: name.to_owned(),
            report,
        }
    }

    /// Takes a key's value, with its line. `None` if it is missing or of the wrong kind, which
    /// is reported.
    pub fn take<T: DeserializeOwned>(&mut self, key: &str) -> Option<(T, usize)> {
        let value = self.table.remove(key)?;
        let line = self.report.line(value.span().start);
        match T::deserialize(ValueDeserializer::from(value)) {
            Ok(value) => Some((value, line)),
            Err(error) => {
                let line = error
                    .span()
                    .map_or(line, |span| self.report.line(span.start));
                self.wrong(line, format!("{key}: {}", error.message()));
                None
            }
        }
    }

    /// Takes the tables of an array: `[[key]]` or `key = [{ … }]`.
    pub fn take_tables(&mut self, key: &str) -> Vec<Spanned<DeValue<'text>>> {
        let Some(value) = self.table.remove(key) else {
            return Vec::new();
        };
        let line = self.report.line(value.span().start);
        match value.into_inner() {
            DeValue::Array(array) => array.into_iter().collect(),
            other => {
                let kind = other.type_str();
                self.wrong(line, format!("{key}: an array is wanted here, not: {kind}"));
                Vec::new()
            }
        }
    }

    /// Reports a mistake.
    pub fn wrong(&mut self, line: usize, what: impl std::fmt::Display) {
        let text = match self.name.as_str() {
            "" => what.to_string(),
            name => format!("{name}: {what}"),
        };
        self.report.add(line, text);
    }

    /// The report, for the tables inside.
    pub const fn report(&mut self) -> &mut Report {
        self.report
    }

    /// Reports the keys that nobody took.
    pub fn finish(mut self) {
        let left: Vec<(String, usize)> = std::mem::take(&mut self.table)
            .into_iter()
            .map(|(key, _)| {
                (
                    key.get_ref().to_string(),
                    self.report.line(key.span().start),
                )
            })
            .collect();
        for (key, line) in left {
            self.wrong(line, format_args!("there is no key named {key}"));
        }
    }
}
