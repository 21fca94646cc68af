//! The one error type, and its answer: a problem (RFC 9457).

mod codes;
pub(super) mod fault;
mod table;

use crate::kit::{headers, request, text::Language};
pub use codes::Code;
use poem::http::{HeaderValue, StatusCode, header};
use poem_openapi::{
    ApiResponse, Object,
    payload::{Json, Payload},
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::ToJSON,
};
use sea_orm::DbErr;
use std::convert::Infallible;

/// The result of a rule or a handler.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule refused; the code says which, and brings status and text.
    #[error("{}", .0.detail())]
    Refused(Code),
    /// A rule refused, in words that the clients of one operation have always known.
    #[error("{words}")]
    Worded {
        /// Which rule.
        code: Code,
        /// The words.
        words: &'static str,
    },
    /// The roles permit it, and the access token does not: it is for other scopes than this one.
    #[error("{}", Code::InsufficientScope.detail())]
    OutOfScope(&'static str),
    /// Bytes of a file are asked for that it does not have; this is its length.
    #[error("{}", Code::RangeNotSatisfiable.detail())]
    OutOfRange(u64),
    /// Fields of the request are not what they must be; all of them at once.
    #[error("{}", Code::Invalid.detail())]
    Invalid(Vec<FieldError>),
    /// A rule refused, and says more about it field by field.
    #[error("{}", code.detail())]
    Explained {
        /// Which rule.
        code: Code,
        /// What there is to say.
        fields: Vec<FieldError>,
    },
    /// Too much or too soon; may be tried again after so many seconds.
    #[error("{}", code.detail())]
    Later {
        /// Which limit or queue.
        code: Code,
        /// Seconds until another try makes sense.
        retry_after: u32,
    },
    /// A limit is reached; may be tried again after so many seconds.
    #[error("{}", code.detail())]
    Limited {
        /// What is limited.
        code: Code,
        /// Which limit.
        limit: Limit,
        /// Seconds until another try makes sense.
        retry_after: u32,
    },
    /// Our fault. The cause is logged once, where it becomes a response, and never shown.
    #[error("{0:#}")]
    Internal(#[from] anyhow::Error),
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::Refused(code)
    }
}

impl From<Infallible> for Error {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        let error = error.into();
        Self::of_database(&error).unwrap_or(Self::Internal(error))
    }
}

impl Error {
    /// The code of trouble of the database itself, if this is one.
    pub(crate) fn code_of_database(error: &anyhow::Error) -> Option<Code> {
        fault::code_of(error)
    }

    /// The answer to trouble of the database itself, if this is one.
    pub(crate) fn of_database(error: &anyhow::Error) -> Option<Self> {
        let code = fault::code_of(error)?;
        if code == Code::Busy {
            tracing::warn!(error = format!("{error:#}"), "the database is busy");
        } else {
            tracing::error!(error = format!("{error:#}"), "the database fails");
        }
        Some(Self::later(code))
    }

    /// Something that passes: to be tried again.
    #[must_use]
    pub fn later(code: Code) -> Self {
        let retry_after = match code {
            // Somebody has to make room first.
            Code::StorageFull | Code::TenantUnavailable => 30,
            Code::DatabaseUnavailable | Code::FilesUnavailable => 5,
            _ => 1,
        };
        Self::Later { code, retry_after }
    }
}

/// A limit, as `RateLimit-Policy` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Its name.
    pub name: &'static str,
    /// How often.
    pub most: u32,
    /// Within how many seconds.
    pub seconds: u32,
}

/// One field that is not what it must be.
#[derive(Clone, Debug, PartialEq, Eq, Object)]
#[oai(skip_serializing_if_is_none)]
pub struct FieldError {
    /// The field, as a path from the body's root (`spec.displayName`), or the parameter's name.
    pub field: String,
    /// What is wrong: `required`, `type`, `length`, `format`, `value`, `unknown`, `read_only` or `cycle`;
    /// of a
    /// new password `too_short`, `too_long`, `needs_lower`, `needs_upper`, `needs_digit`,
    /// `needs_special`, `too_common`, `context_word` or `too_guessable`; of a step of a delivery `ok` or `failed`; of a
    /// template `template_statement_refused`, `unknown_variable`, `syntax`, `variable_in_unsafe_place` or
    /// `markup_refused`.
    pub code: String,
    /// The same in words.
    pub detail: String,
    /// The line of a text that has several, 1 for the first.
    pub line: Option<u32>,
    /// The letter of that line, 1 for the first.
    pub column: Option<u32>,
}

impl FieldError {
    /// A field and what is wrong with it.
    #[must_use]
    pub fn new(field: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code: code.to_owned(),
            detail: detail.into(),
            line: None,
            column: None,
        }
    }

    /// The same, at this place of a text.
    #[must_use]
    pub fn at(mut self, line: u32, column: u32) -> Self {
        (self.line, self.column) = (Some(line), Some(column));
        self
    }
}

impl Error {
    /// One field that is wrong.
    #[must_use]
    pub fn field(field: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, code, detail)])
    }

    /// A rule that refuses this field.
    #[must_use]
    pub fn of_field(code: Code, field: &str) -> Self {
        let fields = vec![FieldError::new(field, "value", code.detail())];
        Self::Explained { code, fields }
    }

    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Refused(code)
            | Self::Worded { code, .. }
            | Self::Explained { code, .. }
            | Self::Later { code, .. }
            | Self::Limited { code, .. } => *code,
            Self::OutOfScope(_) => Code::InsufficientScope,
            Self::OutOfRange(_) => Code::RangeNotSatisfiable,
            Self::Invalid(_) => Code::Invalid,
            Self::Internal(_) => Code::Internal,
        }
    }

    /// The headers every dialect sends with this error.
    pub(crate) fn headers(&self) -> Vec<(header::HeaderName, HeaderValue)> {
        let mut headers = vec![];
        if let Self::Later { retry_after, .. } | Self::Limited { retry_after, .. } = self {
            headers.push((header::RETRY_AFTER, (*retry_after).into()));
        }
        if let Self::Limited { limit, retry_after, .. } = self {
            // draft-ietf-httpapi-ratelimit-headers-10: what the limit is, and what is left of it.
            let Limit { name, most, seconds } = limit;
            let fields = [
                ("ratelimit-policy", format!("\"{name}\";q={most};w={seconds}")),
                ("ratelimit", format!("\"{name}\";r=0;t={retry_after}")),
            ];
            for (field, value) in fields {
                let value = HeaderValue::from_str(&value).expect("names of limits are plain words");
                headers.push((header::HeaderName::from_static(field), value));
            }
        }
        if let Self::OutOfRange(length) = self {
            // RFC 9110 §15.5.17.
            let said = HeaderValue::from_str(&format!("bytes */{length}")).expect("a number is plain");
            headers.push((header::CONTENT_RANGE, said));
        }
        if let Self::OutOfScope(scope) = self {
            // RFC 6750 §3.1.
            let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
            let challenge = HeaderValue::from_str(&challenge).expect("permissions are plain words");
            headers.push((header::WWW_AUTHENTICATE, challenge));
        }
        if self.code().status() == StatusCode::UNAUTHORIZED {
            // That a token was not good is said where the request is known (RFC 6750 §3.1).
            headers.push((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")));
        }
        headers
    }

    /// What happened in one text: of invalid fields, what is wrong with each.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Invalid(fields) => {
                let fields = fields.iter().map(|wrong| format!("{} {}", wrong.field, wrong.detail));
                fields.collect::<Vec<_>>().join("; ")
            }
            Self::Worded { words, .. } => (*words).to_owned(),
            error => error.code().detail().to_owned(),
        }
    }

    /// The body of the answer in the native groups.
    #[must_use]
    pub fn problem(&self, language: Language) -> Problem {
        let code = self.code();
        let (title, detail) = code.words(language);
        Problem {
            r#type: format!("/problems/{}", code.as_str()),
            title: title.to_owned(),
            status: code.status().as_u16(),
            detail: detail.to_owned(),
            code: code.as_str().to_owned(),
            request_id: request::id(),
            errors: match self {
                Self::Invalid(errors) | Self::Explained { fields: errors, .. } => errors.clone(),
                _ => vec![],
            },
        }
    }

    /// The error inside a `poem::Error`: ours as it is, the framework's own in our words.
    #[must_use]
    pub fn from_poem(error: poem::Error) -> Self {
        use poem::error as framework;
        use poem_openapi::error as api;
        if error.is::<Self>() {
            return error.downcast().expect("its type was just asked for");
        }
        if let Some(wrong) = error.downcast_ref::<api::ParseParamError>() {
            return Self::field(wrong.name, "value", "is missing or not a valid value");
        }
        if let Some(wrong) = error.downcast_ref::<api::ParsePathError>() {
            // poem-openapi knows parameters of a path by their position; ours are all called name.
            let name = wrong.name.strip_prefix("param").map_or(wrong.name, |_| "name");
            return Self::field(name, "value", "is not a valid value");
        }
        let code = if error.is::<api::AuthorizationError>() {
            Code::Unauthenticated
        } else if error.is::<api::ContentTypeError>() {
            Code::UnsupportedMediaType
        } else if error.is::<framework::MethodNotAllowedError>() {
            Code::MethodNotAllowed
        } else {
            match error.status() {
                StatusCode::NOT_FOUND => Code::NotFound,
                StatusCode::METHOD_NOT_ALLOWED => Code::MethodNotAllowed,
                StatusCode::PAYLOAD_TOO_LARGE => Code::TooLarge,
                StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
                status if status.is_client_error() => Code::BadRequest,
                _ => return Self::Internal(anyhow::anyhow!("{error}")),
            }
        };
        code.into()
    }
}

/// The answer to every request that failed (RFC 9457).
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct Problem {
    /// Where this kind of problem is documented, relative to the server.
    r#type: String,
    /// A summary of the kind of problem, in the language of `Accept-Language`.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What happened and what to do about it, in the same language.
    detail: String,
    /// The stable code to branch on; `type` leads to its meaning.
    code: String,
    /// The id of this request in the server's log.
    request_id: String,
    /// The fields that are wrong, when `code` is `invalid`.
    #[oai(default, skip_serializing_if_is_empty)]
    errors: Vec<FieldError>,
}

impl poem::error::ResponseError for Error {
    fn status(&self) -> StatusCode {
        self.code().status()
    }

    fn as_response(&self) -> poem::Response {
        self.respond_in(Language::default())
    }
}

impl Error {
    /// A problem in this language.
    #[must_use]
    pub fn respond_in(&self, language: Language) -> poem::Response {
        let mut response = self.respond("application/problem+json", self.problem(language).to_json_string());
        headers::set_content_language(response.headers_mut(), language.tag());
        response
    }

    /// A response with this body and the headers that belong to the error.
    ///
    /// Every dialect ends here, so this is where our own faults are logged, once.
    pub fn respond(&self, content_type: &str, body: String) -> poem::Response {
        if let Self::Internal(cause) = self {
            tracing::error!(error = format!("{cause:#}"), "request failed");
        }
        let mut response = poem::Response::builder()
            .status(self.code().status())
            .content_type(content_type)
            .body(body);
        response.headers_mut().extend(self.headers());
        response
    }
}

/// Makes every operation document the same error response, once.
impl ApiResponse for Error {
    fn meta() -> MetaResponses {
        let answers = |range: &str, description| MetaResponse {
            description,
            status: None,
            status_range: Some(range.to_owned()),
            content: vec![MetaMediaType {
                content_type: "application/problem+json",
                schema: <Json<Problem> as Payload>::schema_ref(),
            }],
            headers: vec![],
        };
        MetaResponses {
            responses: vec![
                answers("4XX", "The request was refused; `code` says why."),
                answers("5XX", "The server failed or is busy."),
            ],
        }
    }

    fn register(registry: &mut Registry) {
        <Json<Problem> as Payload>::register(registry);
    }
}

/// Turns a violated unique constraint into the caller's mistake.
pub trait OnConflict<T> {
    /// `index` is the name of the unique index, `column` its last column.
    ///
    /// PostgreSQL names the index it refused by and SQLite the columns, so both are given.
    ///
    /// # Errors
    /// `code` if that index refused, else the database's error.
    fn on_conflict(self, index: &str, column: &str, code: Code) -> Result<T>;
}

impl<T> OnConflict<T> for std::result::Result<T, DbErr> {
    fn on_conflict(self, index: &str, column: &str, code: Code) -> Result<T> {
        self.map_err(|error| match error.sql_err() {
            Some(sea_orm::SqlErr::UniqueConstraintViolation(text))
                if text.contains(index) || text.ends_with(column) =>
            {
                code.into()
            }
            _ => error.into(),
        })
    }
}
