//! Znode paths: what is valid, what is whose parent, and what a chroot adds and takes.

use std::sync::Arc;

/// An absolute, valid znode path. Cheap to clone; compares by its text.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ZPath(Arc<str>);

/// Why a text is no znode path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The text is empty.
    #[error("a path can't be empty")]
    Empty,
    /// It does not start at the root.
    #[error("a path starts with /")]
    Relative,
    /// It ends in a slash.
    #[error("a path can't end in /")]
    TrailingSlash,
    /// Two slashes in a row.
    #[error("a path can't have an empty part (//)")]
    EmptyPart,
    /// A part is `.` or `..`.
    #[error("a path can't have . or .. as a part")]
    DotPart,
    /// A character that servers refuse.
    #[error("a path can't hold the character {}", .0.escape_unicode())]
    BadChar(char),
}

impl ZPath {
    /// The path `/`.
    pub fn root() -> Self {
        Self(Arc::from("/"))
    }

    /// Checks `text` by the rules that servers enforce on writes (reads with a bad path
    /// would come back as a misleading `NoNode`).
    pub fn new(text: &str) -> Result<Self, PathError> {
        validate(text)?;
        Ok(Self(Arc::from(text)))
    }

    /// A path that a server sent. It is not checked: what a server has must be shown, and a
    /// server of another make may have names that ZooKeeper itself refuses.
    pub fn from_server(text: &str) -> Self {
        Self(Arc::from(text))
    }

    /// The path's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is `/`.
    pub fn is_root(&self) -> bool {
        &*self.0 == "/"
    }

    /// The last part; for the root, `/`.
    pub fn name(&self) -> &str {
        match self.0.rsplit_once('/') {
            Some((_, name)) if !name.is_empty() => name,
            _ => &self.0,
        }
    }

    /// The path one level up; the root has none.
    pub fn parent(&self) -> Option<Self> {
        match self.0.rsplit_once('/') {
            _ if self.is_root() => None,
            Some(("", _)) | None => Some(Self::root()),
            Some((parent, _)) => Some(Self(Arc::from(parent))),
        }
    }

    /// The path of the child `name`, which is taken as a server sent it.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        // Joined without the formatter: a walk makes a path for every znode.
        let parent = if self.is_root() { "" } else { &*self.0 };
        Self(Arc::from([parent, "/", name].concat()))
    }

    /// The parts from the root down, without slashes; none for `/`.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    /// How many levels below the root.
    pub fn depth(&self) -> usize {
        self.parts().count()
    }

    /// This path and all above it, the root first.
    pub fn lineage(&self) -> Vec<Self> {
        let mut line = vec![self.clone()];
        while let Some(parent) = line.last().and_then(Self::parent) {
            line.push(parent);
        }
        line.reverse();
        line
    }

    /// Whether `other` is this path or lies below it: by parts, so `/a` is no parent of `/ab`.
    pub fn contains(&self, other: &Self) -> bool {
        self.relative(&other.0).is_some()
    }

    /// Strips this path, taken as a chroot, from a server's path. `None` if it lies outside.
    pub fn unchroot(&self, server_path: &str) -> Option<Self> {
        self.relative(server_path).map(|rest| match rest {
            "" => Self::root(),
            rest => Self(Arc::from(rest)),
        })
    }

    fn relative<'a>(&self, path: &'a str) -> Option<&'a str> {
        if self.is_root() {
            return Some(if path == "/" { "" } else { path });
        }
        let rest = path.strip_prefix(&*self.0)?;
        (rest.is_empty() || rest.starts_with('/')).then_some(rest)
    }

    /// The server's path for `path` when this one is the chroot.
    #[must_use]
    pub fn chroot(&self, path: &Self) -> Self {
        match (self.is_root(), path.is_root()) {
            (true, _) => path.clone(),
            (_, true) => self.clone(),
            _ => Self(Arc::from([&*self.0, &*path.0].concat())),
        }
    }
}

impl AsRef<str> for ZPath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Tables keyed by path are looked up by text.
impl std::borrow::Borrow<str> for ZPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ZPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::fmt::Debug for ZPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&*self.0, f)
    }
}

impl std::str::FromStr for ZPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        Self::new(text)
    }
}

fn validate(text: &str) -> Result<(), PathError> {
    let Some(rest) = text.strip_prefix('/') else {
        return Err(if text.is_empty() {
            PathError::Empty
        } else {
            PathError::Relative
        });
    };
    if let Some(bad) = text.chars().find(|&c| !allowed(c)) {
        return Err(PathError::BadChar(bad));
    }
    if rest.is_empty() {
        return Ok(());
    }
    if rest.ends_with('/') {
        return Err(PathError::TrailingSlash);
    }
    for part in rest.split('/') {
        match part {
            "" => return Err(PathError::EmptyPart),
            "." | ".." => return Err(PathError::DotPart),
            _ => {}
        }
    }
    Ok(())
}

/// Servers check UTF-16 units, so everything outside of the basic plane is refused too.
const fn allowed(c: char) -> bool {
    !matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> ZPath {
        ZPath::new(text).expect("a valid path")
    }

    /// kazoo: `test_paths::NormPathTestCase::test_normpath`
    /// kazoo: `test_paths::NormPathTestCase::test_normpath_empty`
    /// kazoo: `test_paths::NormPathTestCase::test_normpath_dots`
    /// kazoo: `test_paths::NormPathTestCase::test_normpath_slash`
    /// kazoo: `test_paths::IsAbsTestCase::test_isabs_false`
    #[test]
    fn servers_rules_are_ours() {
        for good in [
            "/",
            "/a",
            "/a/b.c",
            "/...",
            "/한글/e\u{301}",
            "/zookeeper",
            "/a b",
        ] {
            assert!(ZPath::new(good).is_ok(), "{good:?}");
        }
        for (bad, why) in [
            ("", PathError::Empty),
            ("a", PathError::Relative),
            ("/a/", PathError::TrailingSlash),
            ("//", PathError::TrailingSlash),
            ("/a//b", PathError::EmptyPart),
            ("/a/../b", PathError::DotPart),
            ("/.", PathError::DotPart),
            ("/a\u{1f}", PathError::BadChar('\u{1f}')),
            ("/a\u{7f}", PathError::BadChar('\u{7f}')),
            ("/\u{e000}", PathError::BadChar('\u{e000}')),
            ("/\u{fffd}", PathError::BadChar('\u{fffd}')),
            ("/\u{1f600}", PathError::BadChar('\u{1f600}')),
        ] {
            assert_eq!(ZPath::new(bad), Err(why), "{bad:?}");
        }
    }

    /// kazoo: `test_paths::JoinTestCase::test_join`
    /// kazoo: `test_paths::BaseNameTestCase::test_basename`
    #[test]
    fn families() {
        assert_eq!(path("/a/b").parent(), Some(path("/a")));
        assert_eq!(path("/a").parent(), Some(ZPath::root()));
        assert_eq!(ZPath::root().parent(), None);
        assert_eq!(path("/a/b").name(), "b");
        assert_eq!(ZPath::root().name(), "/");
        assert_eq!(ZPath::root().child("a").child("b"), path("/a/b"));
        assert_eq!(
            path("/a/b").lineage(),
            [ZPath::root(), path("/a"), path("/a/b")]
        );
        assert_eq!(path("/a/b").depth(), 2);
    }

    /// kazoo: `test_client::TestNonChrootClient::test_unchroot`
    /// kazoo: `test_paths::PrefixRootTestCase::test_prefix_root`
    #[test]
    fn a_chroot_is_stripped_by_parts_only() {
        let chroot = path("/a");
        assert_eq!(chroot.unchroot("/a/b"), Some(path("/b")));
        assert_eq!(chroot.unchroot("/a"), Some(ZPath::root()));
        assert_eq!(chroot.unchroot("/ab"), None);
        assert_eq!(chroot.chroot(&path("/b")), path("/a/b"));
        assert_eq!(chroot.chroot(&ZPath::root()), chroot);
        assert_eq!(ZPath::root().unchroot("/x"), Some(path("/x")));
        assert!(!path("/a").contains(&path("/ab")));
        assert!(ZPath::root().contains(&path("/ab")));
    }
}
