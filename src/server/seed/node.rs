//! One `[[node]]` of a seed, and the children that its rules make. Knows which keys there are;
//! whether a path is valid and its parent there is for whoever gathers all nodes.

use std::time::Duration;

use super::fields::Fields;
use super::value::Value;
use super::words;
use crate::proto::{Acl, CreateMode, MAX_TTL_MS};

/// The most children that one rule makes.
const MOST: u64 = 1_000_000;

/// A znode to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedNode {
    /// The line that asks for it.
    pub line: usize,
    /// Where. Checked by whoever gathers the nodes.
    pub path: String,
    /// What it holds.
    pub data: Option<Vec<u8>>,
    /// Who may do what.
    pub acl: Vec<Acl>,
    /// How long it lives.
    pub mode: CreateMode,
    /// Whose it is, if it is ephemeral.
    pub owner: Option<String>,
    /// How long ago it was made; as its parent, if nothing is said.
    pub age: Option<Duration>,
    /// How long ago it was last changed.
    pub changed: Option<Duration>,
    /// How often it was changed.
    pub version: i32,
}

impl SeedNode {
    /// An empty znode that a path needs on its way.
    pub fn between(line: usize, path: &str) -> Self {
        Self {
            line,
            path: path.to_owned(),
            data: Some(Vec::new()),
            acl: Acl::open_unsafe(),
            mode: CreateMode::Persistent,
            owner: None,
            age: None,
            changed: None,
            version: 0,
        }
    }

    /// Reads one table of `[[node]]` and what its rules make.
    pub fn take(mut fields: Fields<'_, '_>, sessions: &[String], into: &mut Vec<Self>) {
        let Some((path, line)) = fields.take::<String>("path") else {
            let line = fields.line;
            fields.wrong(line, "a node needs a path");
            return;
        };
        fields.name.clone_from(&path);
        let look = Look::take(&mut fields, sessions);
        let mut made = vec![look.node(line, path.clone(), str::to_owned)];
        for rule in fields.take_tables("children") {
            let name = format!("{path}: children");
            if let Some(rule) = Fields::new(rule, &name, fields.report()) {
                take_children(rule, &path, sessions, &mut made);
            }
        }
        fields.finish();
        into.append(&mut made);
    }
}

fn take_children(
    mut fields: Fields<'_, '_>,
    parent: &str,
    sessions: &[String],
    into: &mut Vec<SeedNode>,
) {
    let line = fields.line;
    let count = fields.take::<u64>("count");
    let name = fields.take::<String>("name");
    let first = fields.take::<u64>("first").map_or(0, |(first, _)| first);
    let nested = fields.take::<bool>("nested").is_some_and(|(yes, _)| yes);
    let look = Look::take(&mut fields, sessions);
    let (Some((count, _)), Some((name, _))) = (count, name) else {
        fields.wrong(line, "children need a count and a name");
        return fields.finish();
    };
    if count > MOST {
        fields.wrong(
            line,
            format_args!("{count} children are too many: at most {MOST}"),
        );
        return fields.finish();
    }
    let mut above = parent.trim_end_matches('/').to_owned();
    for number in first..first.saturating_add(count) {
        let path = format!("{above}/{}", words::fill(&name, number));
        if nested {
            above.clone_from(&path);
        }
        into.push(look.node(line, path, |text| words::fill(text, number)));
    }
    fields.finish();
}

/// All that a node and a rule have in common.
struct Look {
    value: Value,
    acl: Vec<Acl>,
    mode: CreateMode,
    owner: Option<String>,
    age: Option<Duration>,
    changed: Option<Duration>,
    version: i32,
}

impl Look {
    fn take(fields: &mut Fields<'_, '_>, sessions: &[String]) -> Self {
        let (mode, owner) = take_mode(fields, sessions);
        Self {
            value: Value::take(fields),
            acl: take_acl(fields),
            mode,
            owner,
            age: take_age(fields, "age"),
            changed: take_age(fields, "changed"),
            version: fields.take("version").map_or(0, |(version, _)| version),
        }
    }

    fn node(&self, line: usize, path: String, fill: impl Fn(&str) -> String) -> SeedNode {
        SeedNode {
            line,
            path,
            data: self.value.bytes(fill),
            acl: self.acl.clone(),
            mode: self.mode,
            owner: self.owner.clone(),
            age: self.age,
            changed: self.changed,
            version: self.version,
        }
    }
}

fn take_mode(fields: &mut Fields<'_, '_>, sessions: &[String]) -> (CreateMode, Option<String>) {
    let mut modes = Vec::new();
    let owner = fields.take::<String>("owner");
    if let Some((owner, line)) = &owner {
        if !sessions.contains(owner) {
            fields.wrong(*line, format_args!("{owner} is not among the sessions"));
        }
        modes.push((CreateMode::Ephemeral, *line));
    }
    if let Some((true, line)) = fields.take::<bool>("container") {
        modes.push((CreateMode::Container, line));
    }
    if let Some((ttl_ms, line)) = fields.take::<i64>("ttl_ms") {
        if !(1..=MAX_TTL_MS).contains(&ttl_ms) {
            fields.wrong(line, format_args!("ttl_ms goes from 1 to {MAX_TTL_MS}"));
        }
        modes.push((CreateMode::PersistentTtl { ttl_ms }, line));
    }
    for (_, line) in modes.iter().skip(1) {
        fields.wrong(*line, "only one of owner, container and ttl_ms can be");
    }
    let mode = modes.first().map(|(mode, _)| *mode).unwrap_or_default();
    (mode, owner.map(|(owner, _)| owner))
}

fn take_acl(fields: &mut Fields<'_, '_>) -> Vec<Acl> {
    let Some((entries, line)) = fields.take::<Vec<String>>("acl") else {
        return Acl::open_unsafe();
    };
    let mut acl = Vec::with_capacity(entries.len());
    for entry in entries {
        match words::acl(&entry) {
            Ok(entry) => acl.push(entry),
            Err(why) => fields.wrong(line, format_args!("acl: {entry:?}: {why}")),
        }
    }
    acl
}

fn take_age(fields: &mut Fields<'_, '_>, key: &str) -> Option<Duration> {
    let (text, line) = fields.take::<String>(key)?;
    match words::age(&text) {
        Ok(age) => Some(age),
        Err(why) => {
            fields.wrong(line, format_args!("{key}: {why}"));
            None
        }
    }
}
