//! The web console: files that are embedded in the binary.

use crate::{
    kit::{
        error::{Code, Result},
        headers::{self, Tie},
        http,
    },
    tenant::Tenant,
};
use poem::{
    Request, Response, Route,
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
    Route::new().at(
        "/*path",
        get(make_sync(|request| file(&request).map_err(poem::Error::from))),
    )
}

fn base(request: &Request) -> String {
    request.data::<Tenant>().map(Tenant::path).unwrap_or_default() + "/console/"
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
    let text = text.replacen(web_console::BASE, &format!("<base href=\"{}\">", base(request)), 1);
    let mut response = http::bytes("text/html; charset=utf-8", "no-cache", text);
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

fn serve(request: &Request, asset: &'static Asset) -> Response {
    let cache = if asset.immutable {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let offers = [
        ("br", asset.brotli),
        ("gzip", asset.gzip),
        ("identity", Some(asset.bytes)),
    ];
    let offers = offers.into_iter();
    let offers: Vec<_> = offers
        .filter_map(|(coding, bytes)| Some((coding, (coding, bytes?))))
        .collect();
    let accepted = headers::list(request.headers(), header::ACCEPT_ENCODING);
    let (coding, bytes) = headers::negotiate(&accepted, &offers, Tie::Server).unwrap_or(("identity", asset.bytes));
    let mut response = http::bytes(asset.content_type, cache, bytes);
    let answer = response.headers_mut();
    answer.insert(header::ETAG, HeaderValue::from_static(asset.etag));
    answer.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if coding != "identity" {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    if headers::if_none_match(request.headers(), asset.etag) {
        response.set_status(StatusCode::NOT_MODIFIED);
        response.take_body();
    }
    response
}
