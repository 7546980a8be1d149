//! What a server says in a SASL DIGEST-MD5 exchange (RFC 2831): its challenge, and at the end
//! the proof that it knows the password too. Text of `name=value` pairs, taken apart.
//! Refuses to know passwords, and how an answer is reckoned.

use std::borrow::Cow;

use super::jute::{DecodeError, lenient_utf8};

const WHAT: &str = "DIGEST-MD5 challenge";

/// A server's challenge, so far as a client needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestChallenge {
    /// Where the user is known; the first, if several are offered, and empty without any.
    pub realm: String,
    /// What makes this exchange unlike any other.
    pub nonce: String,
}

impl DigestChallenge {
    /// Reads a challenge. One without exactly one nonce, of another algorithm, or that wants
    /// more than authentication can't be answered.
    pub fn parse(token: &[u8]) -> Result<Self, DecodeError> {
        let bad = |wanted| DecodeError::BadText { what: WHAT, wanted };
        let text = lenient_utf8(token);
        let (mut realm, mut nonce) = (None, None);
        for (name, value) in pairs(&text) {
            match name {
                "realm" if realm.is_none() => realm = Some(value),
                "nonce" if nonce.is_some() => return Err(bad("a single nonce")),
                "nonce" => nonce = Some(value),
                "algorithm" if value != "md5-sess" => return Err(bad("algorithm md5-sess")),
                "qop" if !value.split(',').any(|qop| qop.trim() == "auth") => {
                    return Err(bad("qop auth among those offered"));
                }
                _ => {}
            }
        }
        let nonce = nonce.filter(|nonce| !nonce.is_empty());
        Ok(Self {
            realm: realm.unwrap_or_default().into_owned(),
            nonce: nonce.ok_or_else(|| bad("a nonce"))?.into_owned(),
        })
    }
}

/// The server's proof (`rspauth`) that it knows the password, if its token has one.
pub fn digest_proof(token: &[u8]) -> Option<String> {
    let text = lenient_utf8(token);
    let proof = pairs(&text).find(|(name, _)| *name == "rspauth");
    proof.map(|(_, value)| value.into_owned())
}

/// The `name=value` and `name="value"` pairs. What follows the first one that is broken is
/// left out.
fn pairs(mut text: &str) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
    std::iter::from_fn(move || {
        let (name, rest) = text.trim_start_matches([',', ' ', '\t']).split_once('=')?;
        let (value, rest) = if let Some(quoted) = rest.trim_start().strip_prefix('"') {
            unquote(quoted)?
        } else {
            let (value, rest) = rest.split_once(',').unwrap_or((rest, ""));
            (value.trim().into(), rest)
        };
        text = rest;
        Some((name.trim(), value))
    })
}

/// The text up to the closing quote, in which a backslash stands before a quote or another
/// backslash, and what follows it.
fn unquote(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let end = text.find(['"', '\\'])?;
    if let Some(rest) = text[end..].strip_prefix('"') {
        return Some((text[..end].into(), rest));
    }
    let mut value = String::new();
    let mut characters = text.chars();
    loop {
        match characters.next()? {
            '"' => return Some((value.into(), characters.as_str())),
            '\\' => value.push(characters.next()?),
            other => value.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(&str, String)> {
        let own = |(name, value): (_, Cow<'_, str>)| (name, value.into_owned());
        pairs(text).map(own).collect()
    }

    #[test]
    fn challenges_are_taken_apart() {
        let text = "realm=\"a,b\",nonce=\"n=1\",charset=utf-8,algorithm=md5-sess";
        let challenge = DigestChallenge::parse(text.as_bytes()).expect("a challenge");
        assert_eq!(challenge.realm, "a,b");
        assert_eq!(challenge.nonce, "n=1");
        let several = br#"realm="one", realm="two" , nonce = "x",qop="auth-int,auth""#;
        let challenge = DigestChallenge::parse(several).expect("a challenge");
        assert_eq!(challenge.realm, "one");
        assert_eq!(
            all(r#"a="say \"\\\" twice",b=c , d="#),
            [
                ("a", r#"say "\" twice"#.to_owned()),
                ("b", "c".to_owned()),
                ("d", String::new())
            ]
        );
        assert_eq!(all("nonsense"), []);
        assert_eq!(all("a=\"open"), []);
        assert_eq!(all("a=\"open\\"), []);
    }

    #[test]
    fn a_challenge_that_cant_be_answered_is_refused() {
        for text in [
            "",
            "realm=\"zk-sasl-md5\"",
            "nonce=\"\"",
            "nonce=\"1\",nonce=\"2\"",
            "nonce=\"1\",algorithm=md5",
            "nonce=\"1\",qop=\"auth-int,auth-conf\"",
        ] {
            assert!(DigestChallenge::parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn a_proof_is_found() {
        assert_eq!(digest_proof(b"rspauth=00ff"), Some("00ff".to_owned()));
        assert_eq!(digest_proof(b"\xff\xfe"), None);
    }
}
