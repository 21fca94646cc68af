//! What somebody is asked who came back from a provider and has no account linked there.

use super::{
    form,
    page::{Field, Page},
    request::{PageContext, PageRequest, go, set_cookie},
    tokens, verify, with,
};
use crate::{
    access::permission::{SessionsCreate, SessionsEnd},
    account::provider::{self, Choice, Settled, Stage},
    context::RequestContext,
    extract::Guest,
    kit::{
        error::{Code, Error, Result},
        headers::{SetCookie, cookie},
        text::{DisplayName, Email, UserName},
    },
    session,
};
use cookie::SameSite;
use poem::Response;

/// Seconds for which it is asked.
pub(super) const SECONDS: u32 = 15 * 60;

fn cookie_name(request: &PageRequest) -> String {
    request.server.services.urls.cookie_name(&request.tenant) + ".identity"
}

pub(super) fn cookie_of(request: &PageRequest, token: &str, lasts: u32) -> String {
    let cookie = SetCookie {
        name: &cookie_name(request),
        value: token,
        path: request.base() + "/login",
        lasts,
        same_site: SameSite::Lax,
        secure: request.server.services.urls.is_secure(),
    };
    cookie.header()
}

/// Where somebody signs in by the account's own means and comes back here.
fn sign_in_link(request: &PageRequest) -> String {
    request.link_with("", &[("return_to", request.link("identity"))])
}

fn sign_up_fields(
    request: &PageRequest,
    context: &PageContext<'_>,
    address: &str,
    name: Option<&DisplayName>,
) -> Vec<Field> {
    let (text, typed) = (context.text(), &request.form);
    let name = name.map(ToString::to_string).unwrap_or_default();
    vec![
        Field::new("email", text.say("email"), "email", "email").fixed(address),
        Field::new("username", text.say("user_name"), "text", "username")
            .hint(text.say("user_name_hint"))
            .optional()
            .typed(typed.text("username")),
        Field::new("display_name", text.say("display_name"), "text", "name")
            .optional()
            .typed(typed.get("display_name").unwrap_or(&name)),
    ]
}

fn page_of(request: &PageRequest, context: &PageContext<'_>, stage: &Stage, shown: &str) -> Page {
    let (text, typed) = (context.text(), &request.form);
    let sign_in = (text.say("identity_sign_in"), sign_in_link(request));
    match stage {
        Stage::Add(account, display) => Page::new(text.say_with("identity_add", shown))
            .lead(text.say_with("signed_in_as", account))
            .lead(text.say_with("identity_as", display))
            .lead(text.say_with("identity_add_lead", shown))
            .form(text.say("identity_add_button"), vec![])
            .or(("other", text.say("identity_other"))),
        Stage::Address(known) => {
            let field = Field::new("email", text.say("email"), "email", "email");
            let field = field.typed(typed.get("email").or(known.as_deref()).unwrap_or_default());
            Page::new(text.say("identity_address"))
                .lead(text.say_with("identity_address_lead", shown))
                .form(text.say("identity_mail"), vec![field])
                .link(sign_in.0, sign_in.1)
        }
        // The reader of this mailbox came by its link: a button, since programs that look at mail follow links.
        Stage::Code(address) if request.token().is_some() => Page::new(text.say("identity_code"))
            .lead(text.say_with("verify_link_lead", address))
            .form(text.say("verify_link_button"), vec![])
            .or(("mail", text.say("new_code_link"))),
        Stage::Code(address) => {
            let field = Field::new("code", text.say("code"), "text", "one-time-code");
            Page::new(text.say("identity_code"))
                .lead(text.say_with("identity_code_lead", address))
                .form(text.say("verify_button"), vec![field.hint(text.say("code_hint"))])
                .or(("mail", text.say("new_code_link")))
                .link(sign_in.0, sign_in.1)
        }
        Stage::Confirm(address) => Page::new(text.say("identity_confirm"))
            .lead(text.say_with("identity_confirm_lead", address))
            .form(text.say("identity_mail"), vec![])
            .link(sign_in.0, sign_in.1),
        Stage::Invited(address) => Page::new(text.say("identity_invited"))
            .lead(text.say_with("identity_invited_lead", address))
            .form(text.say("identity_mail"), vec![])
            .link(sign_in.0, sign_in.1),
        Stage::SignIn => Page::new(text.say("identity_known"))
            .lead(text.say_with("identity_known_lead", shown))
            .link(sign_in.0, sign_in.1),
        Stage::SignUp(address, name) => Page::new(text.say("sign_up"))
            .lead(text.say_with("identity_sign_up_lead", shown))
            .form(
                text.say("sign_up"),
                sign_up_fields(request, context, address, name.as_ref()),
            )
            .link(sign_in.0, sign_in.1),
        Stage::TakeOver(address, may_sign_up) => {
            let page = Page::new(text.say("identity_begun"))
                .lead(text.say_with("identity_begun_lead", address))
                .form(text.say("continue"), vec![]);
            match may_sign_up {
                true => page.or(("new", text.say("identity_new"))),
                false => page,
            }
        }
        Stage::Closed => Page::new(text.say("sign_up_closed"))
            .lead(text.say("sign_up_closed_lead"))
            .link(sign_in.0, sign_in.1),
    }
}

fn token(request: &PageRequest) -> &str {
    cookie(request.http.headers(), &cookie_name(request)).unwrap_or_default()
}

pub(super) async fn show(request: &PageRequest) -> Result<Response> {
    let guest = Guest::<SessionsCreate>::open(&request.http).await?;
    let Some((stage, shown)) = provider::stage(&guest, token(request)).await? else {
        return with::trouble(request, &guest, "", Code::SignInNotBegun.into()).await;
    };
    let context = request.load_context(&guest).await?;
    context.show(&page_of(request, &context, &stage, &shown))
}

pub(super) async fn answer(request: &PageRequest) -> Result<Response> {
    let guest = Guest::<SessionsCreate>::open(&request.http).await?;
    let Some((stage, shown)) = provider::stage(&guest, token(request)).await? else {
        return with::trouble(request, &guest, "", Code::SignInNotBegun.into()).await;
    };
    if let Stage::Add(..) = &stage {
        if request.form.get("other").is_some() {
            return leave(request).await;
        }
        if !provider::is_recent(&guest).await? {
            return with::again(request, "identity");
        }
    }
    match settle(request, &guest, &stage).await {
        Ok(Settled::Next) => go(&request.link("identity")),
        Ok(Settled::Done(came)) => {
            let mut response = with::arrive(request, &guest, came).await?;
            set_cookie(&mut response, &cookie_of(request, "", 0));
            Ok(response)
        }
        Err(error) if is_the_end(error.code()) => with::trouble(request, &guest, &shown, error).await,
        Err(error) => {
            let context = request.load_context(&guest).await?;
            context.refuse(page_of(request, &context, &stage, &shown), error)
        }
    }
}

fn is_the_end(code: Code) -> bool {
    matches!(
        code,
        Code::SignInNotBegun | Code::CredentialsInvalid | Code::EmailUnverified | Code::SignUpClosed
    )
}

async fn settle(request: &PageRequest, guest: &RequestContext, stage: &Stage) -> Result<Settled> {
    let form = &request.form;
    let (email, code, name, shown);
    let choice = match stage {
        Stage::Add(..) => Choice::Add,
        Stage::Address(_) => {
            email = form::parse::<Email>(form, "email", "email")?;
            Choice::Mail(Some(&email), request.options())
        }
        Stage::Code(address) if form.get("mail").is_some() => {
            email = crate::email::parse(address)?;
            Choice::Mail(Some(&email), request.options())
        }
        Stage::Code(_) => {
            code = match request.token() {
                Some(token) => token.to_owned(),
                None => verify::code(request)?,
            };
            Choice::Code(&code)
        }
        Stage::Confirm(_) | Stage::Invited(_) => Choice::Mail(None, request.options()),
        Stage::TakeOver(..) if form.get("new").is_none() => Choice::TakeOver,
        Stage::TakeOver(..) => Choice::SignUp(None, None),
        Stage::SignUp(..) => {
            name = form.get("username").map(str::parse::<UserName>).transpose();
            let name = name.map_err(|why| Error::field("username", "user_name", why));
            shown = form.get("display_name").map(str::parse::<DisplayName>).transpose();
            let shown = shown.map_err(|why| Error::field("display_name", "display_name", why));
            let (name, shown) = form::both(name, shown)?;
            Choice::SignUp(name, shown)
        }
        Stage::SignIn | Stage::Closed => return Err(Code::SignInNotBegun.into()),
    };
    let wanted = tokens::wanted(request, guest).await?;
    let wanted = wanted.as_ref().map(|(wanted, _)| wanted);
    provider::settle(guest, token(request), choice, wanted).await
}

/// Goes on as nobody: whoever is signed in is somebody else.
async fn leave(request: &PageRequest) -> Result<Response> {
    let guest = Guest::<SessionsEnd>::open(&request.http).await?;
    let session = guest.who.as_ref().and_then(|who| who.session);
    guest
        .run(async |tx| session::end_these(tx, session.as_slice()).await)
        .await?;
    let mut response = go(&request.link("identity"))?;
    let cleared = session::set_cookie(&guest.services.urls, &guest.tenant, "", 0);
    set_cookie(&mut response, &cleared);
    Ok(response)
}
