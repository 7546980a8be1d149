//! `--tls` and the options that imply it. Refuses to know what is in the files: the client
//! reads them for every connection.

use std::fs::File;
use std::path::PathBuf;

use super::{Usage, variable};
use crate::client::TlsOptions;

/// Whether to speak TLS, and as whom.
#[derive(Debug, clap::Args)]
#[expect(clippy::doc_markdown, reason = "these comments are the help text")]
pub struct TlsArgs {
    /// Speak TLS; so does each option that follows
    #[arg(long)]
    tls: bool,

    /// Trust the authorities in this PEM file, not the system's [env: ZOOSCOPE_TLS_CA]
    #[arg(long, value_name = "FILE")]
    tls_ca: Option<PathBuf>,

    /// Show the server the certificates in this PEM file [env: ZOOSCOPE_TLS_CERT]
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<PathBuf>,

    /// The key of that certificate, PEM and not encrypted [env: ZOOSCOPE_TLS_KEY]
    #[arg(long, value_name = "FILE")]
    tls_key: Option<PathBuf>,

    /// The name to want in the server's certificate, if it isn't the host's
    #[arg(long, value_name = "NAME")]
    tls_server_name: Option<String>,
}

impl TlsArgs {
    /// What to open a client with; `None` without any of the options.
    pub fn options(self) -> Result<Option<TlsOptions>, Usage> {
        let options = TlsOptions {
            ca: file(self.tls_ca, "ZOOSCOPE_TLS_CA")?,
            cert: file(self.tls_cert, "ZOOSCOPE_TLS_CERT")?,
            key: file(self.tls_key, "ZOOSCOPE_TLS_KEY")?,
            server_name: self.tls_server_name,
        };
        if options.cert.is_some() != options.key.is_some() {
            let text = "--tls-cert and --tls-key want each other (one file may hold both)";
            return Err(Usage(text.to_owned()));
        }
        let is_wanted = self.tls || options != TlsOptions::default();
        Ok(is_wanted.then_some(options))
    }
}

/// A file that can be read now: the client would wait for one that can't.
fn file(given: Option<PathBuf>, name: &str) -> Result<Option<PathBuf>, Usage> {
    let path = given.or_else(|| variable::bytes(name).map(PathBuf::from));
    if let Some(path) = &path {
        File::open(path)
            .map_err(|error| Usage(format!("can't read {} for TLS: {error}", path.display())))?;
    }
    Ok(path)
}
