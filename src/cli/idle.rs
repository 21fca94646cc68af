//! Connections that end when nobody uses them.
//!
//! poem has a way of its own, which wakes a second task of the connection and sets a timer anew at each
//! read, write and flush, so several times a request.

use poem::{
    http::uri::Scheme,
    listener::Acceptor,
    web::{LocalAddr, RemoteAddr},
};
use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// Connections of another acceptor, each of which ends when for this long nothing was sent on it in either
/// direction.
pub(super) struct Idling<A> {
    acceptor: A,
    most: Duration,
}

impl<A> Idling<A> {
    pub(super) fn new(acceptor: A, most: Duration) -> Self {
        Self { acceptor, most }
    }
}

impl<A: Acceptor> Acceptor for Idling<A> {
    type Io = Connection<A::Io>;

    fn local_addr(&self) -> Vec<LocalAddr> {
        self.acceptor.local_addr()
    }

    async fn accept(&mut self) -> io::Result<(Self::Io, LocalAddr, RemoteAddr, Scheme)> {
        let (io, local, remote, scheme) = self.acceptor.accept().await?;
        Ok((Connection::new(io, self.most), local, remote, scheme))
    }
}

/// A connection that ends when it is not used.
pub(super) struct Connection<T> {
    io: T,
    used_at: Instant,
    most: Duration,
    /// Set anew only when it rings: most requests find it as it was.
    timer: Pin<Box<Sleep>>,
}

impl<T> Connection<T> {
    fn new(io: T, most: Duration) -> Self {
        Self {
            io,
            used_at: Instant::now(),
            most,
            #[expect(clippy::disallowed_methods, reason = "it is time on the wire, not of any rule")]
            timer: Box::pin(sleep(most)),
        }
    }

    /// Whether nothing was sent for too long; if not, whoever waits is woken when it may be.
    fn is_idle(&mut self, cx: &mut Context<'_>) -> bool {
        while self.timer.as_mut().poll(cx).is_ready() {
            let end = self.used_at + self.most;
            if end <= Instant::now() {
                return true;
            }
            self.timer.as_mut().reset(end);
        }
        false
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Connection<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if let Poll::Ready(read) = Pin::new(&mut this.io).poll_read(cx, buf) {
            this.used_at = Instant::now();
            return Poll::Ready(read);
        }
        match this.is_idle(cx) {
            // As if the client had ended it.
            true => Poll::Ready(Ok(())),
            false => Poll::Pending,
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Connection<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if let Poll::Ready(written) = Pin::new(&mut this.io).poll_write(cx, buf) {
            this.used_at = Instant::now();
            return Poll::Ready(written);
        }
        // Somebody who asks and does not read the answer is not kept either.
        match this.is_idle(cx) {
            true => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            false => Poll::Pending,
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    #[tokio::test]
    async fn a_connection_ends_when_nobody_uses_it_and_not_before() {
        let (mut client, server) = duplex(8);
        client.write_all(b"a").await.unwrap();
        let mut server = Connection::new(server, Duration::from_millis(1));
        let mut read = vec![];
        server.read_to_end(&mut read).await.unwrap();
        assert_eq!(read, b"a");
    }

    #[tokio::test]
    async fn a_client_that_does_not_read_is_not_waited_for() {
        let (_client, server) = duplex(8);
        let mut server = Connection::new(server, Duration::from_millis(1));
        let written = server.write_all(&[0; 9]).await;
        assert_eq!(written.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }
}
