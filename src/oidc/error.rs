//! Errors in the words of the protocol.

use crate::kit::{
    error::{Code, Error},
    openapi::Coded,
};
use poem::{
    Response,
    http::{HeaderValue, StatusCode, header},
};
use poem_openapi::{
    ApiResponse, Object,
    payload::{Json, Payload},
    registry::{MetaMediaType, MetaResponse, MetaResponses, Registry},
    types::ToJSON,
};
use std::borrow::Cow;

macro_rules! words {
    ($($(#[doc = $doc:literal])+ $name:ident = $status:literal $word:literal;)+) => {
        /// A word of the protocol for what is wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Word {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Word {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// As `error` has it.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// The status it comes with.
            fn status(self) -> StatusCode {
                let status: u16 = match self { $(Self::$name => $status,)+ };
                StatusCode::from_u16(status).expect("the table has valid statuses")
            }

            /// When it is answered.
            fn explanation(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc, "\n"),+),)+ }
            }
        }
    };
}

words! {
    /// A parameter is missing, is there twice or is not valid, or nothing is at this address (RFC 6749 §5.2).
    InvalidRequest = 400 "invalid_request";
    /// The client is unknown or has not proven itself (RFC 6749 §5.2).
    InvalidClient = 401 "invalid_client";
    /// The code or refresh token is not valid, not any more, or not this client's (RFC 6749 §5.2).
    InvalidGrant = 400 "invalid_grant";
    /// The client may not use this grant (RFC 6749 §5.2).
    UnauthorizedClient = 400 "unauthorized_client";
    /// There is no such grant (RFC 6749 §5.2).
    UnsupportedGrantType = 400 "unsupported_grant_type";
    /// The scope is not valid, or more than may be granted (RFC 6749 §5.2).
    InvalidScope = 400 "invalid_scope";
    /// The resource is unknown, or the client may not ask for it (RFC 8707 §2).
    InvalidTarget = 400 "invalid_target";
    /// The access token is missing, not valid, or not any more (RFC 6750 §3.1).
    InvalidToken = 401 "invalid_token";
    /// The access token does not permit this (RFC 6750 §3.1).
    InsufficientScope = 403 "insufficient_scope";
    /// The tenant is suspended, or it is not permitted (RFC 6749 §4.1.2.1).
    AccessDenied = 403 "access_denied";
    /// An authorization request asks for something else than a code (RFC 6749 §4.1.2.1).
    UnsupportedResponseType = 400 "unsupported_response_type";
    /// An authorization request is in a signed object (OpenID Connect Core §3.1.2.6).
    RequestNotSupported = 400 "request_not_supported";
    /// An authorization request is at the application (OpenID Connect Core §3.1.2.6).
    RequestUriNotSupported = 400 "request_uri_not_supported";
    /// An application describes itself in its request (OpenID Connect Core §3.1.2.6).
    RegistrationNotSupported = 400 "registration_not_supported";
    /// With `prompt=none`: somebody has to sign in, again or as somebody else (OpenID Connect Core §3.1.2.6).
    LoginRequired = 400 "login_required";
    /// With `prompt=none`: somebody has to do something else first (OpenID Connect Core §3.1.2.6).
    InteractionRequired = 400 "interaction_required";
    /// With `prompt=none`: somebody has to let the application do this first (OpenID Connect Core §3.1.2.6).
    ConsentRequired = 400 "consent_required";
    /// With `prompt=none`: somebody has to choose whom to be (OpenID Connect Core §3.1.2.6).
    AccountSelectionRequired = 400 "account_selection_required";
    /// Nobody can sign in here as surely as is asked for (OpenID Connect Unmet Authentication Requirements).
    UnmetAuthenticationRequirements = 400 "unmet_authentication_requirements";
    /// The server failed; its log says why (RFC 6749 §4.1.2.1).
    ServerError = 500 "server_error";
    /// Too much or too soon, or the server is busy: try again after `Retry-After` (RFC 6749 §4.1.2.1).
    TemporarilyUnavailable = 503 "temporarily_unavailable";
}

impl Word {
    /// The page that says what a word means.
    pub(crate) fn explain(wanted: &str) -> Option<String> {
        let word = Self::named(wanted)?;
        let (status, about) = (word.status().as_u16(), word.explanation().trim());
        Some(format!("{wanted}\n\nstatus: {status}\n\n{about}\n"))
    }

    /// The one that is written like this.
    fn named(wanted: &str) -> Option<Self> {
        Self::ALL.iter().find(|word| word.as_str() == wanted).copied()
    }

    /// The word for an error of the rules: its own, or what the protocol says to its status.
    fn of(code: Code) -> Self {
        if let Some(word) = Self::named(code.as_str()) {
            return word;
        }
        match code.status().as_u16() {
            401 => Self::InvalidToken,
            403 => Self::AccessDenied,
            408 | 429 | 503 | 507 => Self::TemporarilyUnavailable,
            500.. => Self::ServerError,
            _ => Self::InvalidRequest,
        }
    }

    fn body(self, description: &str) -> String {
        let word = self.as_str();
        let body = ErrorBody {
            error: word.to_owned(),
            error_description: plain(description),
            error_uri: format!("/problems/oauth/{word}"),
        };
        body.to_json_string()
    }
}

/// What a description may be written in (RFC 6749 §5.2): ASCII without quotation marks and backslashes.
pub(super) fn plain(text: &str) -> String {
    let plain = |c: char| match c {
        '"' | '`' | '\\' => '\'',
        ' '..='~' => c,
        _ => '?',
    };
    text.chars().map(plain).collect()
}

/// An error of the protocol (RFC 6749 §5.2).
#[derive(Debug, Object)]
#[oai(rename = "OAuthError")]
pub struct ErrorBody {
    /// What is wrong, in a word to branch on.
    error: String,
    /// The same in words, and what to change.
    error_description: String,
    /// Where the word is explained, relative to the server.
    error_uri: String,
}

/// Why an operation of the protocol refused a request.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// In a word of the protocol.
    #[error("{description}")]
    Protocol {
        /// The word.
        word: Word,
        /// What is wrong, and what to change.
        description: Cow<'static, str>,
        /// What whoever sent the request is asked for: `WWW-Authenticate`.
        challenge: Option<HeaderValue>,
    },
    /// By a rule, or because the server failed.
    #[error(transparent)]
    Other(#[from] Error),
}

/// What an operation of the protocol returns.
pub type Result<T, E = Refusal> = std::result::Result<T, E>;

impl Word {
    /// A refusal in this word. The description is for developers: ASCII without quotation marks.
    #[must_use]
    pub fn because(self, description: impl Into<Cow<'static, str>>) -> Refusal {
        Refusal::Protocol {
            word: self,
            description: description.into(),
            challenge: None,
        }
    }
}

impl Refusal {
    /// The same with what is asked for instead.
    #[must_use]
    pub fn asking(self, challenge: &str) -> Self {
        match self {
            Self::Protocol { word, description, .. } => Self::Protocol {
                word,
                description,
                challenge: HeaderValue::from_str(challenge).ok(),
            },
            Self::Other(error) => Self::Other(error),
        }
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self::Other(code.into())
    }
}

impl From<Refusal> for poem::Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Protocol {
                word,
                description,
                challenge,
            } => {
                let mut response = Response::builder()
                    .status(word.status())
                    .content_type("application/json")
                    .body(word.body(&description));
                if let Some(challenge) = challenge {
                    response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
                }
                Self::from_response(response)
            }
            Refusal::Other(error) => error.into(),
        }
    }
}

/// An error of the rules, of the framework or of the server, as the protocol words it.
pub(crate) fn refuse(error: &Error) -> Response {
    let word = Word::of(error.code());
    error.respond("application/json", word.body(&error.message()))
}

/// The word that stands for a code, or for itself, with the status it comes with.
#[must_use]
pub fn coded(code: &str) -> Option<Coded> {
    let word = |word: Word, status: StatusCode| (status.as_u16(), word.as_str().to_owned());
    if let Some(code) = Code::ALL.iter().find(|known| known.as_str() == code) {
        return Some(word(Word::of(*code), code.status()));
    }
    let known = Word::named(code)?;
    Some(word(known, known.status()))
}

impl ApiResponse for Refusal {
    fn meta() -> MetaResponses {
        let answers = |range: &str, description| MetaResponse {
            description,
            status: None,
            status_range: Some(range.to_owned()),
            content: vec![MetaMediaType {
                content_type: "application/json",
                schema: <Json<ErrorBody> as Payload>::schema_ref(),
            }],
            headers: vec![],
        };
        MetaResponses {
            responses: vec![
                answers("4XX", "The request was refused; `error` says why."),
                answers("5XX", "The server failed or is busy."),
            ],
        }
    }

    fn register(registry: &mut Registry) {
        <Json<ErrorBody> as Payload>::register(registry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_has_no_character_that_the_protocol_forbids() {
        assert_eq!(plain("say `a`, \"b\" or \\c"), "say 'a', 'b' or 'c");
        assert_eq!(plain("\u{4f60}\n"), "??");
        for code in Code::ALL {
            let text = plain(code.detail());
            assert!(
                text.chars().all(|c| matches!(c, ' '..='~') && c != '"' && c != '\\'),
                "{text}"
            );
        }
    }
}
