//! What is measured and who is measured. A table: what a contender can't do is left out.

/// One thing to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Task {
    /// One get after the other.
    Latency,
    /// Many gets in flight.
    Get,
    /// Many sets in flight.
    Set,
    /// Every node of a tree with its data and Stat.
    Walk,
    /// The names of a node with very many children.
    List,
    /// From a change to its event.
    Watch,
    /// Very many watched nodes change at once; all new data is wanted.
    Storm,
    /// Somebody else's single reads while the tree is being walked.
    Neighbour,
}

impl Task {
    pub const ALL: &[Self] = &[
        Self::Latency,
        Self::Get,
        Self::Set,
        Self::Walk,
        Self::List,
        Self::Watch,
        Self::Storm,
        Self::Neighbour,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Latency => "latency",
            Self::Get => "get",
            Self::Set => "set",
            Self::Walk => "walk",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Storm => "storm",
            Self::Neighbour => "neighbour",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|task| task.name() == name)
    }

    /// Whether the contenders do it in turns within one process, and not in one each.
    pub const fn in_turns(self) -> bool {
        matches!(self, Self::Latency | Self::Watch) || self.is_of_bursts()
    }

    /// Whether it is done in bursts of pipelined requests.
    pub const fn is_of_bursts(self) -> bool {
        matches!(self, Self::Get | Self::Set)
    }

    /// Who takes part, against a server that knows multi-reads or one that doesn't.
    pub fn contenders(self, packs: bool) -> impl Iterator<Item = Contender> {
        let all = self.all_contenders().iter().copied();
        all.filter(move |it| packs || !it.packs())
    }

    const fn all_contenders(self) -> &'static [Contender] {
        use Contender::{Kezhuw, KezhuwAhead, KezhuwPacked, Ours, Raw, RawPacked, Tokio};
        match self {
            Self::Walk => Contender::ALL,
            Self::Storm => &[Ours, Kezhuw, KezhuwPacked, Tokio],
            Self::Get => &[Raw, RawPacked, Ours, Kezhuw, Tokio],
            Self::Neighbour => &[Raw, Ours, Kezhuw, KezhuwPacked, KezhuwAhead],
            _ => &[Raw, Ours, Kezhuw, Tokio],
        }
    }
}

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contender {
    /// Ready-made frames; replies are only counted.
    Raw,
    /// The same with a hundred reads in each frame.
    RawPacked,
    /// `zooscope::client`.
    Ours,
    /// The crate `zookeeper-client`, as one writes it.
    Kezhuw,
    /// The same with its multi-reads packed by hand, one after the other.
    KezhuwPacked,
    /// The same with several of them in flight.
    KezhuwAhead,
    /// The crate `tokio-zookeeper`.
    Tokio,
}

impl Contender {
    pub const ALL: &[Self] = &[
        Self::Raw,
        Self::RawPacked,
        Self::Ours,
        Self::Kezhuw,
        Self::KezhuwPacked,
        Self::KezhuwAhead,
        Self::Tokio,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::RawPacked => "raw-multi-read",
            Self::Ours => "zooscope",
            Self::Kezhuw => "zookeeper-client",
            Self::KezhuwPacked => "zookeeper-client-packed",
            Self::KezhuwAhead => "zookeeper-client-packed-ahead",
            Self::Tokio => "tokio-zookeeper",
        }
    }

    /// Whether it sends multi-reads (3.6+), whatever the server.
    pub const fn packs(self) -> bool {
        matches!(
            self,
            Self::RawPacked | Self::KezhuwPacked | Self::KezhuwAhead
        )
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.name() == name)
    }
}
