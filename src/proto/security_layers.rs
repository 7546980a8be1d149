//! The last step of a SASL GSSAPI exchange (RFC 4752): the server offers to sign or encrypt
//! what follows, and the client says which it takes. ZooKeeper wraps nothing, so the answer
//! is always "none". Refuses to know tickets and keys: these are the bytes inside the wrap.

use super::jute::{DecodeError, Encode, Reader};

const WHAT: &str = "SASL security layers";
const NONE: u8 = 1;
const KNOWN: u8 = 0b111;

/// What a server offers once both sides have proven who they are: four bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecurityLayers {
    /// The layers, a bit each: 1 none, 2 integrity, 4 confidentiality.
    pub offered: u8,
    /// The longest wrapped message the server takes, in bytes. Java's servers fill it in even
    /// where they offer no layer, so it says nothing then.
    pub max_size: u32,
}

impl SecurityLayers {
    /// Chooses no layer: nothing is wrapped, so no size either, and no other identity is
    /// asked for than the one proven.
    pub const CHOOSE_NONE: [u8; 4] = [NONE, 0, 0, 0];

    /// Reads an offer: exactly four bytes, and at least one layer there is.
    pub fn parse(token: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(token);
        let bits = reader.int(WHAT)?.cast_unsigned();
        if !reader.rest().is_empty() {
            let length = i32::try_from(token.len()).unwrap_or(i32::MAX);
            return Err(DecodeError::BadLength { what: WHAT, length });
        }
        let [offered, ..] = bits.to_be_bytes();
        if offered & KNOWN == 0 {
            let value = i64::from(offered);
            return Err(DecodeError::BadValue { what: WHAT, value });
        }
        Ok(Self {
            offered,
            max_size: bits & 0xff_ffff,
        })
    }

    /// Whether the server will go on unwrapped.
    pub const fn offers_none(self) -> bool {
        self.offered & NONE != 0
    }
}

impl Encode for SecurityLayers {
    fn encode(&self, out: &mut Vec<u8>) {
        let [_, size @ ..] = self.max_size.to_be_bytes();
        out.push(self.offered);
        out.extend_from_slice(&size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offer_is_read() {
        let offer = SecurityLayers::parse(&[0b101, 1, 0, 2]).expect("an offer");
        assert_eq!((offer.offered, offer.max_size), (5, 0x1_0002));
        assert!(offer.offers_none());
        assert_eq!(offer.to_bytes(), [0b101, 1, 0, 2]);
        let wrapped = SecurityLayers::parse(&[0b110, 0, 0, 0]).expect("an offer");
        assert!(!wrapped.offers_none());
    }

    #[test]
    fn what_is_no_offer_is_refused() {
        for token in [
            &b""[..],
            b"\x01\0\0",
            b"\x01\0\0\0\0",
            b"\0\0\0\0",
            b"\x08\0\0\0",
        ] {
            assert!(SecurityLayers::parse(token).is_err(), "{token:?}");
        }
    }

    #[test]
    fn the_choice_is_no_layer_and_no_size() {
        assert_eq!(SecurityLayers::CHOOSE_NONE, [1, 0, 0, 0]);
    }
}
