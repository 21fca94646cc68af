//! The group `basic`.

use super::View;
use crate::{
    kit::text::{DisplayName, Email, TimeZone},
    setting::{Branding, PageLanguage},
};
use poem_openapi::Object;

/// Names of the tenant, and where its people find more. Kept by the policy `branding`.
#[derive(Debug, Object)]
#[oai(rename = "BasicConfig", rename_all = "camelCase")]
pub(super) struct Basic {
    /// What people call the tenant; the name it was made with if null.
    title: Option<DisplayName>,
    /// A line below the name on its pages.
    #[oai(validator(max_length = 200))]
    subtitle: Option<String>,
    /// The picture above its pages: an https address, or `/files/{sha256}/{name}`, a picture of the tenant's own files
    /// that anybody may see.
    #[oai(validator(
        max_length = 1000,
        pattern = "^(https://[^\\s\"'<>\\\\]+|/files/[0-9a-f]{64}/[^\\s\"'<>\\\\/]+)$"
    ))]
    logo_url: Option<String>,
    /// Where people go when they are done with a page.
    #[oai(validator(max_length = 1000, pattern = "^https?://[^\\s\"'<>\\\\]+$"))]
    home_url: Option<String>,
    /// Where people ask for help.
    contact_email: Option<Email>,
    /// An https address of a page that helps.
    #[oai(validator(max_length = 1000, pattern = "^https://[^\\s\"'<>\\\\]+$"))]
    help_url: Option<String>,
    /// An https address of the terms of service.
    #[oai(validator(max_length = 1000, pattern = "^https://[^\\s\"'<>\\\\]+$"))]
    terms_url: Option<String>,
    /// An https address of what is done with people's data.
    #[oai(validator(max_length = 1000, pattern = "^https://[^\\s\"'<>\\\\]+$"))]
    privacy_url: Option<String>,
    /// The language of its pages and mails where neither the browser nor the person says one; English if null.
    language: Option<PageLanguage>,
    /// Where the clocks are whose time its mails tell; UTC if null.
    time_zone: Option<TimeZone>,
}

impl View for Basic {
    type Setting = Branding;

    fn of(setting: &Branding) -> Self {
        let all = setting.clone();
        Self {
            title: all.display_name,
            subtitle: all.subtitle,
            logo_url: all.logo_url,
            home_url: all.home_url,
            contact_email: all.contact_email,
            help_url: all.help_url,
            terms_url: all.terms_url,
            privacy_url: all.privacy_url,
            language: all.language,
            time_zone: all.time_zone,
        }
    }

    fn apply(self, old: &Branding) -> Branding {
        Branding {
            display_name: self.title,
            subtitle: self.subtitle,
            logo_url: self.logo_url,
            home_url: self.home_url,
            contact_email: self.contact_email,
            help_url: self.help_url,
            terms_url: self.terms_url,
            privacy_url: self.privacy_url,
            language: self.language,
            time_zone: self.time_zone,
            ..old.clone()
        }
    }

    fn member(of: &str) -> Option<&'static str> {
        Some(match of {
            "displayName" => "title",
            "subtitle" => "subtitle",
            "logoUrl" => "logoUrl",
            "homeUrl" => "homeUrl",
            "contactEmail" => "contactEmail",
            "helpUrl" => "helpUrl",
            "termsUrl" => "termsUrl",
            "privacyUrl" => "privacyUrl",
            "language" => "language",
            "timeZone" => "timeZone",
            _ => return None,
        })
    }
}
