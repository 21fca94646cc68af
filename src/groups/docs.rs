//! The documentation as a site.

use crate::{
    kit::error::{Code, Result},
    ready::{ONE_HOUR, Ready},
};
use poem::{
    Request, Response,
    http::{HeaderValue, header},
};
use tenantry_docs::FILES;

/// One script, one stylesheet, and the texts that the script looks through. The mark of a page is in the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The page or file that the request is for.
pub(super) async fn file(request: &Request) -> Result<Response> {
    let path = request.raw_path_param("path").unwrap_or_default();
    let path = match path.is_empty() || path.ends_with('/') {
        true => format!("{path}index.html"),
        false => path.to_owned(),
    };
    let asset = FILES.find(&path).ok_or(Code::NotFound)?;
    let mut response = Ready::of_asset(asset, ONE_HOUR).answer(request.headers()).await?;
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}
