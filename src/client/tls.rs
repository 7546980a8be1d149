//! TLS over a TCP stream: PEM files read anew for every connection, so that a renewed
//! certificate needs no restart. The system's roots unless a CA is given; 1.2 and 1.3.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::pem::{self, PemObject as _};
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
        (Some(cert), Some(key)) => builder
            .with_client_auth_cert(certificates(cert)?, private_key(key)?)
            .map_err(|error| {
                let (cert, key) = (cert.display(), key.display());
                match error {
                    rustls::Error::InconsistentKeys(_) => {
                        format!("TLS key {key}: it is not the key of {cert}")
                    }
                    error => format!("TLS certificate {cert}: {error}"),
                }
            }),
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
    let failed = |error| format!("TLS certificate {}: {}", path.display(), told(&error));
    let all: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(failed)?
        .collect::<Result<_, _>>()
        .map_err(failed)?;
    if all.is_empty() {
        return Err(failed(pem::Error::NoItemsFound));
    }
    Ok(all)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, String> {
    PrivateKeyDer::from_pem_file(path)
        .map_err(|error| format!("TLS key {}: {}", path.display(), told(&error)))
}

/// What is wrong with a PEM file, in no words of the file's: the library quotes the line at
/// fault, and of a key that has lost its line breaks that is the whole key.
fn told(error: &pem::Error) -> String {
    match error {
        pem::Error::Io(error) => error.to_string(),
        pem::Error::NoItemsFound => "there is none in it (an encrypted one is none)".to_owned(),
        _ => "it is not well-formed PEM".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: [&str; 4] = [
        "-----BEGIN PRIVATE KEY-----",
        "c2VzYW1lc2VzYW1lc2VzYW1lc2VzYW1lc2VzYW1lc2VzYW1lc2VzYW1lc2VzYW1l",
        "b3BlbiE=",
        "-----END PRIVATE KEY-----",
    ];

    /// A key's text is shown neither as such nor as the numbers of its bytes.
    fn assert_hidden(told: &str) {
        for secret in &LINES[1..3] {
            let numbers = format!("{:?}", &secret.as_bytes()[..6]);
            let numbers = numbers.trim_matches(['[', ']']);
            assert!(!told.contains(&secret[..6]), "{told}");
            assert!(!told.contains(numbers), "{told}");
        }
    }

    #[test]
    fn a_mangled_key_is_refused_and_not_quoted() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("mangled.key");
        for text in [
            LINES.join(" "),
            LINES.join("\\n"),
            LINES.concat(),
            LINES[..3].join("\n"),
            LINES.join("\n").replace('=', "!"),
            LINES.join("\n").replace("BEGIN ", "BEGIN"),
            LINES[1..].join("\n"),
        ] {
            std::fs::write(&path, &text).expect("the folder can be written");
            let told = private_key(&path).expect_err(&text);
            assert!(told.starts_with("TLS key "), "{told}");
            assert_hidden(&told);
            // The wrong file in the wrong place is a key all the same.
            assert_hidden(&certificates(&path).expect_err(&text));
        }
        std::fs::write(&path, LINES.join("\n")).expect("the folder can be written");
        assert!(private_key(&path).is_ok(), "as it was before");
    }

    #[test]
    fn a_file_without_what_is_looked_for_is_told_from_none() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let told = certificates(&folder.path().join("none")).expect_err("there is none");
        assert!(told.contains("No such file"), "{told}");
        let path = folder.path().join("empty");
        std::fs::write(&path, "").expect("the folder can be written");
        for told in [
            certificates(&path).expect_err("it is empty"),
            private_key(&path).expect_err("it is empty"),
        ] {
            assert!(told.contains("there is none in it"), "{told}");
        }
    }
}
