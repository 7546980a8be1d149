//! The byte stream to a server, plain or TLS, and whole frames over it before the session
//! runs. Owns no policy.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio_rustls::client::TlsStream;

pub(super) enum Stream {
    /// The half to write to may be lent.
    Plain(OwnedReadHalf, Option<OwnedWriteHalf>),
    Tls(Box<TlsStream<TcpStream>>),
}

impl Stream {
    pub(super) fn plain(stream: TcpStream) -> Self {
        let (read, write) = stream.into_split();
        Self::Plain(read, Some(write))
    }

    /// Gives away the half to write to: nobody writes here until it is given back. What TLS
    /// makes of the bytes is made in one place only, so there it stays.
    pub(super) const fn lend(&mut self) -> Option<OwnedWriteHalf> {
        match self {
            Self::Plain(_, write) => write.take(),
            Self::Tls(_) => None,
        }
    }

    pub(super) const fn is_lent(&self) -> bool {
        matches!(self, Self::Plain(_, None))
    }

    pub(super) fn give_back(&mut self, half: OwnedWriteHalf) {
        if let Self::Plain(_, write) = self {
            *write = Some(half);
        }
    }

    /// Sends one frame.
    pub(super) async fn send(&mut self, body: &[u8]) -> io::Result<()> {
        let length = i32::try_from(body.len()).map_err(io::Error::other)?;
        let mut frame = length.to_be_bytes().to_vec();
        frame.extend_from_slice(body);
        self.write_all(&frame).await?;
        self.flush().await
    }

    /// Receives one frame of at most `limit` bytes.
    pub(super) async fn receive(&mut self, limit: usize) -> io::Result<Vec<u8>> {
        let mut length = [0; 4];
        self.read_exact(&mut length).await?;
        let length = usize::try_from(i32::from_be_bytes(length))
            .ok()
            .filter(|&length| length <= limit)
            .ok_or_else(|| io::Error::other("it does not speak ZooKeeper's protocol"))?;
        let mut frame = vec![0; length];
        self.read_exact(&mut frame).await?;
        Ok(frame)
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(read, _) => Pin::new(read).poll_read(cx, buf),
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(_, Some(write)) => Pin::new(write).poll_write(cx, bytes),
            Self::Plain(_, None) => Poll::Ready(Err(lent())),
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(_, Some(write)) => Pin::new(write).poll_flush(cx),
            Self::Plain(_, None) => Poll::Ready(Err(lent())),
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(_, Some(write)) => Pin::new(write).poll_shutdown(cx),
            Self::Plain(_, None) => Poll::Ready(Err(lent())),
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

fn lent() -> io::Error {
    io::Error::other("another holds the half that is written to")
}
