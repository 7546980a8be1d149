//! Bytes of a request that prove who sends it: sent and compared like any, never shown.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// A credential or a token; `Debug` tells its length alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden<'a>(Cow<'a, [u8]>);

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({} bytes)", self.0.len())
    }
}

impl Deref for Hidden<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<'a> From<&'a [u8]> for Hidden<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self(bytes.into())
    }
}

impl<'a, const N: usize> From<&'a [u8; N]> for Hidden<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Self(Cow::Borrowed(bytes))
    }
}

impl From<Vec<u8>> for Hidden<'_> {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl<'a> From<Cow<'a, [u8]>> for Hidden<'a> {
    fn from(bytes: Cow<'a, [u8]>) -> Self {
        Self(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::Hidden;
    use crate::proto::{ConnectRequest, ConnectResponse, Request};

    #[test]
    fn no_record_shows_what_proves_who_one_is() {
        let secret = b"sesame";
        let auth = Request::Auth {
            kind: 0,
            scheme: "digest".into(),
            auth: Some(secret.into()),
        };
        let sasl = Request::Sasl {
            token: Some(secret.into()),
        };
        let asked = ConnectRequest {
            protocol_version: 0,
            last_zxid_seen: 3,
            timeout_ms: 4,
            session_id: 5,
            password: secret.to_vec(),
            read_only: None,
        };
        let answered = ConnectResponse {
            protocol_version: 0,
            timeout_ms: 4,
            session_id: 5,
            password: secret.to_vec(),
            read_only: None,
        };
        let shown = format!("{auth:?} {sasl:?} {asked:?} {answered:?}");
        assert_eq!(shown.matches("(6 bytes)").count(), 4, "{shown}");
        assert!(shown.contains("digest") && shown.contains("session_id: 5"));
        assert!(
            !shown.contains("sesame") && !shown.contains("115"),
            "{shown}"
        );
        assert_eq!(Hidden::from(secret), Hidden::from(secret.to_vec()));
    }
}
