//! How the tenant shows itself: on its pages and in its mails.

use super::Setting;
use crate::kit::{
    db::Tx,
    error::{Error, Result},
    text::{DisplayName, Email, Language, TimeZone},
};
use poem_openapi::{Enum, Object};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;
use tenantry_core::tenant::Tenant;

/// Where files of the tenant are seen, below its address.
const FILES: &str = "/files/";

/// How the tenant and its applications show themselves: on its pages and in its mails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase", default)]
#[oai(rename = "BrandingSpec", rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct Branding {
    /// What people call the tenant; the name it was made with if absent.
    pub display_name: Option<DisplayName>,
    /// A line below the name on its pages.
    #[oai(validator(max_length = 200))]
    pub subtitle: Option<String>,
    /// The colour of buttons.
    #[oai(validator(pattern = "^#[0-9a-fA-F]{6}$"))]
    pub color: String,
    /// The picture above its pages: an https address, or `/files/{sha256}/{name}`, a picture of the tenant's own files
    /// that anybody may see.
    #[oai(validator(
        max_length = 1000,
        pattern = "^(https://[^\\s\"'<>\\\\]+|/files/[0-9a-f]{64}/[^\\s\"'<>\\\\/]+)$"
    ))]
    pub logo_url: Option<String>,
    /// The same for people who have their pages dark; as in the light if absent.
    #[oai(validator(
        max_length = 1000,
        pattern = "^(https://[^\\s\"'<>\\\\]+|/files/[0-9a-f]{64}/[^\\s\"'<>\\\\/]+)$"
    ))]
    pub logo_url_dark: Option<String>,
    /// The small picture that browsers show with its pages, as `logoUrl`; one in its colour if absent.
    #[oai(validator(
        max_length = 1000,
        pattern = "^(https://[^\\s\"'<>\\\\]+|/files/[0-9a-f]{64}/[^\\s\"'<>\\\\/]+)$"
    ))]
    pub icon_url: Option<String>,
    /// Where people go when they are done with a page.
    #[oai(validator(max_length = 1000, pattern = "^https?://[^\\s\"'<>\\\\]+$"))]
    pub home_url: Option<String>,
    /// Where people ask for help: a link on each page.
    pub contact_email: Option<Email>,
    /// An https address of a page that helps: a link on each page.
    #[oai(validator(max_length = 1000, pattern = "^https://[^\\s\"'<>\\\\]+$"))]
    pub help_url: Option<String>,
    /// An https address of the terms of service: a link on each page.
    #[oai(validator(max_length = 1000, pattern = "^https://[^\\s\"'<>\\\\]+$"))]
    pub terms_url: Option<String>,
    /// An https address of what is done with people's data: a link on each page.
    #[oai(validator(max_length = 1000, pattern = "^https://[^\\s\"'<>\\\\]+$"))]
    pub privacy_url: Option<String>,
    /// The language of its pages and mails where neither the browser nor the person says one; English if absent.
    pub language: Option<PageLanguage>,
    /// Where the clocks are whose time its mails tell; UTC if absent.
    pub time_zone: Option<TimeZone>,
    /// The applications that show themselves otherwise.
    #[serde(serialize_with = "store", deserialize_with = "stored")]
    #[oai(default, validator(max_items = 100))]
    pub applications: Vec<Application>,
}

/// A language that pages and mails are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[serde(rename_all = "lowercase")]
#[oai(rename_all = "lowercase")]
pub enum PageLanguage {
    /// English.
    En,
    /// Simplified Chinese.
    Zh,
}

impl From<PageLanguage> for Language {
    fn from(language: PageLanguage) -> Self {
        match language {
            PageLanguage::En => Self::English,
            PageLanguage::Zh => Self::Chinese,
        }
    }
}

/// How one application shows itself; what it does not say is as the tenant's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(
    rename = "ApplicationBranding",
    rename_all = "camelCase",
    skip_serializing_if_is_none
)]
pub struct Application {
    /// What it calls itself in requests.
    #[serde(skip)]
    #[oai(validator(min_length = 1, max_length = 200))]
    pub client_id: String,
    /// What people call it.
    pub display_name: DisplayName,
    /// The colour of buttons.
    #[oai(validator(pattern = "^#[0-9a-fA-F]{6}$"))]
    pub color: Option<String>,
    /// The picture above its pages: an https address, or `/files/{sha256}/{name}`, a picture of the tenant's own files
    /// that anybody may see.
    #[oai(validator(
        max_length = 1000,
        pattern = "^(https://[^\\s\"'<>\\\\]+|/files/[0-9a-f]{64}/[^\\s\"'<>\\\\/]+)$"
    ))]
    pub logo_url: Option<String>,
    /// Where people go when they are done with a page.
    #[oai(validator(max_length = 1000, pattern = "^https?://[^\\s\"'<>\\\\]+$"))]
    pub home_url: Option<String>,
}

/// Stored, the applications are a map by their `clientId`.
fn store<S: Serializer>(applications: &[Application], to: S) -> std::result::Result<S::Ok, S::Error> {
    to.collect_map(applications.iter().map(|known| (&known.client_id, known)))
}

fn stored<'de, D: Deserializer<'de>>(from: D) -> std::result::Result<Vec<Application>, D::Error> {
    let by_id = BTreeMap::deserialize(from)?;
    let named = |(client_id, known)| Application { client_id, ..known };
    Ok(by_id.into_iter().map(named).collect())
}

/// The name and colours of a page or a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// What people call it.
    pub name: String,
    /// The colour of buttons.
    pub color: String,
    /// The picture above its pages: an https address, or the path of a file of the tenant.
    pub logo_url: Option<String>,
    /// The same in the dark.
    pub logo_url_dark: Option<String>,
    /// The small picture that browsers show with its pages.
    pub icon_url: Option<String>,
    /// Where people go when they are done.
    pub home_url: Option<String>,
    /// A line below the name.
    pub subtitle: Option<String>,
    /// Where else people find something.
    pub links: Links,
}

/// Where people of a page or a mail find more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Where they ask.
    pub contact_email: Option<String>,
    /// Where they read how things are done.
    pub help_url: Option<String>,
    /// The terms of service.
    pub terms_url: Option<String>,
    /// What is done with their data.
    pub privacy_url: Option<String>,
}

impl Brand {
    /// The same with this picture, if there is one: in the dark too.
    #[must_use]
    pub fn with_logo(mut self, logo: Option<String>) -> Self {
        if logo.is_some() {
            (self.logo_url, self.logo_url_dark) = (logo, None);
        }
        self
    }

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
            subtitle: None,
            logo_url: None,
            logo_url_dark: None,
            icon_url: None,
            home_url: None,
            contact_email: None,
            help_url: None,
            terms_url: None,
            privacy_url: None,
            language: None,
            time_zone: None,
            applications: vec![],
        }
    }
}

impl Setting for Branding {
    const NAME: &'static str = "branding";

    fn of_one_tenant(&self) -> Vec<String> {
        self.own_pictures().into_iter().map(|(member, _)| member).collect()
    }

    fn check(mut self) -> Result<Self> {
        let named = self.applications.len();
        self.applications.sort_by(|a, b| a.client_id.cmp(&b.client_id));
        self.applications.dedup_by(|a, b| a.client_id == b.client_id);
        match self.applications.len() == named {
            true => Ok(self),
            false => Err(Error::field("applications", "value", "may name each clientId once")),
        }
    }
}

/// The language of something that is written to people: the one that is wanted, else that of the tenant.
pub async fn language(tx: &Tx, wanted: Option<Language>) -> Result<Language> {
    if let Some(wanted) = wanted {
        return Ok(wanted);
    }
    let (branding, _) = super::read::<Branding>(tx).await?;
    Ok(branding.language())
}

impl Branding {
    /// The language of what is written to people who want none.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language.map(Into::into).unwrap_or_default()
    }

    /// The brand of pages and mails for this application. Only an application the tenant knows has
    /// a brand of its own: anybody can send any `clientId`.
    #[must_use]
    pub fn of(&self, tenant: &Tenant, client_id: Option<&str>) -> Brand {
        let known = client_id.and_then(|id| self.applications.iter().find(|known| known.client_id == id));
        let other = |of: fn(&Application) -> &Option<String>| known.and_then(|application| of(application).clone());
        let name = known.map(|known| &known.display_name).or(self.display_name.as_ref());
        let brand = Brand {
            name: name.map_or_else(|| tenant.display_name.to_string(), ToString::to_string),
            color: other(|known| &known.color).unwrap_or_else(|| self.color.clone()),
            logo_url_dark: self.logo_url_dark.clone(),
            icon_url: self.icon_url.clone(),
            logo_url: self.logo_url.clone(),
            home_url: other(|known| &known.home_url).or_else(|| self.home_url.clone()),
            subtitle: self.subtitle.clone().filter(|_| known.is_none()),
            links: Links {
                contact_email: self.contact_email.as_ref().map(|email| email.address().to_owned()),
                help_url: self.help_url.clone(),
                terms_url: self.terms_url.clone(),
                privacy_url: self.privacy_url.clone(),
            },
        };
        brand.with_logo(other(|known| &known.logo_url))
    }

    /// The pictures among the tenant's own files that it shows itself with: the member that names each, and its hash.
    #[must_use]
    pub fn own_pictures<'a>(&'a self) -> Vec<(String, &'a str)> {
        let of_applications = self.applications.iter().enumerate();
        let of_applications = of_applications.map(|(at, one)| (format!("applications[{at}].logoUrl"), &one.logo_url));
        let own = [
            ("logoUrl", &self.logo_url),
            ("logoUrlDark", &self.logo_url_dark),
            ("iconUrl", &self.icon_url),
        ];
        let all = own.map(|(name, address)| (name.to_owned(), address)).into_iter();
        let hash = |(name, address): (String, &'a Option<String>)| Some((name, hash_in(address.as_deref()?)?));
        all.chain(of_applications).filter_map(hash).collect()
    }

    /// Whether it shows itself with the picture of this address.
    #[must_use]
    pub fn shows(&self, address: &str) -> bool {
        let of_applications = self.applications.iter().map(|one| &one.logo_url);
        let own = [&self.logo_url, &self.logo_url_dark, &self.icon_url];
        own.into_iter()
            .chain(of_applications)
            .flatten()
            .any(|shown| shown == address)
    }
}

/// The hash of a file of the tenant, in the path where it is seen.
fn hash_in(path: &str) -> Option<&str> {
    path.strip_prefix(FILES)?.split('/').next()
}

/// The address of a picture, which may be the path of a file of the tenant, whose pages are below `base`.
#[must_use]
pub fn address(base: &str, picture: &str) -> String {
    match picture.starts_with(FILES) {
        true => format!("{base}{picture}"),
        false => picture.to_owned(),
    }
}
