//! One connection, frame by frame. It owes nothing to the client under test, and knows of
//! the protocol no more than frames and the handshake.

use std::io::{self, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

/// How long a server may take for anything.
pub const PATIENCE: Duration = Duration::from_secs(4);

/// One connection.
#[derive(Debug)]
pub struct Wire {
    socket: BufReader<TcpStream>,
}

/// What arrived.
#[derive(Debug, PartialEq, Eq)]
pub enum Arrived {
    Frame(Vec<u8>),
    /// The server has ended the connection.
    End,
    /// Nothing in time.
    Nothing,
}

impl Wire {
    /// Connects.
    pub fn connect(addr: SocketAddr) -> io::Result<Self> {
        let socket = TcpStream::connect(addr)?;
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            socket: BufReader::with_capacity(64 << 10, socket),
        })
    }

    /// Sends frames in one go. That the other side has gone shows when it is read from.
    pub fn send<I: IntoIterator<Item = Vec<u8>>>(&self, frames: I) {
        let mut bytes = Vec::new();
        for frame in frames {
            let length = u32::try_from(frame.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(&frame);
        }
        self.send_raw(&bytes);
    }

    /// Sends bytes as they are.
    pub fn send_raw(&self, bytes: &[u8]) {
        let _ = self.socket.get_ref().write_all(bytes);
    }

    /// The next frame.
    pub fn receive(&mut self) -> Arrived {
        match self.frame() {
            Ok(frame) => Arrived::Frame(frame),
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => Arrived::Nothing,
                _ => Arrived::End,
            },
        }
    }

    fn frame(&mut self) -> io::Result<Vec<u8>> {
        let mut length = [0; 4];
        self.socket.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length) as usize;
        if length > 64 << 20 {
            return Err(io::Error::other("an impossible frame"));
        }
        let mut frame = vec![0; length];
        self.socket.read_exact(&mut frame)?;
        Ok(frame)
    }

    /// Says that nothing more will come.
    pub fn finish(&self) {
        let _ = self.socket.get_ref().shutdown(Shutdown::Write);
    }

    /// Waits until the server has ended the connection; whatever still comes is lost.
    pub fn drain(&mut self) {
        while matches!(self.receive(), Arrived::Frame(_)) {}
    }
}
