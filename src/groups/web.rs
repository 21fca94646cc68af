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
    let text = text.replacen(web_console::BASE, &format!("<base href=\"{}\">", base(request)), 1);
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
    let accepted = text(header::ACCEPT_ENCODING);
    let takes = |coding: &str| {
        accepted
            .split(',')
            .any(|word| word.split(';').next().unwrap_or(word).trim() == coding)
    };
    let packed = [("br", asset.brotli), ("gzip", asset.gzip)];
    let packed = packed
        .into_iter()
        .find_map(|(coding, bytes)| Some((coding, bytes.filter(|_| takes(coding))?)));
    let bytes = packed.map_or(asset.bytes, |(_, bytes)| bytes);
    let mut response = http::bytes(asset.content_type, cache, bytes);
    let headers = response.headers_mut();
    headers.insert(header::ETAG, HeaderValue::from_static(asset.etag));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Some((coding, _)) = packed {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
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
