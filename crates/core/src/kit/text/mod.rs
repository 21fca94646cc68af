//! Strings that mean something: parsed at the edge, valid ever after.

mod client_id;
mod config_name;
mod file_name;
mod identity_subject;
mod keyword;
mod metadata_key;
mod origin;
mod password;
mod provider_name;
mod sender_name;
mod tenant_name;
mod time_zone;
mod uint64;
mod wire;

use super::headers::{Tie, negotiate};
pub use client_id::ClientId;
pub use config_name::{ConfigGroup, PolicyGroup, PolicyName, VersionNumber};
pub use file_name::{FileName, Sha256};
pub use identity_subject::IdentitySubject;
pub use keyword::Keyword;
pub use metadata_key::MetadataKey;
pub use origin::WebOrigin;
pub use password::{GivenHash, GivenPassword, GivenSecret, NewPassword};
pub use provider_name::ProviderName;
pub use sender_name::{NotifierName, Selector, SenderName};
use std::fmt;
pub use tenant_name::{DomainName, TenantName};
pub use time_zone::TimeZone;
pub use uint64::{Seconds, Uint64};
use unicode_normalization::UnicodeNormalization;
use wire::stored_string;
pub use wire::{NO_SCHEMA, Nullable, OrNull, Schema};
pub(crate) use wire::{schema_ref, wire_read, wire_string};

/// What is wrong with `text` for a string of this `format`, if anything.
///
/// The formats are those of this module; others are not checked here.
pub(crate) fn why_not(format: &str, text: &str) -> Option<&'static str> {
    match format {
        "email" => text.parse::<Email>().err(),
        "user-name" => text.parse::<UserName>().err(),
        "client-id" => text.parse::<ClientId>().err(),
        "sender-name" => text.parse::<SenderName>().err(),
        "tenant-name" => text.parse::<TenantName>().err(),
        "domain-name" => text.parse::<DomainName>().err(),
        "dkim-selector" => text.parse::<Selector>().err(),
        "policy-name" => text.parse::<PolicyName>().err(),
        "policy-group" => text.parse::<PolicyGroup>().err(),
        "config-group" => text.parse::<ConfigGroup>().err(),
        "notifier-name" => text.parse::<NotifierName>().err(),
        "role-name" => text.parse::<RoleName>().err(),
        "password" => text.parse::<NewPassword>().err(),
        "domain-rule" => text.parse::<DomainRule>().err(),
        "web-origin" => text.parse::<WebOrigin>().err(),
        "password-hash" => text.parse::<GivenHash>().err(),
        "display-name" => text.parse::<DisplayName>().err(),
        "keyword" => text.parse::<Keyword>().err(),
        "language" => text.parse::<Language>().err(),
        "time-zone" => text.parse::<TimeZone>().err(),
        _ => None,
    }
}

/// The stable handle of a user within a tenant: what they sign in with.
///
/// 1 to 63 of ASCII letters, digits, `.`, `_`, `-`, beginning and ending with a letter or digit;
/// kept in lower case, so that a name in another case is the same name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, sea_orm::DeriveValueType)]
pub struct UserName(String);

/// Names that paths or people would take for something else.
const RESERVED: &[&str] = &["-", "me", "anonymous", "system"];

impl std::str::FromStr for UserName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() || text.len() > 63 {
            return Err("must have 1 to 63 characters");
        }
        if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)) {
            return Err("may only have the letters a-z, digits and . _ -");
        }
        let name = text.to_ascii_lowercase();
        // Paths name users by either, in some groups.
        if RESERVED.contains(&name.as_str()) || is_user_id(&name) {
            return Err("is a reserved name");
        }
        let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        if !edge(name.as_bytes().first()) || !edge(name.as_bytes().last()) {
            return Err("must begin and end with a letter or a digit");
        }
        Ok(Self(name))
    }
}

/// The stable handle of a role within a tenant: as that of a user.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RoleName(UserName);

impl std::str::FromStr for RoleName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // One is built in, for anonymous callers.
        if text.eq_ignore_ascii_case("anonymous") {
            return Ok(Self(UserName("anonymous".to_owned())));
        }
        text.parse().map(Self)
    }
}

wire_string!(RoleName, {
    format: Some("role-name"),
    max_length: Some(63),
    min_length: Some(1),
    pattern: Some("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$"),
    example: Some("editor"),
    ..
});

stored_string!(Email, UserName, RoleName);

/// The form of [`super::id::UserId`]: paths take a name or an id.
fn is_user_id(text: &str) -> bool {
    let digits = text.strip_prefix("usr_").unwrap_or_default();
    digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

wire_string!(UserName, {
    format: Some("user-name"),
    max_length: Some(63),
    min_length: Some(1),
    pattern: Some("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$"),
    example: Some("ada"),
    ..
});

/// An e-mail address a message can be sent to.
///
/// RFC 5321 dot-atom local part of up to 64 octets and a domain of up to 253 in A-label form
/// (UTS 46). Quoted local parts, comments, address literals and non-ASCII local parts are refused.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Email {
    address: String,
    key: String,
}

impl Email {
    /// The address as typed, its domain in A-labels: what mail is sent to.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The form two addresses are compared in: lower case.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl std::str::FromStr for Email {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const NOT_ONE: &str = "must be one e-mail address, such as ada@example.com";
        let (local, domain) = text.rsplit_once('@').ok_or(NOT_ONE)?;
        let atext = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
        if local.is_empty() || local.len() > 64 || !local.bytes().all(atext) {
            return Err(NOT_ONE);
        }
        if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
            return Err(NOT_ONE);
        }
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| NOT_ONE)?;
        let named = domain.contains('.') || domain == "localhost";
        let literal = domain
            .rsplit('.')
            .next()
            .is_none_or(|top| top.bytes().all(|b| b.is_ascii_digit()));
        if domain.len() > 253 || !named || literal || domain.ends_with('.') {
            return Err(NOT_ONE);
        }
        let address = format!("{local}@{domain}");
        if address.len() > 254 {
            return Err("must have at most 254 characters");
        }
        let key = address.to_ascii_lowercase();
        Ok(Self { address, key })
    }
}

/// The form that this text is compared in as an address. In a query that nobody encoded, its `+` is a
/// blank; what is no whole address is compared in lower case.
#[must_use]
pub fn address_key(text: &str) -> String {
    let email = text.replace(' ', "+").parse::<Email>();
    email.map_or_else(|_| text.to_lowercase(), |email| email.key().to_owned())
}

wire_string!(Email, {
    format: Some("email"),
    max_length: Some(254),
    example: Some("ada@example.com"),
    // No address has a blank.
    blank_is_plus: true,
    ..
});

/// Domains of addresses: one host, or with a dot in front that and all below it.
///
/// Kept in A-labels (UTS 46) and lower case.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct DomainRule(String);

impl std::str::FromStr for DomainRule {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const NOT_ONE: &str = "must be a domain such as example.com, or .example.com for all below it as well";
        let (dot, domain) = match text.strip_prefix('.') {
            Some(parent) => (".", parent),
            None => ("", text),
        };
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| NOT_ONE)?;
        if domain.is_empty() || domain.len() > 253 || domain.ends_with('.') {
            return Err(NOT_ONE);
        }
        Ok(Self(format!("{dot}{domain}")))
    }
}

impl TryFrom<String> for DomainRule {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl DomainRule {
    /// Whether this domain, in A-labels and lower case, is one of them.
    #[must_use]
    pub fn covers(&self, domain: &str) -> bool {
        match self.0.strip_prefix('.') {
            Some(parent) => domain == parent || domain.ends_with(&self.0),
            None => domain == self.0,
        }
    }
}

wire_string!(DomainRule, {
    format: Some("domain-rule"),
    max_length: Some(254),
    min_length: Some(1),
    example: Some("example.com"),
    ..
});

/// What people see instead of a user name.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct DisplayName(String);

impl TryFrom<String> for DisplayName {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl std::str::FromStr for DisplayName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name: String = text.trim().nfc().collect();
        if name.is_empty() || name.chars().count() > 100 {
            return Err("must have 1 to 100 characters");
        }
        if name.chars().any(is_invisible) {
            return Err("may not have control or invisible characters");
        }
        Ok(Self(name))
    }
}

wire_string!(DisplayName, {
    format: Some("display-name"),
    max_length: Some(100),
    min_length: Some(1),
    example: Some("Ada Lovelace"),
    ..
});

/// Control characters, and those that reorder or hide text.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// No text has a NUL character: PostgreSQL cannot keep it, and nobody means it.
pub(crate) const NO_NUL: &str = "may not have a NUL character";

/// A language mail is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English, `en`.
    #[default]
    English,
    /// Simplified Chinese, `zh`.
    Chinese,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// The language that is wanted most; `None` if it is none of these.
    ///
    /// Takes one BCP 47 tag or an `Accept-Language` list (RFC 9110 §12.5.4); of tags with the same
    /// weight, the first.
    #[must_use]
    pub fn of(tags: &str) -> Option<Self> {
        let all = Self::ALL.map(|language| (language.tag(), language));
        negotiate(tags, &all, Tie::Client)
    }

    /// Its tag, as `Accept-Language` and `lang` have it.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh",
        }
    }
}

impl std::str::FromStr for Language {
    type Err = &'static str;

    /// Any tag is taken: one without a template of its own is answered in English. So is none, which some
    /// clients write as an empty text.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_part = |part: &str| {
            let is_short = (1..=8).contains(&part.len());
            is_short && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        let is_tag = text.is_empty() || text.split(['-', '_']).all(is_part);
        if text.len() > 35 || !is_tag {
            return Err("must be a language tag such as en or zh-CN");
        }
        Ok(Self::of(text).unwrap_or_default())
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

wire_string!(Language, {
    format: Some("language"),
    max_length: Some(35),
    pattern: Some("^([A-Za-z0-9]{1,8}([-_][A-Za-z0-9]{1,8})*)?$"),
    example: Some("en"),
    ..
});

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for DomainRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for DisplayName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_names_are_kept_in_lower_case_and_reserved_ones_refused() {
        assert_eq!("Ada.Lovelace".parse::<UserName>().unwrap().to_string(), "ada.lovelace");
        for bad in [
            "",
            "-",
            "me",
            "ME",
            "a b",
            "ada@example.com",
            "-ada",
            "ada.",
            "аda",
            "ada\n",
            &"a".repeat(64),
        ] {
            assert!(bad.parse::<UserName>().is_err(), "{bad:?} must be refused");
        }
    }

    #[test]
    fn one_plain_address_is_taken_and_everything_cleverer_refused() {
        let email: Email = "Ada.L+x@BÜCHER.example".parse().unwrap();
        assert_eq!(email.address(), "Ada.L+x@xn--bcher-kva.example");
        assert_eq!(email.key(), "ada.l+x@xn--bcher-kva.example");
        let long_local = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@example",
            "a@b@example.com",
            "a@x.test,b@y.test",
            "ada@example.com\r\nBcc: eve@example.com",
            "\"ada\"@example.com",
            "ada@[127.0.0.1]",
            "ada@127.0.0.1",
            "ada(comment)@example.com",
            "Ada <ada@example.com>",
            ".ada@example.com",
            "a..b@example.com",
            "ada@example.com.",
            "ada＠example.com",
            "адa@example.com",
            "ada@exa mple.com",
            &long_local,
        ] {
            assert!(bad.parse::<Email>().is_err(), "{bad:?} must be refused");
        }
    }

    #[test]
    fn the_first_language_with_a_template_is_taken() {
        assert_eq!(Language::of("fr-CH, zh-CN;q=0.9, en;q=0.8"), Some(Language::Chinese));
        assert_eq!(Language::of("fr, de"), None);
        assert_eq!(Language::of("zh;q=0, en"), Some(Language::English));
        assert_eq!(
            Language::of("en;q=0.3, zh-TW;q=0.2, zh_CN;q=0.9"),
            Some(Language::Chinese)
        );
        assert_eq!(Language::of("zh, en"), Some(Language::Chinese));
        assert_eq!(Language::of("en;q=0, *;q=0.5"), Some(Language::Chinese));
        assert_eq!(Language::of("zh;q=0"), None);
        assert_eq!(Language::of("fr, *;q=0.5"), None);
        assert_eq!("fr".parse(), Ok(Language::English));
    }
}
