//! What a Kerberos library's failure means to a person: what happened, what to do next, and
//! whether another try may help. Knows the codes of RFC 4120 as MIT's library numbers them.

use libgssapi::error::{Error, MajorFlags};

use crate::client::connect::Refusal;

/// What is told if the library takes longer than the attempt has time.
pub(super) const SILENT_KDC: &str =
    "no answer from a KDC yet: is the one that krb5.conf names reachable?";

/// How a major code's text ends that says nothing by itself.
const MORE: &str = "Minor code may provide more information";

/// Only this part of a major code is the error; the values are numbers, not flags.
const ROUTINE: u32 = 0x00ff_0000;

/// MIT's library, and Heimdal's, count their codes from here.
const KRB5: i32 = -1_765_328_384;
const CLIENT_UNKNOWN: i32 = KRB5 + 6;
const SERVER_UNKNOWN: i32 = KRB5 + 7;
const POLICY: i32 = KRB5 + 12;
const REVOKED: i32 = KRB5 + 18;
const PREAUTH_FAILED: i32 = KRB5 + 24;
const WRONG_KEY: i32 = KRB5 + 31;
const TICKET_EXPIRED: i32 = KRB5 + 32;
const SKEW: i32 = KRB5 + 37;
const REALM_UNKNOWN: i32 = KRB5 + 154;
const KDC_UNREACHABLE: i32 = KRB5 + 156;
const REALM_UNRESOLVED: i32 = KRB5 + 220;

/// Tells an error met on the way to a ticket for `target`, or with it. To be called on the
/// thread of the failed call: the library keeps its words there.
pub(super) fn refusal(error: Error, target: &str) -> Refusal {
    let code = error.minor.cast_signed();
    let hint = hint(error.major.bits() & ROUTINE, code);
    let words = error.to_string();
    let minor = words.split_once(MORE).or_else(|| words.split_once(" ("));
    let words = minor.map_or(&*words, |(_, minor)| minor);
    let words = words.trim().trim_start_matches('(');
    let words = words.strip_suffix(')').unwrap_or(words);
    let text = format!("SASL GSSAPI to {target}: {hint} ({words})");
    if matches!(code, KDC_UNREACHABLE | REALM_UNRESOLVED) {
        Refusal::Unusable(text)
    } else {
        Refusal::AuthFailed(text)
    }
}

fn hint(major: u32, code: i32) -> &'static str {
    match code {
        SERVER_UNKNOWN => {
            "the KDC knows no such server: connect by the name its principal has, or say \
             which principal it has"
        }
        CLIENT_UNKNOWN => "the KDC does not know this user",
        POLICY | REVOKED => "the KDC refuses this user",
        PREAUTH_FAILED | WRONG_KEY => "the key is not the KDC's any more: get a new keytab",
        TICKET_EXPIRED => "the ticket has expired: get a new one with kinit",
        SKEW => "the clocks of this machine and the KDC or server differ too much: set them",
        REALM_UNKNOWN => "krb5.conf does not name this realm",
        KDC_UNREACHABLE | REALM_UNRESOLVED => "no KDC could be reached: see krb5.conf",
        _ if major == MajorFlags::GSS_S_CREDENTIALS_EXPIRED.bits() => {
            "the ticket has expired: get a new one with kinit"
        }
        _ if major == MajorFlags::GSS_S_NO_CRED.bits() => {
            "there is no ticket: get one with kinit, or name a keytab in KRB5_CLIENT_KTNAME"
        }
        _ if major == MajorFlags::GSS_S_DEFECTIVE_TOKEN.bits() => {
            "the server's proof makes no sense"
        }
        _ => "Kerberos failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(major: u32, code: i32) -> (bool, String) {
        let error = Error {
            major: MajorFlags::from_bits_retain(major),
            minor: code.cast_unsigned(),
        };
        match refusal(error, "zookeeper@zk1") {
            Refusal::AuthFailed(text) => (true, text),
            Refusal::Unusable(text) | Refusal::HungUp(text) => (false, text),
            Refusal::Expired => (false, String::new()),
        }
    }

    #[test]
    fn each_trouble_says_what_to_do_and_only_a_missing_kdc_may_pass() {
        let failure = MajorFlags::GSS_S_FAILURE.bits();
        for (code, is_final, wanted) in [
            (SERVER_UNKNOWN, true, "which principal it has"),
            (CLIENT_UNKNOWN, true, "does not know this user"),
            (REVOKED, true, "refuses this user"),
            (PREAUTH_FAILED, true, "get a new keytab"),
            (WRONG_KEY, true, "get a new keytab"),
            (TICKET_EXPIRED, true, "kinit"),
            (SKEW, true, "clocks"),
            (REALM_UNKNOWN, true, "krb5.conf"),
            (KDC_UNREACHABLE, false, "krb5.conf"),
            (REALM_UNRESOLVED, false, "krb5.conf"),
            (1, true, "Kerberos failed"),
        ] {
            let (last, text) = told(failure, code);
            assert_eq!(last, is_final, "{text}");
            assert!(text.starts_with("SASL GSSAPI to zookeeper@zk1: "), "{text}");
            assert!(text.contains(wanted), "{text}");
            assert!(!text.contains("Minor code"), "{text}");
        }
        let (_, text) = told(MajorFlags::GSS_S_NO_CRED.bits(), 0);
        assert!(text.contains("kinit"), "{text}");
        let (_, text) = told(MajorFlags::GSS_S_CREDENTIALS_EXPIRED.bits(), 0);
        assert!(text.contains("expired"), "{text}");
    }
}
