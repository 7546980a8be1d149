//! `--sasl`: a mechanism and who it proves, in one word. Refuses to know what an exchange is.

use super::identity::Given;
use crate::client::Sasl;

/// `digest-md5:USER:PASSWORD` or, where Kerberos was built in,
/// `gssapi[:PRINCIPAL[:SERVER_PRINCIPAL]]`. What is wrong is told without the password.
pub fn parse(text: &str) -> Given<Sasl> {
    let (mechanism, rest) = match text.split_once(':') {
        Some((mechanism, rest)) => (mechanism, Some(rest)),
        None => (text, None),
    };
    match mechanism.to_ascii_lowercase().as_str() {
        "digest-md5" => {
            let (user, password) = rest
                .and_then(|rest| rest.split_once(':'))
                .ok_or("digest-md5 wants digest-md5:USER:PASSWORD")?;
            Ok(Sasl::digest_md5(user, password))
        }
        "gssapi" => gssapi(rest.unwrap_or_default()),
        _ => Err("there are the mechanisms digest-md5 and gssapi".to_owned()),
    }
}

#[cfg(feature = "gssapi")]
#[expect(clippy::unnecessary_wraps, reason = "without the feature it fails")]
fn gssapi(text: &str) -> Given<Sasl> {
    let (ours, theirs) = text.split_once(':').unwrap_or((text, ""));
    let mut kerberos = crate::client::Kerberos::default();
    if !ours.is_empty() {
        kerberos = kerberos.principal(ours);
    }
    if !theirs.is_empty() {
        kerberos = kerberos.server_principal(theirs);
    }
    Ok(kerberos.into())
}

#[cfg(not(feature = "gssapi"))]
fn gssapi(_: &str) -> Given<Sasl> {
    let text = "this program was built without Kerberos: build it with --features gssapi";
    Err(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mechanisms_are_told_apart() {
        let digest = parse("DIGEST-MD5:ann:pass:word");
        assert_eq!(digest, Ok(Sasl::digest_md5("ann", "pass:word")));
        for wrong in ["", "digest-md5", "digest-md5:secret", "plain:ann:secret"] {
            let error = parse(wrong).expect_err(wrong);
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[cfg(feature = "gssapi")]
    #[test]
    fn kerberos_takes_the_ticket_at_hand_unless_told_otherwise() {
        use crate::client::Kerberos;

        let plain = Kerberos::default();
        assert_eq!(parse("gssapi"), Ok(plain.clone().into()));
        let ann = plain.clone().principal("ann@A");
        assert_eq!(parse("gssapi:ann@A"), Ok(ann.clone().into()));
        let server = "zookeeper/zk1@A";
        let both = ann.server_principal(server).into();
        assert_eq!(parse("gssapi:ann@A:zookeeper/zk1@A"), Ok(both));
        let theirs = plain.server_principal(server).into();
        assert_eq!(parse("gssapi::zookeeper/zk1@A"), Ok(theirs));
    }

    #[cfg(not(feature = "gssapi"))]
    #[test]
    fn without_kerberos_it_is_told_how_to_get_it() {
        let error = parse("gssapi").expect_err("it isn't built in");
        assert!(error.contains("--features gssapi"), "{error}");
    }
}
