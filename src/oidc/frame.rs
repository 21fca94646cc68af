//! What every answer of an endpoint has: nobody keeps it, and pages of an application's own origins may read it
//! (CORS, Fetch standard §3.3) without anybody having configured that.

use crate::{
    access::permission::TokensCreate,
    application::{self, Application},
    extract::Protocol,
    kit::error::Result,
};
use poem::{
    Endpoint, IntoResponse, Request, Response,
    endpoint::make,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
};
use std::sync::{Arc, OnceLock};

/// Endpoints that pages of other origins may call.
const SHARED: &[&str] = &["/oauth2/token", "/oauth2/userinfo", "/oauth2/revoke"];

/// The application that a request turned out to be of.
#[derive(Clone, Default)]
pub(super) struct Proven(Arc<OnceLock<Arc<Application>>>);

impl Proven {
    /// Says which it is.
    pub(super) fn set(&self, application: Arc<Application>) {
        let _ = self.0.set(application);
    }

    /// Whether pages of this origin may read what it is answered. One that keeps a secret has no page that could
    /// send it.
    fn shares(&self, origin: &HeaderValue) -> bool {
        let origin = origin.to_str().unwrap_or_default();
        let of = self.0.get();
        of.is_some_and(|application| application.spec.is_public() && application.has_origin(origin))
    }
}

/// The endpoints of the protocol, as they are answered.
pub(crate) fn framed<E: Endpoint + 'static>(inner: E) -> impl Endpoint<Output = Response> {
    let inner = Arc::new(inner);
    make(move |mut request: Request| {
        let inner = inner.clone();
        async move {
            let origin = request.headers().get(header::ORIGIN).cloned();
            let is_shared = SHARED.contains(&request.uri().path());
            let origin = origin.filter(|_| is_shared);
            if let Some(origin) = &origin
                && is_preflight(&request)
                && Box::pin(may_ask(&request, origin)).await?
            {
                return Ok::<_, poem::Error>(preflight(origin));
            }
            let proven = Proven::default();
            request.set_data(proven.clone());
            let mut response = match inner.call(request).await {
                Ok(response) => response.into_response(),
                Err(error) => error.into_response(),
            };
            let headers = response.headers_mut();
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
            if is_shared {
                headers.append(header::VARY, HeaderValue::from_static("Origin"));
            }
            if let Some(origin) = origin.filter(|origin| proven.shares(origin)) {
                allow(headers, &origin);
            }
            Ok(response)
        }
    })
}

/// Whether a browser asks if it may send a request.
fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Whether pages of this origin may send something: which application it is of is not known yet.
async fn may_ask(request: &Request, origin: &HeaderValue) -> Result<bool> {
    let Ok(origin) = origin.to_str() else { return Ok(false) };
    let context = Protocol::<TokensCreate>::open(request).await?;
    context
        .read(async |tx| application::is_origin_of_any(tx, origin).await)
        .await
}

fn allow(headers: &mut HeaderMap, origin: &HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    let exposed = HeaderValue::from_static("WWW-Authenticate, X-Request-Id, Retry-After");
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    let policy = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(policy, HeaderValue::from_static("cross-origin"));
}

fn preflight(origin: &HeaderValue) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    allow(headers, origin);
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "Authorization, Content-Type"),
        (header::ACCESS_CONTROL_MAX_AGE, "7200"),
        (header::VARY, "Origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
