//! Access control lists: who may do what with one znode. Nothing is inherited.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha1::{Digest as _, Sha1};

use super::jute::{Decode, DecodeError, Encode, Reader, put_int, put_string};

/// Permissions as a set of bits. Servers store any bits they are sent, so all are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Perms(pub i32);

impl Perms {
    /// Read data, list children.
    pub const READ: Self = Self(1);
    /// Set data.
    pub const WRITE: Self = Self(2);
    /// Create children.
    pub const CREATE: Self = Self(4);
    /// Delete children.
    pub const DELETE: Self = Self(8);
    /// Set the ACL.
    pub const ADMIN: Self = Self(16);
    /// All five.
    pub const ALL: Self = Self(31);

    /// Both sets together.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether every permission of `other` is here.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// `cdrwa`, as ZooKeeper's shell writes it; a dash for each that is missing.
impl std::fmt::Display for Perms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const LETTERS: [(Perms, char); 5] = [
            (Perms::CREATE, 'c'),
            (Perms::DELETE, 'd'),
            (Perms::READ, 'r'),
            (Perms::WRITE, 'w'),
            (Perms::ADMIN, 'a'),
        ];
        let text: String = LETTERS
            .iter()
            .map(|&(perm, letter)| if self.contains(perm) { letter } else { '-' })
            .collect();
        f.pad(&text)
    }
}

/// Who an ACL entry is for: a scheme and, in its words, an id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AclId {
    /// `world`, `auth`, `digest`, `ip`, `sasl`, `x509`, or one that a plugin added.
    pub scheme: String,
    /// What the scheme makes of it.
    pub id: String,
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Acl {
    /// What is allowed.
    pub perms: Perms,
    /// To whom.
    pub id: AclId,
}

impl Acl {
    /// An entry for `scheme:id`.
    pub fn new(perms: Perms, scheme: impl Into<String>, id: impl Into<String>) -> Self {
        Self {
            perms,
            id: AclId {
                scheme: scheme.into(),
                id: id.into(),
            },
        }
    }

    /// Everybody.
    pub fn world(perms: Perms) -> Self {
        Self::new(perms, "world", "anyone")
    }

    /// Whoever this connection is authenticated as when the ACL is set.
    pub fn auth(perms: Perms) -> Self {
        Self::new(perms, "auth", "")
    }

    /// A user with a password; only the password's hash is sent and stored.
    pub fn digest(perms: Perms, user: &str, password: &str) -> Self {
        Self::new(perms, "digest", digest_id(user, password))
    }

    /// A literal address, or `address/bits`, which 3.4 does not know.
    pub fn ip(perms: Perms, address: impl Into<String>) -> Self {
        Self::new(perms, "ip", address)
    }

    /// A SASL user or Kerberos principal.
    pub fn sasl(perms: Perms, user: impl Into<String>) -> Self {
        Self::new(perms, "sasl", user)
    }

    /// The subject of a TLS client certificate, as RFC 2253 writes it.
    pub fn x509(perms: Perms, subject: impl Into<String>) -> Self {
        Self::new(perms, "x509", subject)
    }

    /// Everybody may do everything: ZooKeeper's (and kazoo's) default.
    pub fn open_unsafe() -> Vec<Self> {
        vec![Self::world(Perms::ALL)]
    }

    /// The creator may do everything, nobody else anything.
    pub fn creator_all() -> Vec<Self> {
        vec![Self::auth(Perms::ALL)]
    }

    /// Everybody may read.
    pub fn read_unsafe() -> Vec<Self> {
        vec![Self::world(Perms::READ)]
    }
}

/// `scheme:id:perms`, as ZooKeeper's shell takes it.
impl std::fmt::Display for Acl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.id.scheme, self.id.id, self.perms)
    }
}

impl Encode for AclId {
    fn encode(&self, out: &mut Vec<u8>) {
        put_string(out, &self.scheme);
        put_string(out, &self.id);
    }
}

impl Decode<'_> for AclId {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            scheme: reader.string("scheme")?.into_owned(),
            id: reader.string("id")?.into_owned(),
        })
    }
}

impl Encode for Acl {
    fn encode(&self, out: &mut Vec<u8>) {
        put_int(out, self.perms.0);
        self.id.encode(out);
    }
}

impl Decode<'_> for Acl {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            perms: Perms(reader.int("perms")?),
            id: AclId::decode(reader)?,
        })
    }
}

/// `user:base64(SHA-1("user:password"))`, the id of the digest scheme.
pub fn digest_id(user: &str, password: &str) -> String {
    let hash = Sha1::digest(format!("{user}:{password}"));
    format!("{user}:{}", BASE64.encode(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_matches_zookeepers_own_vector() {
        assert_eq!(
            digest_id("super", "test"),
            "super:D/InIHSb7yEEbrWz8b9l71RjZJU="
        );
    }

    /// kazoo: `test_security::TestACL::test_read_acl`
    /// kazoo: `test_security::TestACL::test_all_perms`
    /// kazoo: `test_security::TestACL::test_perm_listing`
    /// kazoo: `test_security::TestACL::test_perm_repr`
    #[test]
    fn perms_read_as_the_shell_writes_them() {
        assert_eq!(Perms::ALL.to_string(), "cdrwa");
        assert_eq!(Perms::READ.with(Perms::ADMIN).to_string(), "--r-a");
        assert_eq!(
            Acl::ip(Perms::READ, "10.0.0.0/8").to_string(),
            "ip:10.0.0.0/8:--r--"
        );
    }
}
