//! The wire of the accounts group.

use super::digits::DigitsOrText;
use crate::{
    kit::{
        id::UserId,
        text::{Email, GivenPassword, NewPassword},
    },
    user::Detailed,
};
use poem_openapi::Object;

/// What somebody signs in with.
#[derive(Debug, Object)]
pub struct LoginRequest {
    /// The user's address, or their name.
    #[oai(validator(min_length = 1, max_length = 254))]
    pub(super) email: String,
    /// The password.
    pub(super) password: GivenPassword,
}

/// Who signed in, and their tokens.
#[derive(Debug, Object)]
pub struct LoginResponse {
    pub(super) user: AccountUser,
    /// A signed JWT for the `Authorization` header.
    pub(super) token: String,
    /// To be used once, for the next pair.
    pub(super) refresh_token: String,
}

/// A user.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct AccountUser {
    /// Their id.
    id: UserId,
    /// Their address.
    email: String,
    /// What people see.
    name: String,
    /// Their given name as they say it, else the name up to its last word.
    first_name: String,
    /// Their family name as they say it, else the last word of the name, if it has several.
    last_name: String,
    /// Whether they have proven their address.
    is_email_verified: bool,
}

/// Who signs up.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct RegisterRequest {
    pub(super) user: RegisterUser,
    /// The password, as the tenant's policy asks for.
    pub(super) password: NewPassword,
    /// The same again.
    pub(super) confirm_password: GivenPassword,
}

/// Somebody who signs up.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct RegisterUser {
    /// A part of what people see.
    #[oai(validator(max_length = 50))]
    pub(super) first_name: Option<String>,
    /// Another part of what people see.
    #[oai(validator(max_length = 49))]
    pub(super) last_name: Option<String>,
    /// Their address.
    pub(super) email: Email,
    /// The password once more; it counts where it stands beside `user`.
    pub(super) password: Option<GivenPassword>,
}

/// A code, and what shows that the application is the one that began the sign-in.
#[derive(Debug, Object)]
pub struct ExchangeRequest {
    /// The code that came to `return_to`.
    #[oai(validator(min_length = 1, max_length = 2000))]
    pub(super) code: String,
    /// What the challenge is the SHA-256 of (RFC 7636 §4.1).
    #[oai(validator(min_length = 43, max_length = 128))]
    pub(super) verifier: String,
}

/// A refresh token.
#[derive(Debug, Object)]
pub struct RefreshTokenRequest {
    /// The one that was given out last.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub(super) refresh_token: String,
}

/// Other tokens.
#[derive(Debug, Object)]
pub struct RefreshTokenResponse {
    /// A signed JWT for the `Authorization` header.
    pub(super) token: String,
    /// To be used once, for the next pair.
    pub(super) refresh_token: String,
}

/// Whether the access token is valid.
#[derive(Debug, Object)]
pub struct CheckResponse {
    /// Always true; if it is not, the answer is a 401.
    pub(super) authenticated: bool,
    pub(super) user: AccountUser,
}

/// Whose password is forgotten; or, with `token`, the password from now on.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ResetPasswordRequest {
    /// The address of the account, to ask for a mail.
    pub(super) email: Option<Email>,
    /// The token of the link in the mail, or the code in it together with `email`.
    #[oai(validator(min_length = 1, max_length = 200))]
    pub(super) token: Option<String>,
    /// With `token`: the password from now on.
    pub(super) password: Option<NewPassword>,
    /// With `token`: the same again.
    pub(super) confirm_password: Option<GivenPassword>,
}

/// The present password and another one.
#[expect(clippy::struct_field_names, reason = "as the wire has them")]
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct ChangePasswordRequest {
    /// The present password.
    pub(super) current_password: GivenPassword,
    /// The password from now on.
    pub(super) new_password: NewPassword,
    /// The same again.
    pub(super) confirm_password: GivenPassword,
}

/// A code that was mailed to an address.
#[derive(Debug, Object)]
pub struct VerifyCodeRequest {
    /// The address.
    pub(super) email: Email,
    /// Six digits. As a number they lose zeros in front, which are put back.
    pub(super) code: DigitsOrText,
}

/// Another address.
#[derive(Debug, Object)]
pub struct EmailRequest {
    /// The address.
    pub(super) email: Email,
}

/// A code that was mailed to the caller's next address.
#[derive(Debug, Object)]
pub struct CodeRequest {
    /// Six digits. As a number they lose zeros in front, which are put back.
    pub(super) code: DigitsOrText,
}

/// Whether an address has an account.
#[derive(Debug, Object)]
pub struct EmailCheckResponse {
    /// Whether it has one. Always false unless the tenant tells.
    pub(super) exists: bool,
    /// The opposite.
    pub(super) available: bool,
}

/// Done.
#[derive(Debug, Object)]
pub struct DoneResponse {
    /// 200.
    status: i32,
    /// `OK`.
    message: String,
}

impl DoneResponse {
    pub(super) fn ok() -> Self {
        Self {
            status: 200,
            message: "OK".to_owned(),
        }
    }
}

impl From<Detailed> for AccountUser {
    fn from(from: Detailed) -> Self {
        let name = from.user.display_name;
        let (first, last) = name.rsplit_once(' ').unwrap_or((&name, ""));
        Self {
            id: from.user.id,
            is_email_verified: from.addresses.primary.verified_at.is_some(),
            email: from.addresses.primary.address,
            first_name: from.user.first_name.unwrap_or_else(|| first.to_owned()),
            last_name: from.user.last_name.unwrap_or_else(|| last.to_owned()),
            name,
        }
    }
}
