//! The browser that somebody signs up in, which is signed in when their address is proven there.

use super::{
    request::{PageContext, PageRequest, set_cookie},
    sign_in::entered,
};
use crate::{
    access::permission::SessionsCreate,
    account::{self, SIGN_UP_SECONDS, SignUpTicket},
    context::RequestContext,
    extract::Guest,
    kit::{
        error::{Error, Result},
        headers::{SetCookie, cookie},
    },
    session,
    user::Detailed,
};
use cookie::SameSite;
use futures_util::FutureExt;
use poem::Response;

/// A dot, which no name of a tenant has: no other tenant's cookie is called so.
fn cookie_name(request: &PageRequest) -> String {
    request.server.services.urls.cookie_name(&request.tenant) + ".sign-up"
}

fn cookie_of(request: &PageRequest, sealed: &str, lasts: u32) -> String {
    let cookie = SetCookie {
        name: &cookie_name(request),
        value: sealed,
        path: request.base() + "/login",
        lasts,
        // The link is opened from a mail.
        same_site: SameSite::Lax,
        secure: request.server.services.urls.is_secure(),
    };
    cookie.header()
}

fn ticket_of(request: &PageRequest, context: &RequestContext, made: &Detailed) -> SignUpTicket {
    SignUpTicket::new(context, made, request.value("return_to"), request.value("client_id"))
}

/// Has this browser remember who signed up in it, and has yet to prove their address.
pub(super) fn remember(request: &PageRequest, context: &RequestContext, made: &Detailed, response: &mut Response) {
    let sealed = ticket_of(request, context, made).seal(context);
    set_cookie(response, &cookie_of(request, &sealed, SIGN_UP_SECONDS));
}

/// The sign-up that this browser remembers. A mailed link does not say where people go on: the sign-up does.
pub(super) fn recall(request: &mut PageRequest, context: &RequestContext) -> Option<SignUpTicket> {
    let sealed = cookie(request.http.headers(), &cookie_name(request))?;
    let ticket = SignUpTicket::open(context, sealed)?;
    request.complete(&[
        ("return_to", ticket.return_to.as_deref()),
        ("client_id", ticket.client_id.as_deref()),
    ]);
    Some(ticket)
}

/// Signs in who has just made an account whose address is proven.
pub(super) async fn enter_as(
    request: &PageRequest,
    context: &PageContext<'_>,
    guest: &RequestContext,
    made: &Detailed,
) -> Result<Option<Response>> {
    enter(request, context, &ticket_of(request, guest, made)).await
}

/// Signs in who signed up in this browser, now that their address is proven; `None` if they may not, or if somebody
/// is signed in: nobody's session ends because of a link.
pub(super) async fn enter(
    request: &PageRequest,
    context: &PageContext<'_>,
    ticket: &SignUpTicket,
) -> Result<Option<Response>> {
    match begin(request, ticket).boxed().await {
        Ok(Some((cookie, must_change_password))) => {
            let mut response = entered(context, &cookie, must_change_password)?;
            set_cookie(&mut response, &cookie_of(request, "", 0));
            Ok(Some(response))
        }
        Err(error @ Error::Internal(_)) => Err(error),
        // The account is there all the same.
        Ok(None) | Err(_) => Ok(None),
    }
}

/// Begins a session and answers its cookie, and whether they must choose a password first.
async fn begin(request: &PageRequest, ticket: &SignUpTicket) -> Result<Option<(String, bool)>> {
    let guest = Guest::<SessionsCreate>::open(&request.http).await?;
    if guest.who.is_some() {
        return Ok(None);
    }
    let begun = guest.run(async |tx| {
        let (cookie, lasts, detailed) = account::begin_first(tx, &guest, ticket).await?;
        let cookie = session::set_cookie(&guest.services.urls, &guest.tenant, &cookie, lasts);
        Ok(Some((cookie, detailed.user.must_change_password)))
    });
    begun.await
}
