//! An explorer with a pretended server behind it, for the tests of the views: it answers every
//! effect at once, from a table of znodes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{Look, Theme, paint, viewport};
use crate::explorer::{
    Effect, Explorer, Failure, Keymap, Message, Now, Session, SessionState, Settings,
};
use crate::proto::{Acl, ChildrenReply, DataReply, ErrorCode, Names, Perms, Stat, ZPath};
use crate::text::Charset;

/// A moment that never passes.
pub const WALL_MS: i64 = 1_763_698_991_000;

/// The explorer and its world.
pub struct Scene {
    pub explorer: Explorer,
    pub look: Look,
    pub now: Now,
    size: (u16, u16),
    znodes: BTreeMap<String, (Option<Vec<u8>>, Stat)>,
    /// Effects that the world does not answer.
    pub unanswered: Vec<Effect>,
}

impl Scene {
    /// An explorer on a screen of this size, connected to a server with some znodes.
    pub fn new(width: u16, height: u16) -> Self {
        let mut scene = Self::with(width, height, Charset::Unicode);
        for (path, data) in [
            ("/", None),
            ("/brokers", None),
            ("/brokers/ids", None),
            (
                "/brokers/ids/1",
                Some(&b"{\"host\":\"10.0.0.7\",\"port\":9092,\"load\":9007199254740993}"[..]),
            ),
            ("/locks", Some(b"")),
            ("/locks/write-0000000007", Some(b"\xac\xed\0\x05sr\0")),
            ("/odd", None),
            (
                "/odd/\u{202e}txt.\x1b[31mexe",
                Some("\x1b]52;c;QUJD\x07 \u{9b}, a text for all that".as_bytes()),
            ),
            ("/odd/日本語のノード", Some("設定: はい\n".as_bytes())),
            ("/odd/cafe\u{301}", Some(b"text\nof two lines")),
        ] {
            scene.put(path, data);
        }
        scene.begin();
        scene
    }

    /// The same on a terminal that is trusted with ASCII only.
    pub fn ascii(width: u16, height: u16) -> Self {
        let mut scene = Self::with(width, height, Charset::Ascii);
        scene.put("/", None);
        scene.put("/a", Some("漢字 ".repeat(80).as_bytes()));
        scene.begin();
        scene
    }

    fn with(width: u16, height: u16, charset: Charset) -> Self {
        let now = Now {
            mono: Instant::now(),
            wall_ms: WALL_MS,
        };
        let settings = Settings {
            cluster: "zk1:2181".into(),
            charset,
            ..Settings::default()
        };
        let (explorer, unanswered) = Explorer::new(settings, Keymap::default(), now);
        let theme = Theme::named("dark").expect("built in");
        Self {
            explorer,
            look: Look::new(theme, charset, TimeZone::UTC),
            now,
            size: (width, height),
            znodes: BTreeMap::new(),
            unanswered,
        }
    }

    /// Puts a znode into the world.
    pub fn put(&mut self, path: &str, data: Option<&[u8]>) {
        let owner = if path.contains("ids/") || path.contains("write-") {
            0x1000_0a2b_3c40_0001
        } else {
            0
        };
        let zxid = 0x2_0000_0001 + i64::try_from(self.znodes.len()).expect("few");
        let stat = Stat {
            czxid: zxid,
            mzxid: zxid + 0x20,
            pzxid: zxid,
            ctime: WALL_MS - 86_400_000 * 3,
            mtime: WALL_MS - 42_000,
            version: 4,
            ephemeral_owner: owner,
            data_length: data.map_or(0, |data| i32::try_from(data.len()).expect("short")),
            ..Stat::default()
        };
        self.znodes
            .insert(path.to_owned(), (data.map(<[u8]>::to_vec), stat));
    }

    fn begin(&mut self) {
        let effects = std::mem::take(&mut self.unanswered);
        let (width, height) = self.size;
        self.send(Message::Resize(viewport(width, height)));
        self.send(Message::Session(session(SessionState::Connected)));
        self.answer(effects);
    }

    /// Presses keys, by their names.
    pub fn keys(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            self.send(Message::Key(key.parse().expect("a key's name")));
        }
        self
    }

    /// Resizes the terminal.
    pub fn resize(&mut self, width: u16, height: u16) {
        self.size = (width, height);
        self.send(Message::Resize(viewport(width, height)));
    }

    /// Something happens; the world answers what comes of it.
    pub fn send(&mut self, message: Message) -> &mut Self {
        let effects = self.explorer.update(self.now, message);
        self.answer(effects);
        self
    }

    /// The frame as it is now.
    pub fn draw(&self) -> (Buffer, Option<Position>) {
        let mut buffer = Buffer::empty(Rect::new(0, 0, self.size.0, self.size.1));
        let cursor = paint(&self.explorer, &self.look, self.now, &mut buffer);
        (buffer, cursor)
    }

    /// The frame's rows as text, a wide character's second cell as nothing.
    pub fn text(&self) -> Vec<String> {
        let (buffer, _) = self.draw();
        rows(&buffer)
    }

    fn answer(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match self.reply(&effect) {
                Some(message) => {
                    self.send(message);
                }
                None => self.unanswered.push(effect),
            }
        }
    }

    fn reply(&self, effect: &Effect) -> Option<Message> {
        Some(match effect.clone() {
            Effect::Open { ticket, path } => Message::Children {
                ticket,
                result: self.children(&path),
                path,
            },
            Effect::Follow { ticket, path } => Message::Data {
                ticket,
                result: self.data(&path),
                path,
            },
            Effect::ReadAcl { ticket, path } => Message::Acl {
                ticket,
                path,
                result: Ok(vec![
                    Acl::world(Perms::READ),
                    Acl::digest(Perms::ALL, "admin", "secret"),
                ]),
            },
            Effect::Peek { ticket, paths } => {
                let stat = |path: ZPath| {
                    let stat = self.data(&path).map(|reply| reply.stat);
                    (path, stat)
                };
                Message::Peeked {
                    ticket,
                    rows: paths.into_iter().map(stat).collect(),
                }
            }
            Effect::Reread { ticket, path } => Message::Reread {
                ticket,
                result: self.rivals_data(&path),
                path,
            },
            Effect::Write { ticket, path, .. } => Message::Written {
                ticket,
                result: Err(Failure {
                    code: Some(ErrorCode::BadVersion),
                    may_have_been_applied: false,
                    text: format!("{path} has another version on zk1:2181"),
                }),
                path,
            },
            _ => return None,
        })
    }

    /// What someone else has written meanwhile.
    fn rivals_data(&self, path: &ZPath) -> Result<DataReply, Failure> {
        let mut reply = self.data(path)?;
        reply.stat.version += 1;
        reply.stat.mzxid += 1;
        reply.data = Some(b"theirs\n\x1b[2J".to_vec());
        Ok(reply)
    }

    fn data(&self, path: &ZPath) -> Result<DataReply, Failure> {
        let (data, stat) = self.znodes.get(path.as_str()).ok_or_else(|| Failure {
            code: Some(ErrorCode::NoNode),
            may_have_been_applied: false,
            text: format!("{path} does not exist on zk1:2181 any more"),
        })?;
        let mut stat = *stat;
        stat.num_children = i32::try_from(self.names(path).count()).expect("few");
        Ok(DataReply {
            data: data.clone(),
            stat,
        })
    }

    fn children(&self, path: &ZPath) -> Result<ChildrenReply, Failure> {
        let stat = self.data(path)?.stat;
        Ok(ChildrenReply {
            names: self.names(path).collect::<Names>(),
            stat,
        })
    }

    fn names<'a>(&'a self, path: &'a ZPath) -> impl Iterator<Item = &'a str> {
        let children = self.znodes.keys().filter(|key| *key != "/");
        children.filter_map(move |key| {
            let (parent, name) = key.rsplit_once('/')?;
            let parent = if parent.is_empty() { "/" } else { parent };
            (parent == path.as_str()).then_some(name)
        })
    }
}

/// A session in this state, with everything known.
pub fn session(state: SessionState) -> Session {
    Session {
        state,
        server: Some("10.0.0.11:2181".into()),
        version: Some("3.9.4".into()),
        id: 0x1000_0a2b_3c40_0001,
        timeout: Duration::from_secs(10),
        round_trip: Some(Duration::from_micros(640)),
        trouble: None,
        expired: 0,
    }
}

/// A buffer's rows as text.
pub fn rows(buffer: &Buffer) -> Vec<String> {
    let row = |y| {
        let mut text = String::new();
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            text.push_str(symbol);
            x += super::pen::cells(crate::text::grapheme_cells(symbol)).max(1);
        }
        text
    };
    (0..buffer.area.height).map(row).collect()
}
