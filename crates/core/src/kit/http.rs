//! The layer that every request goes through, and the bodies of requests.

use super::{
    error::{Code, Error, Result},
    forwarded::{Forwarding, client_ip},
    headers,
    nearest::unknown,
    precondition::Preconditions,
    request,
    text::Language,
};
use futures_util::{FutureExt, Stream, StreamExt};
use http_body_util::{BodyExt, combinators::BoxBody};
use hyper::body::Bytes;
use ipnet::IpNet;
use poem::{
    Endpoint, IntoResponse, Request, RequestBody, Response,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    web::headers::{ContentLength, HeaderMapExt},
};
use std::{future::ready, net::IpAddr, panic::AssertUnwindSafe, pin::pin, sync::Arc, time::Instant};
use tracing::Instrument;

/// The largest body of a request, in bytes.
pub const BODY_LIMIT: usize = 1 << 20;

/// The far end of a request.
#[derive(Clone, Debug)]
pub struct Peer {
    /// The address of the client, past every proxy that is trusted.
    pub ip: IpAddr,
    /// `User-Agent`, cut to 300 characters.
    pub user_agent: String,
    /// The language of `Accept-Language` that mail can be written in and that is wanted most.
    pub language: Option<Language>,
    /// `X-Captcha-Token`, cut to 8192 characters.
    pub captcha_token: Option<String>,
    /// What the request says its object must be like; in the native groups only.
    pub preconditions: Option<Box<Preconditions>>,
}

impl Peer {
    /// The sender of this request, believing only `trusted` networks about whom they speak for.
    #[must_use]
    pub fn of(request: &Request, trusted: &[IpNet], forwarding: Forwarding) -> Self {
        let direct = request
            .remote_addr()
            .as_socket_addr()
            .map_or(IpAddr::from([0, 0, 0, 0]), std::net::SocketAddr::ip);
        let user_agent = headers::text(request.headers(), header::USER_AGENT).unwrap_or_default();
        Self {
            ip: client_ip(direct.to_canonical(), request.headers(), trusted, forwarding),
            user_agent: user_agent.chars().take(300).collect(),
            language: language(request.headers()),
            captcha_token: headers::text(request.headers(), header::HeaderName::from_static("x-captcha-token"))
                .map(|token| token.chars().take(8192).collect()),
            preconditions: request
                .data::<Native>()
                .and_then(|Native| Preconditions::of(request.headers())),
        }
    }
}

/// The language that a request asks for in `Accept-Language`, of those there are.
pub fn language(headers: &HeaderMap) -> Option<Language> {
    Language::of(&headers::list(headers, header::ACCEPT_LANGUAGE))
}

/// Runs a request: an id, a log line, problems for errors, and the headers every answer has.
///
/// `secure` adds `Strict-Transport-Security`, for servers that people reach by https.
pub async fn frame<E: Endpoint>(endpoint: &E, request: Request, secure: bool) -> Response {
    let id = uuid::Uuid::from_bytes(super::secret::random()).simple().to_string();
    let method = request.method().clone();
    let path = request.original_uri().path().to_owned();
    let begun = Instant::now();
    let span = tracing::info_span!("request", id, %method, path);
    let run = async {
        let answer = AssertUnwindSafe(endpoint.call(request)).catch_unwind().await;
        let mut response = match answer {
            Ok(Ok(response)) => response.into_response(),
            Ok(Err(error)) if error.is_from_response() => error.into_response(),
            Ok(Err(error)) => poem::error::ResponseError::as_response(&Error::from_poem(error)),
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
                let cause = anyhow::anyhow!("panic: {}", text.unwrap_or("without a text"));
                poem::error::ResponseError::as_response(&Error::Internal(cause))
            }
        };
        let micros = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let status = response.status().as_u16();
        if response.data::<Routine>().is_some() {
            tracing::debug!(status, micros, "answered");
        } else {
            tracing::info!(status, micros, "answered");
        }
        set_security_headers(response.headers_mut(), &id, secure);
        response
    };
    request::scope(id.clone(), pin!(run).instrument(span)).await
}

fn set_security_headers(headers: &mut HeaderMap, id: &str, secure: bool) {
    let always = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        // Swagger UI opens the sign-in in a window of its own and hears from it, since all of its pages say the
        // same. A page of another origin that opens one of ours keeps no hold of it.
        (
            header::HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin-allow-popups",
        ),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in always {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if secure {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert("x-request-id", id);
    }
}

/// Marks an answer that programs ask for again and again and that is the same for everybody: among lines of the log
/// for each of these nobody would find the others.
#[derive(Clone, Copy, Debug)]
pub struct Routine;

/// Marks a request to a native group, whose bodies and queries are closed and whose conditions hold.
#[derive(Clone, Copy, Debug)]
pub struct Native;

/// Marks a request that came by another path of the same operation, as clients of Halo ask.
#[derive(Clone, Copy, Debug)]
pub struct Aliased;

/// The parameters that the query of this request may have.
#[derive(Clone, Debug)]
pub struct KnownQuery(pub Arc<[String]>);

/// Refuses parameters of a query that its operation does not have, if the operation is closed.
///
/// # Errors
/// [`Error::Invalid`] with each of them.
pub fn check_query(request: &Request) -> Result<()> {
    let (Some(query), Some(KnownQuery(known))) = (request.uri().query(), request.data()) else {
        return Ok(());
    };
    let given = url::form_urlencoded::parse(query.as_bytes());
    // What is between two ampersands with nothing between them is no parameter.
    let given = given.filter(|(name, value)| !(name.is_empty() && value.is_empty()));
    let strange = given.filter(|(name, _)| !known.iter().any(|known| known == name));
    let wrong = strange.map(|(name, _)| unknown(&name, &name, known.iter().map(String::as_str)));
    let wrong: Vec<_> = wrong.take(20).collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(Error::Invalid(wrong)),
    }
}

/// The body of a request, if it says to be of one of these `kinds` and has no more than `limit`
/// bytes; `None` if there is none: not a byte, whatever its type says.
///
/// # Errors
/// [`Code::UnsupportedMediaType`], [`Code::TooLarge`], [`Code::RequestTimeout`], [`Code::BadRequest`].
pub async fn receive(
    request: &Request,
    body: &mut RequestBody,
    kinds: &[&str],
    limit: usize,
) -> Result<Option<Vec<u8>>> {
    let length = request.headers().typed_get::<ContentLength>();
    if length.is_some_and(|ContentLength(length)| length > limit as u64) {
        return Err(Code::TooLarge.into());
    }
    let body = body.take().map_err(|_| Error::from(Code::BadRequest))?;
    let kind = request.content_type().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    // A body without a type could come from a page of any site, without a question asked first.
    let is_right = kinds.iter().any(|known| kind.eq_ignore_ascii_case(known));
    // A body in chunks announces no length: it is cut while it is read. Of another type one byte is
    // too much already.
    let limit = if is_right { limit } else { 0 };
    let bytes = body.into_bytes_limit(limit).await.map_err(|error| match error {
        poem::error::ReadBodyError::PayloadTooLarge if is_right => Error::from(Code::TooLarge),
        poem::error::ReadBodyError::PayloadTooLarge => Code::UnsupportedMediaType.into(),
        poem::error::ReadBodyError::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            Code::RequestTimeout.into()
        }
        _ => Code::BadRequest.into(),
    })?;
    Ok(Some(Vec::from(bytes)).filter(|bytes| !bytes.is_empty()))
}

/// 204: done, and nothing to say.
#[derive(poem_openapi::ApiResponse)]
pub enum NoContent {
    /// Done.
    #[oai(status = 204)]
    Done,
}

/// A body that ends with these trailers (RFC 9110 §6.5).
#[must_use]
pub fn with_trailers(bytes: Vec<u8>, trailers: HeaderMap) -> poem::Body {
    let bytes = http_body_util::Full::new(Bytes::from(bytes)).map_err(|never| match never {});
    BoxBody::new(bytes.with_trailers(ready(Some(Ok(trailers))))).into()
}

/// A body of what comes bit by bit, with the trailers that it is found to end with.
#[must_use]
pub fn streamed(
    bits: impl Stream<Item = Bytes> + Send + 'static,
    trailers: impl Future<Output = HeaderMap> + Send + Sync + 'static,
) -> poem::Body {
    let bits = poem::Body::from_bytes_stream(bits.map(Ok::<_, std::io::Error>));
    let bits = BoxBody::from(bits);
    BoxBody::new(bits.with_trailers(trailers.map(|trailers| Some(Ok(trailers))))).into()
}

/// An answer that is ready: bytes, their type, and how long they may be kept.
pub fn bytes(kind: &str, cache: &'static str, body: impl Into<poem::Body>) -> Response {
    Response::builder()
        .status(StatusCode::OK)
        .content_type(kind)
        .header(header::CACHE_CONTROL, cache)
        .body(body)
}
