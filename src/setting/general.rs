//! What the instance calls itself.

use super::Setting;
use crate::kit::text::DisplayName;
use poem_openapi::Object;
use serde::{Deserialize, Serialize};

/// What the instance calls itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase", default)]
#[oai(rename = "GeneralSpec", rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct General {
    /// Its name in mails of tenants that leave by its relay, as in `Acme (via Example Cloud)`; that of the default tenant
    /// if absent.
    pub name: Option<DisplayName>,
}

impl Setting for General {
    const NAME: &'static str = "general";
    const OF_INSTANCE: bool = true;
}
