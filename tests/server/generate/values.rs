//! Arguments: paths, data, versions and access control lists, mostly such that something
//! happens, sometimes such that it must be refused.

use fastrand::Rng;
use zooscope::proto::{Acl, Perms};

use super::hints::Hints;

const NAMES: [&str; 6] = ["a", "b", "c", "d", "name with space", "ütf"];
/// Paths that no server makes a node of.
const BAD: [&str; 18] = [
    "",
    "a",
    "a/b",
    "//",
    "/a/",
    "/a//b",
    "//a",
    "/.",
    "/a/.",
    "/a/..",
    "/a/../b",
    "/a/./b",
    "/a\0b",
    "/a\u{1f}",
    "/a\u{7f}b",
    "/\u{e001}",
    "/\u{fff0}",
    "/\u{1f600}",
];
/// Paths that every server has, or could.
const SYSTEM: [&str; 6] = [
    "/",
    "/",
    "/zookeeper",
    "/zookeeper/quota",
    "/zookeeper/config",
    "/zookeeper/other",
];

/// One of these.
pub fn pick<T: Copy, const N: usize>(rng: &mut Rng, from: [T; N]) -> T {
    from[rng.usize(..N)]
}

/// A path that is there, if the hints are right.
pub fn known(rng: &mut Rng, hints: &Hints) -> String {
    match rng.choice(&hints.known) {
        Some(known) => known.path.clone(),
        None => fresh(rng, hints),
    }
}

/// A path that may be there or not: below a known one, or anywhere.
pub fn fresh(rng: &mut Rng, hints: &Hints) -> String {
    let name = NAMES[rng.usize(..NAMES.len())];
    let parent = match rng.choice(&hints.known) {
        Some(known) if rng.u8(..10) < 7 => known.path.as_str(),
        _ => "",
    };
    let deep = parent.matches('/').count() > 4;
    if deep || parent == "/" {
        format!("/{name}")
    } else {
        format!("{parent}/{name}")
    }
}

/// Any path at all.
pub fn any(rng: &mut Rng, hints: &Hints) -> String {
    match rng.u8(..100) {
        0..65 => known(rng, hints),
        65..92 => fresh(rng, hints),
        92..96 => SYSTEM[rng.usize(..SYSTEM.len())].to_owned(),
        _ => bad(rng),
    }
}

/// A path to write to.
pub fn target(rng: &mut Rng, hints: &Hints) -> String {
    match rng.u8(..100) {
        0..92 => fresh(rng, hints),
        92..95 => known(rng, hints),
        95..97 => SYSTEM[rng.usize(..SYSTEM.len())].to_owned(),
        _ => bad(rng),
    }
}

/// A path that is not allowed.
pub fn bad(rng: &mut Rng) -> String {
    BAD[rng.usize(..BAD.len())].to_owned()
}

/// Data: null, empty, short, and now and then long.
pub fn data(rng: &mut Rng) -> Option<Vec<u8>> {
    let length = match rng.u8(..100) {
        0..8 => return None,
        8..18 => 0,
        18..98 => rng.usize(1..40),
        98 => rng.usize(1_000..5_000),
        _ => rng.usize(50_000..200_000),
    };
    let mut byte = rng.u8(..);
    let next = || {
        byte = byte.wrapping_add(1);
        byte
    };
    Some(std::iter::repeat_with(next).take(length).collect())
}

/// A version for a node: often any, often the right one, sometimes wrong.
pub fn version(rng: &mut Rng, right: Option<i32>) -> i32 {
    match rng.u8(..100) {
        0..45 => -1,
        45..80 => right.unwrap_or(0),
        80..90 => right.unwrap_or(0).wrapping_add(1),
        90..97 => rng.i32(0..5),
        97 => -2,
        98 => i32::MAX,
        _ => i32::MIN,
    }
}

/// A list for a node: mostly open.
pub fn acl(rng: &mut Rng) -> Vec<Acl> {
    match rng.u8(..100) {
        0..75 => Acl::open_unsafe(),
        75 => Vec::new(),
        _ => {
            let mut list: Vec<Acl> = (0..rng.usize(1..4)).map(|_| entry(rng)).collect();
            if rng.u8(..4) == 0 {
                list.extend_from_within(..1);
            }
            list
        }
    }
}

fn entry(rng: &mut Rng) -> Acl {
    let perms = match rng.u8(..20) {
        0 => Perms(0),
        1 => Perms(64 | 31),
        2 => Perms(-1),
        3..9 => Perms::ALL,
        _ => Perms(rng.i32(1..32)),
    };
    match rng.u8(..60) {
        0..20 => Acl::world(perms),
        20..28 => Acl::digest(perms, "u1", "p1"),
        28..34 => Acl::digest(perms, "u2", "p2"),
        34..42 => Acl::auth(perms),
        42 => Acl::new(perms, "auth", "ignored"),
        43..46 => Acl::ip(perms, "127.0.0.1"),
        46 => Acl::ip(perms, "127.0.0.0/8"),
        47 => Acl::ip(perms, "10.1.2.3/8"),
        48 => Acl::ip(perms, "127.0.0.1/33"),
        49 => Acl::ip(perms, "nowhere"),
        50 => Acl::ip(perms, "::1"),
        51 => Acl::new(perms, "world", "someone"),
        52 => Acl::new(perms, "digest", "no colon"),
        53 => Acl::new(perms, "digest", "two:colons:here"),
        54 => Acl::new(perms, "digest", ""),
        55 => Acl::new(perms, "bogus", "x"),
        56 => Acl::new(perms, "", ""),
        57 => Acl::new(perms, "super", "super"),
        58 => Acl::sasl(perms, "user"),
        _ => Acl::x509(perms, "CN=user"),
    }
}
