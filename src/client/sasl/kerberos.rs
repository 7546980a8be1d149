//! Who is proven by Kerberos, to which service. Where tickets and keys are is the Kerberos
//! library's own business: its environment says so.

/// SASL GSSAPI: whom a Kerberos ticket is asked for. Tickets come from the credential cache
/// (`kinit`, `KRB5CCNAME`) or are got with the client keytab that `KRB5_CLIENT_KTNAME` names.
///
/// Without a ticket the client ends as [`AuthFailed`](crate::client::SessionState::AuthFailed),
/// but not once it has been connected: then it tries until there is one again.
///
/// ```
/// use zooscope::client::{Kerberos, Options};
///
/// let kerberos = Kerberos::default().principal("ann@EXAMPLE.COM");
/// let options = Options::new("zk1.example.com:2181")?.sasl(kerberos);
/// # Ok::<(), zooscope::client::HostsError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kerberos {
    pub(super) principal: Option<String>,
    pub(super) service: String,
    pub(super) server_principal: Option<String>,
}

impl Default for Kerberos {
    /// The cache's own principal, to `zookeeper` on the host that is connected to.
    fn default() -> Self {
        Self {
            principal: None,
            service: "zookeeper".to_owned(),
            server_principal: None,
        }
    }
}

impl Kerberos {
    /// Whose ticket to use, as `ann@EXAMPLE.COM`; the cache's own principal unless told
    /// otherwise.
    #[must_use]
    pub fn principal(mut self, principal: impl Into<String>) -> Self {
        self.principal = Some(principal.into());
        self
    }

    /// The first part of the servers' principals; `zookeeper` unless told otherwise. The
    /// second is the host as the connect string has it, made canonical as `krb5.conf` says
    /// (`dns_canonicalize_hostname`, `rdns`).
    #[must_use]
    pub fn service(mut self, service: impl Into<String>) -> Self {
        self.service = service.into();
        self
    }

    /// The whole principal of the servers, as `zookeeper/zk1.example.com@EXAMPLE.COM`:
    /// where they share one, or are reached under other names. Without a realm it is the
    /// default one's.
    #[must_use]
    pub fn server_principal(mut self, principal: impl Into<String>) -> Self {
        self.server_principal = Some(principal.into());
        self
    }
}

impl From<Kerberos> for super::Sasl {
    fn from(kerberos: Kerberos) -> Self {
        Self::Gssapi(kerberos)
    }
}
