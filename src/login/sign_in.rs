//! Signing in, choosing a password of one's own, signing out.

use super::{
    form,
    page::{Field, Page},
    visit::{PageContext, PageRequest, go, set_cookie},
};
use crate::{
    access::permission::{SessionsCreate, SessionsEnd, UsersPasswordUpdate},
    account,
    captcha::Action,
    context::RequestContext,
    extract::{Guest, Own},
    kit::{
        error::{Code, Error, Result},
        text::{GivenPassword, NewPassword},
    },
    session,
};
use poem::Response;

fn form_page(visit: &PageRequest, stage: &PageContext<'_>) -> Page {
    let text = stage.text();
    let login = Field::new("username", text.say("login"), "text", "username").typed(visit.form.text("username"));
    let password = Field::new("password", text.say("password"), "password", "current-password");
    Page::new(text.say("sign_in"))
        .form(text.say("sign_in"), vec![login, password])
        .does(Action::SignIn)
        .link(text.say("forgot_link"), stage.link("forgot"))
        .link(text.say("sign_up_link"), stage.link("sign-up"))
}

pub(super) async fn show(visit: &PageRequest) -> Result<Response> {
    let guest = Guest::<SessionsCreate>::open(&visit.request).await?;
    let stage = visit.enter(&guest).await?;
    let text = stage.text();
    match &guest.who {
        None => stage.show(&form_page(visit, &stage)),
        Some(who) if who.must_change_password => go(&stage.link("password")),
        Some(who) => {
            let page = Page::new(text.say("signed_in")).lead(text.tell("signed_in_as", &who.name));
            let page = page.link(text.say("continue"), stage.target());
            stage.show(&page.link(text.say("sign_out"), stage.link("sign-out")))
        }
    }
}

pub(super) async fn sign_in(visit: &PageRequest) -> Result<Response> {
    let guest = Guest::<SessionsCreate>::open(&visit.request).await?;
    let stage = visit.enter(&guest).await?;
    match begin(visit, &guest).await {
        Ok((cookie, must_change_password)) => {
            let to = match must_change_password {
                true => stage.link("password"),
                false => stage.target(),
            };
            let mut response = go(&to)?;
            set_cookie(&mut response, &cookie);
            Ok(response)
        }
        Err(error) => stage.refuse(form_page(visit, &stage), error),
    }
}

/// Begins a session and answers its cookie, and whether they must choose a password first.
async fn begin(visit: &PageRequest, guest: &RequestContext) -> Result<(String, bool)> {
    let login = match visit.form.text("username").trim() {
        "" => Err(Error::field("username", "required", "is required")),
        login if login.len() > 254 => Err(Error::field("username", "too_long", "must have at most 254 characters")),
        login => Ok(login),
    };
    let password = form::parse::<GivenPassword>(&visit.form, "password", "too_long");
    let (login, password) = form::both(login, password)?;
    let proven = account::check_password(guest, &visit.server, login, &password).await?;
    guest
        .run(async |tx| {
            let (cookie, lasts, detailed) = account::begin_browser(tx, guest, &proven).await?;
            let cookie = session::set_cookie(guest, &cookie, lasts);
            Ok((cookie, detailed.user.must_change_password))
        })
        .await
}

/// The context of somebody who is signed in; `None` for who is not.
async fn signed_in(visit: &PageRequest) -> Result<Option<Own<UsersPasswordUpdate>>> {
    match Own::open(&visit.request).await {
        Ok(caller) => Ok(Some(caller)),
        Err(error) if error.code() == Code::Unauthenticated => Ok(None),
        Err(error) => Err(error),
    }
}

fn password_page(caller: &Own<UsersPasswordUpdate>, stage: &PageContext<'_>) -> Page {
    let text = stage.text();
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
        new_password(stage),
    ];
    Page::new(text.say("password_title"))
        .lead(text.say(lead))
        .form(text.say("reset_button"), fields)
}

/// The field for a password somebody wants from now on.
pub(super) fn new_password(stage: &PageContext<'_>) -> Field {
    let text = stage.text();
    let field = Field::new("new_password", text.say("new_password"), "password", "new-password");
    field.hint(text.say("new_password_hint"))
}

/// A password somebody wants from now on, as it was sent in this field. What the tenant asks of it
/// is checked where it is set.
pub(super) fn wanted_password(visit: &PageRequest, field: &'static str) -> Result<NewPassword> {
    form::parse(&visit.form, field, "too_long")
}

pub(super) async fn show_password(visit: &PageRequest) -> Result<Response> {
    let Some(caller) = signed_in(visit).await? else {
        return go(&visit.link(""));
    };
    let stage = visit.enter(&caller).await?;
    stage.show(&password_page(&caller, &stage))
}

pub(super) async fn change_password(visit: &PageRequest) -> Result<Response> {
    let Some(caller) = signed_in(visit).await? else {
        return go(&visit.link(""));
    };
    let stage = visit.enter(&caller).await?;
    let current = form::parse::<GivenPassword>(&visit.form, "current_password", "too_long");
    let new = wanted_password(visit, "new_password");
    let done = match form::both(current, new) {
        Ok((current, new)) => account::change_password(&caller, &visit.server, &current, ("new_password", &new)).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => go(&stage.target()),
        Err(error) => stage.refuse(password_page(&caller, &stage), error),
    }
}

fn signed_out(stage: &PageContext<'_>) -> Page {
    let text = stage.text();
    Page::new(text.say("signed_out"))
        .lead(text.say("signed_out_lead"))
        .link(text.say("to_sign_in"), stage.link(""))
}

pub(super) async fn show_sign_out(visit: &PageRequest) -> Result<Response> {
    let guest = Guest::<SessionsEnd>::open(&visit.request).await?;
    let stage = visit.enter(&guest).await?;
    let text = stage.text();
    let Some(who) = &guest.who else {
        return stage.show(&signed_out(&stage));
    };
    let page = Page::new(text.say("sign_out")).lead(text.tell("sign_out_lead", &who.name));
    stage.show(&page.form(text.say("sign_out"), vec![]))
}

pub(super) async fn sign_out(visit: &PageRequest) -> Result<Response> {
    let guest = Guest::<SessionsEnd>::open(&visit.request).await?;
    let stage = visit.enter(&guest).await?;
    let session = guest.who.as_ref().and_then(|who| who.session);
    guest
        .run(async |tx| session::end_these(tx, session.as_slice()).await)
        .await?;
    let mut response = stage.show(&signed_out(&stage))?;
    set_cookie(&mut response, &session::set_cookie(&guest, "", 0));
    Ok(response)
}
