//! What a server holds at the start, written down in TOML; `assets/demo.toml` explains the
//! format by its comments and uses all of it. `report.rs` and `fields.rs` read any table and
//! gather what is wrong, `node.rs`, `value.rs` and `words.rs` know what a znode is made of,
//! `plant.rs` puts all into a server. Refuses to know where the text comes from.

mod demo;
mod fields;
mod node;
mod plant;
mod report;
mod value;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

use toml::de::DeTable;

pub use demo::DEMO;
pub use plant::Residents;
pub use report::{SeedError, SeedErrors};

use crate::proto::{CreateMode, ZPath};
use fields::Fields;
use node::SeedNode;
use report::Report;

/// A tree to begin with, checked: every path is valid, every owner has a session, and above
/// each znode there is one that can have children.
#[derive(Debug, Clone, Default)]
pub struct Seed {
    /// The names of the sessions that own ephemerals.
    sessions: Vec<String>,
    /// What to make, by path. Ages are filled in.
    nodes: BTreeMap<String, SeedNode>,
}

impl Seed {
    /// Reads a seed.
    ///
    /// # Errors
    /// Everything that is wrong with it, by line.
    pub fn parse(text: &str) -> Result<Self, SeedErrors> {
        let mut report = Report::new(text);
        let (table, mistakes) = DeTable::parse_recoverable(text);
        for mistake in mistakes {
            let line = mistake.span().map_or(1, |span| report.line(span.start));
            report.add(line, mistake.message());
        }
        let mut top = Fields::of(table.into_inner(), 1, "", &mut report);
        let sessions = top.take::<Vec<String>>("sessions");
        let sessions = sessions.map(|(names, _)| names).unwrap_or_default();
        let mut nodes = Vec::new();
        for value in top.take_tables("node") {
            if let Some(fields) = Fields::new(value, "", top.report()) {
                SeedNode::take(fields, &sessions, &mut nodes);
            }
        }
        top.finish();
        let nodes = gather(nodes, &mut report);
        report.conclude(Self {
            sessions,
            nodes: with_ages(nodes),
        })
    }

    /// How many znodes it makes.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether it makes none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

/// The nodes by path, with those that are missing on the way.
fn gather(listed: Vec<SeedNode>, report: &mut Report) -> BTreeMap<String, SeedNode> {
    let mut nodes = BTreeMap::new();
    for node in listed {
        if let Err(error) = ZPath::new(&node.path) {
            report.add(node.line, format!("{}: {error}", node.path));
            continue;
        }
        match nodes.entry(node.path.clone()) {
            Entry::Vacant(place) => {
                place.insert(node);
            }
            Entry::Occupied(first) => {
                let first: &SeedNode = first.get();
                let text = format!("{}: line {} has this znode already", node.path, first.line);
                report.add(node.line, text);
            }
        }
    }
    let mut between = Vec::new();
    for node in nodes.values() {
        for (at, _) in node.path.match_indices('/').skip(1) {
            let above = &node.path[..at];
            match nodes.get(above) {
                None => between.push(SeedNode::between(node.line, above)),
                Some(parent) if parent.mode == CreateMode::Ephemeral => {
                    let text = format!(
                        "{}: {above} is ephemeral and can't have children",
                        node.path
                    );
                    report.add(node.line, text);
                }
                Some(_) => {}
            }
        }
    }
    for node in between {
        nodes.entry(node.path.clone()).or_insert(node);
    }
    nodes
}

/// Fills in the ages that are not said: as the parent's. And nothing is older than its parent.
fn with_ages(mut nodes: BTreeMap<String, SeedNode>) -> BTreeMap<String, SeedNode> {
    let paths: Vec<String> = nodes.keys().cloned().collect();
    let age =
        |nodes: &BTreeMap<String, SeedNode>, path: &str| nodes.get(path).and_then(|node| node.age);
    // Sorted by path, a parent comes before what is below it.
    for path in &paths {
        let above = parent(path).and_then(|above| age(&nodes, above));
        if let Some(node) = nodes.get_mut(path) {
            node.age = node.age.or(above).or(Some(Duration::ZERO));
        }
    }
    for path in paths.iter().rev() {
        let below = age(&nodes, path);
        if let Some(node) = parent(path).and_then(|above| nodes.get_mut(above)) {
            node.age = node.age.max(below);
        }
    }
    nodes
}

/// The path one level up; the root has none.
fn parent(path: &str) -> Option<&str> {
    match path.rsplit_once('/') {
        Some(("", "")) | None => None,
        Some(("", _)) => Some("/"),
        Some((parent, _)) => Some(parent),
    }
}
