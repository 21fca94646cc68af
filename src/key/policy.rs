//! When keys are rotated.

use crate::{
    kit::error::{Error, Result},
    setting::Setting,
};
use chrono::TimeDelta;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// When keys are rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase", default)]
#[oai(rename = "SigningKeyPolicySpec", rename_all = "camelCase")]
pub struct Schedule {
    /// Whether keys are rotated by themselves. Otherwise each signs until somebody rotates it, which a gateway needs
    /// that has a copy of the published keys instead of fetching them.
    pub automatic: bool,
    /// Days for which a key signs, if keys are rotated by themselves.
    #[oai(validator(minimum(value = "7"), maximum(value = "730")))]
    pub period_days: u32,
    /// Days for which the next key is published before it signs, whoever rotates.
    #[oai(validator(minimum(value = "1"), maximum(value = "30")))]
    pub lead_days: u32,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            automatic: true,
            period_days: 90,
            lead_days: 1,
        }
    }
}

impl Setting for Schedule {
    const NAME: &'static str = "signing-keys";

    fn check(self) -> Result<Self> {
        if self.lead_days >= self.period_days {
            let why = "must be less than periodDays: a key is published after the one before began to sign";
            return Err(Error::field("leadDays", "value", why));
        }
        Ok(self)
    }
}

impl Schedule {
    /// How long a key signs that is rotated by itself.
    pub(super) fn period(self) -> TimeDelta {
        TimeDelta::days(self.period_days.into())
    }

    /// How long a key is published before it signs.
    pub(super) fn lead(self) -> TimeDelta {
        TimeDelta::days(self.lead_days.into())
    }
}
