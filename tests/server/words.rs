//! Four-letter words: the lines that tools look for are where ZooKeeper puts them.

use zooscope::proto::{Acl, CreateMode, Request};
use zooscope::server::{Options, Version};

use crate::raw::Raw;
use crate::{Running, start};

/// A server with one session that owns `/e` and watches it, its session's id in hex, and
/// its connection.
fn watched(version: Version) -> (Running, String, Raw) {
    let server = start(Options {
        version,
        ..Options::default()
    });
    let mut client = Raw::connect(server.handle.addr());
    let acl = Acl::open_unsafe();
    let create = Request::create("/e", Some(b"x"), &acl, CreateMode::Ephemeral, false);
    assert_eq!(client.err(&create), 0);
    let watch = Request::GetData {
        path: "/e".into(),
        watch: true,
    };
    assert_eq!(client.err(&watch), 0);
    let id = format!("0x{:x}", client.session);
    (server, id, client)
}

fn ask(server: &Running, word: &str) -> String {
    let mut raw = Raw::dial(server.handle.addr());
    raw.send_raw(word.as_bytes());
    String::from_utf8(raw.rest()).expect("text")
}

/// The value of a line `key<separator>value`.
fn value<'a>(text: &'a str, key: &str, separator: &str) -> Option<&'a str> {
    text.lines()
        .find_map(|line| line.strip_prefix(key)?.strip_prefix(separator))
}

#[test]
fn srvr_and_stat_tell_what_the_server_is() {
    for version in Version::ALL {
        let (server, _, _client) = watched(version);
        for word in ["srvr", "stat"] {
            let text = ask(&server, word);
            let release = value(&text, "Zookeeper version", ": ").expect("a version");
            assert!(release.starts_with(version.release()), "{release}");
            assert_eq!(value(&text, "Mode", ": "), Some("standalone"));
            assert_eq!(value(&text, "Zxid", ": "), Some("0x2"));
            let count = if version == Version::V3_4 { "5" } else { "6" };
            assert_eq!(value(&text, "Node count", ": "), Some(count));
            let clients = text.contains("Clients:\n /127.0.0.1:");
            assert_eq!(clients, word == "stat");
        }
        server.handle.set_read_only(true);
        let mode = ask(&server, "srvr");
        assert_eq!(value(&mode, "Mode", ": "), Some("read-only"));
        assert_eq!(ask(&server, "isro"), "ro");
    }
}

#[test]
fn mntr_and_conf_are_keys_and_values() {
    let (server, _, _client) = watched(Version::V3_9);
    let text = ask(&server, "mntr");
    for (key, expected) in [
        ("zk_server_state", "standalone"),
        ("zk_znode_count", "6"),
        ("zk_ephemerals_count", "1"),
        ("zk_watch_count", "1"),
        ("zk_global_sessions", "1"),
        ("zk_num_alive_connections", "2"),
        // A fresh server's 44, `/e` and what it holds.
        ("zk_approximate_data_size", "47"),
    ] {
        assert_eq!(value(&text, key, "\t"), Some(expected), "{key} in {text}");
    }
    let text = ask(&server, "conf");
    let port = server.handle.addr().port().to_string();
    assert_eq!(value(&text, "clientPort", "="), Some(port.as_str()));
    assert_eq!(value(&text, "maxSessionTimeout", "="), Some("40000"));
    let text = ask(&server, "envi");
    assert!(text.starts_with("Environment:\nzookeeper.version=3.9.4"));
}

#[test]
fn sessions_and_what_they_own_and_watch_are_told() {
    let (server, id, _client) = watched(Version::V3_9);
    let cons = ask(&server, "cons");
    assert!(cons.contains(&format!(",sid={id},lop=GETD,")), "{cons}");
    let dump = ask(&server, "dump");
    for expected in [
        "Session Sets (1)/(1):\n1 expire at ",
        &format!("\n\t{id}\nephemeral nodes dump:\nSessions with Ephemerals (1):\n"),
        &format!("\n{id}:\n\t/e\nConnections dump:\n"),
        &format!(" sessionId: {id}\n"),
    ] {
        assert!(dump.contains(expected), "{expected:?} in {dump}");
    }
    assert_eq!(
        ask(&server, "wchs"),
        "1 connections watching 1 paths\nTotal watches:1\n"
    );
    assert_eq!(ask(&server, "wchc"), format!("{id}\n\t/e\n\n"));
    assert_eq!(ask(&server, "wchp"), format!("/e\n\t{id}\n\n"));
}

#[test]
fn a_word_is_one_only_at_the_very_start() {
    let (server, _, mut client) = watched(Version::V3_9);
    client.send_raw(b"ruok");
    assert_eq!(client.rest(), b"", "a length of 1.9 GB by now");
    assert_eq!(ask(&server, "ruok"), "imok");
}
