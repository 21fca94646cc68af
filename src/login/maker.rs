//! Signing in through one of four makers at addresses that their clients know: `/api/auth/google`,
//! `/api/auth/github`, `/api/auth/microsoft` and `/api/auth/facebook`.

use super::{
    request::{PageRequest, go},
    with::{self, Way},
};
use crate::{
    context::RequestContext,
    kit::{
        error::{Code, Result},
        headers,
    },
    provider::{self, kind::Kind},
};
use poem::{Request, Response};

/// The sign-in of this maker's, whose errors are pages only in a browser.
async fn open(request: &Request, guest: &RequestContext, maker: Kind) -> Result<(PageRequest, Way)> {
    let mut page = PageRequest::again(request)?;
    page.pages = headers::text(request.headers(), "accept").is_some_and(|accept| accept.contains("text/html"));
    let name = guest.read(async |tx| provider::of_maker(tx, maker).await).await?;
    let way = Way::of_maker(maker, name.unwrap_or_default());
    page.path = format!("with/{}", way.name);
    Ok((page, way))
}

/// Sends somebody to the maker.
pub(crate) async fn begin(request: &Request, guest: &RequestContext, maker: Kind) -> Result<Response> {
    let (page, way) = open(request, guest, maker).await?;
    // Its form is on the page of the provider.
    if page.value("purpose") == Some("link") {
        return go(&with::linking(&page, &page.path));
    }
    with::show_by(&page, guest, &way).await
}

/// Takes what they bring back.
pub(crate) async fn come_back(request: &Request, guest: &RequestContext, maker: Kind) -> Result<Response> {
    let (mut page, way) = open(request, guest, maker).await?;
    match way.name.is_empty() {
        true => with::trouble(&page, guest, &way.name, Code::ProviderNotFound.into()).await,
        false => with::callback_by(&mut page, guest, &way).await,
    }
}
