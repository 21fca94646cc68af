//! Why no mail came, on the wire of the console group.

use super::{Message, Names};
use crate::{
    account::{Explanation, Finding, FindingCode},
    kit::{id::MessageId, time::Timestamp},
};
use poem_openapi::Object;
use serde::Serialize;

/// Why no mail came to an address.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct DeliveryExplanation {
    /// The address, as it was asked for.
    address: String,
    /// What there is to say, the first obstacle first.
    #[oai(validator(max_items = 100))]
    findings: Vec<DeliveryFinding>,
    /// The last messages to it, newest first.
    #[oai(validator(max_items = 5))]
    messages: Vec<Message>,
}

/// One thing to say of mail to an address.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct DeliveryFinding {
    code: FindingCode,
    /// Whether it keeps mail from the address.
    blocks: bool,
    /// Since when, or when it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<Timestamp>,
    /// Until when; of a message that waits, when it is tried next.
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<Timestamp>,
    /// The words of a relay, or who did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The message that says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<MessageId>,
    /// What it is about: the name of a sender, the purpose of codes that are limited, or the kind of a message.
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<String>,
}

impl DeliveryExplanation {
    pub(in crate::message) fn new(address: &str, from: Explanation, names: &Names) -> Self {
        let messages = from.messages.into_iter().map(|message| Message::new(message, names));
        Self {
            address: address.to_owned(),
            findings: from.findings.into_iter().map(Into::into).collect(),
            messages: messages.collect(),
        }
    }
}

impl From<Finding> for DeliveryFinding {
    fn from(finding: Finding) -> Self {
        Self {
            code: finding.code,
            blocks: finding.blocks,
            since: finding.since.map(Into::into),
            until: finding.until.map(Into::into),
            detail: finding.detail,
            message: finding.message,
            about: finding.about,
        }
    }
}
