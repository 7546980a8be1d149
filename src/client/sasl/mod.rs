//! SASL, exchanged on every connection before anything else: which mechanism, and the tokens
//! to and fro that all mechanisms share. Each mechanism is a file of its own and knows no
//! frames.

mod digest_md5;
#[cfg(feature = "gssapi")]
mod gssapi;
#[cfg(feature = "gssapi")]
mod kerberos;
#[cfg(feature = "gssapi")]
mod trouble;

#[cfg(feature = "gssapi")]
pub use kerberos::Kerberos;
use tokio::time::Instant;

use super::connect::{Refusal, exchange};
use super::hosts::Host;
use super::options::Secret;
use super::shared::Shared;
use super::stream::Stream;
use crate::proto::{ErrorCode, Reader, Request};

/// A SASL mechanism, and who proves by it who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sasl {
    /// A password, by RFC 2831. Servers want `DigestLoginModule`.
    DigestMd5 {
        /// The user.
        username: String,
        /// Its password.
        password: Secret,
    },
    /// A Kerberos ticket, by RFC 4752. Servers want `Krb5LoginModule`. Only with the cargo
    /// feature `gssapi`, as it needs a Kerberos library.
    #[cfg(feature = "gssapi")]
    Gssapi(Kerberos),
}

impl Sasl {
    /// A user with a password.
    pub fn digest_md5(username: impl Into<String>, password: &str) -> Self {
        Self::DigestMd5 {
            username: username.into(),
            password: Secret::new(password),
        }
    }
}

/// Carries the exchange through on a fresh connection to `host`.
#[cfg_attr(
    not(feature = "gssapi"),
    expect(
        unused_variables,
        reason = "only Kerberos asks which host it is, and may have to wait"
    )
)]
pub(super) async fn authenticate(
    shared: &Shared,
    sasl: &Sasl,
    stream: &mut Stream,
    host: &Host,
    deadline: Instant,
) -> Result<(), Refusal> {
    match sasl {
        Sasl::DigestMd5 { username, password } => {
            let mut tokens = Tokens {
                stream,
                xid: 0,
                refused: "SASL DIGEST-MD5: wrong user or password",
            };
            digest_md5::authenticate(&mut tokens, username, password).await
        }
        #[cfg(feature = "gssapi")]
        Sasl::Gssapi(kerberos) => {
            let mut tokens = Tokens {
                stream,
                xid: 0,
                refused: "SASL GSSAPI: the server does not take the ticket; its log says why",
            };
            let thread = gssapi::Thread {
                turn: &shared.kerberos,
                deadline,
            };
            let is_first = shared.info.borrow().epoch == 0;
            let next = gssapi::start(kerberos, &host.name, &thread, is_first).await?;
            gssapi::finish(&mut tokens, next, &thread).await
        }
    }
}

/// The exchange's tokens, one sent for each that comes.
struct Tokens<'a> {
    stream: &'a mut Stream,
    xid: i32,
    /// What it means that the server refuses.
    refused: &'static str,
}

impl Tokens<'_> {
    /// Sends a token and awaits the server's; its last may be `None`, jute's null.
    async fn exchange(&mut self, token: &[u8]) -> Result<Option<Vec<u8>>, Refusal> {
        let request = Request::Sasl {
            token: Some(token.into()),
        };
        self.xid += 1;
        let (header, body) = exchange(self.stream, self.xid, &request).await?;
        match header.error() {
            None => {}
            Some(ErrorCode::AuthFailed | ErrorCode::SessionClosedRequireSaslAuth) => {
                return Err(Refusal::AuthFailed(self.refused.to_owned()));
            }
            Some(code) => return Err(Refusal::AuthFailed(format!("SASL: {code}"))),
        }
        let token = Reader::new(&body).buffer("SASL token").map_err(|error| {
            Refusal::Unusable(format!("its SASL reply makes no sense ({error})"))
        })?;
        Ok(token.map(<[u8]>::to_vec))
    }

    /// The same where the server must have something to say.
    async fn expect(&mut self, token: &[u8]) -> Result<Vec<u8>, Refusal> {
        self.exchange(token).await?.ok_or_else(|| {
            Refusal::AuthFailed("the server takes no SASL credentials of this kind".to_owned())
        })
    }
}
