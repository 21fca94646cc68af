//! The web console: files that are embedded in the binary.

use crate::{
    app,
    kit::{
        error::{Code, Result},
        http,
    },
    tenant::Tenant,
};
use poem::{
    IntoResponse, Request, Response, Route,
    endpoint::make_sync,
    get,
    http::{HeaderValue, StatusCode, header},
};
use web_console::Asset;

/// Scripts only from files of this origin. Mantine sets styles on elements, which is why style is
/// not as strict; a kept message is shown in a sandboxed frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-src 'self'; \
                      frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

pub(super) fn routes() -> Route {
    Route::new()
        .at("/", get(make_sync(|request| page_or_redirect(&request))))
        .at(
            "/*path",
            get(make_sync(|request| file(&request).map_err(poem::Error::from))),
        )
}

/// Relative links of the page need the slash, which routing has taken off.
fn page_or_redirect(request: &Request) -> Response {
    if request.original_uri().path().ends_with('/') {
        page(request)
    } else {
        poem::web::Redirect::see_other(base(request)).into_response()
    }
}

fn base(request: &Request) -> String {
    request.data::<Tenant>().map(app::tenant_path).unwrap_or_default() + "/console/"
}

fn file(request: &Request) -> Result<Response> {
    let path = request.raw_path_param("path").unwrap_or_default();
    match web_console::find(path) {
        Some(asset) if path != "index.html" => Ok(serve(request, asset)),
        // A file that is missing must not be a page with status 200.
        None if path.starts_with("assets/") => Err(Code::NotFound.into()),
        // Every other address is one of the application's.
        _ => Ok(page(request)),
    }
}

/// The one page, told where it lives.
fn page(request: &Request) -> Response {
    let text = String::from_utf8_lossy(web_console::index().bytes);
    let text = text.replacen(
        "<base href=\"/console/\"",
        &format!("<base href=\"{}\"", base(request)),
        1,
    );
    let mut response = http::bytes("text/html; charset=utf-8", "no-cache", text);
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

fn serve(request: &Request, asset: &'static Asset) -> Response {
    let text = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let cache = if asset.immutable {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let takes_brotli = text(header::ACCEPT_ENCODING)
        .split(',')
        .any(|coding| coding.trim() == "br");
    let brotli = asset.brotli.filter(|_| takes_brotli);
    let mut response = http::bytes(asset.content_type, cache, brotli.unwrap_or(asset.bytes));
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_static(asset.etag));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if brotli.is_some() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    if text(header::IF_NONE_MATCH)
        .split(',')
        .any(|tag| tag.trim() == asset.etag)
    {
        response.set_status(StatusCode::NOT_MODIFIED);
        response.take_body();
    }
    response
}
