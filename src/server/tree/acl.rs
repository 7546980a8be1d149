//! ACLs: each distinct list is kept once and nodes hold its number; who passes which list;
//! and what becomes of a list that a client sends.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::Arc;

use super::Version;
use crate::proto::{Acl, AclId, ErrorCode, Perms};

/// The number of an interned list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct AclKey(u32);

impl AclKey {
    /// Everybody may do everything; never counted, never freed.
    pub const OPEN: Self = Self(0);
}

/// All lists in use.
#[derive(Debug)]
pub struct AclTable {
    lists: Vec<(Arc<[Acl]>, usize)>,
    keys: HashMap<Arc<[Acl]>, AclKey>,
    free: Vec<AclKey>,
}

impl Default for AclTable {
    fn default() -> Self {
        let open: Arc<[Acl]> = Acl::open_unsafe().into();
        Self {
            keys: HashMap::from([(Arc::clone(&open), AclKey::OPEN)]),
            lists: vec![(open, 1)],
            free: Vec::new(),
        }
    }
}

impl AclTable {
    /// The list of that number.
    pub fn get(&self, key: AclKey) -> &Arc<[Acl]> {
        &self.lists[key.0 as usize].0
    }

    /// The number of `list`, counting one more user.
    pub fn intern(&mut self, list: Vec<Acl>) -> AclKey {
        if let Some(&key) = self.keys.get(list.as_slice()) {
            self.lists[key.0 as usize].1 += 1;
            return key;
        }
        let list: Arc<[Acl]> = list.into();
        let key = if let Some(key) = self.free.pop() {
            self.lists[key.0 as usize] = (Arc::clone(&list), 1);
            key
        } else {
            self.lists.push((Arc::clone(&list), 1));
            AclKey(u32::try_from(self.lists.len() - 1).unwrap_or(u32::MAX))
        };
        self.keys.insert(list, key);
        key
    }

    /// How many lists there are.
    #[cfg(test)]
    pub fn in_use(&self) -> usize {
        self.keys.len()
    }

    /// One user less.
    pub fn release(&mut self, key: AclKey) {
        let (list, users) = &mut self.lists[key.0 as usize];
        *users = users.saturating_sub(1);
        if *users == 0 && key != AclKey::OPEN {
            self.keys.remove(list);
            *list = Arc::from([]);
            self.free.push(key);
        } else if key == AclKey::OPEN {
            *users = (*users).max(1);
        }
    }
}

/// Whether a connection with these identities has any of `perms`. An empty list, as only a
/// server can make one, is open.
pub fn allows(list: &[Acl], perms: Perms, ids: &[AclId]) -> bool {
    if list.is_empty() || ids.iter().any(|id| id.scheme == "super") {
        return true;
    }
    list.iter()
        .filter(|acl| acl.perms.0 & perms.0 != 0)
        .any(|acl| matches_anyone(&acl.id) || ids.iter().any(|id| matches(&acl.id, id)))
}

fn matches_anyone(id: &AclId) -> bool {
    id.scheme == "world" && id.id == "anyone"
}

fn matches(wanted: &AclId, id: &AclId) -> bool {
    wanted.scheme == id.scheme
        && match id.scheme.as_str() {
            "ip" => ip_matches(&wanted.id, &id.id),
            _ => wanted.id == id.id,
        }
}

fn ip_matches(wanted: &str, address: &str) -> bool {
    let (Some((net, bits)), Ok(address)) = (parse_network(wanted), address.parse::<IpAddr>())
    else {
        return false;
    };
    let (net, address, width) = match (net, address) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(a.to_bits()), u128::from(b.to_bits()), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits(), b.to_bits(), 128),
        _ => return false,
    };
    bits == 0 || (net ^ address) >> (width - bits) == 0
}

fn parse_network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let width = if address.is_ipv4() { 32 } else { 128 };
    let bits = match bits {
        Some(bits) => bits.parse().ok().filter(|&bits| bits <= width)?,
        None => width,
    };
    Some((address, bits))
}

/// The list to store for what a client sent: `auth` becomes the connection's authenticated
/// identities; an empty or invalid list is refused.
pub fn fix_up(list: &[Acl], ids: &[AclId], version: Version) -> Result<Vec<Acl>, ErrorCode> {
    let mut seen = HashSet::with_capacity(list.len());
    let mut stored = Vec::with_capacity(list.len());
    let mut expanded = Vec::new();
    for acl in list {
        if !seen.insert(acl) {
            continue;
        }
        if acl.id.scheme == "auth" {
            let mine = ids.iter().filter(|id| id.scheme == "digest");
            let mine: Vec<Acl> = mine
                .map(|id| Acl {
                    perms: acl.perms,
                    id: id.clone(),
                })
                .collect();
            if mine.is_empty() {
                return Err(ErrorCode::InvalidAcl);
            }
            // 3.4 puts them behind all others.
            let late = version == Version::V3_4;
            if late { &mut expanded } else { &mut stored }.extend(mine);
        } else if is_valid(&acl.id, version) {
            stored.push(acl.clone());
        } else {
            return Err(ErrorCode::InvalidAcl);
        }
    }
    stored.append(&mut expanded);
    if stored.is_empty() {
        return Err(ErrorCode::InvalidAcl);
    }
    Ok(stored)
}

fn is_valid(id: &AclId, version: Version) -> bool {
    match id.scheme.as_str() {
        "world" => id.id == "anyone",
        // Java's split drops empty parts at the end, and exactly two must be left.
        "digest" => id.id.trim_end_matches(':').split(':').count() == 2,
        "ip" => match parse_network(&id.id) {
            Some((address, _)) if version == Version::V3_4 => {
                address.is_ipv4() && !id.id.contains('/')
            }
            Some((address, _)) => address.is_ipv4() || version.takes_ipv6_acls(),
            None => false,
        },
        _ => false,
    }
}

/// The list as someone without ADMIN sees it: digests' hashes are hidden.
pub fn hide_digests(list: &[Acl]) -> Vec<Acl> {
    let hide = |acl: &Acl| {
        let mut acl = acl.clone();
        if acl.id.scheme == "digest"
            && let Some((user, _)) = acl.id.id.split_once(':')
        {
            acl.id.id = format!("{user}:x");
        }
        acl
    };
    list.iter().map(hide).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> AclId {
        Acl::ip(Perms::READ, text).id
    }

    #[test]
    fn networks_compare_leading_bits() {
        assert!(matches(&ip("10.1.0.0/16"), &ip("10.1.2.3")));
        assert!(!matches(&ip("10.1.0.0/16"), &ip("10.2.2.3")));
        assert!(matches(&ip("0.0.0.0/0"), &ip("10.2.2.3")));
        assert!(!matches(&ip("::1"), &ip("127.0.0.1")));
        assert!(parse_network("10.0.0.0/33").is_none());
    }

    #[test]
    fn auth_needs_somebody_to_stand_for() {
        let sent = Acl::creator_all();
        assert_eq!(
            fix_up(&sent, &[ip("127.0.0.1")], Version::V3_9),
            Err(ErrorCode::InvalidAcl)
        );
        let me = Acl::digest(Perms::ALL, "me", "pw");
        assert_eq!(
            fix_up(&sent, std::slice::from_ref(&me.id), Version::V3_9),
            Ok(vec![me])
        );
    }

    #[test]
    fn lists_are_kept_once_and_freed_with_their_last_user() {
        let mut table = AclTable::default();
        let list = vec![Acl::world(Perms::READ)];
        let key = table.intern(list.clone());
        assert_eq!(table.intern(list.clone()), key);
        table.release(key);
        assert_eq!(&table.get(key)[..], &list[..]);
        table.release(key);
        assert_eq!(table.intern(vec![Acl::world(Perms::WRITE)]), key);
        assert_eq!(table.intern(Acl::open_unsafe()), AclKey::OPEN);
    }
}
