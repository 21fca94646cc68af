//! Errors as `google.rpc.Status`, the way a gRPC gateway writes them in JSON.

use super::dialect::{Dialect, refusal};
use crate::kit::{
    error::{Code, Error},
    openapi::{self, Coded},
    request,
    text::Language,
};
use poem::{Response, http::StatusCode};
use poem_openapi::{Object, types::ToJSON};
use std::collections::BTreeMap;

refusal!(Status: "4XX" "The request was refused; `code` is the gRPC code.", "5XX" "The server failed or is busy.");

/// An error (`google.rpc.Status`).
#[derive(Debug, Object)]
pub struct Status {
    /// The gRPC code.
    code: i32,
    /// What happened and what to do about it.
    message: String,
    /// More about it: with the stable code, for programs to branch on, in `reason` or `id`, and
    /// the fields that are wrong in `fieldViolations`.
    details: Vec<Detail>,
}

/// A detail of an error, of the kind its `@type` names.
#[derive(Debug, Default, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct Detail {
    /// `type.googleapis.com/` and the name of the kind: `google.rpc.ErrorInfo`,
    /// `google.rpc.BadRequest` or `zitadel.v1.ErrorDetail`.
    #[oai(rename = "@type")]
    kind: String,
    /// The stable code in capitals (`google.rpc.ErrorInfo`).
    reason: Option<String>,
    /// Whose code it is: `tenantry` (`google.rpc.ErrorInfo`).
    domain: Option<String>,
    /// With `requestId`, the id of this request in the server's log (`google.rpc.ErrorInfo`).
    metadata: Option<BTreeMap<String, String>>,
    /// The fields that are wrong (`google.rpc.BadRequest`).
    field_violations: Option<Vec<FieldViolation>>,
    /// The stable code (`zitadel.v1.ErrorDetail`).
    id: Option<String>,
    /// What happened (`zitadel.v1.ErrorDetail`).
    message: Option<String>,
}

/// A field that is wrong.
#[derive(Debug, Object)]
pub struct FieldViolation {
    /// Its name.
    field: String,
    /// What is wrong with it.
    description: String,
    /// The same as a stable code, in capitals.
    reason: String,
}

/// With `zitadel.v1.ErrorDetail`, whose `id` is the stable code.
pub(super) const ZITADEL: Words = Words(|error| {
    vec![Detail {
        id: Some(error.code().as_str().to_owned()),
        message: Some(error.message()),
        ..Detail::of("zitadel.v1.ErrorDetail")
    }]
});

/// With `google.rpc.ErrorInfo`, whose `reason` is the stable code in capitals, as its proto asks, and the fields that are wrong.
pub(super) const GOOGLE: Words = Words(|error| {
    let mut details = vec![Detail {
        reason: Some(reason(error.code().as_str())),
        domain: Some("tenantry".to_owned()),
        metadata: Some([("requestId".to_owned(), request::id())].into()),
        ..Detail::of("google.rpc.ErrorInfo")
    }];
    if let Error::Invalid(fields) = error {
        let violations = fields.iter().map(|wrong| FieldViolation {
            field: wrong.field.clone(),
            description: wrong.detail.clone(),
            reason: wrong.code.to_ascii_uppercase(),
        });
        details.push(Detail {
            field_violations: Some(violations.collect()),
            ..Detail::of("google.rpc.BadRequest")
        });
    }
    details
});

/// A code as `google.rpc.ErrorInfo` has it, with the status it comes with.
pub(super) fn google(code: &str) -> Option<Coded> {
    openapi::plain(code).map(|(status, code)| (status, reason(&code)))
}

fn reason(code: &str) -> String {
    code.to_ascii_uppercase()
}

impl Detail {
    fn of(kind: &str) -> Self {
        Self {
            kind: format!("type.googleapis.com/{kind}"),
            ..Self::default()
        }
    }
}

/// The wording of a group.
pub(super) struct Words(fn(&Error) -> Vec<Detail>);

impl Dialect for Words {
    fn unwrap(&self, error: poem::Error) -> poem::Error {
        unwrap_refusal(error)
    }

    fn render(&self, error: &Error, _: Option<Language>) -> Response {
        let status = Status {
            code: grpc_code(error.code()),
            message: error.message(),
            details: (self.0)(error),
        };
        error.respond("application/json", status.to_json_string())
    }
}

/// The gRPC code of an error (`google/rpc/code.proto`).
fn grpc_code(code: Code) -> i32 {
    match code {
        Code::EmailAlreadyVerified | Code::EmailNotChanged | Code::LastSignInMethod => 9,
        // Nothing of the kind exists already: what is asked for clashes with what is.
        Code::LastOwner | Code::OwnAccount | Code::VersionConflict => 10,
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
