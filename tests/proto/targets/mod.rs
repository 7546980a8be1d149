//! What is fuzzed, the one list of it: every reader of bytes or text that a peer or a user
//! wrote, with what must hold of whatever it makes of its input. `tests/proto` replays and
//! mutates the corpus through it on stable Rust, `fuzz/` drives it by coverage.
//! Refuses to know who runs a target.

pub mod check;
pub mod corpus;
mod frames;
mod pieces;
pub mod records;
mod sasl;
mod screen;
mod server;
mod session;
mod words;

/// A reader under test, and its corpus.
pub struct Target {
    pub name: &'static str,
    /// Fails if the reader misbehaves; answers whether it took the input for what it reads.
    pub run: fn(&[u8]) -> bool,
    /// Written by hand: a line per input, `name hex…`. A name that starts with `!` is an
    /// input to refuse, kept because it once was, or might be, trouble.
    seeds: &'static str,
    /// Found by coverage: a line per input, of which nothing is asked but to be survived.
    found: &'static str,
}

macro_rules! targets {
    ($($name:literal => $run:expr,)+) => {
        /// All of them.
        pub const TARGETS: &[Target] = &[$(Target {
            name: $name,
            run: $run,
            seeds: include_str!(concat!("../corpus/", $name, ".hex")),
            found: include_str!(concat!("../corpus/found/", $name, ".hex")),
        },)+];
    };
}

targets! {
    // What a server sends.
    "frames" => frames::frames,
    "connect-response" => records::connect_response,
    "reply" => records::reply_frame,
    "stat" => check::record::<zooscope::proto::Stat>,
    "create-reply" => check::record::<zooscope::proto::CreateReply>,
    "data-reply" => check::record::<zooscope::proto::DataReply>,
    "children-reply" => check::record::<zooscope::proto::ChildrenReply>,
    "names" => check::record::<zooscope::proto::Names>,
    "acl-reply" => check::record::<zooscope::proto::AclReply>,
    "identities" => check::record::<zooscope::proto::IdentitiesReply>,
    "multi-reply" => records::multi_reply,
    "event" => check::record::<zooscope::proto::WatchedEvent>,
    "strings" => records::strings,
    "session" => session::session,
    "digest-challenge" => sasl::digest_challenge,
    "security-layers" => sasl::security_layers,
    "srvr" => words::srvr,
    // What a client sends.
    "connect-request" => check::record::<zooscope::proto::ConnectRequest>,
    "request" => records::request_frame,
    "conversation" => server::conversation,
    // What is shown.
    "value" => screen::value,
    "text" => screen::text,
    // What users write.
    "path" => words::path,
    "hosts" => words::hosts,
    "seed" => words::seed,
    "keymap" => words::keymap,
    "chord" => words::chord,
    "theme" => words::theme,
}
