//! The configuration of a sender in the form of Halo.

use crate::{
    kit::{
        error::{Error, Result},
        text::{DisplayName, Email, Nullable},
    },
    sender::{
        self, Encryption, Password,
        spec::{PER_MINUTE, Spec},
        wire::password_of,
    },
};
use poem_openapi::{Enum, Object};
use serde::Serialize;

/// How mail leaves, as Halo has it: the first sender, and empty if there is none. The password is never shown.
#[derive(Debug, Default, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct SenderConfig {
    /// Whether it is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    enable: Option<bool>,
    /// The relay's name or address.
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<String>,
    /// Its port.
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    /// The user name that the relay is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption: Option<SenderConfigEncryption>,
    /// The name beside the address that mail comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<String>,
    /// The address that mail comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<String>,
    /// Whether a password is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    password_set: Option<bool>,
}

/// What encrypts the connection, as Halo calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename_all = "UPPERCASE")]
#[serde(rename_all = "UPPERCASE")]
pub enum SenderConfigEncryption {
    /// Nothing.
    None,
    /// TLS after `STARTTLS`.
    Tls,
    /// TLS from the start.
    Ssl,
}

fn on() -> bool {
    true
}

/// How mail is to leave, as Halo has it.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
pub struct SenderConfigRequest {
    /// Whether it is used.
    #[oai(default = "on")]
    enable: bool,
    /// The relay's name or address.
    #[oai(validator(min_length = 1, max_length = 253))]
    host: String,
    /// Its port: 25, 465, 587, 2525, and those that the operator lists.
    #[oai(validator(minimum(value = "1"), maximum(value = "65535")))]
    port: u16,
    /// The user name that the relay is told; none if it is empty.
    #[oai(validator(max_length = 320))]
    username: Option<String>,
    /// The password; absent keeps the one there is, null removes it. It has to be given anew for another host, port or
    /// user name.
    #[oai(validator(min_length = 1, max_length = 1000))]
    password: Nullable<String>,
    encryption: SenderConfigEncryption,
    /// The name beside the address that mail comes from; the brand's if it is empty.
    #[oai(validator(max_length = 100))]
    display_name: Option<String>,
    /// The address that mail comes from; the user name if absent and that is one.
    sender: Option<Email>,
}

impl From<Option<&sender::Sender>> for SenderConfig {
    fn from(first: Option<&sender::Sender>) -> Self {
        let Some(first) = first else { return Self::default() };
        let spec = &first.spec;
        Self {
            enable: Some(spec.enabled),
            host: Some(spec.host.clone()),
            port: Some(spec.port),
            username: spec.username.clone(),
            encryption: Some(match spec.encryption {
                Encryption::None => SenderConfigEncryption::None,
                Encryption::Starttls => SenderConfigEncryption::Tls,
                Encryption::Tls => SenderConfigEncryption::Ssl,
            }),
            display_name: spec.from_name.as_ref().map(ToString::to_string),
            sender: Some(spec.from_address.to_string()),
            password_set: Some(first.has_password()),
        }
    }
}

impl SenderConfigRequest {
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The sender that it describes, and what becomes of the password.
    pub(super) fn read(self) -> Result<(Spec, Password)> {
        let text = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let username = text(self.username);
        let by_name = username.as_deref().and_then(|name| name.parse().ok());
        let Some(from_address) = self.sender.or(by_name) else {
            let why = "is needed where the user name is no address";
            return Err(Error::field("sender", "required", why));
        };
        let name = text(self.display_name).map(|name| name.parse::<DisplayName>());
        let from_name = name.transpose();
        let from_name = from_name.map_err(|why| Error::field("displayName", "format", why))?;
        let called = from_name.clone().map_or_else(|| self.host.parse(), Ok);
        let spec = Spec {
            display_name: called.map_err(|why| Error::field("host", "format", why))?,
            enabled: self.enable,
            host: self.host,
            port: self.port,
            encryption: match self.encryption {
                SenderConfigEncryption::None => Encryption::None,
                SenderConfigEncryption::Tls => Encryption::Starttls,
                SenderConfigEncryption::Ssl => Encryption::Tls,
            },
            username,
            from_address,
            from_name,
            reply_to: None,
            envelope_domain: None,
            per_minute: PER_MINUTE,
            per_day: None,
        };
        Ok((spec, password_of(self.password)))
    }
}

/// The error with the fields of a sender as Halo calls them.
pub(super) fn placed(mut error: Error) -> Error {
    if let Error::Invalid(fields) | Error::Explained { fields, .. } = &mut error {
        for wrong in fields {
            match wrong.field.as_str() {
                "fromName" => "displayName".clone_into(&mut wrong.field),
                "fromAddress" => "sender".clone_into(&mut wrong.field),
                _ => {}
            }
        }
    }
    error
}
