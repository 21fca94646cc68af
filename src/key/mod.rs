//! The `signing_key` table, and the tokens a tenant signs.
//!
//! Each tenant has its own keys, so a token of one tenant means nothing to another. A key is published
//! before it signs and after it has stopped, so that nobody who verifies tokens notices a rotation.

mod algorithm;
pub mod api;
mod entity;
mod job;
mod pair;
mod ring;
mod rotation;

use crate::kit::id::{SessionId, UserId};
pub use algorithm::Algorithm;
use chrono::TimeDelta;
pub use entity::{Model as KeyRow, State};
pub use job::RotationJob;
pub use pair::{Pair, make};
pub use ring::{KeyRing, TokenType, load};
pub use rotation::{KeyFilter, Rotation, complete, ensure, list, rotate};
use serde::{Deserialize, Serialize};

/// How long an access token lasts at the longest that a tenant may choose.
pub const LONGEST_TOKEN_LIFE: TimeDelta = TimeDelta::days(1);

/// The claims of an access token (RFC 9068 §2.2).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// The tenant's base URL.
    pub iss: String,
    /// The user.
    pub sub: UserId,
    /// The session.
    pub sid: SessionId,
    /// Who the token is for: the tenant's own API.
    pub aud: String,
    /// The application it was issued to; empty if none was named.
    pub client_id: String,
    /// Unix time from which it is valid.
    pub iat: i64,
    /// Unix time from which it is not.
    pub exp: i64,
    /// Unique for each token.
    pub jti: String,
}
