//! Bodies of requests: a deadline for what comes, and what becomes of what nobody read.

use super::{RATE, connection::UnderWay};
use hyper::body::{Body as _, Bytes, Frame, SizeHint};
use poem::http::{Request, Version, header};
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Instant, Sleep};

/// A body as poem has it, in both directions.
pub(super) type Outgoing = http_body_util::combinators::BoxBody<Bytes, io::Error>;

/// How much is read on of a body that nobody wants, and for how long: more than any operation takes.
const REST: u64 = 4 << 20;
const REST_TIME: Duration = Duration::from_secs(1);

/// The body of a request that has one.
pub(super) struct Incoming {
    deadline: Duration,
    /// With HTTP/1 the rest of a body stands in the way of the next request.
    is_in_the_way: bool,
    /// The client sends nothing before it is told to.
    waits_to_be_asked: bool,
}

impl Incoming {
    /// `None` if nothing is to come.
    pub(super) fn of(request: &Request<hyper::body::Incoming>, deadline: Duration) -> Option<Self> {
        let coming = !request.body().is_end_stream();
        coming.then(|| Self {
            deadline,
            is_in_the_way: request.version() < Version::HTTP_2,
            waits_to_be_asked: request.headers().contains_key(header::EXPECT),
        })
    }

    /// Puts the deadline around the body of this request.
    pub(super) fn lend_to(self, request: &mut poem::Request) -> Rest {
        let rest = Rest(Arc::default());
        let lent = Lent {
            body: Some(request.take_body().into()),
            terms: self,
            begun: Instant::now(),
            timer: None,
            come: 0,
            rest: rest.0.clone(),
        };
        request.set_body(poem::Body::from(Outgoing::new(lent)));
        rest
    }
}

/// A body whose request is under way until all of it has left: one that comes bit by bit may take its time.
pub(super) fn until_sent(body: Outgoing, under_way: UnderWay) -> Outgoing {
    match body.size_hint().exact() {
        Some(_) => body,
        None => Outgoing::new(Sent {
            body,
            _under_way: under_way,
        }),
    }
}

struct Sent {
    body: Outgoing,
    _under_way: UnderWay,
}

impl hyper::body::Body for Sent {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What is known of a body after the answer.
pub(super) struct Rest(Arc<AtomicBool>);

impl Rest {
    /// Whether more of the body is to come than is read on.
    pub(super) fn is_too_long(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A body while an operation may read it.
struct Lent {
    body: Option<Outgoing>,
    terms: Incoming,
    begun: Instant,
    /// There is one only for a body that is not there yet.
    timer: Option<Pin<Box<Sleep>>>,
    come: u64,
    rest: Arc<AtomicBool>,
}

impl Lent {
    /// Whether the body is late; if not, whoever waits for it is woken when it may be.
    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        let end = self.begun + self.terms.deadline + Duration::from_secs(self.come / RATE);
        #[expect(clippy::disallowed_methods, reason = "it is time on the wire, not of any rule")]
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(Duration::ZERO)));
        timer.as_mut().reset(end);
        timer.as_mut().poll(cx).is_ready()
    }
}

impl hyper::body::Body for Lent {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        this.terms.waits_to_be_asked = false;
        match Pin::new(body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                this.come += frame.data_ref().map_or(0, |data| data.len() as u64);
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Pending if this.is_late(cx) => {
                this.body = None;
                this.rest.store(true, Ordering::Relaxed);
                Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())))
            }
            other => other,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Outgoing::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, Outgoing::size_hint)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) else {
            return;
        };
        if !self.terms.is_in_the_way {
            return;
        }
        let is_short = body.size_hint().upper().is_some_and(|left| left <= REST);
        self.rest
            .store(!is_short || self.terms.waits_to_be_asked, Ordering::Relaxed);
        if !self.terms.waits_to_be_asked
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(tokio::time::timeout(REST_TIME, read_on(body)));
        }
    }
}

async fn read_on(mut body: Outgoing) {
    let mut read = 0;
    while let Some(Ok(frame)) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        read += frame.data_ref().map_or(0, |data| data.len() as u64);
        if read > REST {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::connection::Stage;
    use super::*;
    use http_body_util::{BodyExt, StreamBody, combinators::BoxBody};

    #[tokio::test]
    async fn a_request_is_under_way_until_an_answer_that_comes_bit_by_bit_has_left() {
        let stage = Arc::new(Stage::new());
        let bits = [&b"a"[..], b"b"].map(|bit| Ok(Frame::data(Bytes::from_static(bit))));
        let body = BoxBody::new(StreamBody::new(futures_util::stream::iter(bits)));
        let mut sent = until_sent(body, stage.begin());
        sent.frame().await.unwrap().unwrap();
        assert!(!stage.is_between());
        drop(sent);
        assert!(stage.is_between());

        let whole = http_body_util::Full::new(Bytes::from_static(b"a")).map_err(|never| match never {});
        let sent = until_sent(BoxBody::new(whole), stage.begin());
        assert!(stage.is_between(), "what is there whole is on its way");
        drop(sent);
    }
}
