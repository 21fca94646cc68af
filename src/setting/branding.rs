//! How the tenant shows itself: on its pages and in its mails.

use super::Setting;
use crate::{kit::text::DisplayName, tenant::Tenant};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How the tenant and its applications show themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Branding {
    /// What people call the tenant; its own name if there is none.
    pub display_name: Option<DisplayName>,
    /// The colour of buttons, `#rrggbb`.
    pub color: String,
    /// An https address of a picture.
    pub logo_url: Option<String>,
    /// Where people go when they are done.
    pub home_url: Option<String>,
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

impl Brand {
    /// The colour of text on a button.
    #[must_use]
    pub fn ink(&self) -> &'static str {
        // A colour is checked before it is kept.
        ink_on(rgb(&self.color).unwrap_or_default())
    }
}

/// The parts of `rrggbb`, with `#` in front or without.
#[must_use]
pub fn rgb(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').unwrap_or(text);
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let part = |at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}

/// White or black, whichever is read better on this colour (WCAG 2.2, relative luminance): the
/// better of the two has a contrast of 4.58 at the least.
#[must_use]
pub fn ink_on(color: [u8; 3]) -> &'static str {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    let [red, green, blue] = color.map(linear);
    let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    match 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 {
        true => "#ffffff",
        false => "#000000",
    }
}

impl Default for Branding {
    fn default() -> Self {
        Self {
            // White letters on it are readable (WCAG 2.2 §1.4.3).
            color: "#1864ab".to_owned(),
            display_name: None,
            logo_url: None,
            home_url: None,
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
        let name = known.map(|known| &known.display_name).or(self.display_name.as_ref());
        Brand {
            name: name.map_or_else(|| tenant.display_name.clone(), ToString::to_string),
            color: other(|known| &known.color).unwrap_or_else(|| self.color.clone()),
            logo_url: other(|known| &known.logo_url).or_else(|| self.logo_url.clone()),
            home_url: other(|known| &known.home_url).or_else(|| self.home_url.clone()),
        }
    }
}
