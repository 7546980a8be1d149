//! How much of everything, and where it is on the server.

use std::sync::LazyLock;

/// The sizes of a run.
pub struct Sizes {
    /// Sequential gets.
    pub singles: usize,
    /// Bursts of pipelined gets, and as many of sets.
    pub bursts: usize,
    /// Nodes with data in the tree that is walked.
    pub nodes: usize,
    /// Children of the wide node.
    pub children: usize,
    /// Changes whose event is awaited, one after the other.
    pub events: usize,
    /// Watched nodes that change at once.
    pub storm: usize,
}

/// Requests in flight where many are: below the 1000 at which a server stops reading.
pub const WINDOW: usize = 500;
/// Pipelined requests in a row.
pub const BURST: usize = 1_000;
/// Reads in a frame, where they are packed by hand.
pub const PACK: usize = 100;
/// Packed frames in flight, where that is done.
pub const PACK_WINDOW: usize = 8;
/// Leaves in each folder of the tree.
pub const FOLDER: usize = 1000;
pub const TREE: &str = "/bench-walk";
pub const WIDE: &str = "/bench-wide";
pub const STORM: &str = "/bench-storm";
pub const ONE: &str = "/bench-one";
/// What every node holds.
pub const DATA: [u8; 100] = [b'x'; 100];

/// This run's.
pub static SIZES: LazyLock<Sizes> = LazyLock::new(|| {
    let divide = number("ZOOSCOPE_BENCH_DIVIDE", 1).max(1);
    Sizes {
        singles: 5_000 / divide,
        bursts: (40 / divide).max(1),
        nodes: 100_000 / divide,
        children: 100_000 / divide,
        events: 3_000 / divide,
        // With the one above them: a TreeWatch follows no more before 3.6.
        storm: 10_000 / divide - 1,
    }
});

/// A number from the environment.
pub fn number(variable: &str, default: usize) -> usize {
    let value = std::env::var(variable).ok();
    value.map_or(default, |value| value.parse().expect("a number"))
}

/// The folders of the tree.
pub fn folders() -> Vec<String> {
    let count = SIZES.nodes.div_ceil(FOLDER);
    (0..count)
        .map(|i| format!("{TREE}/folder-{i:03}"))
        .collect()
}

/// The names of a folder's leaves.
pub fn leaves() -> impl Iterator<Item = String> + Clone {
    (0..FOLDER.min(SIZES.nodes)).map(|i| format!("leaf-{i:05}"))
}

/// The leaves' paths, all of them.
pub fn leaf_paths() -> impl Iterator<Item = String> + Clone {
    folders()
        .into_iter()
        .flat_map(|folder| leaves().map(move |leaf| format!("{folder}/{leaf}")))
}

/// Whom a burst is for.
pub fn burst_paths() -> impl Iterator<Item = String> {
    leaf_paths().cycle().take(BURST)
}

/// How many nodes a walk finds: the root, the folders, the leaves.
pub fn tree_size() -> usize {
    1 + folders().len() + leaf_paths().count()
}

pub fn wide_names() -> impl Iterator<Item = String> {
    (0..SIZES.children).map(|i| format!("node-{i:010}"))
}

pub fn storm_paths() -> impl Iterator<Item = String> {
    (0..SIZES.storm).map(|i| format!("{STORM}/node-{i:05}"))
}
