//! SASL: what a server says while it is not yet known who it is.

use zooscope::proto::{DigestChallenge, Encode as _, SecurityLayers, digest_proof};

use super::check::bounded;

/// A challenge, and the same bytes as a proof. What was read must be read again from a
/// challenge written the plainest way.
pub fn digest_challenge(bytes: &[u8]) -> bool {
    if let Some(proof) = bounded(bytes, digest_proof) {
        let again = format!("rspauth={}", quoted(&proof));
        assert_eq!(digest_proof(again.as_bytes()), Some(proof));
    }
    let Ok(challenge) = bounded(bytes, DigestChallenge::parse) else {
        return false;
    };
    assert!(!challenge.nonce.is_empty());
    let again = format!(
        "realm={},nonce={},algorithm=md5-sess",
        quoted(&challenge.realm),
        quoted(&challenge.nonce)
    );
    assert_eq!(DigestChallenge::parse(again.as_bytes()), Ok(challenge));
    true
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The offer that ends a GSSAPI exchange: four bytes, which come back as they were.
pub fn security_layers(bytes: &[u8]) -> bool {
    let Ok(offer) = bounded(bytes, SecurityLayers::parse) else {
        return false;
    };
    assert_eq!(offer.to_bytes(), bytes);
    true
}
