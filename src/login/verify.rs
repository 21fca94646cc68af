//! Proving an address, by the code or the link that was mailed to it.

use super::{
    first, form,
    page::{Field, Page},
    request::{PageContext, PageRequest, go},
};
use crate::{
    access::permission::VerificationsVerify,
    account::address,
    context::RequestContext,
    extract::Guest,
    kit::{
        error::{Code, Error, Result},
        id::UserId,
        text::Email,
    },
    user,
    verification::{self, ChallengeRef, Purpose},
};
use poem::{Response, http::StatusCode};

/// The fields for a code and the address it was mailed to.
pub(super) fn code_fields(context: &PageContext<'_>, address: &str) -> Vec<Field> {
    let text = context.text();
    vec![
        Field::new("email", text.say("email"), "email", "email").typed(address),
        Field::new("code", text.say("code"), "text", "one-time-code").hint(text.say("code_hint")),
    ]
}

/// The code that was typed, without the spaces around it.
pub(super) fn code(request: &PageRequest) -> Result<String> {
    match request.form.text("code").trim() {
        "" => Err(Error::field("code", "required", "is required")),
        code => Ok(code.chars().take(200).collect()),
    }
}

/// Says that a mailed link is worth nothing any more, with the pages that help on.
pub(super) fn expired(context: &PageContext<'_>, further: &[&str]) -> Result<Response> {
    let text = context.text();
    let mut page = Page::new(text.say("expired")).lead(text.say("expired_lead"));
    for path in further {
        let words = match *path {
            "verify" | "reset" => "have_code_link",
            "forgot" => "new_code_link",
            _ => "sign_up",
        };
        page = page.link(text.say(words), context.link(path));
    }
    context.show_as(
        StatusCode::BAD_REQUEST,
        &page.link(text.say("to_sign_in"), context.link("")),
    )
}

/// Asks somebody whose password was right, and whose address is not proven yet, for the code in their mail.
/// Nobody but them is told which address that is.
pub(super) fn to_prove(request: &PageRequest, context: &PageContext<'_>) -> Result<Response> {
    let text = context.text();
    let typed = request.form.text("username").trim();
    let address = if typed.contains('@') { typed } else { "" };
    let page = Page::new(text.say("verify"))
        .lead(text.error(&Code::EmailUnverified.into()))
        .lead(text.say("verify_code_lead"))
        .form_to(Some("verify"), text.say("verify_button"), code_fields(context, address))
        .link(text.say("to_sign_in"), context.link(""));
    context.show_as(StatusCode::FORBIDDEN, &page)
}

fn code_page(request: &PageRequest, context: &PageContext<'_>) -> Page {
    let text = context.text();
    Page::new(text.say("verify"))
        .lead(text.say("verify_code_lead"))
        .form(
            text.say("verify_button"),
            code_fields(context, request.form.text("email")),
        )
        .link(text.say("to_sign_in"), context.link(""))
}

fn link_page(context: &PageContext<'_>, address: &str, account: &str) -> Page {
    let text = context.text();
    Page::new(text.say("verify"))
        .lead(text.say_with("verify_link_lead", address))
        // The reader of this mailbox is not always the owner of the account.
        .lead(text.say_with("verify_link_account", account))
        .form(text.say("verify_link_button"), vec![])
}

/// The page of a link, or where it leads that does not belong here.
enum Linked {
    /// The address it was mailed to, and the name of the account.
    Proof(String, String),
    SignUp,
    Dead,
}

async fn linked(guest: &RequestContext, token: &str) -> Result<Linked> {
    guest
        .read(async |tx| {
            if let Some(challenge) = verification::of_link(tx, Purpose::VerifyEmail, token).await? {
                let account = user::name_of(tx, challenge.user_id.unwrap_or(UserId::NOBODY)).await?;
                return Ok(Linked::Proof(challenge.address, account.unwrap_or_default()));
            }
            for purpose in [Purpose::Register, Purpose::Invite] {
                if verification::of_link(tx, purpose, token).await?.is_some() {
                    return Ok(Linked::SignUp);
                }
            }
            Ok(Linked::Dead)
        })
        .await
}

pub(super) async fn show(request: &mut PageRequest) -> Result<Response> {
    let guest = Guest::<VerificationsVerify>::open(&request.http).await?;
    first::recall(request, &guest);
    let request = &*request;
    let context = request.load_context(&guest).await?;
    let Some(token) = request.token() else {
        return context.show(&code_page(request, &context));
    };
    match linked(&guest, token).await? {
        Linked::Proof(address, account) => context.show(&link_page(&context, &address, &account)),
        Linked::SignUp => go(&request.link_with_token("sign-up")),
        Linked::Dead => expired(&context, &["verify"]),
    }
}

pub(super) async fn verify(request: &mut PageRequest) -> Result<Response> {
    let guest = Guest::<VerificationsVerify>::open(&request.http).await?;
    let ticket = first::recall(request, &guest);
    let request = &*request;
    let context = request.load_context(&guest).await?;
    let done = match request.token() {
        Some(token) => prove(&guest, ChallengeRef::Link(Purpose::VerifyEmail), token).await,
        None => by_code(request, &guest).await,
    };
    match done {
        Ok(user) => {
            // Whoever else types the code or opens the link has proven the address, and is not signed in by that.
            let ticket = ticket.filter(|ticket| Some(ticket.user) == user);
            if let Some(ticket) = ticket
                && let Some(response) = first::enter(request, &context, &ticket).await?
            {
                return Ok(response);
            }
            let text = context.text();
            let page = Page::new(text.say("verified")).lead(text.say("verified_lead"));
            context.show(&page.link(text.say("continue"), context.link("")))
        }
        Err(error) if request.token().is_some() && error.code() == Code::CodeInvalid => expired(&context, &["verify"]),
        Err(error) => context.refuse(code_page(request, &context), error),
    }
}

/// Whose address the code has proven.
async fn by_code(request: &PageRequest, guest: &RequestContext) -> Result<Option<UserId>> {
    let email = form::parse::<Email>(&request.form, "email", "email");
    let (email, code) = form::both(email, code(request))?;
    prove(guest, ChallengeRef::Address(Purpose::VerifyEmail, email), &code).await
}

async fn prove(guest: &RequestContext, which: ChallengeRef, given: &str) -> Result<Option<UserId>> {
    guest
        .run_keeping_refusal(async |tx| address::prove(tx, guest, which, given).await)
        .await
}
