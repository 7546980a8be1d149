//! What can happen to members and to connections.

use std::collections::BTreeMap;

/// What can happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    LeaderKilled,
    FollowerKilled,
    /// The member that the first client is connected to is killed.
    OwnKilled,
    /// The same, ended as by its operator.
    OwnStopped,
    MajorityLost,
    /// The member that the first client is connected to is frozen (SIGSTOP) for longer than
    /// a session lasts.
    OwnFrozen,
    /// All members are, until every client has given its session up.
    AllFrozen,
    RollingRestart,
    Cut,
    HalfClosed,
    Stalled,
    Delayed,
    /// The stream is split at every byte.
    Split,
    ClosedAfter,
    /// Cut exactly before a request is forwarded or its reply is.
    CutAt,
    /// Everything of the sort, at random.
    Chaos,
    Refused,
}

impl Fault {
    /// What needs an ensemble.
    pub const OF_MEMBERS: [Self; 8] = [
        Self::LeaderKilled,
        Self::FollowerKilled,
        Self::OwnKilled,
        Self::OwnStopped,
        Self::MajorityLost,
        Self::OwnFrozen,
        Self::AllFrozen,
        Self::RollingRestart,
    ];

    /// What any connection may suffer.
    pub const OF_CONNECTIONS: [Self; 9] = [
        Self::Cut,
        Self::HalfClosed,
        Self::Stalled,
        Self::Delayed,
        Self::Split,
        Self::ClosedAfter,
        Self::CutAt,
        Self::Chaos,
        Self::Refused,
    ];
}

/// How often each fault happened.
pub type Count = BTreeMap<Fault, usize>;
