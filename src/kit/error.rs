//! The one error type, and its answer: a problem (RFC 9457).

use poem::http::{HeaderValue, StatusCode, header};
use poem_openapi::{
    ApiResponse, Object,
    payload::{Json, Payload},
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::ToJSON,
};
use std::convert::Infallible;

/// What a rule or a handler returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A rule refused; the code says which, and brings status and text.
    #[error("{}", .0.detail())]
    Refused(Code),
    /// Fields of the request are not what they must be; all of them at once.
    #[error("{}", Code::Invalid.detail())]
    Invalid(Vec<FieldError>),
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

impl From<sea_orm::DbErr> for Error {
    fn from(error: sea_orm::DbErr) -> Self {
        if matches!(error, sea_orm::DbErr::ConnectionAcquire(_)) {
            return Self::Later {
                code: Code::Busy,
                retry_after: 1,
            };
        }
        Self::Internal(error.into())
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
pub struct FieldError {
    /// The field, as a path from the body's root (`spec.displayName`), or the parameter's name.
    pub field: String,
    /// What is wrong: `required`, `type`, `length`, `format`, `value`, `unknown` or `cycle`; of a
    /// new password `too_short`, `too_long`, `needs_lower`, `needs_upper`, `needs_digit`,
    /// `needs_special`, `too_common`, `context_word` or `too_guessable`.
    pub code: String,
    /// The same in words.
    pub detail: String,
}

impl FieldError {
    /// A field and what is wrong with it.
    #[must_use]
    pub fn new(field: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            code: code.to_owned(),
            detail: detail.into(),
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $status:literal $code:literal $title:literal $detail:literal;)+) => {
        /// The stable codes of problems. Append only: clients branch on them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code, in the order of their making.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The code on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            /// The HTTP status it comes with.
            #[must_use]
            pub fn status(self) -> StatusCode {
                let status: u16 = match self { $(Self::$name => $status,)+ };
                StatusCode::from_u16(status).expect("the table has valid statuses")
            }

            /// A short summary that does not change from one occurrence to the next.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)+ }
            }

            /// What happened and what to do about it.
            #[must_use]
            pub fn detail(self) -> &'static str {
                match self { $(Self::$name => $detail,)+ }
            }

            /// When it is answered: the documentation of the code.
            #[must_use]
            pub fn explanation(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc, "\n"),+),)+ }
            }
        }
    };
}

codes! {
    /// The body is not JSON (RFC 8259), or not in UTF-8.
    Malformed = 400 "malformed" "Malformed body" "The body is not what its type says: valid JSON in UTF-8, or a form.";
    /// Fields or parameters are missing, of the wrong type, too long or not in their format; `errors` names each.
    Invalid = 400 "invalid" "Invalid request" "Some fields of the request are not valid; see `errors`.";
    /// No credentials were sent, or they are expired, ended or not of this tenant.
    Unauthenticated = 401 "unauthenticated" "Not signed in" "Sign in first: the request has no valid access token or session.";
    /// The name, address or password of a sign-in is wrong, or the account cannot sign in. It is not said which.
    CredentialsInvalid = 401 "credentials_invalid" "Wrong credentials" "The name or the password is wrong.";
    /// A refresh token is unknown, expired, or was used before; in the last case its session has ended.
    RefreshTokenInvalid = 401 "refresh_token_invalid" "Invalid refresh token" "The refresh token is not valid. Sign in again.";
    /// The caller is known and may not do this.
    Forbidden = 403 "forbidden" "Not permitted" "Your roles do not permit this.";
    /// A request with a session cookie came from another site; see `Sec-Fetch-Site` and `Origin`.
    CrossSite = 403 "cross_site" "Cross-site request" "A request that changes something must come from this site when it is signed in by cookie.";
    /// The tenant exists and an operator has suspended it.
    TenantSuspended = 403 "tenant_suspended" "Tenant suspended" "This tenant is suspended.";
    /// Nothing is there, or nothing the caller may know of.
    NotFound = 404 "not_found" "Not found" "There is nothing here.";
    /// The host or the `/t/<tenant>` of the address names no tenant.
    TenantNotFound = 404 "tenant_not_found" "No such tenant" "No tenant lives at this address.";
    /// The tenant has no user of this name that the caller may know of.
    UserNotFound = 404 "user_not_found" "No such user" "There is no user of this name.";
    /// No message has this id in the tenant.
    MessageNotFound = 404 "message_not_found" "No such message" "There is no message of this id.";
    /// The path exists and has no such method; `Allow` lists those it has.
    MethodNotAllowed = 405 "method_not_allowed" "Method not allowed" "This resource has no such method.";
    /// Another user of the tenant has this name, in any case.
    UserNameTaken = 409 "user_name_taken" "Name taken" "Another user has this name.";
    /// Another user of the tenant has this address.
    EmailTaken = 409 "email_taken" "Address taken" "Another user has this e-mail address.";
    /// The body is larger than the limit, also if it came in chunks.
    TooLarge = 413 "too_large" "Body too large" "The body is larger than the operation takes.";
    /// The body is of a type the operation does not read.
    UnsupportedMediaType = 415 "unsupported_media_type" "Unsupported media type" "Send the body as the operation reads it; mostly application/json.";
    /// The code is wrong, expired, used up, superseded by a newer one, or meant for something else. It is not said which.
    CodeInvalid = 400 "code_invalid" "Invalid code" "The code is wrong or has expired. Ask for a new one.";
    /// The password that confirms this act is not the caller's.
    PasswordWrong = 400 "password_wrong" "Wrong password" "The password is not yours.";
    /// The address is the caller's own and already proven.
    EmailAlreadyVerified = 400 "email_already_verified" "Already verified" "This address is already verified.";
    /// The caller has no address that waits for proof.
    EmailNotPending = 404 "email_not_pending" "Nothing to verify" "No address of yours waits for verification.";
    /// The new address is the present one.
    EmailNotChanged = 400 "email_not_changed" "Address not changed" "This is already your address.";
    /// A role of the request does not exist in this tenant.
    RoleUnknown = 400 "role_unknown" "Unknown role" "There is no role of this name.";
    /// A code was sent to this address or account too recently or too often.
    TooManyCodes = 429 "too_many_codes" "Too many codes" "A code was sent a short while ago. Wait before you ask for another.";
    /// More is asked for at once than the server lets queue up.
    Busy = 503 "busy" "Busy" "The server is busy. Try again shortly.";
    /// A fault of the server; the request id finds it in the log.
    Internal = 500 "internal" "Internal error" "Something went wrong on our side. Tell the operator the request id.";
    /// The request is not HTTP the server can follow.
    BadRequest = 400 "bad_request" "Bad request" "The request cannot be understood.";
    /// The act would give what the caller does not have, or is on somebody who may do what the caller may not.
    Escalation = 403 "escalation" "Above you" "This concerns permissions that you do not have yourself.";
    /// The caller's password was set by somebody else; until they choose their own, nothing else is permitted.
    PasswordChangeRequired = 403 "password_change_required" "Choose a password" "Choose a password of your own first.";
    /// The act would leave the tenant without an owner who can sign in and do everything.
    LastOwner = 409 "last_owner" "Last owner" "The tenant needs an owner who can do everything.";
    /// Nobody disables or deletes the account they are signed in with.
    OwnAccount = 409 "own_account" "Your own account" "Somebody else has to do this to your account.";
    /// The tenant has no role of this name.
    RoleNotFound = 404 "role_not_found" "No such role" "There is no role of this name.";
    /// Another role of the tenant has this name.
    RoleNameTaken = 409 "role_name_taken" "Name taken" "Another role has this name.";
    /// Built-in roles are the same in every tenant.
    RoleBuiltIn = 409 "role_built_in" "Built-in role" "A built-in role cannot be changed or deleted. Make one that inherits it.";
    /// Users have the role, or roles inherit it, and the request does not say which role takes its place.
    RoleInUse = 409 "role_in_use" "Role in use" "The role is in use. Say which role takes its place.";
    /// The object was changed since the version that the body or `If-Match` names.
    VersionConflict = 409 "version_conflict" "Changed meanwhile" "Somebody else changed this meanwhile. Read it again.";
    /// The object is not of the version that `If-Match` asks for (RFC 9110 §13.1.1).
    PreconditionFailed = 412 "precondition_failed" "Precondition failed" "This is not of the version you asked for.";
    /// The user has no live session of this id.
    SessionNotFound = 404 "session_not_found" "No such session" "There is no session of this id.";
    /// No picture has this id.
    AvatarNotFound = 404 "avatar_not_found" "No such picture" "There is no picture of this id.";
    /// There is no policy of this name.
    PolicyNotFound = 404 "policy_not_found" "No such policy" "There is no policy of this name.";
    /// Passwords, codes or sign-ups were tried too often for this account, from this network, or in the whole tenant; `RateLimit-Policy` names the limit.
    TooManyAttempts = 429 "too_many_attempts" "Too many tries" "There were too many tries. Wait before the next one.";
    /// The tenant takes nobody who signs up by themself; or only who was invited, and the request brings no invitation.
    SignUpClosed = 403 "sign_up_closed" "Sign-up closed" "You need an invitation to sign up here.";
    /// The tenant takes no addresses of this domain.
    EmailDomainRefused = 400 "email_domain_refused" "Domain not accepted" "Addresses of this domain are not accepted here.";
    /// No invitation has this id, or it was accepted or withdrawn.
    InvitationNotFound = 404 "invitation_not_found" "No such invitation" "There is no open invitation of this id.";
    /// The tenant asks for a CAPTCHA here, and the request has no token in `X-Captcha-Token`.
    CaptchaRequired = 400 "captcha_required" "CAPTCHA required" "Show that you are a person first: send the token of the CAPTCHA.";
    /// The CAPTCHA token is wrong, expired, used before, or was solved on another site or for something else. It is not said which.
    CaptchaFailed = 400 "captcha_failed" "CAPTCHA failed" "The CAPTCHA was not solved or has expired. Solve a new one.";
    /// The CAPTCHA cannot be checked: its provider does not answer, or the tenant's policy for it is to be mended.
    CaptchaUnavailable = 503 "captcha_unavailable" "CAPTCHA unavailable" "The CAPTCHA cannot be checked just now. Try again shortly.";
}

impl Error {
    /// One field that is wrong.
    #[must_use]
    pub fn field(field: &str, code: &str, detail: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, code, detail)])
    }

    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Refused(code) | Self::Later { code, .. } | Self::Limited { code, .. } => *code,
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
        if self.code().status() == StatusCode::UNAUTHORIZED {
            let challenge = match self.code() {
                Code::Unauthenticated => "Bearer",
                _ => "Bearer error=\"invalid_token\"",
            };
            headers.push((header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge)));
        }
        headers
    }

    /// The body of the answer in the native groups.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let code = self.code();
        Problem {
            r#type: format!("/problems/{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status().as_u16(),
            detail: code.detail().to_owned(),
            code: code.as_str().to_owned(),
            request_id: super::http::request_id(),
            errors: match self {
                Self::Invalid(errors) => errors.clone(),
                _ => vec![],
            },
        }
    }

    /// The error inside a `poem::Error`: ours as it is, the framework's own in our words.
    pub(crate) fn from_poem(error: poem::Error) -> Self {
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
    /// A summary of the kind of problem.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What happened and what to do about it.
    detail: String,
    /// The stable code to branch on.
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
        self.respond("application/problem+json", self.problem().to_json_string())
    }
}

impl Error {
    /// A response with this body and the headers that belong to the error.
    ///
    /// Every dialect ends here, so this is where our own faults are logged, once.
    pub(crate) fn respond(&self, content_type: &str, body: String) -> poem::Response {
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

impl<T> OnConflict<T> for std::result::Result<T, sea_orm::DbErr> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_appended_and_never_changed() {
        let listed: Vec<_> = Code::ALL
            .iter()
            .map(|code| format!("{} {}", code.status().as_u16(), code.as_str()))
            .collect();
        insta::assert_snapshot!(listed.join("\n"));
    }
}
