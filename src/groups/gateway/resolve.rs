//! How API gateways ask who is signed in: by whatever request their client sent.

use poem::{
    Endpoint, IntoResponse, Request, Response,
    http::{Method, Uri},
};

/// The operation, as it is routed in its group.
const PATH: &str = "/identity/resolve";

/// Makes one request of every way a gateway asks: any method, any path below, any body.
///
/// A preflight (`OPTIONS`) is nobody's request as any other without credentials: what a gateway
/// says of its client's method, the client may have said itself, and nginx passes it on. TRACE is
/// refused as everywhere: it would show a script what its browser sends besides (RFC 9110 §9.3.8).
///
/// `others` answers all that is not asked here.
pub(crate) fn any_method(asked: impl Endpoint, others: impl Endpoint) -> impl Endpoint<Output = Response> {
    let inner = std::sync::Arc::new((asked, others));
    poem::endpoint::make(move |mut request: Request| {
        let inner = inner.clone();
        async move {
            let below = request.uri().path().strip_prefix(PATH);
            let is_asked = below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            if is_asked && *request.method() != Method::TRACE {
                *request.uri_mut() = Uri::from_static(PATH);
                request.set_method(Method::POST);
                drop(request.take_body());
                return inner.0.call(request).await.map(IntoResponse::into_response);
            }
            inner.1.call(request).await.map(IntoResponse::into_response)
        }
    })
}
