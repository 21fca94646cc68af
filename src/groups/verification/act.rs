//! What the operations of the verification group do, in the words of the rules.

use super::Status;
use crate::{
    access::permission::UsersEmailUpdate,
    account::{self, CodeFor, SignUp, SignUpMode},
    captcha::{Captcha, ProviderName},
    context::RequestContext,
    kit::{
        error::{Code, Result},
        headers,
        text::Email,
    },
    message::MailOptions,
    password,
    server::Server,
    setting::{self, Branding},
    verification::{ChallengeRef, Purpose},
};
use poem::Request;
use zeroize::Zeroizing;

/// Characters of a generated password, as clients of this group show it.
const GENERATED: usize = 12;

/// Refuses a request that nobody meant to send. A GET that does something is also sent by browsers
/// that load pages ahead, and by any page that shows it as a picture; and with the cookie of a
/// signed-in user, by other sites.
///
/// # Errors
/// [`Code::CrossSite`].
pub(super) fn check_intended(guest: &RequestContext, request: &Request) -> Result<()> {
    let header = |name| headers::text(request.headers(), name);
    let ahead = ["sec-purpose", "purpose", "x-moz"]
        .iter()
        .filter_map(|name| header(*name));
    let is_ahead = ahead.into_iter().any(|purpose| purpose.contains("prefetch"));
    // A browser says how it came to send it; other programs do not.
    let is_asked = header("sec-fetch-mode").is_none_or(|mode| matches!(mode, "cors" | "same-origin"));
    // Whatever else it brings: a browser sends what it knows for a proxy before the server by itself as well.
    let ours = guest.services.urls.cookie_name(&guest.tenant);
    let by_cookie = guest.who.is_some() && headers::cookie(request.headers(), &ours).is_some();
    let is_stray = by_cookie && !headers::is_same_site(request.headers(), &guest.services.urls.origin(&guest.tenant));
    if is_ahead || !is_asked || is_stray {
        return Err(Code::CrossSite.into());
    }
    Ok(())
}

/// Mails a code: to a signed-in user, to a user who has yet to prove their address, or to a person
/// who signs up.
pub(super) async fn send(guest: &RequestContext, server: &Server, email: &Email) -> Result<()> {
    let options = MailOptions::of(&guest.peer);
    if guest.who.is_none() {
        return account::send_code(guest, server, CodeFor::Either, email, options)
            .await
            .map(drop);
    }
    let me = guest.require_own::<UsersEmailUpdate>().await?.person()?;
    let asked = guest.run(async |tx| account::address::request_proof(tx, guest, me, email, options).await);
    asked.await.map(drop)
}

/// Gives the account a random password, and answers it.
pub(super) async fn reset(
    guest: &RequestContext,
    server: &Server,
    email: &Email,
    token: &str,
) -> Result<Zeroizing<String>> {
    let which = ChallengeRef::Address(Purpose::ResetPassword, email.clone());
    let made = password::generate::<GENERATED>();
    account::reset_to(guest, server, which, token, &made).await?;
    Ok(Zeroizing::new(made.expose().to_owned()))
}

pub(super) async fn status(guest: &RequestContext) -> Result<Status> {
    let (sign_up, branding, captcha) = guest
        .run(async |tx| setting::read_several::<(SignUp, Branding, Captcha)>(tx).await)
        .await?;
    let brand = branding.of(&guest.tenant, None);
    let asks_for_mail = captcha.required.send_code || captcha.required.reset_password;
    Ok(Status {
        version: String::new(),
        system_name: brand.name,
        logo: (brand.logo_url.as_deref()).map_or_else(String::new, |logo| setting::address(&guest.tenant_url(), logo)),
        server_address: guest.tenant_url(),
        email_verification: sign_up.verify_before_sign_in,
        register_enabled: sign_up.mode == SignUpMode::Open,
        password_login: true,
        turnstile_check: captcha.provider == ProviderName::Turnstile && asks_for_mail,
        captcha_provider: captcha.provider,
        turnstile_site_key: captcha.site_key,
    })
}
