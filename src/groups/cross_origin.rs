//! Calls from pages of other origins (CORS, Fetch standard §3.3), as far as the tenant lets.

use crate::{
    extract,
    kit::{
        error::{Code, Result},
        headers::is_same_origin,
    },
    server::Server,
};
use poem::{
    Endpoint, IntoResponse, Request, Response,
    endpoint::make,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
};
use std::sync::Arc;
use tenantry_core::tenant::Tenant;

/// What pages of other origins may do with a group.
pub(super) struct Terms {
    methods: HeaderValue,
    /// What requests may bring.
    headers: HeaderValue,
    /// What scripts may read besides the body.
    exposed: HeaderValue,
}

/// With operations in JSON.
pub(super) static JSON: Terms = Terms {
    methods: HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE"),
    headers: HeaderValue::from_static(
        "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, If-Unmodified-Since, X-Captcha-Token",
    ),
    exposed: HeaderValue::from_static(
        "Content-Language, ETag, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id",
    ),
};

/// With methods of gRPC-Web.
pub(super) static GRPC_WEB: Terms = Terms {
    methods: HeaderValue::from_static("POST"),
    headers: HeaderValue::from_static(
        "Accept-Language, Authorization, Content-Type, Grpc-Timeout, Idempotency-Key, X-Grpc-Web, X-User-Agent",
    ),
    exposed: HeaderValue::from_static(
        "Grpc-Message, Grpc-Status, Grpc-Status-Details-Bin, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id",
    ),
};

/// Seconds for which a browser need not ask again.
const KEPT: HeaderValue = HeaderValue::from_static("600");
const ASKED: HeaderValue =
    HeaderValue::from_static("Origin, Access-Control-Request-Method, Access-Control-Request-Headers");

/// Lets scripts of the origins that its tenant names call a group. They bring a token: no answer allows
/// credentials of the browser (`Access-Control-Allow-Credentials`), so a session cookie never comes along.
pub(super) fn shared<E: Endpoint + 'static>(terms: &'static Terms, inner: E) -> impl Endpoint<Output = Response> {
    let inner = Arc::new(inner);
    make(move |request: Request| {
        let inner = inner.clone();
        async move {
            let origin = request.headers().get(header::ORIGIN).cloned();
            let named = match &origin {
                Some(origin) => Box::pin(named(&request, origin)).await?,
                None => false,
            };
            if named && is_preflight(&request) {
                return Ok::<_, poem::Error>(preflight(terms, origin));
            }
            let mut response = inner.call(request).await?.into_response();
            let headers = response.headers_mut();
            // What nobody keeps need not say what it depends on.
            if origin.is_some() || headers.contains_key(header::CACHE_CONTROL) {
                headers.append(header::VARY, HeaderValue::from_static("Origin"));
            }
            if named {
                allow(terms, headers, origin);
            }
            Ok(response)
        }
    })
}

/// Whether a request comes from another origin than the server's own, and the tenant names that one.
async fn named(request: &Request, origin: &HeaderValue) -> Result<bool> {
    let server = request.data::<Server>().ok_or(Code::BadRequest)?;
    let Ok(origin) = origin.to_str() else { return Ok(false) };
    let tenant = request.data::<Tenant>().ok_or(Code::BadRequest)?;
    if is_same_origin(request.headers(), &server.services.urls.origin(tenant)) {
        return Ok(false);
    }
    Ok(extract::cross_origin(request).await?.allows(origin))
}

/// Whether a browser asks if it may send a request.
fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

fn allow(terms: &Terms, headers: &mut HeaderMap, origin: Option<HeaderValue>) {
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, terms.exposed.clone());
}

fn preflight(terms: &Terms, origin: Option<HeaderValue>) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    allow(terms, headers, origin);
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, terms.methods.clone()),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, terms.headers.clone()),
        (header::ACCESS_CONTROL_MAX_AGE, KEPT),
        (header::VARY, ASKED),
    ] {
        headers.insert(name, value);
    }
    response
}
