//! What a server holds at the start.
/// A tree to begin with.
#[derive(Debug, Clone, Default)]
pub struct Seed {}
