//! Four-letter words: what an administrator asks a fresh connection, answered in plain text.
//! The layout is ZooKeeper's, for tools that read it; figures that an in-memory server does
//! not have are 0.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use super::{Conn, HANDSHAKE_MS, State};
use crate::server::tree::ConnId;
use crate::server::version::Version;

const WORDS: [&[u8; 4]; 17] = [
    b"conf", b"cons", b"crst", b"dirs", b"dump", b"envi", b"gtmk", b"hash", b"isro", b"mntr",
    b"ruok", b"srst", b"srvr", b"stat", b"wchc", b"wchp", b"wchs",
];

/// Whether the first four bytes of a connection are a word and no length.
pub fn is_word(bytes: &[u8]) -> bool {
    WORDS.iter().any(|word| word[..] == *bytes)
}

impl State {
    /// The answer to a word.
    pub fn word(&mut self, word: &[u8]) -> String {
        let mut text = String::new();
        // Writing to a String can't fail.
        let _ = match word {
            b"ruok" => write!(text, "imok"),
            b"isro" => write!(text, "{}", if self.faults.read_only { "ro" } else { "rw" }),
            b"srvr" => self.write_server(&mut text, false),
            b"stat" => self.write_server(&mut text, true),
            b"mntr" => self.write_monitor(&mut text),
            b"conf" => self.write_conf(&mut text),
            b"cons" => self.write_connections(&mut text),
            b"envi" => self.write_environment(&mut text),
            b"dump" => self.write_dump(&mut text),
            b"wchs" => self.write_watch_summary(&mut text),
            b"wchc" => self.write_watches_by_session(&mut text),
            b"wchp" => self.write_watches_by_path(&mut text),
            b"dirs" => write!(text, "datadir_size: 0\nlogdir_size: 0\n"),
            b"gtmk" => write!(text, "306"),
            b"crst" => {
                for conn in self.conns.values_mut() {
                    (conn.received, conn.sent) = (0, 0);
                }
                writeln!(text, "Connection stats reset.")
            }
            b"srst" => {
                (self.received, self.sent) = (0, 0);
                writeln!(text, "Server stats reset.")
            }
            // The digest log that `hash` prints needs a transaction log; there is none.
            _ => Ok(()),
        };
        text
    }

    const fn mode(&self) -> &'static str {
        if self.faults.read_only {
            "read-only"
        } else {
            "standalone"
        }
    }

    fn release(&self) -> String {
        // What tools look for is the number in front; the rest tells what this really is.
        format!("{}-zooscope, built on 01/01/1970 00:00 UTC", self.version)
    }

    fn write_server(&self, text: &mut String, clients: bool) -> std::fmt::Result {
        writeln!(text, "Zookeeper version: {}", self.release())?;
        if clients {
            writeln!(text, "Clients:")?;
            for conn in self.conns.values() {
                writeln!(text, " {})", figures(conn))?;
            }
            writeln!(text)?;
        }
        let latency = if self.version == Version::V3_4 {
            "0/0/0"
        } else {
            "0/0.0/0"
        };
        writeln!(text, "Latency min/avg/max: {latency}")?;
        writeln!(text, "Received: {}", self.received)?;
        writeln!(text, "Sent: {}", self.sent)?;
        writeln!(text, "Connections: {}", self.conns.len())?;
        writeln!(text, "Outstanding: 0")?;
        writeln!(text, "Zxid: 0x{:x}", self.applied)?;
        writeln!(text, "Mode: {}", self.mode())?;
        writeln!(text, "Node count: {}", self.tree.node_count())
    }

    fn write_monitor(&mut self, text: &mut String) -> std::fmt::Result {
        let uptime = self.clock.now() - self.started;
        let ephemerals: usize = self.tree.owners().map(|(_, paths)| paths.len()).sum();
        writeln!(text, "zk_version\t{}", self.release())?;
        writeln!(text, "zk_server_state\t{}", self.mode())?;
        for (key, value) in [
            ("avg_latency", 0),
            ("max_latency", 0),
            ("min_latency", 0),
            ("packets_received", self.received),
            ("packets_sent", self.sent),
            ("num_alive_connections", self.conns.len() as u64),
            ("outstanding_requests", 0),
            ("znode_count", self.tree.node_count() as u64),
            ("watch_count", self.watches.total() as u64),
            ("ephemerals_count", ephemerals as u64),
            ("approximate_data_size", self.tree.data_size() as u64),
            ("global_sessions", self.sessions.ids().len() as u64),
            ("local_sessions", 0),
            ("uptime", u64::try_from(uptime).unwrap_or(0)),
        ] {
            writeln!(text, "zk_{key}\t{value}")?;
        }
        Ok(())
    }

    fn write_conf(&self, text: &mut String) -> std::fmt::Result {
        let tick = self.options.tick.as_millis();
        writeln!(text, "clientPort={}", self.options.listen.port())?;
        writeln!(text, "tickTime={tick}")?;
        writeln!(text, "maxClientCnxns={}", self.options.max_connections)?;
        writeln!(text, "minSessionTimeout={}", tick * 2)?;
        writeln!(text, "maxSessionTimeout={}", tick * 20)?;
        if self.version > Version::V3_4 {
            writeln!(text, "secureClientPort=-1")?;
            writeln!(text, "clientPortListenBacklog=-1")?;
        }
        writeln!(text, "serverId=0")
    }

    fn write_connections(&mut self, text: &mut String) -> std::fmt::Result {
        let zxid = self.applied;
        for conn in self.conns.values() {
            write!(text, " {}", figures(conn))?;
            if let Some(session) = conn.session {
                let timeout = self
                    .sessions
                    .get(session)
                    .map_or(0, |session| session.timeout_ms);
                write!(
                    text,
                    ",sid=0x{session:x},lop={},est={},to={timeout},lcxid=0x{:x},lzxid=0x{zxid:x},\
                     lresp=0,llat=0,minlat=0,avglat=0,maxlat=0",
                    conn.last_op, conn.since, conn.last_xid,
                )?;
            }
            writeln!(text, ")")?;
        }
        writeln!(text)
    }

    fn write_environment(&self, text: &mut String) -> std::fmt::Result {
        writeln!(text, "Environment:")?;
        writeln!(text, "zookeeper.version={}", self.release())?;
        writeln!(text, "host.name=localhost")?;
        writeln!(text, "os.name={}", std::env::consts::OS)?;
        writeln!(text, "os.arch={}", std::env::consts::ARCH)
    }

    fn write_dump(&self, text: &mut String) -> std::fmt::Result {
        let sessions = self.sessions.deadlines();
        let mut expiry: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for &(deadline, id) in &sessions {
            expiry.entry(deadline).or_default().push(id);
        }
        writeln!(text, "SessionTracker dump:")?;
        write!(text, "Session Sets ({})", expiry.len())?;
        if self.version > Version::V3_4 {
            write!(text, "/({})", sessions.len())?;
        }
        writeln!(text, ":")?;
        for (deadline, ids) in expiry {
            writeln!(text, "{} expire at {}:", ids.len(), date(deadline))?;
            for id in ids {
                writeln!(text, "\t0x{id:x}")?;
            }
        }
        writeln!(text, "ephemeral nodes dump:")?;
        let owners: BTreeMap<i64, _> = self.tree.owners().collect();
        writeln!(text, "Sessions with Ephemerals ({}):", owners.len())?;
        for (owner, paths) in owners {
            writeln!(text, "0x{owner:x}:")?;
            for path in paths {
                writeln!(text, "\t{path}")?;
            }
        }
        if self.version > Version::V3_4 {
            self.write_connections_by_expiry(text)?;
        }
        Ok(())
    }

    fn write_connections_by_expiry(&self, text: &mut String) -> std::fmt::Result {
        let deadlines = self.sessions.deadlines().into_iter();
        let deadlines: HashMap<i64, i64> = deadlines.map(|(due, id)| (id, due)).collect();
        let mut expiry: BTreeMap<i64, Vec<&Conn>> = BTreeMap::new();
        for conn in self.conns.values() {
            let due = conn.session.and_then(|id| deadlines.get(&id));
            let due = due.copied().unwrap_or(conn.since + HANDSHAKE_MS);
            expiry.entry(due).or_default().push(conn);
        }
        writeln!(text, "Connections dump:")?;
        let (sets, count) = (expiry.len(), self.conns.len());
        writeln!(text, "Connections Sets ({sets})/({count}):")?;
        for (due, conns) in expiry {
            writeln!(text, "{} expire at {}:", conns.len(), date(due))?;
            for conn in conns {
                let session = conn.session.unwrap_or(0);
                writeln!(text, "\tip: /{} sessionId: 0x{session:x}", conn.peer)?;
            }
        }
        Ok(())
    }

    fn write_watch_summary(&self, text: &mut String) -> std::fmt::Result {
        let data = self.watches.data();
        let (conns, paths) = (data.conns().len(), data.paths().len());
        writeln!(text, "{conns} connections watching {paths} paths")?;
        writeln!(text, "Total watches:{}", data.total())
    }

    fn session_of(&self, id: ConnId) -> i64 {
        self.conns
            .get(&id)
            .and_then(|conn| conn.session)
            .unwrap_or(0)
    }

    fn write_watches_by_session(&self, text: &mut String) -> std::fmt::Result {
        for (conn, paths) in self.watches.data().conns() {
            writeln!(text, "0x{:x}", self.session_of(conn))?;
            for path in paths.collect::<BTreeSet<_>>() {
                writeln!(text, "\t{path}")?;
            }
        }
        writeln!(text)
    }

    fn write_watches_by_path(&self, text: &mut String) -> std::fmt::Result {
        for (path, conns) in self.watches.data().paths() {
            writeln!(text, "{path}")?;
            for conn in conns {
                writeln!(text, "\t0x{:x}", self.session_of(conn))?;
            }
        }
        writeln!(text)
    }
}

/// A connection's figures, the bracket still open.
fn figures(conn: &Conn) -> String {
    format!(
        "/{}[{}](queued=0,recved={},sent={}",
        conn.peer,
        u8::from(conn.session.is_some()),
        conn.received,
        conn.sent
    )
}

/// A time as Java writes it: `Sat Nov 21 05:16:51 UTC 2026`.
fn date(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(
        |_| "never".to_owned(),
        |time| time.strftime("%a %b %d %H:%M:%S UTC %Y").to_string(),
    )
}
