//! How API gateways ask who is signed in: by whatever request their client sent.

use super::wire::IDENTITY_HEADERS;
use crate::app::App;
use poem::{
    Endpoint, IntoResponse, Request, Response,
    http::{HeaderValue, Method, StatusCode, Uri},
};

/// The operation, as it is routed in its group.
const PATH: &str = "/identity/resolve";

/// Makes one request of every way a gateway asks: any method, any path below, any body.
pub(crate) fn any_way<E: Endpoint>(inner: E) -> impl Endpoint<Output = Response> {
    let inner = std::sync::Arc::new(inner);
    poem::endpoint::make(move |mut request: Request| {
        let inner = inner.clone();
        async move {
            let below = request.uri().path().strip_prefix(PATH);
            if below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
                if is_preflight(&request) {
                    return Ok(let_through());
                }
                *request.uri_mut() = Uri::from_static(PATH);
                request.set_method(Method::POST);
                drop(request.take_body());
            }
            inner.call(request).await.map(IntoResponse::into_response)
        }
    })
}

/// Whether a gateway that is trusted asks for a browser's preflight, which never says who it is
/// (Fetch §3.2.2).
fn is_preflight(request: &Request) -> bool {
    let told = ["x-forwarded-method", "x-original-method"]
        .iter()
        .find_map(|name| request.headers().get(*name));
    let peer = request.remote_addr().as_socket_addr();
    let trusted = request.data::<App>().zip(peer).is_some_and(|(app, peer)| {
        let networks = app.config.trusted_proxies.iter();
        networks
            .into_iter()
            .any(|network| network.contains(&peer.ip().to_canonical()))
    });
    trusted && told.is_some_and(|method| method == "OPTIONS")
}

/// Through, as nobody.
fn let_through() -> Response {
    let mut response = Response::builder().status(StatusCode::OK).finish();
    for name in IDENTITY_HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(""));
    }
    response
}
