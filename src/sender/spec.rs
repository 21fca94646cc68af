//! What an administrator decides about a sender.

use super::Encryption;
use crate::kit::{
    error::FieldError,
    text::{DisplayName, Email},
};
use poem_openapi::Object;
use serde::Serialize;
use std::net::IpAddr;

/// Ports that relays listen on.
const PORTS: [u16; 4] = [25, 465, 587, 2525];
/// Messages a minute, unless somebody decides otherwise.
pub const PER_MINUTE: u32 = 60;
/// Letters of a name beside an address.
const FROM_NAME: usize = 64;

/// What an administrator decides about a sender.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Object)]
#[serde(rename_all = "camelCase")]
#[oai(rename = "SenderSpec", rename_all = "camelCase", skip_serializing_if_is_none)]
pub struct Spec {
    /// What people call it.
    pub display_name: DisplayName,
    /// Whether it is used at all.
    pub enabled: bool,
    /// The relay's name or address.
    pub host: String,
    /// Its port: 25, 465, 587, 2525, and those that the operator lists.
    pub port: u16,
    /// What encrypts the connection.
    pub encryption: Encryption,
    /// The user name that the relay is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The address that mail comes from.
    #[serde(serialize_with = "as_text")]
    pub from_address: Email,
    /// The name beside it; the brand's if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_name: Option<DisplayName>,
    /// Where answers go; to the address mail comes from if absent.
    #[serde(serialize_with = "as_text", skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Email>,
    /// The domain that bounces go to, each to an address that tells its message; if absent, they go to the address mail
    /// comes from, and nothing reads them here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub envelope_domain: Option<String>,
    /// Messages a minute; more wait for their turn.
    pub per_minute: u32,
    /// Messages a day; any number if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day: Option<u32>,
}

/// An address, as it is stored.
pub(super) trait Text {
    fn text(&self) -> Option<String>;
}

impl Text for Email {
    fn text(&self) -> Option<String> {
        Some(self.to_string())
    }
}

impl Text for Option<Email> {
    fn text(&self) -> Option<String> {
        self.as_ref().map(ToString::to_string)
    }
}

fn as_text<S: serde::Serializer>(address: &impl Text, to: S) -> Result<S::Ok, S::Error> {
    address.text().serialize(to)
}

impl Spec {
    /// Everything that is wrong with it; `ports` are those that the operator lists, `instance` is what the instance
    /// calls itself if it is another one's.
    pub(super) fn problems(&self, ports: &[u16], instance: Option<&str>) -> Vec<FieldError> {
        let mut wrong = vec![];
        if !is_host(&self.host) {
            let why = "must be a name such as smtp.example.com, or an address";
            wrong.push(FieldError::new("host", "format", why));
        }
        if !PORTS.contains(&self.port) && !ports.contains(&self.port) {
            let known = PORTS.iter().chain(ports).map(u16::to_string).collect::<Vec<_>>();
            let why = format!("must be one of {}", known.join(", "));
            wrong.push(FieldError::new("port", "value", why));
        }
        let is_domain = |domain: &String| domain.contains('.') && is_host(domain) && domain.parse::<IpAddr>().is_err();
        if self.envelope_domain.as_ref().is_some_and(|domain| !is_domain(domain)) {
            let why = "must be a domain such as bounces.example.com";
            wrong.push(FieldError::new("envelopeDomain", "format", why));
        }
        let name = self.from_name.as_ref().map(ToString::to_string);
        if let Some(why) = name.and_then(|name| name_problem(&name, instance)) {
            wrong.push(FieldError::new("fromName", "value", why));
        }
        wrong
    }

    /// Whether a password of the other one may be sent by this one: to the same relay, for the same user.
    #[must_use]
    pub fn has_same_relay(&self, other: &Self) -> bool {
        let of = |spec: &Self| (spec.host.clone(), spec.port, spec.username.clone());
        of(self) == of(other)
    }
}

/// What is wrong with a name beside an address: mail programs show it instead of the address.
fn name_problem(name: &str, instance: Option<&str>) -> Option<String> {
    if name.chars().count() > FROM_NAME {
        return Some(format!("must have at most {FROM_NAME} characters"));
    }
    if name.contains(['@', '<', '>']) || name.contains("://") || name.to_lowercase().contains("www.") {
        return Some("may not look like an address: no @, <, > and no address of a page".to_owned());
    }
    let plain = |text: &str| text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    let of_instance = instance.map(plain).filter(|of| !of.is_empty());
    of_instance
        .filter(|of| plain(name).contains(of))
        .map(|_| "is what this server calls itself".to_owned())
}

/// A name of the web, or an address.
fn is_host(text: &str) -> bool {
    if text.parse::<IpAddr>().is_ok() {
        return true;
    }
    let is_label = |label: &str| {
        let known = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        known && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    let number = |label: &str| label.bytes().all(|b| b.is_ascii_digit());
    text.len() <= 253 && text.split('.').all(is_label) && !text.rsplit('.').next().is_some_and(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_nothing_that_is_read_as_another() {
        for good in [
            "smtp.example.com",
            "localhost",
            "relay-1.example",
            "192.0.2.1",
            "2001:db8::1",
            "xn--bcher-kva.example",
        ] {
            assert!(is_host(good), "{good}");
        }
        for bad in [
            "",
            ".",
            "smtp..example",
            "-a.example",
            "a b",
            "a/b",
            "user@host",
            "2130706433",
            "0x7f.1",
            "127.1",
            "host:25",
            "[::1]",
            "bücher.example",
            "smtp.example.",
            "a\r\nb",
        ] {
            assert!(!is_host(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_name_beside_an_address_is_neither_an_address_nor_that_of_the_server() {
        for good in ["Acme", "Acme & Sons", "艾克米"] {
            assert_eq!(name_problem(good, Some("Tenantry")), None, "{good}");
        }
        for bad in [
            "a@example.com",
            "<a>",
            "https://example.com",
            "www.example.com",
            "tenantry",
            "The  Tenantry Team",
            &"x".repeat(65),
        ] {
            assert!(name_problem(bad, Some("Tenantry")).is_some(), "{bad}");
        }
        assert_eq!(name_problem("Tenantry", None), None, "its own");
    }
}
