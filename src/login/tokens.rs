//! Applications that want tokens of their own for who signs in through a provider, and do not speak `OpenID` Connect:
//! they get a code, and only at an address of theirs.

use super::request::PageRequest;
use crate::{
    account::provider::ForTokens,
    application::{self, kind::Origin},
    context::RequestContext,
    kit::{
        error::{Error, Result},
        secret,
    },
};
use url::Url;

fn refuse<T>(field: &str, rule: &'static str, why: &str) -> Result<T> {
    Err(Error::field(field, rule, why))
}

/// What an application asks for, if one does, and where its code goes: to its home, or to another address that is
/// registered for it.
///
/// # Errors
/// [`Error::Invalid`] with the parameter that is wrong.
pub(super) async fn wanted(request: &PageRequest, guest: &RequestContext) -> Result<Option<(ForTokens, Url)>> {
    let Some(challenge) = request.value("challenge") else {
        return Ok(None);
    };
    // SHA-256 in base64url has the form of a token.
    if !secret::is_token(challenge) {
        return refuse("challenge", "format", "must be SHA-256 in base64url: 43 characters");
    }
    let Some(client_id) = request.value("client_id") else {
        return refuse("client_id", "required", "is required with a challenge");
    };
    let found = guest.read(async |tx| application::find(tx, client_id).await).await?;
    let known = found.filter(|found| !found.is_disabled() && found.origin() != Origin::BuiltIn);
    let Some(application) = known else {
        return refuse("client_id", "value", "is of no application");
    };
    let home = application.spec.home_url.as_deref();
    let base = request.server.services.urls.of(&request.tenant);
    let is_own = |uri: &&str| Some(*uri) == home || application.has_redirect(&base, uri);
    let to = match request.value("return_to") {
        Some(given) => Some(given).filter(is_own),
        None => home,
    };
    let Some(to) = to.and_then(|to| Url::parse(to).ok()) else {
        let why = "must be the home of the application, or one of its redirect URIs";
        return refuse("return_to", "value", why);
    };
    let wanted = ForTokens {
        client_id: client_id.to_owned(),
        challenge: challenge.to_owned(),
    };
    Ok(Some((wanted, to)))
}
