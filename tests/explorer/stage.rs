//! What most scripts start from: a shared server, a chroot of their own, a second client, and
//! an explorer opened on it.

use ratatui::style::Modifier;

use super::support::{Driver, Raw, RealServer, shared_newest};

/// A chroot on a server, and another client's connection to it.
pub struct Stage {
    pub server: &'static RealServer,
    root: String,
    pub raw: Raw,
}

impl Stage {
    /// `None` says that the test is skipped.
    pub fn new(test: &str) -> Option<Self> {
        let server = shared_newest()?;
        let root = server.chroot(test);
        let raw = server.raw();
        Some(Self { server, root, raw })
    }

    /// A path as the server has it.
    pub fn path(&self, path: &str) -> String {
        format!("{}{path}", self.root)
    }

    /// Creates a znode as another client.
    pub fn create(&mut self, path: &str, data: &str) {
        let path = self.path(path);
        self.raw.create(&path, data.as_bytes());
    }

    /// Sets data as another client.
    pub fn set(&mut self, path: &str, data: &str) {
        let path = self.path(path);
        self.raw.set(&path, data.as_bytes());
    }

    /// A znode's data as the server holds it; `None` if there is no such znode.
    pub fn data(&mut self, path: &str) -> Option<String> {
        let path = self.path(path);
        let data = self.raw.get(&path)?.data.unwrap_or_default();
        Some(String::from_utf8(data).expect("this test's data is text"))
    }

    /// The host string for an explorer that is to see this chroot as its root.
    pub fn hosts(&self) -> String {
        self.hosts_at(&self.server.hosts())
    }

    /// The same by way of another address, such as a proxy's.
    pub fn hosts_at(&self, address: &str) -> String {
        format!("{address}{}", self.root)
    }

    /// An explorer on it, connected.
    pub async fn open(&self) -> Driver {
        let mut app = Driver::open(&self.hosts());
        app.wait_for("CONNECTED").await;
        app
    }
}

/// The inverse text of the screen: what is selected.
pub fn selected(app: &Driver) -> String {
    let buffer = app.buffer();
    let cells = buffer.content.iter();
    cells
        .filter(|cell| cell.modifier.contains(Modifier::REVERSED))
        .map(ratatui::buffer::Cell::symbol)
        .collect()
}
