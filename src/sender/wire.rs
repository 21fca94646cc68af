//! Senders on the wire of the console group.

use super::{
    Encryption, Password, Sender as Known, State,
    spec::{PER_MINUTE, Spec},
};
use crate::{
    account,
    kit::{
        error::Error,
        mail::Taken,
        object::{ExpectedMetadata, Metadata},
        text::{DisplayName, Email, Nullable, SenderName},
        time::Timestamp,
    },
};
use poem_openapi::{Object, types::MaybeUndefined};
use serde::Serialize;
use zeroize::Zeroizing;

/// A relay of the tenant's own, by which its mail leaves.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct Sender {
    /// `v1alpha1`.
    api_version: String,
    /// `Sender`.
    kind: String,
    metadata: Metadata,
    spec: Spec,
    status: SenderStatus,
}

/// How a sender stands.
#[derive(Clone, Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct SenderStatus {
    /// Its place in the order, 0 for the first.
    position: u32,
    state: State,
    /// Since when it is passed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    failing_since: Option<Timestamp>,
    /// Faults in a row; five, or one of user name and password, and it is passed over.
    failures: u32,
    /// When it is tried next, if it is passed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    probe_at: Option<Timestamp>,
    /// When it last took a message, to the minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Timestamp>,
    /// Why it last did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    /// When somebody saw it deliver; none after a change of how it is reached, or of the address mail comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_at: Option<Timestamp>,
    /// When the password was given, if there is one. It is never shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    password_set_at: Option<Timestamp>,
}

/// The senders of a tenant, the one that is used first first.
#[derive(Debug, Object, Serialize)]
pub struct SenderList {
    /// The senders.
    #[oai(validator(max_items = 10))]
    items: Vec<Sender>,
}

/// What a new sender is called.
#[derive(Debug, Object)]
pub struct NewSenderMetadata {
    /// The stable handle, which never changes.
    name: SenderName,
}

/// A sender to be made.
#[derive(Object)]
pub struct CreateSenderRequest {
    metadata: NewSenderMetadata,
    spec: NewSenderSpec,
}

/// What a sender is from now on.
#[derive(Object)]
pub struct UpdateSenderRequest {
    metadata: Option<ExpectedMetadata>,
    spec: NewSenderSpec,
}

/// What is to change in a sender (RFC 7396); what is absent stays.
#[derive(Object)]
pub struct PatchSenderRequest {
    metadata: Option<ExpectedMetadata>,
    spec: Option<EditSenderSpec>,
}

fn on() -> bool {
    true
}

fn per_minute() -> u32 {
    PER_MINUTE
}

/// What is decided about a sender.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
pub struct NewSenderSpec {
    /// What people call it.
    display_name: DisplayName,
    /// Whether it is used at all.
    #[oai(default = "on")]
    enabled: bool,
    /// The relay's name or address.
    #[oai(validator(min_length = 1, max_length = 253))]
    host: String,
    /// Its port: 25, 465, 587, 2525, and those that the operator lists.
    #[oai(validator(minimum(value = "1"), maximum(value = "65535")))]
    port: u16,
    /// What encrypts the connection.
    encryption: Encryption,
    /// The user name that the relay is told.
    #[oai(validator(min_length = 1, max_length = 320))]
    username: Option<String>,
    /// The password; absent keeps the one there is, null removes it. It has to be given anew for another host, port or
    /// user name.
    #[oai(validator(min_length = 1, max_length = 1000))]
    password: Nullable<String>,
    /// The address that mail comes from.
    from_address: Email,
    /// The name beside it; the brand's if absent.
    from_name: Option<DisplayName>,
    /// Where answers go; to the address mail comes from if absent.
    reply_to: Option<Email>,
    /// The domain that bounces go to; to the address mail comes from if absent.
    #[oai(validator(min_length = 1, max_length = 190))]
    envelope_domain: Option<String>,
    /// Messages a minute; more wait for their turn.
    #[oai(default = "per_minute", validator(minimum(value = "1"), maximum(value = "6000")))]
    per_minute: u32,
    /// Messages a day; any number if absent.
    #[oai(validator(minimum(value = "1"), maximum(value = "10000000")))]
    per_day: Option<u32>,
}

/// What is to change in what is decided about a sender.
#[derive(Default, Object)]
#[oai(rename_all = "camelCase")]
pub struct EditSenderSpec {
    /// What people call it.
    display_name: Option<DisplayName>,
    /// Whether it is used at all.
    enabled: Option<bool>,
    /// The relay's name or address.
    #[oai(validator(min_length = 1, max_length = 253))]
    host: Option<String>,
    /// Its port.
    #[oai(validator(minimum(value = "1"), maximum(value = "65535")))]
    port: Option<u16>,
    /// What encrypts the connection.
    encryption: Option<Encryption>,
    /// The user name that the relay is told.
    #[oai(validator(min_length = 1, max_length = 320))]
    username: Nullable<String>,
    /// The password; absent keeps the one there is, null removes it. It has to be given anew for another host, port or
    /// user name.
    #[oai(validator(min_length = 1, max_length = 1000))]
    password: Nullable<String>,
    /// The address that mail comes from.
    from_address: Option<Email>,
    /// The name beside it.
    from_name: Nullable<DisplayName>,
    /// Where answers go.
    reply_to: Nullable<Email>,
    /// The domain that bounces go to.
    #[oai(validator(min_length = 1, max_length = 190))]
    envelope_domain: Nullable<String>,
    /// Messages a minute.
    #[oai(validator(minimum(value = "1"), maximum(value = "6000")))]
    per_minute: Option<u32>,
    /// Messages a day.
    #[oai(validator(minimum(value = "1"), maximum(value = "10000000")))]
    per_day: Nullable<u32>,
}

/// The order of the senders.
#[derive(Debug, Object)]
pub struct OrderSendersRequest {
    /// The name of each sender, the one that is to be used first first.
    #[oai(validator(max_items = 10))]
    pub(super) names: Vec<SenderName>,
}

/// Where the mail of a trial goes.
#[derive(Debug, Object)]
pub struct VerifySenderRequest {
    /// Another address than the caller's own; for that it takes the right to change senders.
    pub(super) to: Option<Email>,
}

/// A delivery that went well.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct SenderTrial {
    /// The steps.
    #[oai(validator(max_items = 20))]
    steps: Vec<DeliveryStep>,
    /// `Message-ID` of the mail, to find it by.
    message_id: String,
}

/// A step of a delivery.
#[derive(Debug, Object, Serialize)]
#[oai(skip_serializing_if_is_none)]
pub struct DeliveryStep {
    /// `resolve`, `connect`, `greeting`, `ehlo`, `starttls`, `certificate`, `auth`, `mail`, `rcpt`, `data` or `accepted`.
    step: String,
    /// Whether it went well.
    ok: bool,
    /// How many milliseconds it took.
    ms: u32,
    /// What was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
}

impl From<account::Tried> for SenderTrial {
    fn from(tried: account::Tried) -> Self {
        let step = |taken: Taken| DeliveryStep {
            step: taken.step.as_str().to_owned(),
            ok: taken.ok,
            ms: u32::try_from(taken.time.as_millis()).unwrap_or(u32::MAX),
            answer: taken.answer,
        };
        Self {
            steps: tried.steps.into_iter().map(step).collect(),
            message_id: format!("<{}>", tried.message_id),
        }
    }
}

impl From<&Known> for Sender {
    fn from(known: &Known) -> Self {
        let row = &known.row;
        let number = |number: i32| number.try_into().unwrap_or_default();
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "Sender".to_owned(),
            metadata: Metadata {
                version: row.version,
                ..Metadata::of(&row.name, row.created_at)
            },
            spec: known.spec.clone(),
            status: SenderStatus {
                position: number(row.position),
                state: row.state,
                failing_since: row.failing_since.map(Into::into),
                failures: number(row.failures),
                probe_at: row.probe_at.map(Into::into),
                last_used_at: row.last_used_at.map(Into::into),
                last_error: row.last_error.clone(),
                verified_at: row.verified_at.map(Into::into),
                password_set_at: row.password_set_at.map(Into::into),
            },
        }
    }
}

impl SenderList {
    pub(super) fn of(senders: &[Known]) -> Self {
        Self {
            items: senders.iter().map(Into::into).collect(),
        }
    }
}

/// What becomes of the password.
pub(crate) fn password_of(given: Nullable<String>) -> Password {
    match given.0 {
        MaybeUndefined::Undefined => Password::Keep,
        MaybeUndefined::Null => Password::Remove,
        MaybeUndefined::Value(plain) => Password::Set(Zeroizing::new(plain)),
    }
}

impl NewSenderSpec {
    fn read(self) -> (Spec, Password) {
        let spec = Spec {
            display_name: self.display_name,
            enabled: self.enabled,
            host: self.host,
            port: self.port,
            encryption: self.encryption,
            username: self.username,
            from_address: self.from_address,
            from_name: self.from_name,
            reply_to: self.reply_to,
            envelope_domain: self.envelope_domain,
            per_minute: self.per_minute,
            per_day: self.per_day,
        };
        (spec, password_of(self.password))
    }
}

impl CreateSenderRequest {
    pub(super) fn read(self) -> (SenderName, Spec, Password) {
        let (spec, password) = self.spec.read();
        (self.metadata.name, spec, password)
    }
}

impl UpdateSenderRequest {
    pub(super) fn read(self) -> (Option<i64>, Spec, Password) {
        let (spec, password) = self.spec.read();
        (self.metadata.and_then(|metadata| metadata.version), spec, password)
    }
}

impl PatchSenderRequest {
    pub(super) fn expected(&self) -> Option<i64> {
        self.metadata.as_ref().and_then(|metadata| metadata.version)
    }

    /// The host from now on.
    pub(super) fn host<'a>(&'a self, old: &'a Known) -> &'a str {
        let host = self.spec.as_ref().and_then(|spec| spec.host.as_deref());
        host.unwrap_or(&old.spec.host)
    }

    /// What is decided about this sender from now on.
    pub(super) fn accept(self, old: &Known) -> (Spec, Password) {
        let edit = self.spec.unwrap_or_default();
        let old = old.spec.clone();
        let spec = Spec {
            display_name: edit.display_name.unwrap_or(old.display_name),
            enabled: edit.enabled.unwrap_or(old.enabled),
            host: edit.host.unwrap_or(old.host),
            port: edit.port.unwrap_or(old.port),
            encryption: edit.encryption.unwrap_or(old.encryption),
            username: edit.username.or(old.username),
            from_address: edit.from_address.unwrap_or(old.from_address),
            from_name: edit.from_name.or(old.from_name),
            reply_to: edit.reply_to.or(old.reply_to),
            envelope_domain: edit.envelope_domain.or(old.envelope_domain),
            per_minute: edit.per_minute.unwrap_or(old.per_minute),
            per_day: edit.per_day.or(old.per_day),
        };
        (spec, password_of(edit.password))
    }
}

/// The error with the fields of a sender where requests have them.
pub(super) fn placed(mut error: Error) -> Error {
    if let Error::Invalid(fields) | Error::Explained { fields, .. } = &mut error {
        for wrong in fields {
            let part = match wrong.field.split('.').next() {
                Some("name") => "metadata.",
                // As they were sent.
                Some("spec" | "metadata" | "status" | "kind" | "apiVersion") => "",
                _ => "spec.",
            };
            wrong.field.insert_str(0, part);
        }
    }
    error
}
