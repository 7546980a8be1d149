//! TLS over a TCP stream: PEM files read anew for every connection, so that a renewed
//! certificate needs no restart. The system's roots unless a CA is given; 1.2 and 1.3.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::hosts::Host;
use super::options::TlsOptions;
use super::stream::Stream;

/// Speaks TLS on `stream`.
pub(super) async fn wrap(
    stream: TcpStream,
    host: &Host,
    options: &TlsOptions,
) -> Result<Stream, String> {
    let files = options.clone();
    // Reading files may block, and the system's roots are a few hundred.
    let config = tokio::task::spawn_blocking(move || config(&files))
        .await
        .map_err(|error| error.to_string())??;
    let name = options.server_name.as_ref().unwrap_or(&host.name).clone();
    let name = ServerName::try_from(name)
        .map_err(|_| "TLS: the host's name can't stand in a certificate".to_owned())?;
    let stream = TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
        .map_err(|error| format!("TLS: {error}"))?;
    Ok(Stream::Tls(Box::new(stream)))
}

fn config(options: &TlsOptions) -> Result<ClientConfig, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS: {error}"))?
        .with_root_certificates(roots(options.ca.as_deref())?);
    match (&options.cert, &options.key) {
        (None, None) => Ok(builder.with_no_client_auth()),
        (Some(cert), Some(key)) => {
            let chain = certificates(cert)?;
            let key = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| format!("TLS key {}: {error}", key.display()))?;
            builder
                .with_client_auth_cert(chain, key)
                .map_err(|error| format!("TLS certificate {}: {error}", cert.display()))
        }
        _ => Err("TLS: a client certificate needs its key, and the key its certificate".to_owned()),
    }
}

fn roots(ca: Option<&Path>) -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    if let Some(path) = ca {
        for certificate in certificates(path)? {
            roots
                .add(certificate)
                .map_err(|error| format!("TLS CA {}: {error}", path.display()))?;
        }
    } else {
        let system = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(system.certs);
    }
    if roots.is_empty() {
        return Err("TLS: no authority to trust: name a CA file".to_owned());
    }
    Ok(roots)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let failed = |error| format!("TLS certificate {}: {error}", path.display());
    CertificateDer::pem_file_iter(path)
        .map_err(failed)?
        .collect::<Result<_, _>>()
        .map_err(failed)
}
