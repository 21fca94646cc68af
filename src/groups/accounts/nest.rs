//! Errors as `{statusCode, message, error}`, the way `NestJS` writes them.

use crate::{
    groups::dialect::{Dialect, refusal},
    kit::{
        error::{Code, Error},
        text::Language,
    },
};
use poem::{Response, http::StatusCode};
use poem_openapi::{Object, types::Any};
use serde_json::{Value, json};

refusal!(NestError: "4XX" "The request was refused.", "5XX" "The server failed or is busy.");

/// An error.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct NestError {
    /// The HTTP status.
    status_code: u16,
    /// What happened; a list with each field that is wrong.
    message: Any<Value>,
    /// The name of the status.
    error: String,
    /// The stable code, for programs to branch on.
    code: String,
    /// Seconds after which another try makes sense.
    retry_after: Option<u32>,
}

/// The dialect of the accounts group.
pub(crate) struct Nest;

impl Dialect for Nest {
    fn unwrap(&self, error: poem::Error) -> poem::Error {
        unwrap_refusal(error)
    }

    fn render(&self, error: &Error, _: Option<Language>) -> Response {
        let code = error.code();
        let status = code.status();
        let message = match (error, code) {
            (Error::Invalid(fields), _) => {
                let each = fields.iter().map(|wrong| match wrong.field.as_str() {
                    "confirmPassword" if wrong.code == "value" => {
                        "The password and confirmation password must match.".to_owned()
                    }
                    field => format!("{field} {}", wrong.detail).trim().to_owned(),
                });
                each.collect::<Vec<_>>().into()
            }
            (Error::Worded { words, .. }, _) => (*words).into(),
            (_, Code::CredentialsInvalid | Code::Unauthenticated | Code::RefreshTokenInvalid) => "Unauthorized".into(),
            (_, Code::CodeInvalid) => "Failed to verify email.".into(),
            (_, Code::EmailAlreadyVerified) => "Your email is already verified.".into(),
            (_, code) => Value::from(code.detail()),
        };
        let mut body = json!({
            "statusCode": status.as_u16(),
            "message": message,
            "error": status.canonical_reason().unwrap_or("Error"),
            "code": code.as_str(),
        });
        if let Error::Limited { retry_after, .. } | Error::Later { retry_after, .. } = error {
            body["retryAfter"] = (*retry_after).into();
        }
        debug_assert_ne!(status, StatusCode::OK);
        error.respond("application/json", body.to_string())
    }
}
