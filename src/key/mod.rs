//! The `signing_key` table, and the tokens a tenant signs.
//!
//! Each tenant has its own keys, so a token of one tenant means nothing to another. A key is published
//! before it signs and after it has stopped, so that nobody who verifies tokens notices a rotation.

mod algorithm;
pub mod api;
mod entity;
mod job;
mod pair;
mod policy;
mod ring;
mod rotation;

use crate::kit::id::SessionId;
pub use algorithm::Algorithm;
use chrono::TimeDelta;
pub use entity::{Model as KeyRow, State};
pub use job::RotationJob;
pub use pair::{Pair, make};
pub use policy::Schedule;
pub use ring::{Hint, KeyRing, TokenType, load, verify_retired_hint};
pub use rotation::{KeyFilter, Rotation, complete, ensure, list, reschedule, rotate};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How long an access token lasts at the longest that a tenant may choose.
pub const LONGEST_TOKEN_LIFE: TimeDelta = TimeDelta::days(1);

/// The claims of an access token (RFC 9068 §2.2).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The tenant's base URL.
    pub iss: String,
    /// The user, or the application that calls for itself.
    pub sub: String,
    /// The session; none of an application that calls for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<SessionId>,
    /// Who the token is for.
    pub aud: Audiences,
    /// The application it was issued to; empty if none was named.
    pub client_id: String,
    /// What it is for, of what its holder may do; none is everything, of a sign-in that no application asked for
    /// by the protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// Unix time from which it is valid.
    pub iat: i64,
    /// Unix time from which it is not.
    pub exp: i64,
    /// Unique for each token.
    pub jti: String,
    /// Roles, and what the application is told besides.
    #[serde(flatten)]
    pub told: Map<String, Value>,
}

impl Claims {
    /// The same as it would be of the issuer's new address: the tenant has another one by now, and nothing else is
    /// different.
    #[must_use]
    pub fn moved(mut self, from: &str, to: &str) -> Self {
        let moved = |audience: String| match audience.strip_prefix(from) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{to}{rest}"),
            _ => audience,
        };
        to.clone_into(&mut self.iss);
        self.aud = match self.aud {
            Audiences::One(one) => Audiences::One(moved(one)),
            Audiences::Several(all) => Audiences::Several(all.into_iter().map(moved).collect()),
        };
        self
    }
}

/// Who a token is for: one, or several (RFC 7519 §4.1.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Audiences {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Audiences {
    /// Whether this is one of them.
    #[must_use]
    pub fn have(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Several(all) => all.iter().any(|one| one == audience),
        }
    }
}

impl From<Vec<String>> for Audiences {
    fn from(mut all: Vec<String>) -> Self {
        match all.len() {
            1 => Self::One(all.remove(0)),
            _ => Self::Several(all),
        }
    }
}
