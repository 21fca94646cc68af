//! How people of the tenant may say who they are.

use super::Setting;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// How people may say who they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase", default)]
#[oai(rename = "AuthenticationSpec")]
pub struct Authentication {
    /// Whether a request may bring name and password itself (HTTP Basic, RFC 7617). Each such
    /// request costs a password hash.
    #[oai(rename = "basicAuth")]
    pub basic: bool,
}

impl Setting for Authentication {
    const NAME: &'static str = "authentication";

    fn shown(path: &str) -> Vec<String> {
        let name = if path == "basic" { "basicAuth" } else { path };
        vec![name.to_owned()]
    }
}
