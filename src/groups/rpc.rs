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
    /// `google.rpc.BadRequest`, `google.rpc.RetryInfo` or `zitadel.v1.ErrorDetail`.
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
    /// How long to wait before another try makes sense, in seconds such as `30s` (`google.rpc.RetryInfo`).
    retry_delay: Option<String>,
    /// The stable code (`zitadel.v1.ErrorDetail`).
    id: Option<String>,
    /// What happened (`zitadel.v1.ErrorDetail`).
    message: Option<String>,
}

/// A field that is wrong.
#[derive(Clone, Debug, Object)]
pub struct FieldViolation {
    /// Its name.
    pub(super) field: String,
    /// What is wrong with it.
    pub(super) description: String,
    /// The same as a stable code, in capitals.
    pub(super) reason: String,
}

/// With `zitadel.v1.ErrorDetail` first, whose `id` is the stable code.
pub(super) const ZITADEL: Words = Words(|error| {
    let first = Fact::Zitadel {
        id: error.code().as_str(),
        message: error.message(),
    };
    [vec![first], facts(error)].concat()
});

/// With `google.rpc.ErrorInfo` first, whose `reason` is the stable code in capitals, as its proto asks.
pub(super) const GOOGLE: Words = Words(facts);

/// What the details of `google.rpc` say: the code, the fields that are wrong, and when another try makes sense.
fn facts(error: &Error) -> Vec<Fact> {
    let mut facts = vec![Fact::Info {
        reason: reason(error.code().as_str()),
        request_id: request::id(),
    }];
    if let Error::Invalid(fields) = error {
        let violations = fields.iter().map(|wrong| FieldViolation {
            field: wrong.field.clone(),
            description: wrong.detail.clone(),
            reason: wrong.code.to_ascii_uppercase(),
        });
        facts.push(Fact::Fields(violations.collect()));
    }
    if let Error::Later { retry_after, .. } | Error::Limited { retry_after, .. } = error {
        facts.push(Fact::Retry { seconds: *retry_after });
    }
    facts
}

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

impl From<Fact> for Detail {
    fn from(fact: Fact) -> Self {
        match fact {
            Fact::Zitadel { id, message } => Self {
                id: Some(id.to_owned()),
                message: Some(message),
                ..Self::of("zitadel.v1.ErrorDetail")
            },
            Fact::Info { reason, request_id } => Self {
                reason: Some(reason),
                domain: Some(DOMAIN.to_owned()),
                metadata: Some([(REQUEST_ID.to_owned(), request_id)].into()),
                ..Self::of("google.rpc.ErrorInfo")
            },
            Fact::Fields(violations) => Self {
                field_violations: Some(violations),
                ..Self::of("google.rpc.BadRequest")
            },
            Fact::Retry { seconds } => Self {
                retry_delay: Some(format!("{seconds}s")),
                ..Self::of("google.rpc.RetryInfo")
            },
        }
    }
}

/// An error as `google.rpc.Status` has it, in no format yet.
pub(super) struct Outcome {
    /// The gRPC code.
    pub(super) code: i32,
    /// What happened and what to do about it.
    pub(super) message: String,
    /// More about it.
    pub(super) facts: Vec<Fact>,
}

/// What there is to say of an error, of the kind of one of the details.
#[derive(Clone, Debug)]
pub(super) enum Fact {
    /// `zitadel.v1.ErrorDetail`
    Zitadel { id: &'static str, message: String },
    /// `google.rpc.ErrorInfo`, of [`DOMAIN`] and with [`REQUEST_ID`]
    Info { reason: String, request_id: String },
    /// `google.rpc.BadRequest`
    Fields(Vec<FieldViolation>),
    /// `google.rpc.RetryInfo`
    Retry { seconds: u32 },
}

/// Whose codes they are.
pub(super) const DOMAIN: &str = "tenantry";
/// What the id of a request is called.
pub(super) const REQUEST_ID: &str = "requestId";

/// The wording of a group.
pub(super) struct Words(fn(&Error) -> Vec<Fact>);

impl Words {
    /// The error in these words.
    pub(super) fn outcome(&self, error: &Error) -> Outcome {
        Outcome {
            code: grpc_code(error.code()),
            message: error.message(),
            facts: (self.0)(error),
        }
    }
}

impl Dialect for Words {
    fn unwrap(&self, error: poem::Error) -> poem::Error {
        unwrap_refusal(error)
    }

    fn render(&self, error: &Error, _: Option<Language>) -> Response {
        let Outcome { code, message, facts } = self.outcome(error);
        let status = Status {
            code,
            message,
            details: facts.into_iter().map(Detail::from).collect(),
        };
        error.respond("application/json", status.to_json_string())
    }
}

/// The gRPC code of an error (`google/rpc/code.proto`).
fn grpc_code(code: Code) -> i32 {
    match code {
        Code::EmailAlreadyVerified
        | Code::EmailNotChanged
        | Code::LastSignInMethod
        | Code::PolicyForbids
        | Code::RenamedLately => 9,
        // Nothing of the kind exists already: what is asked for clashes with what is.
        Code::LastOwner | Code::OwnAccount | Code::VersionConflict => 10,
        Code::DeadlineExceeded => 4,
        Code::TooLarge => 8,
        Code::MethodNotAllowed | Code::NotYet => 12,
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
