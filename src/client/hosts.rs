//! The connect string: `h1:2181,h2,[::1]:2182/chroot`.
//! Knows how it is written and what is wrong with one that is not; resolves no names.

use crate::proto::{DEFAULT_PORT, PathError, ZPath};

/// One server as the user named it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Host {
    /// A host name or a literal address, without brackets.
    pub name: String,
    /// The client port.
    pub port: u16,
}

/// `name:port`, an IPv6 address in brackets.
impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.name.contains(':') {
            write!(f, "[{}]:{}", self.name, self.port)
        } else {
            write!(f, "{}:{}", self.name, self.port)
        }
    }
}

/// The servers of one ensemble, and the subtree of it to work in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts {
    pub(super) servers: Vec<Host>,
    pub(super) chroot: ZPath,
}

impl Hosts {
    /// The servers: there is at least one.
    pub fn servers(&self) -> &[Host] {
        &self.servers
    }

    /// The subtree that is the client's root; `/` for all.
    pub const fn chroot(&self) -> &ZPath {
        &self.chroot
    }
}

/// Why a connect string can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostsError {
    /// It names no server.
    #[error("no server in {0:?}: write one as host:port, more with commas between")]
    NoServer(String),
    /// An entry has a port but no host.
    #[error("no host name in {0:?}: write it as host:port")]
    NoName(String),
    /// The port is no number from 1 to 65535.
    #[error("{port:?} in {entry:?} is no port: use a number from 1 to 65535")]
    BadPort {
        /// The server's entry.
        entry: String,
        /// What stands for its port.
        port: String,
    },
    /// An IPv6 address without brackets: its port can't be told from its end.
    #[error("{0:?} looks like an IPv6 address: write it in brackets, [address]:port")]
    BareIpv6(String),
    /// A bracket that does not stand around an address, or text behind one that is no port.
    #[error("{0:?} is no [address]:port")]
    BadBrackets(String),
    /// What follows the first slash is no path.
    #[error("the chroot {chroot:?} is no valid path: {why}")]
    BadChroot {
        /// The text from the first slash on.
        chroot: String,
        /// What is wrong with it.
        why: PathError,
    },
}

impl std::str::FromStr for Hosts {
    type Err = HostsError;

    /// Reads a connect string. Spaces and empty entries are skipped, the port is 2181 unless
    /// given, and one chroot may follow the last server.
    fn from_str(text: &str) -> Result<Self, HostsError> {
        let (list, chroot) = match text.find('/') {
            Some(at) => text.split_at(at),
            None => (text, ""),
        };
        let servers = list
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(parse_host)
            .collect::<Result<Vec<_>, _>>()?;
        if servers.is_empty() {
            return Err(HostsError::NoServer(text.to_owned()));
        }
        Ok(Self {
            servers,
            chroot: parse_chroot(chroot.trim())?,
        })
    }
}

fn parse_chroot(text: &str) -> Result<ZPath, HostsError> {
    match text {
        "" | "/" => Ok(ZPath::root()),
        _ => ZPath::new(text).map_err(|why| HostsError::BadChroot {
            chroot: text.to_owned(),
            why,
        }),
    }
}

fn parse_host(entry: &str) -> Result<Host, HostsError> {
    let (name, port) = if let Some(rest) = entry.strip_prefix('[') {
        let bad = || HostsError::BadBrackets(entry.to_owned());
        let (name, rest) = rest.split_once(']').ok_or_else(bad)?;
        match rest.strip_prefix(':') {
            Some(port) => (name, Some(port)),
            None if rest.is_empty() => (name, None),
            None => return Err(bad()),
        }
    } else {
        match entry.split_once(':') {
            Some((_, rest)) if rest.contains(':') => {
                return Err(HostsError::BareIpv6(entry.to_owned()));
            }
            Some((name, port)) => (name, Some(port)),
            None => (entry, None),
        }
    };
    if name.contains(['[', ']']) {
        return Err(HostsError::BadBrackets(entry.to_owned()));
    }
    if name.trim().is_empty() {
        return Err(HostsError::NoName(entry.to_owned()));
    }
    Ok(Host {
        name: name.trim().to_owned(),
        port: parse_port(entry, port)?,
    })
}

fn parse_port(entry: &str, port: Option<&str>) -> Result<u16, HostsError> {
    let Some(port) = port else {
        return Ok(DEFAULT_PORT);
    };
    match port.trim().parse() {
        Ok(number) if number != 0 => Ok(number),
        _ => Err(HostsError::BadPort {
            entry: entry.to_owned(),
            port: port.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> Result<(Vec<String>, String), HostsError> {
        let hosts: Hosts = text.parse()?;
        let servers = hosts.servers.iter().map(Host::to_string).collect();
        Ok((servers, hosts.chroot.to_string()))
    }

    fn ok(text: &str, servers: &[&str], chroot: &str) {
        let servers = servers.iter().map(|&s| s.to_owned()).collect();
        assert_eq!(hosts(text), Ok((servers, chroot.to_owned())), "{text:?}");
    }

    /// kazoo: `test_client::TestClientConstructor::test_chroot`
    /// kazoo: `test_hosts::HostsTestCase::test_ipv4`
    /// kazoo: `test_hosts::HostsTestCase::test_ipv6`
    /// kazoo: `test_hosts::HostsTestCase::test_hosts_list`
    #[test]
    fn what_kazoo_and_java_read_is_read() {
        ok("h", &["h:2181"], "/");
        ok("h/", &["h:2181"], "/");
        ok("h/a", &["h:2181"], "/a");
        ok("h,h2:99/a/b", &["h:2181", "h2:99"], "/a/b");
        ok(" h1:1 , h2:2 ,, ", &["h1:1", "h2:2"], "/");
        ok(
            "[::1]:2182,[fe80::1]",
            &["[::1]:2182", "[fe80::1]:2181"],
            "/",
        );
        ok("127.0.0.1:2181", &["127.0.0.1:2181"], "/");
    }

    /// kazoo: `test_client::TestClientConstructor::test_another_invalid_hostname`
    #[test]
    fn what_is_wrong_is_said() {
        assert!(matches!(hosts(""), Err(HostsError::NoServer(_))));
        assert!(matches!(hosts("/a"), Err(HostsError::NoServer(_))));
        assert!(matches!(hosts(":2181"), Err(HostsError::NoName(_))));
        assert!(matches!(hosts("h:x"), Err(HostsError::BadPort { .. })));
        assert!(matches!(hosts("h:0"), Err(HostsError::BadPort { .. })));
        assert!(matches!(hosts("h:99999"), Err(HostsError::BadPort { .. })));
        assert!(matches!(hosts("::1"), Err(HostsError::BareIpv6(_))));
        for entry in ["[::1", "[[]", "[::1]]:1", "h]:1", "a[b"] {
            assert!(matches!(hosts(entry), Err(HostsError::BadBrackets(_))));
        }
        assert!(matches!(hosts("h/a/"), Err(HostsError::BadChroot { .. })));
        assert!(matches!(
            hosts("h/a/../b"),
            Err(HostsError::BadChroot { .. })
        ));
    }
}
