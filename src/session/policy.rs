//! How long sessions and tokens last.

use crate::{
    kit::error::{Error, Result},
    setting::Setting,
};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

/// How long sessions and tokens last, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Sessions {
    /// An access token.
    pub access_token_seconds: u32,
    /// A session that is not used, and a refresh token.
    pub idle_seconds: u32,
    /// A session, however busy.
    pub absolute_seconds: u32,
    /// Sessions of one user; one more ends the oldest.
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
}

impl Sessions {
    /// The policy, if its parts go together.
    ///
    /// # Errors
    /// The field that does not.
    pub(super) fn accept(self) -> Result<Self> {
        if self.idle_seconds > self.absolute_seconds {
            let why = "may not be longer than absoluteSeconds, when a session ends anyway";
            return Err(Error::field("spec.idleSeconds", "value", why));
        }
        Ok(self)
    }

    pub(super) fn absolute(self) -> TimeDelta {
        TimeDelta::seconds(self.absolute_seconds.into())
    }
}
