//! The small languages inside a seed's strings: ACL entries, ages, and the number in a name.
//! Text in, value or reason out.

use std::fmt::Write as _;
use std::time::Duration;

use crate::proto::{Acl, Perms};

/// An ACL entry: `world:anyone:r`, `ip:192.0.2.0/24:cdrwa` or `digest:user:password:cdrwa`,
/// where the password is written plainly and its hash is stored.
pub fn acl(text: &str) -> Result<Acl, String> {
    let (rest, letters) = text
        .rsplit_once(':')
        .ok_or("an ACL entry is scheme:id:permissions")?;
    let (scheme, id) = rest
        .split_once(':')
        .ok_or("an ACL entry is scheme:id:permissions")?;
    let perms = perms(letters)?;
    match scheme {
        "world" if id == "anyone" => Ok(Acl::world(perms)),
        "world" => Err("the id of world is anyone".to_owned()),
        "ip" => Ok(Acl::ip(perms, id)),
        "digest" => match id.split_once(':') {
            Some((user, password)) if !user.is_empty() => Ok(Acl::digest(perms, user, password)),
            _ => Err("digest needs user:password".to_owned()),
        },
        other => Err(format!("{other} is none of world, ip and digest")),
    }
}

fn perms(letters: &str) -> Result<Perms, String> {
    let mut perms = Perms::default();
    for letter in letters.chars() {
        perms = perms.with(match letter {
            'c' => Perms::CREATE,
            'd' => Perms::DELETE,
            'r' => Perms::READ,
            'w' => Perms::WRITE,
            'a' => Perms::ADMIN,
            other => {
                return Err(format!(
                    "{other:?} is none of the permissions c, d, r, w, a"
                ));
            }
        });
    }
    if letters.is_empty() {
        return Err("permissions are missing: some of cdrwa".to_owned());
    }
    Ok(perms)
}

/// A time span: a whole number and one of `s`, `m`, `h`, `d`.
pub fn age(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is no age: a number and s, m, h or d, as in 36h");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let digits = text.strip_suffix(unit).ok_or_else(wrong)?;
    // Up to some thousand years, so that no sum of times can overflow.
    let count: u32 = digits.parse().map_err(|_| wrong())?;
    Some(u64::from(count) * seconds)
        .filter(|&seconds| seconds < 1 << 37)
        .map(Duration::from_secs)
        .ok_or_else(wrong)
}

/// Puts a number for each `{n}`, with leading zeros for `{n:05}`.
pub fn fill(template: &str, number: u64) -> String {
    let mut filled = String::with_capacity(template.len() + 8);
    let mut rest = template;
    while let Some(at) = rest.find("{n") {
        filled.push_str(&rest[..at]);
        let tail = &rest[at + 2..];
        let end = tail.find('}').unwrap_or(tail.len());
        let width = match &tail[..end] {
            "" if end < tail.len() => Some(0),
            format => format
                .strip_prefix(":0")
                .and_then(|width| width.parse().ok()),
        };
        if let Some(width) = width.filter(|&width| width <= 20 && end < tail.len()) {
            // Writing to a String can't fail.
            let _ = write!(filled, "{number:0width$}");
            rest = &tail[end + 1..];
        } else {
            // Something else in braces: as it is.
            filled.push_str("{n");
            rest = tail;
        }
    }
    filled.push_str(rest);
    filled
}

/// The number that a sequential name ends with.
pub fn sequence(name: &str) -> Option<i32> {
    let digits = name.get(name.len().checked_sub(10)?..)?;
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acl_entries_are_read_and_passwords_hashed() {
        assert_eq!(acl("world:anyone:r"), Ok(Acl::world(Perms::READ)));
        let digest = acl("digest:super:test:cdrwa");
        assert_eq!(digest, Ok(Acl::digest(Perms::ALL, "super", "test")));
        assert_eq!(
            acl("ip:2001:db8::1:r"),
            Ok(Acl::ip(Perms::READ, "2001:db8::1"))
        );
        for bad in [
            "",
            "r",
            "world:r",
            "world:me:r",
            "digest:me:r",
            "sasl:a:r",
            "ip:::1:q",
        ] {
            assert!(acl(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ages_are_numbers_with_a_unit() {
        assert_eq!(age("36h"), Ok(Duration::from_secs(36 * 3_600)));
        for bad in ["", "h", "3", "-3h", "3 h", "3w", "4000000000d", "é"] {
            assert!(age(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn numbers_are_filled_in_and_other_braces_left() {
        assert_eq!(fill("a-{n:05}", 42), "a-00042");
        assert_eq!(fill(r#"{"n":{n},"name":{}}"#, 7), r#"{"n":7,"name":{}}"#);
        assert_eq!(fill("{n:x} {n:099} {n", 7), "{n:x} {n:099} {n");
    }

    #[test]
    fn sequential_names_end_in_ten_digits() {
        assert_eq!(sequence("lock-0000000041"), Some(41));
        assert_eq!(sequence("0000000007"), Some(7));
        assert_eq!(sequence("lock-000000041"), None);
        assert_eq!(sequence("ロック0000000041"), Some(41));
        assert_eq!(sequence("lock-9999999999"), None);
    }
}
