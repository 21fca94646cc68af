//! What the operations of the accounts group do, in the words of the rules.

use super::wire::{RegisterRequest, ResetPasswordRequest};
use crate::{
    account::{self, Newcomer},
    context::RequestContext,
    kit::{
        error::{Code, Error, Result},
        text::{DisplayName, GivenPassword, NewPassword},
    },
    message::MailOptions,
    server::Server,
    user::Detailed,
    verification::{ChallengeRef, Purpose},
};

/// Whether a password was typed twice the same.
pub(super) fn same(new: &NewPassword, again: &GivenPassword) -> Result<()> {
    if new.expose() == again.expose() {
        return Ok(());
    }
    let why = "must be the same as the password";
    Err(Error::field("confirmPassword", "value", why))
}

pub(super) async fn sign_up(guest: &RequestContext, server: &Server, new: &RegisterRequest) -> Result<Detailed> {
    same(&new.password, &new.confirm_password)?;
    if let Some(again) = &new.user.password {
        same(&new.password, again)?;
    }
    let parts = [new.user.first_name.as_deref(), new.user.last_name.as_deref()];
    let parts: Vec<_> = parts
        .into_iter()
        .flatten()
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    let display_name = if parts.is_empty() {
        None
    } else {
        let name = parts.join(" ").parse::<DisplayName>();
        Some(name.map_err(|why| Error::field("user.firstName", "format", why))?)
    };
    let newcomer = Newcomer {
        name: None,
        email: &new.user.email,
        password: ("password", &new.password),
        display_name,
        proof: None,
        options: MailOptions::of(&guest.peer),
    };
    account::sign_up(guest, server, newcomer).await
}

/// Asks for a mail, or gives back what was in it.
pub(super) async fn reset(guest: &RequestContext, server: &Server, what: &ResetPasswordRequest) -> Result<()> {
    let required = |field: &str| Error::field(field, "required", "is required");
    let Some(token) = &what.token else {
        let email = what.email.as_ref().ok_or_else(|| required("email"))?;
        let options = MailOptions::of(&guest.peer);
        return account::ask_reset(guest, server, email, options).await.map(drop);
    };
    let new = what.password.as_ref().ok_or_else(|| required("password"))?;
    let again = what
        .confirm_password
        .as_ref()
        .ok_or_else(|| required("confirmPassword"))?;
    same(new, again)?;
    let which = match &what.email {
        Some(email) => ChallengeRef::Address(Purpose::ResetPassword, email.clone()),
        None => ChallengeRef::Link(Purpose::ResetPassword),
    };
    match account::reset(guest, server, which, token, ("password", new)).await {
        // What clients of this group know for a token that is not right.
        Err(Error::Refused(code @ Code::CodeInvalid)) => Err(Error::Worded {
            code,
            words: "Password Reset Failed.",
        }),
        done => done.map(drop),
    }
}
