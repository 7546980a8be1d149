//! SASL DIGEST-MD5 (RFC 2831) as ZooKeeper's servers speak it: an empty token, a challenge,
//! one answer, and the server's proof, which is checked.

use md5::{Digest as _, Md5};

use super::connect::{Refusal, exchange};
use super::options::Sasl;
use super::stream::Stream;
use crate::proto::{ErrorCode, Reader, Request};

/// Servers answer to this name whatever host they run on.
const URI: &str = "zookeeper/zk-sasl-md5";

/// Carries the exchange through on a fresh connection.
pub(super) async fn authenticate(stream: &mut Stream, sasl: &Sasl) -> Result<(), Refusal> {
    let challenge = token(stream, 1, b"").await?;
    let cnonce = format!("{:032x}", fastrand::u128(..));
    let answer = Answer::to(&challenge, sasl, &cnonce)?;
    let proof = token(stream, 2, answer.text.as_bytes()).await?;
    if fields(&proof).any(|(key, value)| key == "rspauth" && value == answer.proof) {
        return Ok(());
    }
    Err(Refusal::AuthFailed(
        "the server could not prove that it knows the password".to_owned(),
    ))
}

async fn token(stream: &mut Stream, xid: i32, token: &[u8]) -> Result<String, Refusal> {
    let request = Request::Sasl {
        token: Some(token.into()),
    };
    let (header, body) = exchange(stream, xid, &request).await?;
    match header.error() {
        None => {}
        Some(ErrorCode::AuthFailed | ErrorCode::SessionClosedRequireSaslAuth) => {
            return Err(Refusal::AuthFailed(
                "SASL DIGEST-MD5: wrong user or password".to_owned(),
            ));
        }
        Some(code) => return Err(Refusal::AuthFailed(format!("SASL: {code}"))),
    }
    let token = Reader::new(&body)
        .buffer("SASL token")
        .map_err(|error| Refusal::Unusable(format!("its SASL reply makes no sense ({error})")))?;
    match token {
        Some(token) => Ok(String::from_utf8_lossy(token).into_owned()),
        None => Err(Refusal::AuthFailed(
            "the server takes no SASL credentials of this kind".to_owned(),
        )),
    }
}

struct Answer {
    text: String,
    /// What the server must answer.
    proof: String,
}

impl Answer {
    fn to(challenge: &str, sasl: &Sasl, cnonce: &str) -> Result<Self, Refusal> {
        let field = |name| fields(challenge).find(|(key, _)| *key == name);
        let realm = field("realm").map_or("", |(_, value)| value);
        let Some((_, nonce)) = field("nonce") else {
            return Err(Refusal::Unusable(
                "its SASL challenge has no nonce: it does not speak DIGEST-MD5".to_owned(),
            ));
        };
        let user = &sasl.username;
        let mut secret = Md5::new();
        secret.update(format!("{user}:{realm}:"));
        secret.update(sasl.password.expose());
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
        Ok(Self {
            text: format!(
                "charset=utf-8,username=\"{user}\",realm=\"{realm}\",nonce=\"{nonce}\",\
                 nc=00000001,cnonce=\"{cnonce}\",digest-uri=\"{URI}\",maxbuf=65536,\
                 response={answer},qop=auth"
            ),
            proof: response(format!(":{URI}")),
        })
    }
}

/// The `key=value` and `key="value"` pairs of a challenge.
fn fields(mut text: &str) -> impl Iterator<Item = (&str, &str)> {
    std::iter::from_fn(move || {
        let (key, rest) = text.trim_start_matches([',', ' ']).split_once('=')?;
        let (value, rest) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => rest.split_once(',').unwrap_or((rest, "")),
        };
        text = rest;
        Some((key.trim(), value))
    })
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

    #[test]
    fn challenges_are_taken_apart() {
        let challenge = "realm=\"a,b\",nonce=\"n=1\",charset=utf-8,algorithm=md5-sess";
        assert_eq!(
            fields(challenge).collect::<Vec<_>>(),
            [
                ("realm", "a,b"),
                ("nonce", "n=1"),
                ("charset", "utf-8"),
                ("algorithm", "md5-sess")
            ]
        );
        assert_eq!(fields("nonsense").count(), 0);
        assert_eq!(fields("a=\"open").count(), 0);
    }
}
