//! Environment variables, which stand for options that were not given. An empty one is none.

use std::ffi::OsString;

use super::Usage;

/// One of any bytes.
pub fn bytes(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// One of text. What it holds instead stays unsaid, for it may be a secret.
pub fn text(name: &str) -> Result<Option<String>, Usage> {
    let value = bytes(name).map(OsString::into_string).transpose();
    value.map_err(|_| Usage(format!("the variable {name} is not UTF-8")))
}
