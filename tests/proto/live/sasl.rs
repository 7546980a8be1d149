//! The server's side of SASL DIGEST-MD5 (RFC 2831): a challenge, and the proof that it knows
//! the password too. Refuses to judge the client's answer.

use std::fmt::Write as _;

use md5::{Digest as _, Md5};

pub const USER: &str = "ann";
pub const PASSWORD: &str = "secret";
const REALM: &str = "zk-sasl-md5";
const NONCE: &str = "bm9uY2U=";
const URI: &str = "zookeeper/zk-sasl-md5";

/// What a server says to a client's token: the first is empty, the second an answer.
pub fn answer(token: &[u8]) -> String {
    if token.is_empty() {
        return format!("realm=\"{REALM}\",nonce=\"{NONCE}\",charset=utf-8,algorithm=md5-sess");
    }
    let token = String::from_utf8_lossy(token);
    let cnonce = token.split_once(",cnonce=\"").map_or("", |(_, rest)| rest);
    let cnonce = cnonce.split_once('"').map_or("", |(cnonce, _)| cnonce);
    let secret = Md5::digest(format!("{USER}:{REALM}:{PASSWORD}"));
    let a1 = [&*secret, format!(":{NONCE}:{cnonce}").as_bytes()].concat();
    let ha1 = hex(&Md5::digest(a1));
    let ha2 = hex(&Md5::digest(format!(":{URI}")));
    let proof = Md5::digest(format!("{ha1}:{NONCE}:00000001:{cnonce}:auth:{ha2}"));
    format!("rspauth={}", hex(&proof))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes anything");
        text
    })
}
