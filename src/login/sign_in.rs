//! Signing in, choosing a password of one's own, signing out.

use super::{
    form, mark,
    page::{Field, Link, Page},
    request::{PageContext, PageRequest, go, set_cookie},
    verify, with,
};
use crate::{
    access::permission::{SessionsCreate, SessionsEnd, UsersPasswordUpdate},
    account, application,
    captcha::Action,
    context::RequestContext,
    extract::{Guest, Own},
    kit::{
        error::{Code, Error, Result},
        text::{GivenPassword, NewPassword},
    },
    provider::Open,
    session,
};
use poem::Response;

fn form_page(request: &PageRequest, context: &PageContext<'_>) -> Page {
    let text = context.text();
    let typed = request.form.get("username").or_else(|| request.value("login_hint"));
    let login = Field::new("username", text.say("login"), "text", "username").typed(typed.unwrap_or_default());
    let password = Field::new("password", text.say("password"), "password", "current-password");
    let page = Page::new(text.say("sign_in")).form(text.say("sign_in"), vec![login, password]);
    let last = with::last(request);
    let to = |open: &Open| {
        let words = match last == Some(&open.name) {
            true => text.say_with("with_again", &open.display_name),
            false => text.say_with("with", &open.display_name),
        };
        let to = context.link(&format!("with/{}", open.name));
        Link::new(words, to).marked(mark::of(open.kind))
    };
    let ways = context.providers.iter().map(to);
    ways.fold(page, Page::way)
        .does(Action::SignIn)
        .link(text.say("forgot_link"), context.link("forgot"))
        .link(text.say("sign_up_link"), context.link("sign-up"))
}

pub(super) async fn show(request: &PageRequest) -> Result<Response> {
    let guest = Guest::<SessionsCreate>::open(&request.http).await?;
    let context = request.load_context(&guest).await?;
    let text = context.text();
    match &guest.who {
        None => context.show(&form_page(request, &context)),
        Some(_) if request.is_again() => context.show(&form_page(request, &context)),
        Some(who) if who.must_change_password => go(&context.link("password")),
        Some(who) => {
            let page = Page::new(text.say("signed_in")).lead(text.say_with("signed_in_as", &who.name));
            let page = page.link(text.say("continue"), context.target());
            context.show(&page.link(text.say("sign_out"), context.link("sign-out")))
        }
    }
}

pub(super) async fn sign_in(request: &PageRequest) -> Result<Response> {
    let guest = Guest::<SessionsCreate>::open(&request.http).await?;
    let context = request.load_context(&guest).await?;
    match begin(request, &guest).await {
        Ok((cookie, must_change_password)) => entered(&context, &cookie, must_change_password),
        // The code is in the mail: the page to enter it comes next.
        Err(error) if error.code() == Code::EmailUnverified => verify::to_prove(request, &context),
        Err(error) => context.refuse(form_page(request, &context), error),
    }
}

/// Sends somebody on who is signed in by this cookie from now on.
pub(super) fn entered(context: &PageContext<'_>, cookie: &str, must_change_password: bool) -> Result<Response> {
    let to = match must_change_password {
        true => context.link("password"),
        false => context.target(),
    };
    let mut response = go(&to)?;
    set_cookie(&mut response, cookie);
    Ok(response)
}

/// Begins a session and answers its cookie, and whether they must choose a password first.
async fn begin(request: &PageRequest, guest: &RequestContext) -> Result<(String, bool)> {
    let login = match request.form.text("username").trim() {
        "" => Err(Error::field("username", "required", "is required")),
        login if login.len() > 254 => Err(Error::field("username", "too_long", "must have at most 254 characters")),
        login => Ok(login),
    };
    let password = form::parse::<GivenPassword>(&request.form, "password", "too_long");
    let (login, password) = form::both(login, password)?;
    let proven = account::check_password(guest, &request.server, login, &password).await?;
    guest
        .run(async |tx| {
            let (cookie, lasts, detailed) = account::begin_browser(tx, guest, &proven).await?;
            let cookie = session::set_cookie(&guest.services.urls, &guest.tenant, &cookie, lasts);
            Ok((cookie, detailed.user.must_change_password))
        })
        .await
}

/// The context of a signed-in user; `None` for an anonymous caller.
async fn signed_in(request: &PageRequest) -> Result<Option<Own<UsersPasswordUpdate>>> {
    match Own::open(&request.http).await {
        Ok(caller) => Ok(Some(caller)),
        Err(error) if error.code() == Code::Unauthenticated => Ok(None),
        Err(error) => Err(error),
    }
}

fn password_page(caller: &Own<UsersPasswordUpdate>, context: &PageContext<'_>) -> Page {
    let text = context.text();
    let lead = match caller.me.must_change_password {
        true => "password_must_lead",
        false => "password_lead",
    };
    let fields = vec![
        // Password managers keep a password for somebody.
        Field::new("username", text.say("user_name"), "text", "username").fixed(&caller.me.name),
        Field::new(
            "current_password",
            text.say("current_password"),
            "password",
            "current-password",
        ),
        context.new_password("new_password"),
    ];
    Page::new(text.say("password_title"))
        .lead(text.say(lead))
        .form(text.say("reset_button"), fields)
}

/// A password somebody wants from now on, as it was sent in this field. What the tenant asks of it
/// is checked where it is set.
pub(super) fn wanted_password(request: &PageRequest, field: &'static str) -> Result<NewPassword> {
    form::parse(&request.form, field, "too_long")
}

pub(super) async fn show_password(request: &PageRequest) -> Result<Response> {
    let Some(caller) = signed_in(request).await? else {
        return go(&request.link(""));
    };
    let context = request.load_context(&caller).await?;
    context.show(&password_page(&caller, &context))
}

pub(super) async fn change_password(request: &PageRequest) -> Result<Response> {
    let Some(caller) = signed_in(request).await? else {
        return go(&request.link(""));
    };
    let context = request.load_context(&caller).await?;
    let current = form::parse::<GivenPassword>(&request.form, "current_password", "too_long");
    let new = wanted_password(request, "new_password");
    let done = match form::both(current, new) {
        Ok((current, new)) => {
            account::change_password(&caller, &request.server, &current, ("new_password", &new)).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => go(&context.target()),
        Err(error) => context.refuse(password_page(&caller, &context), error),
    }
}

/// The page of somebody who signed out, from which a link leads back to the application that sent them to.
fn signed_out(context: &PageContext<'_>, back: Option<String>) -> Page {
    let text = context.text();
    let page = Page::new(text.say("signed_out")).lead(text.say("signed_out_lead"));
    match back {
        Some(back) => page.link(text.say("back_to_application"), back),
        None => page.link(text.say("to_sign_in"), context.link("")),
    }
}

/// Where the application is that sent somebody to sign out: at an address of its own alone, as anybody could name it.
async fn way_back(request: &PageRequest, guest: &Guest<SessionsEnd>) -> Result<Option<String>> {
    let named = request
        .value("client_id")
        .zip(request.value("post_logout_redirect_uri"));
    let Some((client_id, uri)) = named else { return Ok(None) };
    let application = guest.read(async |tx| application::find(tx, client_id).await).await?;
    let has = application.is_some_and(|application| application.has_post_logout_redirect(uri));
    Ok(has.then(|| application::uri::with_state(uri, request.value("state"))))
}

pub(super) async fn show_sign_out(request: &PageRequest) -> Result<Response> {
    let guest = Guest::<SessionsEnd>::open(&request.http).await?;
    let context = request.load_context(&guest).await?;
    let text = context.text();
    let Some(who) = &guest.who else {
        return context.show(&signed_out(&context, way_back(request, &guest).await?));
    };
    let page = Page::new(text.say("sign_out")).lead(text.say_with("sign_out_lead", &who.name));
    context.show(&page.form(text.say("sign_out"), vec![]))
}

pub(super) async fn sign_out(request: &PageRequest) -> Result<Response> {
    let guest = Guest::<SessionsEnd>::open(&request.http).await?;
    let context = request.load_context(&guest).await?;
    let session = guest.who.as_ref().and_then(|who| who.session);
    guest
        .run(async |tx| session::end_these(tx, session.as_slice()).await)
        .await?;
    let mut response = context.show(&signed_out(&context, way_back(request, &guest).await?))?;
    let cleared = session::set_cookie(&guest.services.urls, &guest.tenant, "", 0);
    set_cookie(&mut response, &cleared);
    Ok(response)
}
