//! Errors as `google.rpc.Status`, the way a gRPC gateway writes them in JSON.

use super::Dialect;
use crate::kit::{
    error::{Code, Error},
    http,
};
use poem::{Response, http::StatusCode};
use poem_openapi::{
    ApiResponse, Object,
    payload::{Json, Payload},
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
};
use serde_json::{Value, json};

/// What an operation of these groups returns.
pub type Result<T, E = Refusal> = std::result::Result<T, E>;

/// An [`Error`] on its way to becoming a [`Status`].
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Refusal(#[from] Error);

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self(code.into())
    }
}

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
    fn render(&self, error: &Error) -> Response {
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

/// The error inside a refusal, so that one place renders both.
pub(super) fn unwrap(error: poem::Error) -> poem::Error {
    match error.downcast::<Refusal>() {
        Ok(Refusal(error)) => error.into(),
        Err(error) => error,
    }
}

impl poem::error::ResponseError for Refusal {
    fn status(&self) -> StatusCode {
        self.0.code().status()
    }
}

impl ApiResponse for Refusal {
    fn meta() -> MetaResponses {
        let answers = |range: Option<&str>, description| MetaResponse {
            description,
            status: None,
            status_range: range.map(str::to_owned),
            content: vec![MetaMediaType {
                content_type: "application/json",
                schema: <Json<Status> as Payload>::schema_ref(),
            }],
            headers: vec![],
        };
        MetaResponses {
            responses: vec![
                answers(Some("4XX"), "The request was refused; `code` is the gRPC code."),
                answers(None, "The server failed or is busy."),
            ],
        }
    }

    fn register(registry: &mut Registry) {
        <Json<Status> as Payload>::register(registry);
    }
}
