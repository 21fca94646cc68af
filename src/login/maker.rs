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
use sea_orm::ActiveEnum;

/// The sign-in of this maker's, whose errors are pages only in a browser; no way if it has no provider here.
async fn open(request: &Request, guest: &RequestContext, maker: Kind) -> Result<(PageRequest, Option<Way>)> {
    let mut page = PageRequest::again(request)?;
    page.pages = headers::text(request.headers(), "accept").is_some_and(|accept| accept.contains("text/html"));
    let name = guest.read(async |tx| provider::of_maker(tx, maker).await).await?;
    let Some(name) = name else { return Ok((page, None)) };
    page.path = format!("with/{name}");
    Ok((page, Some(Way::of_maker(maker, name))))
}

async fn nowhere(page: &PageRequest, guest: &RequestContext, maker: Kind) -> Result<Response> {
    with::trouble(page, guest, &maker.to_value(), Code::ProviderNotFound.into()).await
}

/// Sends somebody to the maker.
pub(crate) async fn begin(request: &Request, guest: &RequestContext, maker: Kind) -> Result<Response> {
    let (page, way) = open(request, guest, maker).await?;
    match way {
        None => nowhere(&page, guest, maker).await,
        // Its form is on the page of the provider.
        Some(_) if page.value("purpose") == Some("link") => go(&with::linking(&page, &page.path)),
        Some(way) => with::show_by(&page, guest, &way).await,
    }
}

/// Takes what they bring back.
pub(crate) async fn come_back(request: &Request, guest: &RequestContext, maker: Kind) -> Result<Response> {
    let (mut page, way) = open(request, guest, maker).await?;
    match way {
        None => nowhere(&page, guest, maker).await,
        Some(way) => with::callback_by(&mut page, guest, &way).await,
    }
}
