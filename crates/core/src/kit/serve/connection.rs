//! A connection, and how far its client is.

use super::{IDLE, Limits, RATE};
use std::{
    io,
    pin::Pin,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How long a client may take to read an answer, besides what it takes at [`RATE`].
const STALLED: Duration = Duration::from_secs(30);
/// A request that takes longer than this is given up before a new connection is refused.
const LONG: Duration = Duration::from_secs(10);

/// Milliseconds since the first connection.
fn now() -> u64 {
    static BEGIN: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(BEGIN.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// How far the client of a connection is. Each is written by the connection and read by whoever looks
/// for those that are late, so a request sets no timer.
#[derive(Debug)]
pub(super) struct Stage {
    /// When it became what it is.
    since: AtomicU64,
    /// A head has begun to come (or the connection, whose first head is awaited as one).
    in_head: AtomicBool,
    /// Requests that have no answer yet: with HTTP/2 there may be several.
    under_way: AtomicU32,
    /// The moment, plus one, since when bytes wait to be taken; 0 if none do.
    stalled: AtomicU64,
    /// Bytes that were taken since.
    taken: AtomicU64,
}

impl Stage {
    pub(super) fn new() -> Self {
        Self {
            since: AtomicU64::new(now()),
            in_head: AtomicBool::new(true),
            under_way: AtomicU32::new(0),
            stalled: AtomicU64::new(0),
            taken: AtomicU64::new(0),
        }
    }

    /// Says that a request has come whole, up to its body. It is under way as long as the answer lives.
    pub(super) fn begin(self: &Arc<Self>) -> UnderWay {
        self.under_way.fetch_add(1, Relaxed);
        self.in_head.store(false, Relaxed);
        self.since.store(now(), Relaxed);
        UnderWay(self.clone())
    }

    /// Whether no request is under way.
    pub(super) fn is_between(&self) -> bool {
        self.under_way.load(Relaxed) == 0
    }

    /// Since when the client is where it is.
    pub(super) fn since(&self) -> u64 {
        self.since.load(Relaxed)
    }

    /// Whether the client is past a deadline.
    pub(super) fn is_late(&self, limits: &Limits) -> bool {
        let now = now();
        let past = |since: u64, most: Duration| u128::from(now.saturating_sub(since)) > most.as_millis();
        let stalled = self.stalled.load(Relaxed);
        let taking = STALLED + Duration::from_secs(self.taken.load(Relaxed) / RATE);
        if stalled > 0 && past(stalled - 1, taking) {
            return true;
        }
        let most = if self.in_head.load(Relaxed) { limits.head } else { IDLE };
        self.is_between() && past(self.since(), most)
    }

    /// Whether it is the client that is waited for, or the request takes so long that others come first.
    pub(super) fn is_spare(&self) -> bool {
        self.is_between() || u128::from(now().saturating_sub(self.since())) > LONG.as_millis()
    }
}

/// A request that has no answer yet.
pub(super) struct UnderWay(Arc<Stage>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.since.store(now(), Relaxed);
        self.0.under_way.fetch_sub(1, Relaxed);
    }
}

/// A connection that says how far its client is.
pub(super) struct Watched<T> {
    io: T,
    stage: Arc<Stage>,
    /// The last four bytes of the head that is coming; `None` past its end.
    head: Option<[u8; 4]>,
    is_http2: bool,
    /// Less than four bytes have come on the connection.
    is_opening: bool,
}

impl<T> Watched<T> {
    pub(super) fn new(io: T, stage: Arc<Stage>) -> Self {
        Self {
            io,
            stage,
            head: Some([0; 4]),
            is_http2: false,
            is_opening: true,
        }
    }

    fn note_read(&mut self, bytes: &mut [u8]) {
        if self.is_http2 || bytes.is_empty() || !self.stage.is_between() {
            return;
        }
        if !self.stage.in_head.swap(true, Relaxed) {
            self.stage.since.store(now(), Relaxed);
            self.head = Some([0; 4]);
        }
        self.refuse_bare_line_feeds(bytes);
    }

    /// A line of a head ends with CR LF. Programs in front that see no end in a line feed alone would
    /// read another head than this server (RFC 9112 §2.2 and §11.2), so it becomes a byte that no head may
    /// have, and the request is refused as any that cannot be read.
    fn refuse_bare_line_feeds(&mut self, bytes: &mut [u8]) {
        for byte in bytes {
            let Some(last) = &mut self.head else { return };
            if *byte == b'\n' && last[3] != b'\r' {
                *byte = 0;
            }
            *last = [last[1], last[2], last[3], *byte];
            if self.is_opening && last[0] != 0 {
                self.is_opening = false;
                self.is_http2 = last == b"PRI ";
            }
            if last == b"\r\n\r\n" {
                self.head = None;
            }
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Watched<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        let read = Pin::new(&mut this.io).poll_read(cx, buf);
        this.note_read(&mut buf.filled_mut()[before..]);
        read
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Watched<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        let written = Pin::new(&mut this.io).poll_write(cx, buf);
        let stage = &this.stage;
        match &written {
            Poll::Ready(Ok(count)) if stage.stalled.load(Relaxed) > 0 => {
                stage.taken.fetch_add(*count as u64, Relaxed);
            }
            Poll::Pending if stage.stalled.load(Relaxed) == 0 => {
                stage.taken.store(0, Relaxed);
                stage.stalled.store(now() + 1, Relaxed);
            }
            _ => {}
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // hyper flushes when it has nothing left to write.
        self.stage.stalled.store(0, Relaxed);
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: &[&str]) -> String {
        let mut connection = Watched::new(tokio::io::empty(), Arc::new(Stage::new()));
        let mut all = vec![];
        for part in parts {
            let mut bytes = part.as_bytes().to_vec();
            connection.note_read(&mut bytes);
            all.extend(bytes);
        }
        String::from_utf8(all).unwrap()
    }

    #[test]
    fn a_line_feed_alone_ends_no_line_of_a_head() {
        let whole = "GET / HTTP/1.1\r\nHost: a\r\n\r\nbody\nbody";
        assert_eq!(read(&[whole]), whole);
        assert_eq!(
            read(&["GET / HTTP/1.1\r", "\nHost: a\r\n\r", "\n\n"]),
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n\n"
        );
        assert_eq!(read(&["GET / HTTP/1.1\nHost: a\r\n"]), "GET / HTTP/1.1\0Host: a\r\n");
        assert_eq!(read(&["\nGET"]), "\0GET");
    }

    #[test]
    fn the_binary_frames_of_http2_are_left_alone() {
        let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
        assert_eq!(read(&[preface, "\n\n"]), format!("{preface}\n\n"));
    }
}
