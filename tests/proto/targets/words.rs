//! Text that users and servers write: what is read comes back from what it is printed as,
//! and what is refused is refused with words.

use zooscope::client::{Hosts, Options, Version};
use zooscope::config::keymap;
use zooscope::explorer::Chord;
use zooscope::proto::ZPath;
use zooscope::server::Seed;
use zooscope::ui::Theme;

/// Two paths with a NUL between them, one path in the other's chroot.
pub fn path(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let (first, second) = text.split_once('\0').unwrap_or((&text, "/"));
    family(&ZPath::from_server(first));
    let (Ok(first), Ok(second)) = (ZPath::new(first), ZPath::new(second)) else {
        return false;
    };
    for path in [&first, &second] {
        family(path);
        assert_eq!(path.to_string().parse(), Ok(path.clone()));
        let parent = path.parent();
        let again = parent.map_or_else(ZPath::root, |parent| parent.child(path.name()));
        assert_eq!(again, *path);
        assert!(
            path.lineage()
                .iter()
                .all(|one| ZPath::new(one.as_str()).is_ok())
        );
        assert_eq!(path.lineage().len(), path.depth() + 1);
    }
    let inside = first.chroot(&second);
    assert!(first.contains(&inside));
    assert_eq!(first.unchroot(inside.as_str()), Some(second));
    true
}

/// What must hold of any text that a server calls a path.
fn family(path: &ZPath) {
    let lineage = path.lineage();
    assert!(lineage.len() <= path.as_str().len() + 2);
    assert_eq!(lineage.last(), Some(path));
    assert!(path.contains(path));
    assert!(ZPath::root().contains(path));
    let _ = (path.name(), path.unchroot("/"), path.chroot(path));
}

/// A connect string.
pub fn hosts(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let hosts = match text.parse::<Hosts>() {
        Ok(hosts) => hosts,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return false;
        }
    };
    let servers: Vec<_> = hosts.servers().iter().map(ToString::to_string).collect();
    let again = format!("{}{}", servers.join(","), hosts.chroot());
    assert_eq!(again.parse(), Ok(hosts.clone()), "{again}");
    assert_eq!(Options::to(hosts.clone()).hosts(), &hosts);
    true
}

/// The answer to the four-letter word.
pub fn srvr(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some(version) = Version::from_srvr(&text) else {
        return false;
    };
    let again = format!("Zookeeper version: {version}-x");
    assert_eq!(Version::from_srvr(&again), Some(version));
    true
}

/// A tree to begin with: mistakes are told by lines that there are.
pub fn seed(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    match Seed::parse(&text) {
        Ok(_) => true,
        Err(errors) => {
            let lines = 1 + text.matches('\n').count();
            assert!(!errors.0.is_empty());
            assert!(
                errors.0.iter().all(|one| (1..=lines).contains(&one.line)),
                "{errors}"
            );
            false
        }
    }
}

/// A key's spelling.
pub fn chord(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    match text.parse::<Chord>() {
        Ok(chord) => {
            assert_eq!(chord.to_string().parse(), Ok(chord), "{chord}");
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

/// A user's keys.
pub fn keymap(bytes: &[u8]) -> bool {
    let loaded = keymap::load(Some(&String::from_utf8_lossy(bytes)));
    loaded
        .map_err(|error| assert!(!error.to_string().is_empty()))
        .is_ok()
}

/// A theme's file.
pub fn theme(bytes: &[u8]) -> bool {
    let parsed = Theme::parse(&String::from_utf8_lossy(bytes));
    parsed.map_err(|error| assert!(!error.0.is_empty())).is_ok()
}
