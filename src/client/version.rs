//! Which ZooKeeper a server is, and since which version an operation exists.
//! The protocol itself never tells: the answer to the four-letter word `srvr` does.

use crate::proto::OpCode;

/// A release of ZooKeeper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// 3, so far.
    pub major: u32,
    /// The branch: 4 to 9.
    pub minor: u32,
    /// The release of the branch.
    pub patch: u32,
}

impl Version {
    /// A version by its three numbers.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }

    /// Reads the first line of `srvr`, "Zookeeper version: 3.8.0-…, built on …". Other makes
    /// of server have other first lines and no version of ZooKeeper.
    pub fn from_srvr(text: &str) -> Option<Self> {
        let line = text.lines().next()?;
        let rest = line.strip_prefix("Zookeeper version:")?.trim_start();
        let mut numbers = rest
            .split(|c: char| !c.is_ascii_digit())
            .map(|part| part.parse().ok());
        Some(Self::new(
            numbers.next()??,
            numbers.next()??,
            numbers.next().flatten().unwrap_or(0),
        ))
    }

    /// The first release with an operation (protocol: since 3.4 unless told otherwise).
    pub const fn needed_for(op: OpCode) -> Self {
        match op {
            OpCode::Create2 | OpCode::Reconfig | OpCode::CheckWatches | OpCode::RemoveWatches => {
                Self::new(3, 5, 0)
            }
            OpCode::CreateContainer => Self::new(3, 5, 1),
            OpCode::CreateTtl => Self::new(3, 5, 3),
            OpCode::MultiRead
            | OpCode::GetEphemerals
            | OpCode::GetAllChildrenNumber
            | OpCode::SetWatches2
            | OpCode::AddWatch => Self::new(3, 6, 0),
            OpCode::WhoAmI => Self::new(3, 7, 0),
            _ => Self::new(3, 4, 0),
        }
    }
}

/// `3.8.0`
impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// What is known of the connected server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Known {
    /// Nobody has asked yet, or the answer is on its way.
    #[default]
    NotYet,
    /// It told.
    Version(Version),
    /// It was asked and told nothing of use: believe it can do all until it says no.
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_srvr() {
        for (text, version) in [
            (
                "Zookeeper version: 3.4.6-1569965, built on 02/20/2014\nLatency",
                (3, 4, 6),
            ),
            (
                "Zookeeper version: 3.8.0-${mvngit.commit.id}, built on x",
                (3, 8, 0),
            ),
            ("Zookeeper version: 3.10-SNAPSHOT", (3, 10, 0)),
        ] {
            let (major, minor, patch) = version;
            assert_eq!(
                Version::from_srvr(text),
                Some(Version::new(major, minor, patch))
            );
        }
        assert_eq!(Version::from_srvr("ClickHouse Keeper version: v24.1"), None);
        assert_eq!(Version::from_srvr(""), None);
    }
}
