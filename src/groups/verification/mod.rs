//! The verification group: e-mail verification and password recovery in New API's envelope.

mod act;
pub mod envelope;

use crate::{
    access::permission::{PasswordsReset, TenantGet, VerificationsCreate},
    account,
    captcha::ProviderName,
    console::Tag,
    extract::Guest,
    kit::{body::Body, text::Email},
    message::MailOptions,
};
use envelope::{Done, Result};
pub(crate) use envelope::{Envelope, coded};
use poem::Request;
use poem_openapi::{Object, OpenApi, param::Query, payload::Json};
use tenantry_boxed::boxed;

/// Whose password, and the token from the mail.
#[derive(Debug, Object)]
pub struct ResetRequest {
    /// The address of the account.
    email: Email,
    /// The token of the link in the mail, or the code in it.
    #[oai(validator(min_length = 1, max_length = 200))]
    token: String,
}

/// A new password, if it was made. What the rules refuse is a 200 as well, with `success: false`.
#[derive(Debug, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct NewPasswordResponse {
    /// Whether it was made.
    success: bool,
    /// Empty, or why not, to be shown to people.
    message: String,
    /// Why not, for programs to branch on.
    code: Option<String>,
    /// The password: 12 characters.
    data: Option<String>,
}

/// What a client has to know before anybody signs in.
#[derive(Debug, Object)]
pub struct StatusResponse {
    /// Always true.
    success: bool,
    /// Empty.
    message: String,
    data: Status,
}

/// What a client has to know before anybody signs in.
#[expect(clippy::struct_excessive_bools, reason = "as the wire has them")]
#[derive(Debug, Object)]
pub struct Status {
    /// Empty: the version of the server is nobody's who is not signed in.
    version: String,
    /// What people call the tenant.
    system_name: String,
    /// The address of a picture, or empty.
    logo: String,
    /// The base of the tenant's addresses.
    server_address: String,
    /// Whether nobody signs in before they have proven their address.
    email_verification: bool,
    /// Whether anybody may sign up.
    register_enabled: bool,
    /// Whether people sign in with a password.
    password_login: bool,
    /// Whether requests for mail need the token of a Turnstile widget, whose action is `send-code`
    /// or `reset-password`.
    turnstile_check: bool,
    /// Whose widget it is.
    captcha_provider: ProviderName,
    /// The public key of the CAPTCHA's widget, or empty.
    turnstile_site_key: String,
}

/// The operations of the verification group.
pub struct Api;

#[OpenApi]
#[boxed]
impl Api {
    /// Send a verification code
    ///
    /// Mails a code of six digits and a link, to sign up or to prove the address of an account.
    /// The answer is the same whether or not the address has one. Within the limits of codes. A
    /// page that is only loaded ahead, or shown as a picture, sends nothing; nor does a request that
    /// another site sends with the cookie of who is signed in. A CAPTCHA token can come in the header
    /// `X-Captcha-Token` as well.
    #[oai(
        path = "/verification",
        method = "get",
        operation_id = "SendVerification",
        tag = "Tag::Email"
    )]
    async fn send_verification(
        &self,
        guest: Guest<VerificationsCreate>,
        request: &Request,
        /// The address.
        email: Query<Email>,
        /// The CAPTCHA token, where the tenant asks for one: of a widget with the action `send-code`.
        turnstile: Query<Option<String>>,
    ) -> Result<Json<Done>> {
        let guest = guest.with_captcha_token(turnstile.0);
        act::check_intended(&guest, request)?;
        act::send(&guest, guest.server(), &email).await?;
        Ok(Done::json())
    }

    /// Send a link to reset a password
    ///
    /// The answer is the same whether or not the address has an account. Within the limits of
    /// codes. A page that is only loaded ahead, or shown as a picture, sends nothing. A CAPTCHA token can come
    /// in the header `X-Captcha-Token` as well.
    #[oai(
        path = "/reset_password",
        method = "get",
        operation_id = "SendPasswordReset",
        tag = "Tag::Account"
    )]
    async fn send_reset(
        &self,
        guest: Guest<PasswordsReset>,
        request: &Request,
        /// The address of the account.
        email: Query<Email>,
        /// The CAPTCHA token, where the tenant asks for one: of a widget with the action
        /// `reset-password`.
        turnstile: Query<Option<String>>,
    ) -> Result<Json<Done>> {
        let guest = guest.with_captcha_token(turnstile.0);
        act::check_intended(&guest, request)?;
        account::ask_reset(&guest, guest.server(), &email, MailOptions::of(&guest.peer)).await?;
        Ok(Done::json())
    }

    /// Reset a password
    ///
    /// Gives the account a random password and answers it, once. All sessions end and the owner is
    /// told by mail.
    #[oai(
        path = "/user/reset",
        method = "post",
        operation_id = "ResetPassword",
        tag = "Tag::Account"
    )]
    async fn reset(
        &self,
        guest: Guest<PasswordsReset>,
        given: Body<ResetRequest>,
    ) -> Result<Json<NewPasswordResponse>> {
        let password = act::reset(&guest, guest.server(), &given.email, &given.token).await?;
        Ok(Json(NewPasswordResponse {
            success: true,
            message: String::new(),
            code: None,
            data: Some(password.as_str().to_owned()),
        }))
    }

    /// See what is on
    ///
    /// What clients ask before anybody signs in: how people sign up and in here, and which CAPTCHA there is.
    #[oai(path = "/status", method = "get", operation_id = "GetStatus", tag = "Tag::Tenant")]
    async fn status(&self, guest: Guest<TenantGet>) -> Result<Json<StatusResponse>> {
        Ok(Json(StatusResponse {
            success: true,
            message: String::new(),
            data: act::status(&guest).await?,
        }))
    }
}
