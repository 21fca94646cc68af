//! Errors as `google.rpc.Status`, the way a gRPC gateway writes them in JSON.

use super::dialect::{Dialect, refusal};
use crate::kit::{
    error::{Code, Error},
    http,
    text::Language,
};
use poem::{Response, http::StatusCode};
use poem_openapi::Object;
use serde_json::{Value, json};

refusal!(Status: "4XX" "The request was refused; `code` is the gRPC code.", "default" "The server failed or is busy.");

/// An error (`google.rpc.Status`).
#[derive(Debug, Object)]
pub struct Status {
    /// The gRPC code.
    code: i32,
    /// What happened and what to do about it.
    message: String,
    /// More about it; each has an `@type`.
    details: Vec<Value>,
}

/// With `zitadel.v1.ErrorDetail`, whose `id` is the stable code.
pub(super) const ZITADEL: Words = Words(|error| {
    vec![json!({
        "@type": "type.googleapis.com/zitadel.v1.ErrorDetail",
        "id": error.code().as_str(),
        "message": error.code().detail(),
    })]
});

/// With `google.rpc.ErrorInfo`, whose `reason` is the stable code, and the fields that are wrong.
pub(super) const GOOGLE: Words = Words(|error| {
    let mut details = vec![json!({
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": error.code().as_str(),
        "domain": "tenantry",
        "metadata": { "requestId": http::request_id() },
    })];
    if let Error::Invalid(fields) = error {
        let violations: Vec<_> = fields
            .iter()
            .map(|wrong| json!({ "field": wrong.field, "description": wrong.detail, "reason": wrong.code }))
            .collect();
        details.push(json!({ "@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations }));
    }
    details
});

/// The wording of a group.
pub(super) struct Words(fn(&Error) -> Vec<Value>);

impl Dialect for Words {
    fn unwrap(&self, error: poem::Error) -> poem::Error {
        unwrap_refusal(error)
    }

    fn render(&self, error: &Error, _: Option<Language>) -> Response {
        let message = match error {
            Error::Invalid(fields) => {
                let fields: Vec<_> = fields
                    .iter()
                    .map(|wrong| format!("{} {}", wrong.field, wrong.detail))
                    .collect();
                fields.join("; ")
            }
            error => error.code().detail().to_owned(),
        };
        let status = json!({ "code": grpc_code(error.code()), "message": message, "details": (self.0)(error) });
        error.respond("application/json", status.to_string())
    }
}

/// The gRPC code of an error (`google/rpc/code.proto`).
fn grpc_code(code: Code) -> i32 {
    match code {
        Code::EmailAlreadyVerified | Code::EmailNotChanged => 9,
        Code::MethodNotAllowed => 12,
        code => match code.status() {
            StatusCode::UNAUTHORIZED => 16,
            StatusCode::FORBIDDEN => 7,
            StatusCode::NOT_FOUND => 5,
            StatusCode::CONFLICT => 6,
            StatusCode::TOO_MANY_REQUESTS => 8,
            StatusCode::SERVICE_UNAVAILABLE => 14,
            status if status.is_client_error() => 3,
            _ => 13,
        },
    }
}
