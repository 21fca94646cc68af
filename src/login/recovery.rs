//! Getting back into an account: another password by mail, and an address taken back.

use super::{
    form,
    page::{Field, Page},
    request::{PageContext, PageRequest},
    sign_in::wanted_password,
    verify::{code, code_fields, expired},
};
use crate::{
    access::permission::{PasswordsReset, VerificationsVerify},
    account,
    captcha::Action,
    context::RequestContext,
    extract::Guest,
    kit::{
        error::{Code, Result},
        id::UserId,
        text::Email,
    },
    provider::identity::{self, Linked},
    user::Detailed,
    verification::{self, ChallengeRef, Purpose},
};
use poem::Response;

fn forgot_page(request: &PageRequest, context: &PageContext<'_>) -> Page {
    let text = context.text();
    let email = Field::new("email", text.say("email"), "email", "email").typed(request.form.text("email"));
    Page::new(text.say("forgot"))
        .lead(text.say("forgot_lead"))
        .form(text.say("forgot_button"), vec![email])
        .does(Action::ResetPassword)
        .link(text.say("have_code_link"), context.link("reset"))
        .link(text.say("to_sign_in"), context.link(""))
}

pub(super) async fn show_forgot(request: &PageRequest) -> Result<Response> {
    let guest = Guest::<PasswordsReset>::open(&request.http).await?;
    let context = request.load_context(&guest).await?;
    context.show(&forgot_page(request, &context))
}

/// Answers the same whether there is such an account or not.
pub(super) async fn forgot(request: &PageRequest) -> Result<Response> {
    let guest = Guest::<PasswordsReset>::open(&request.http).await?;
    let context = request.load_context(&guest).await?;
    let asked = match form::parse::<Email>(&request.form, "email", "email") {
        Ok(email) => account::ask_reset(&guest, &request.server, &email, request.options())
            .await
            .map(|_| email),
        Err(error) => Err(error),
    };
    match asked {
        Ok(email) => {
            let text = context.text();
            let lead = text.say_with("forgot_mailed_lead", email.address());
            let page = Page::new(text.say("forgot_mailed")).lead(lead);
            let fields = reset_fields(&context, email.address());
            let page = page.form_to(Some("reset"), text.say("reset_button"), fields);
            context.show(&page.link(text.say("to_sign_in"), context.link("")))
        }
        Err(error) => context.refuse(forgot_page(request, &context), error),
    }
}

fn reset_fields(context: &PageContext<'_>, address: &str) -> Vec<Field> {
    let mut fields = code_fields(context, address);
    fields.push(context.new_password("new_password"));
    fields
}

/// The page of a link to this address, or the one for a code.
fn reset_page(request: &PageRequest, context: &PageContext<'_>, linked: Option<&str>) -> Page {
    let text = context.text();
    let page = Page::new(text.say("reset"));
    let Some(address) = linked else {
        let fields = reset_fields(context, request.form.text("email"));
        let page = page.lead(text.say("reset_lead")).form(text.say("reset_button"), fields);
        return page.link(text.say("new_code_link"), context.link("forgot"));
    };
    // Password managers keep a password for somebody.
    let email = Field::new("email", text.say("email"), "email", "username").fixed(address);
    page.lead(text.say("reset_link_lead")).form(
        text.say("reset_button"),
        vec![email, context.new_password("new_password")],
    )
}

/// The address a link of this purpose was mailed to.
async fn address_of(request: &PageRequest, guest: &RequestContext, purpose: Purpose) -> Result<Option<String>> {
    let Some(token) = request.token() else { return Ok(None) };
    let challenge = guest
        .read(async |tx| verification::of_link(tx, purpose, token).await)
        .await?;
    Ok(challenge.map(|challenge| challenge.address))
}

pub(super) async fn show_reset(request: &PageRequest) -> Result<Response> {
    let guest = Guest::<PasswordsReset>::open(&request.http).await?;
    let context = request.load_context(&guest).await?;
    let linked = address_of(request, &guest, Purpose::ResetPassword).await?;
    if request.token().is_some() && linked.is_none() {
        return expired(&context, &["forgot", "reset"]);
    }
    context.show(&reset_page(request, &context, linked.as_deref()))
}

pub(super) async fn reset(request: &PageRequest) -> Result<Response> {
    let guest = Guest::<PasswordsReset>::open(&request.http).await?;
    let context = request.load_context(&guest).await?;
    let linked = address_of(request, &guest, Purpose::ResetPassword).await?;
    if request.token().is_some() && linked.is_none() {
        return expired(&context, &["forgot", "reset"]);
    }
    match choose(request, &guest).await {
        Ok(user) => {
            let text = context.text();
            let mut page = Page::new(text.say("reset_done")).lead(text.say("reset_done_lead"));
            let others = others(&guest, user.user.id).await?;
            if !others.is_empty() {
                page = page.lead(text.say("reset_others")).list(others);
            }
            context.show(&page.link(text.say("to_sign_in"), context.link("")))
        }
        Err(error) => context.refuse(reset_page(request, &context, linked.as_deref()), error),
    }
}

/// What else somebody signs in by: whoever was in the account before may have added one to come back by.
async fn others(guest: &RequestContext, user: UserId) -> Result<Vec<String>> {
    let linked = guest.read(async |tx| identity::list(tx, user).await).await?;
    let shown = |linked: Linked| format!("{}: {}", linked.provider.spec.display_name, linked.identity.display);
    Ok(linked.into_iter().map(shown).collect())
}

async fn choose(request: &PageRequest, guest: &RequestContext) -> Result<Detailed> {
    let new = wanted_password(request, "new_password");
    let Some(token) = request.token() else {
        let email = form::parse::<Email>(&request.form, "email", "email");
        let ((email, code), new) = form::both(form::both(email, code(request)), new)?;
        let which = ChallengeRef::Address(Purpose::ResetPassword, email);
        return account::reset(guest, &request.server, which, &code, ("new_password", &new)).await;
    };
    account::reset(
        guest,
        &request.server,
        ChallengeRef::Link(Purpose::ResetPassword),
        token,
        ("new_password", &new?),
    )
    .await
}

/// Where the link of a mail leads that only shows how a template looks.
pub(super) async fn show_test(request: &PageRequest) -> Result<Response> {
    let guest = Guest::<VerificationsVerify>::open(&request.http).await?;
    let context = request.load_context(&guest).await?;
    let text = context.text();
    context.show(&Page::new(text.say("test")).lead(text.say("test_lead")))
}

pub(super) async fn show_undo(request: &PageRequest) -> Result<Response> {
    let guest = Guest::<VerificationsVerify>::open(&request.http).await?;
    let context = request.load_context(&guest).await?;
    let Some(address) = address_of(request, &guest, Purpose::UndoEmail).await? else {
        return expired(&context, &["forgot"]);
    };
    let text = context.text();
    let page = Page::new(text.say("undo")).lead(text.say_with("undo_lead", &address));
    context.show(&page.form(text.say("undo_button"), vec![]))
}

pub(super) async fn undo(request: &PageRequest) -> Result<Response> {
    let guest = Guest::<VerificationsVerify>::open(&request.http).await?;
    let context = request.load_context(&guest).await?;
    let text = context.text();
    match account::undo(&guest, request.token().unwrap_or_default()).await {
        Ok(()) => {
            let page = Page::new(text.say("undo_done")).lead(text.say("undo_done_lead"));
            context.show(&page.link(text.say("to_sign_in"), context.link("")))
        }
        Err(error) if error.code() == Code::CodeInvalid => expired(&context, &["forgot"]),
        Err(error) => context.refuse(Page::new(text.say("undo")), error),
    }
}
