//! gRPC and gRPC-Web: the acts of `auth/v1` in two more framings, on the port of all others.

mod asked;
mod auth;
mod call;
mod convert;
mod frame;
mod health;
mod media;
mod reflection;
mod status;

use super::{
    cross_origin::{GRPC_WEB, shared},
    dialect::Dialect,
    repeated::answer_once,
    rpc,
};
use crate::kit::{
    error::{Code, Error, Result},
    http::Routine,
    request::before,
};
use futures_util::{
    StreamExt,
    future::{BoxFuture, Either},
    stream::{self, BoxStream},
};
use media::Media;
use poem::{
    Endpoint, Request, Response,
    endpoint::make,
    http::{Method, StatusCode, Version, header},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::Semaphore,
    time::{Instant, timeout_at},
};

/// Serves what comes by gRPC, and has `others` serve the rest.
pub(super) fn beside(others: impl Endpoint<Output = Response> + 'static) -> impl Endpoint<Output = Response> {
    let service = shared(&GRPC_WEB, framed(answer_once(make(auth::answer))));
    Beside {
        service: Arc::new(service),
        health: Arc::new(framed(make(health::answer))),
        watchers: health::places(),
        others,
    }
}

struct Beside<S, H, E> {
    service: Arc<S>,
    health: Arc<H>,
    watchers: Arc<Semaphore>,
    others: E,
}

/// The messages of an answer as they come.
type Messages = BoxStream<'static, Result<Vec<u8>>>;

impl<S, H, E> Endpoint for Beside<S, H, E>
where
    S: Endpoint<Output = Response> + 'static,
    H: Endpoint<Output = Response> + 'static,
    E: Endpoint<Output = Response> + 'static,
{
    type Output = Response;

    /// No `async` block around the common case: each one carries the request once more.
    fn call(&self, request: Request) -> impl Future<Output = poem::Result<Response>> + Send {
        if !serves(&request) {
            return Either::Left(self.others.call(request));
        }
        let (service, health, watchers) = (self.service.clone(), self.health.clone(), self.watchers.clone());
        Either::Right(Box::pin(async move {
            if reflection::SERVICES.iter().any(|service| is_for(&request, service)) {
                return Ok(streamed(request, reflection::tell).await);
            }
            match is_for(&request, health::SERVICE) {
                true if request.uri().path().ends_with(health::WATCH) => {
                    Ok(streamed(request, |request| health::watch(watchers, request)).await)
                }
                true => health.call(request).await,
                false => service.call(request).await,
            }
        }))
    }
}

/// Whether a request is for a service, or of a client of any. What a browser asks before has no type.
fn serves(request: &Request) -> bool {
    media::is_of_grpc(request) || is_of_no_tenant(request) || is_for(request, auth::SERVICE)
}

/// Whether a request is for a service that belongs to no tenant: how the server is, and what it has.
pub(crate) fn is_of_no_tenant(request: &Request) -> bool {
    let mut services = reflection::SERVICES.iter().chain([&health::SERVICE]);
    services.any(|service| is_for(request, service))
}

fn is_for(request: &Request, service: &str) -> bool {
    let path = request.uri().path().strip_prefix('/');
    let rest = path.and_then(|path| path.strip_prefix(service));
    rest.is_some_and(|rest| rest.starts_with('/'))
}

/// The answer to a request of gRPC that no service sees; `None` if it is none.
pub(super) fn refuse(request: &Request, error: &Error) -> Option<Response> {
    serves(request).then(|| match media_of(request) {
        Ok(media) => status::refuse(media, error),
        Err(refused) => *refused,
    })
}

/// How the messages of a request are framed. Whatever is no call is refused in terms of HTTP.
fn media_of(request: &Request) -> Result<&'static Media, Box<Response>> {
    let refused = |code: Code| super::Problems.render(&code.into(), None);
    if request.method() != Method::POST {
        let mut refused = refused(Code::MethodNotAllowed);
        let post = header::HeaderValue::from_static("POST");
        refused.headers_mut().insert(header::ALLOW, post);
        return Err(Box::new(refused));
    }
    let media = Media::of(request).ok_or_else(|| Box::new(refused(Code::UnsupportedMediaType)))?;
    // Its status comes in trailers, which programs that speak HTTP/1.1 pass over.
    if !media.is_web && request.version() < Version::HTTP_2 {
        return Err(Box::new(StatusCode::HTTP_VERSION_NOT_SUPPORTED.into()));
    }
    Ok(media)
}

/// Answers with messages as they come, for as long as the client waits for them.
async fn streamed(
    mut request: Request,
    begin: impl FnOnce(Request) -> BoxFuture<'static, Result<Messages>>,
) -> Response {
    let media = match media_of(&request) {
        Ok(media) => media,
        Err(refused) => return *refused,
    };
    request.set_data(media);
    let begun = match call::timeout(request.headers()) {
        Ok(None) => begin(request).await,
        Ok(Some(timeout)) => begin(request).await.map(|messages| within(timeout, messages)),
        Err(error) => Err(error),
    };
    match begun {
        Ok(messages) => {
            let mut answer = frame::stream(media, messages);
            answer.set_data(Routine);
            answer
        }
        Err(error) => status::refuse(media, &error),
    }
}

/// The messages that come within this time.
fn within(timeout: Duration, messages: Messages) -> Messages {
    let end = Instant::now() + timeout;
    let next = move |messages: Option<Messages>| async move {
        let mut messages = messages?;
        match timeout_at(end, messages.next()).await {
            Ok(next) => next.map(|next| (next, Some(messages))),
            Err(_) => Some((Err(Code::DeadlineExceeded.into()), None)),
        }
    };
    stream::unfold(Some(messages), next).boxed()
}

/// Puts messages and errors into the frames of the request's type, within its time.
fn framed<E: Endpoint<Output = Response> + 'static>(inner: E) -> impl Endpoint<Output = Response> {
    let inner = Arc::new(inner);
    make(move |mut request: Request| {
        let inner = inner.clone();
        async move {
            let media = match media_of(&request) {
                Ok(media) => media,
                Err(refused) => return Ok::<_, poem::Error>(*refused),
            };
            // A browser sends it by itself; a call acts for whoever has a token.
            request.headers_mut().remove(header::COOKIE);
            request.set_data(media);
            let answered = match call::deadline(request.headers()) {
                Ok(end) => {
                    let answer = Box::pin(inner.call(request));
                    let late = || Err(Error::from(Code::DeadlineExceeded).into());
                    before(end, answer).await.unwrap_or_else(late)
                }
                Err(error) => Err(error.into()),
            };
            let answer = match answered {
                Ok(message) => message,
                Err(error) if error.is_from_response() => error.into_response(),
                Err(error) => {
                    let error = Error::from_poem(rpc::ZITADEL.unwrap(error));
                    return Ok(status::refuse(media, &error));
                }
            };
            Ok(frame::answer(media, answer).await?)
        }
    })
}
