//! Getting back into an account: another password by mail, and an address taken back.

use super::{
    form,
    page::{Field, Page},
    sign_in::{new_password, wanted_password},
    verify::{code, code_fields, expired},
    visit::{PageContext, PageRequest},
};
use crate::{
    access::permission::{PasswordsReset, VerificationsVerify},
    account,
    captcha::Action,
    context::RequestContext,
    extract::Guest,
    kit::{
        error::{Code, Result},
        text::Email,
    },
    user::Detailed,
    verification::{self, ChallengeRef, Purpose},
};
use poem::Response;

fn forgot_page(visit: &PageRequest, stage: &PageContext<'_>) -> Page {
    let text = stage.text();
    let email = Field::new("email", text.say("email"), "email", "email").typed(visit.form.text("email"));
    Page::new(text.say("forgot"))
        .lead(text.say("forgot_lead"))
        .form(text.say("forgot_button"), vec![email])
        .does(Action::ResetPassword)
        .link(text.say("have_code_link"), stage.link("reset"))
        .link(text.say("to_sign_in"), stage.link(""))
}

pub(super) async fn show_forgot(visit: &PageRequest) -> Result<Response> {
    let guest = Guest::<PasswordsReset>::open(&visit.request).await?;
    let stage = visit.enter(&guest).await?;
    stage.show(&forgot_page(visit, &stage))
}

/// Answers the same whether there is such an account or not.
pub(super) async fn forgot(visit: &PageRequest) -> Result<Response> {
    let guest = Guest::<PasswordsReset>::open(&visit.request).await?;
    let stage = visit.enter(&guest).await?;
    let asked = match form::parse::<Email>(&visit.form, "email", "email") {
        Ok(email) => account::ask_reset(&guest, &visit.server, &email, visit.options())
            .await
            .map(|_| email),
        Err(error) => Err(error),
    };
    match asked {
        Ok(email) => {
            let text = stage.text();
            let lead = text.tell("forgot_mailed_lead", email.address());
            let page = Page::new(text.say("forgot_mailed")).lead(lead);
            let fields = reset_fields(&stage, email.address());
            let page = page.form_to(Some("reset"), text.say("reset_button"), fields);
            stage.show(&page.link(text.say("to_sign_in"), stage.link("")))
        }
        Err(error) => stage.refuse(forgot_page(visit, &stage), error),
    }
}

fn reset_fields(stage: &PageContext<'_>, address: &str) -> Vec<Field> {
    let mut fields = code_fields(stage, address);
    fields.push(new_password(stage));
    fields
}

/// The page of a link to this address, or the one for a code.
fn reset_page(visit: &PageRequest, stage: &PageContext<'_>, linked: Option<&str>) -> Page {
    let text = stage.text();
    let page = Page::new(text.say("reset"));
    let Some(address) = linked else {
        let fields = reset_fields(stage, visit.form.text("email"));
        let page = page.lead(text.say("reset_lead")).form(text.say("reset_button"), fields);
        return page.link(text.say("new_code_link"), stage.link("forgot"));
    };
    // Password managers keep a password for somebody.
    let email = Field::new("email", text.say("email"), "email", "username").fixed(address);
    page.lead(text.say("reset_link_lead"))
        .form(text.say("reset_button"), vec![email, new_password(stage)])
}

/// The address a link of this purpose was mailed to.
async fn address_of(visit: &PageRequest, guest: &RequestContext, purpose: Purpose) -> Result<Option<String>> {
    let Some(token) = visit.token() else { return Ok(None) };
    let met = guest
        .read(async |tx| verification::of_link(tx, purpose, token).await)
        .await?;
    Ok(met.map(|met| met.address))
}

pub(super) async fn show_reset(visit: &PageRequest) -> Result<Response> {
    let guest = Guest::<PasswordsReset>::open(&visit.request).await?;
    let stage = visit.enter(&guest).await?;
    let linked = address_of(visit, &guest, Purpose::ResetPassword).await?;
    if visit.token().is_some() && linked.is_none() {
        return expired(&stage, &["forgot", "reset"]);
    }
    stage.show(&reset_page(visit, &stage, linked.as_deref()))
}

pub(super) async fn reset(visit: &PageRequest) -> Result<Response> {
    let guest = Guest::<PasswordsReset>::open(&visit.request).await?;
    let stage = visit.enter(&guest).await?;
    let linked = address_of(visit, &guest, Purpose::ResetPassword).await?;
    if visit.token().is_some() && linked.is_none() {
        return expired(&stage, &["forgot", "reset"]);
    }
    match choose(visit, &guest).await {
        Ok(_) => {
            let text = stage.text();
            let page = Page::new(text.say("reset_done")).lead(text.say("reset_done_lead"));
            stage.show(&page.link(text.say("to_sign_in"), stage.link("")))
        }
        Err(error) => stage.refuse(reset_page(visit, &stage, linked.as_deref()), error),
    }
}

async fn choose(visit: &PageRequest, guest: &RequestContext) -> Result<Detailed> {
    let new = wanted_password(visit, "new_password");
    let Some(token) = visit.token() else {
        let email = form::parse::<Email>(&visit.form, "email", "email");
        let ((email, code), new) = form::both(form::both(email, code(visit)), new)?;
        let which = ChallengeRef::Address(Purpose::ResetPassword, email);
        return account::reset(guest, &visit.server, which, &code, ("new_password", &new)).await;
    };
    account::reset(
        guest,
        &visit.server,
        ChallengeRef::Link(Purpose::ResetPassword),
        token,
        ("new_password", &new?),
    )
    .await
}

pub(super) async fn show_undo(visit: &PageRequest) -> Result<Response> {
    let guest = Guest::<VerificationsVerify>::open(&visit.request).await?;
    let stage = visit.enter(&guest).await?;
    let Some(address) = address_of(visit, &guest, Purpose::UndoEmail).await? else {
        return expired(&stage, &["forgot"]);
    };
    let text = stage.text();
    let page = Page::new(text.say("undo")).lead(text.tell("undo_lead", &address));
    stage.show(&page.form(text.say("undo_button"), vec![]))
}

pub(super) async fn undo(visit: &PageRequest) -> Result<Response> {
    let guest = Guest::<VerificationsVerify>::open(&visit.request).await?;
    let stage = visit.enter(&guest).await?;
    let text = stage.text();
    match account::undo(&guest, visit.token().unwrap_or_default()).await {
        Ok(()) => {
            let page = Page::new(text.say("undo_done")).lead(text.say("undo_done_lead"));
            stage.show(&page.link(text.say("to_sign_in"), stage.link("")))
        }
        Err(error) if error.code() == Code::CodeInvalid => expired(&stage, &["forgot"]),
        Err(error) => stage.refuse(Page::new(text.say("undo")), error),
    }
}
