//! How the tenant shows itself: on its pages and in its mails.

use super::Setting;
use crate::{kit::text::DisplayName, tenant::Tenant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How the tenant and its applications show themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Branding {
    /// The colour of buttons, `#rrggbb`.
    pub color: String,
    /// An https address of a picture.
    pub logo_url: Option<String>,
    /// The applications that show themselves otherwise, by `clientId`.
    pub applications: BTreeMap<String, Application>,
}

/// How one application shows itself; what it does not say is as the tenant's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    /// What people call it.
    pub display_name: DisplayName,
    /// The colour of buttons.
    pub color: Option<String>,
    /// An https address of a picture.
    pub logo_url: Option<String>,
    /// Where people go when they are done.
    pub home_url: Option<String>,
}

/// In whose name a page or a mail is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// What people call it.
    pub name: String,
    /// The colour of buttons.
    pub color: String,
    /// An https address of a picture.
    pub logo_url: Option<String>,
    /// Where people go when they are done.
    pub home_url: Option<String>,
}

impl Default for Branding {
    fn default() -> Self {
        Self {
            // White letters on it are readable (WCAG 2.2 §1.4.3).
            color: "#1864ab".to_owned(),
            logo_url: None,
            applications: BTreeMap::new(),
        }
    }
}

impl Setting for Branding {
    const NAME: &'static str = "branding";
}

impl Branding {
    /// In whose name something for this application is. Only one the tenant knows has a name of
    /// its own: anybody can send any `clientId`.
    #[must_use]
    pub fn of(&self, tenant: &Tenant, client_id: Option<&str>) -> Brand {
        let known = client_id.and_then(|id| self.applications.get(id));
        let other = |of: fn(&Application) -> &Option<String>| known.and_then(|application| of(application).clone());
        Brand {
            name: known.map_or_else(|| tenant.display_name.clone(), |known| known.display_name.to_string()),
            color: other(|known| &known.color).unwrap_or_else(|| self.color.clone()),
            logo_url: other(|known| &known.logo_url).or_else(|| self.logo_url.clone()),
            home_url: other(|known| &known.home_url),
        }
    }
}
