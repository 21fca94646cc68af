//! The layer that every request goes through, and the bodies of requests.

use super::{
    error::{Code, Error, Result},
    forwarded::{Forwarding, client_ip},
    headers, request, schema,
    text::Language,
};
use futures_util::FutureExt;
use ipnet::IpNet;
use poem::{
    Endpoint, IntoResponse, Request, RequestBody, Response,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    web::headers::{ContentLength, HeaderMapExt},
};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, Registry},
    types::ParseFromJSON,
};
use serde_json::{Value, json};
use std::{net::IpAddr, ops::Deref, panic::AssertUnwindSafe, pin::pin, time::Instant};
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
        tracing::info!(status = response.status().as_u16(), micros, "answered");
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
        (
            header::HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
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

/// A JSON body, read up to [`BODY_LIMIT`] and reported field by field when it does not fit.
pub struct Body<T>(pub T);

impl<T> Deref for Body<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A merge patch (RFC 7396): what is absent stays as it is. Read as [`Body`] is.
pub struct Patch<T>(pub T);

/// The media types that a body may have.
const JSON: &[&str] = &["application/json"];
const MERGE_PATCH: &[&str] = &["application/merge-patch+json", "application/json"];

macro_rules! body {
    ($name:ident, $kinds:expr) => {
        impl<'a, T: ParseFromJSON + 'static> ApiExtractor<'a> for $name<T> {
            const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
            type ParamType = ();
            type ParamRawType = ();

            fn register(registry: &mut Registry) {
                T::register(registry);
            }

            fn request_meta() -> Option<MetaRequest> {
                let content = $kinds.iter().map(|content_type| MetaMediaType {
                    content_type: *content_type,
                    schema: T::schema_ref(),
                });
                Some(MetaRequest {
                    description: None,
                    content: content.collect(),
                    required: true,
                })
            }

            async fn from_request(
                request: &'a Request,
                body: &mut RequestBody,
                _: ExtractParamOptions<()>,
            ) -> poem::Result<Self> {
                Ok(Self(read(request, body, $kinds).await?))
            }
        }
    };
}
body!(Body, JSON);
body!(Patch, MERGE_PATCH);

async fn read<T: ParseFromJSON + 'static>(request: &Request, body: &mut RequestBody, kinds: &[&str]) -> Result<T> {
    let value: Value = match receive(request, body, kinds, BODY_LIMIT).await? {
        Some(bytes) => serde_json::from_slice(&bytes).map_err(|_| Error::from(Code::Malformed))?,
        // Clients send nothing at all where nothing is asked for.
        None => json!({}),
    };
    let found = schema::violations::<T>(&value);
    if !found.is_empty() {
        return Err(Error::Invalid(found));
    }
    T::parse_from_json(Some(value)).map_err(|_| Error::field("", "value", "is not a valid value"))
}

/// The body of a request, if it says to be of one of these `kinds` and has no more than `limit`
/// bytes; `None` if there is none: no type, and not a byte.
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
    let kind = request.content_type().unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let is_untyped = kind.is_empty();
    if !is_untyped && !kinds.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        return Err(Code::UnsupportedMediaType.into());
    }
    let body = body.take().map_err(|_| Error::from(Code::BadRequest))?;
    // A body in chunks announces no length: it is cut while it is read.
    let bytes = body.into_bytes_limit(limit).await.map_err(|error| match error {
        poem::error::ReadBodyError::PayloadTooLarge => Error::from(Code::TooLarge),
        poem::error::ReadBodyError::Io(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            Code::RequestTimeout.into()
        }
        _ => Code::BadRequest.into(),
    })?;
    match (is_untyped, bytes.is_empty()) {
        (true, true) => Ok(None),
        // A body without a type could come from a page of any site, without a question asked first.
        (true, false) => Err(Code::UnsupportedMediaType.into()),
        (false, _) => Ok(Some(bytes.into())),
    }
}

/// 204: done, and nothing to say.
#[derive(poem_openapi::ApiResponse)]
pub enum NoContent {
    /// Done.
    #[oai(status = 204)]
    Done,
}

/// An answer that is ready: bytes, their type, and how long they may be kept.
pub fn bytes(kind: &str, cache: &'static str, body: impl Into<poem::Body>) -> Response {
    Response::builder()
        .status(StatusCode::OK)
        .content_type(kind)
        .header(header::CACHE_CONTROL, cache)
        .body(body)
}
