//! The web console: files that are embedded in the binary.

use super::ready::Ready;
use crate::{
    kit::{
        error::{Code, Result},
        http,
    },
    tenant::Tenant,
};
use bytes::Bytes;
use poem::{
    Request, Response, Route,
    endpoint::make_sync,
    get,
    http::{HeaderValue, header},
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
    let coded = [("br", asset.brotli), ("gzip", asset.gzip)].into_iter();
    let ready = Ready {
        content_type: asset.content_type,
        cache,
        tag: asset.etag.to_owned(),
        plain: Bytes::from_static(asset.bytes),
        coded: coded
            .filter_map(|(coding, bytes)| Some((coding, Bytes::from_static(bytes?))))
            .collect(),
    };
    ready.answer(request.headers())
}
