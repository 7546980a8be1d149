//! `--auth`: an identity in one word. And how words that hold a secret get past the parser of
//! the command line, whose errors quote what was given.

use std::convert::Infallible;

use crate::client::Auth;

/// What a word with a secret in it says, or what is wrong with it; neither shows the secret.
pub type Given<T> = Result<T, String>;

/// Makes `parse` one for the command line, which is told of no mistake: that is for later, in
/// words of our own.
pub fn unquoted<T>(
    parse: fn(&str) -> Given<T>,
) -> impl Fn(&str) -> Result<Given<T>, Infallible> + Clone {
    move |text| Ok(parse(text))
}

/// `SCHEME:CREDENTIAL`.
pub fn parse(text: &str) -> Given<Auth> {
    let (scheme, credential) = text
        .split_once(':')
        .ok_or("--auth (or ZOOSCOPE_AUTH) wants SCHEME:CREDENTIAL")?;
    Ok(Auth::new(scheme, credential))
}

/// The same, one a line.
pub fn parse_lines(text: &str) -> impl Iterator<Item = Given<Auth>> {
    text.lines().filter(|line| !line.is_empty()).map(parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_an_identity() {
        let given: Vec<_> = parse_lines("digest:ann:pass:word\n\r\nx:\n").collect();
        let wanted = [Ok(Auth::digest("ann", "pass:word")), Ok(Auth::new("x", ""))];
        assert_eq!(given, wanted);
        let error = parse("sesame").expect_err("there is no scheme");
        assert!(!error.contains("sesame"), "{error}");
    }
}
