//! SASL DIGEST-MD5 (RFC 2831) as ZooKeeper's servers speak it: an empty token, a challenge,
//! one answer, and the server's proof, which is checked.

use std::borrow::Cow;

use md5::{Digest as _, Md5};

use super::Tokens;
use crate::client::connect::Refusal;
use crate::client::options::Secret;
use crate::proto::{DigestChallenge, digest_proof};

/// Servers answer to this name whatever host they run on.
const URI: &str = "zookeeper/zk-sasl-md5";

/// Carries the exchange through.
pub(super) async fn authenticate(
    tokens: &mut Tokens<'_>,
    username: &str,
    password: &Secret,
) -> Result<(), Refusal> {
    let challenge = DigestChallenge::parse(&tokens.expect(b"").await?)
        .map_err(|error| Refusal::Unusable(format!("it does not speak DIGEST-MD5 ({error})")))?;
    let mut cnonce = [0; 16];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut cnonce)
        .map_err(|_| Refusal::Unusable("the system gives no random numbers".to_owned()))?;
    let cnonce = hex(&cnonce);
    let answer = Answer::to(&challenge, username, password, &cnonce);
    let proof = tokens.expect(answer.text.as_bytes()).await?;
    if digest_proof(&proof).is_some_and(|proof| proof == answer.proof) {
        return Ok(());
    }
    Err(Refusal::AuthFailed(
        "the server could not prove that it knows the password".to_owned(),
    ))
}

struct Answer {
    text: String,
    /// What the server must answer.
    proof: String,
}

impl Answer {
    fn to(challenge: &DigestChallenge, user: &str, password: &Secret, cnonce: &str) -> Self {
        let DigestChallenge { realm, nonce } = challenge;
        let mut secret = Md5::new();
        secret.update(latin1(user.as_bytes()));
        secret.update(":");
        secret.update(latin1(realm.as_bytes()));
        secret.update(":");
        secret.update(latin1(password.expose()));
        let mut a1 = Md5::new();
        a1.update(secret.finalize());
        a1.update(format!(":{nonce}:{cnonce}"));
        let ha1 = hex(&a1.finalize());
        let response = |a2: String| {
            let ha2 = hex(&Md5::digest(a2));
            hex(&Md5::digest(format!(
                "{ha1}:{nonce}:00000001:{cnonce}:auth:{ha2}"
            )))
        };
        let answer = response(format!("AUTHENTICATE:{URI}"));
        Self {
            text: format!(
                "charset=utf-8,username={},realm={},nonce={},nc=00000001,cnonce=\"{cnonce}\",\
                 digest-uri=\"{URI}\",maxbuf=65536,response={answer},qop=auth",
                quoted(user),
                quoted(realm),
                quoted(nonce),
            ),
            proof: response(format!(":{URI}")),
        }
    }
}

/// The text in ISO 8859-1 if it can be, else as it is: so RFC 2831 has what goes into the
/// secret, though the message is UTF-8.
fn latin1(text: &[u8]) -> Cow<'_, [u8]> {
    let bytes = |text: &str| text.chars().map(|c| u8::try_from(c).ok()).collect();
    let bytes: Option<Vec<u8>> = std::str::from_utf8(text).ok().and_then(bytes);
    bytes.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// In quotes, with a backslash before each quote and backslash.
fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{text}\"")
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digests were reckoned by another program, as RFC 2831 has them.
    #[test]
    fn an_answer_is_quoted_and_provable() {
        let challenge = DigestChallenge {
            realm: "a\\b".to_owned(),
            nonce: "n".to_owned(),
        };
        let answer = Answer::to(&challenge, "an\"n", &Secret::new("sesame"), "c");
        let text = r#"charset=utf-8,username="an\"n",realm="a\\b",nonce="n",nc=00000001,cnonce="c",digest-uri="zookeeper/zk-sasl-md5",maxbuf=65536,response=9ff0256a7d93e581ad9e2ea9b1e2b9f0,qop=auth"#;
        assert_eq!(answer.text, text);
        assert_eq!(answer.proof, "f2dec57234c8af02331b5b43061a2549");
    }

    #[test]
    fn the_secret_is_latin_where_it_can_be() {
        assert_eq!(*latin1("s\u{e9}same".as_bytes()), *b"s\xe9same");
        assert_eq!(*latin1("\u{20ac}".as_bytes()), *"\u{20ac}".as_bytes());
        assert_eq!(*latin1(b"\xff"), *b"\xff");
    }
}
