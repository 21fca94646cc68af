//! How long sessions and tokens last.

use crate::{
    kit::error::{Error, Result},
    setting::Setting,
};
use chrono::TimeDelta;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// How long sessions and tokens last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase", default)]
#[oai(rename = "SessionPolicySpec", rename_all = "camelCase")]
pub struct Sessions {
    /// Seconds for which an access token is valid.
    #[oai(validator(minimum(value = "60"), maximum(value = "86400")))]
    pub access_token_seconds: u32,
    /// Seconds a session may lie unused, and a refresh token may wait.
    #[oai(validator(minimum(value = "300"), maximum(value = "31536000")))]
    pub idle_seconds: u32,
    /// Seconds after which a session ends, however busy.
    #[oai(validator(minimum(value = "300"), maximum(value = "31536000")))]
    pub absolute_seconds: u32,
    /// Sessions of one user; one more ends the oldest.
    #[oai(validator(minimum(value = "1"), maximum(value = "200")))]
    pub most_per_user: u32,
}

const DAY: u32 = 24 * 3600;

impl Default for Sessions {
    fn default() -> Self {
        Self {
            access_token_seconds: 15 * 60,
            idle_seconds: 14 * DAY,
            absolute_seconds: 30 * DAY,
            most_per_user: 200,
        }
    }
}

impl Setting for Sessions {
    const NAME: &'static str = "sessions";

    fn check(self) -> Result<Self> {
        if self.idle_seconds > self.absolute_seconds {
            let why = "may not be longer than absoluteSeconds, when a session ends anyway";
            return Err(Error::field("idleSeconds", "value", why));
        }
        Ok(self)
    }
}

impl Sessions {
    pub(super) fn absolute(self) -> TimeDelta {
        TimeDelta::seconds(self.absolute_seconds.into())
    }
}
