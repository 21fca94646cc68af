//! The web console: files that are embedded in the binary, and how people sign in to it.

mod entry;

use crate::{
    access::permission::AuthorizationsCreate,
    application::{self, CONSOLE},
    extract::Protocol,
    kit::{
        db::Tx,
        error::{Code, Result},
        http,
    },
    login::{self, Notice},
    ready::Ready,
    tenant::Tenant,
};
use poem::{
    Request, Response, Route,
    endpoint::make,
    get,
    http::{HeaderValue, header},
};

/// Scripts only from files of this origin. Mantine sets styles on elements, which is why style is
/// not as strict; a kept message is shown in a sandboxed frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; frame-src 'self'; \
                      frame-ancestors 'none'; base-uri 'self'; form-action 'self'";

/// For files whose names change with their content.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

pub(super) fn routes() -> Route {
    let answer = |request: Request| async move { file(&request).await.map_err(poem::Error::from) };
    let begin = |request: Request| async move { entry::begin(&request).await.map_err(poem::Error::from) };
    let finish = |request: Request| async move { entry::finish(&request).await.map_err(poem::Error::from) };
    Route::new()
        .at("/sign-in", get(make(begin)))
        .at("/sign-in/callback", get(make(finish)))
        .at("/*path", get(make(answer)))
}

fn base(request: &Request) -> String {
    request.data::<Tenant>().map(Tenant::path).unwrap_or_default() + "/console/"
}

async fn file(request: &Request) -> Result<Response> {
    let path = request.raw_path_param("path").unwrap_or_default();
    let is_kept = path.starts_with("assets/");
    match web_console::FILES.find(path) {
        Some(asset) => {
            let cache = if is_kept { FOR_EVER } else { "no-cache" };
            Ready::of_asset(asset, cache).answer(request.headers()).await
        }
        // A file that is missing must not be a page with status 200.
        None if is_kept => Err(Code::NotFound.into()),
        // Every other address is one of the application's.
        None => page(request).await,
    }
}

/// The one page, told where it lives; none where the console is disabled.
async fn page(request: &Request) -> Result<Response> {
    let context = Protocol::<AuthorizationsCreate>::open(request).await?;
    let find = async |tx: &Tx| application::find(tx, CONSOLE).await;
    let console = context.read(find).await?;
    if console.is_none_or(|console| console.is_disabled()) {
        return login::notice(request, Notice::ConsoleDisabled);
    }
    let text = web_console::PAGE.replacen(web_console::BASE, &format!("<base href=\"{}\">", base(request)), 1);
    let mut response = http::bytes("text/html; charset=utf-8", "no-cache", text);
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}
