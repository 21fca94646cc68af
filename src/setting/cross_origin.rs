//! Which pages of other origins may call the API from a browser.

use super::Setting;
use crate::kit::text::WebOrigin;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// Which pages of other origins may call the API from a browser.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase", default)]
#[oai(rename = "CrossOriginSpec", rename_all = "camelCase")]
pub struct CrossOrigin {
    /// Origins whose scripts may call the operations of all groups, with a token and never with the
    /// session cookie. None if it is empty.
    #[oai(default, validator(max_items = 100))]
    pub allowed_origins: Vec<WebOrigin>,
}

impl Setting for CrossOrigin {
    const NAME: &'static str = "cross-origin";
}

impl CrossOrigin {
    /// Whether scripts of this origin may call.
    #[must_use]
    pub fn allows(&self, origin: &str) -> bool {
        self.allowed_origins.iter().any(|allowed| allowed.as_str() == origin)
    }
}
