//! Messages on the wire of the console group.

mod explain;

use super::{BounceKind, Content, Delivered, State};
use crate::{
    kit::{
        id::{MessageId, SenderId},
        object::Metadata,
        page::page_object,
        time::Timestamp,
    },
    sender::Sender,
};
pub use explain::{DeliveryExplanation, DeliveryFinding};
use poem_openapi::{Enum, Object};
use serde::Serialize;
use std::collections::HashMap;

/// A message to one address.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// `v1alpha1`.
    api_version: String,
    /// `Message`.
    kind: String,
    metadata: Metadata,
    spec: MessageSpec,
    status: MessageStatus,
}

/// What a message says.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct MessageSpec {
    /// Which text it has: `verify_email` or `address_in_use`.
    template: String,
    /// Where it goes.
    to: String,
    /// The language of the text.
    language: String,
    /// The application it is for, as it named itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// The subject, once it is rendered.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    /// The plain text, if it was kept; only in the answer for one message.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// The HTML, if it was kept; only in the answer for one message.
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
}

/// What became of a message.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct MessageStatus {
    state: MessageState,
    /// How often it was tried.
    attempts: u32,
    /// When the relay took it, or when it was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    sent_at: Option<Timestamp>,
    /// What the relay said last, if it did not take it.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_error: Option<String>,
    /// When it is tried next, if it waits for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_at: Option<Timestamp>,
    /// The sender that took it, or asked to come again; that of the instance if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<String>,
    /// What the relay said that took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    relay_answer: Option<String>,
    /// The message that failed or was cancelled, of which it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    resend_of: Option<MessageId>,
    /// Who cancelled it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled_by: Option<String>,
    /// What was reported of it after it had left.
    #[serde(skip_serializing_if = "Option::is_none")]
    bounce: Option<MessageBounce>,
    /// When it was reported to be in the mailbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    delivered_at: Option<Timestamp>,
    /// Every attempt, first one first; only in the answer for one message.
    #[oai(validator(max_items = 200))]
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<Vec<MessageAttempt>>,
}

/// What was reported of a message after it had left.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct MessageBounce {
    kind: BounceKind,
    /// The enhanced code (RFC 3463).
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// The words of whoever reported it; of a complaint, what it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostic: Option<String>,
    /// When it was reported.
    at: Timestamp,
}

/// One attempt to have one relay take a message.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct MessageAttempt {
    /// When it ended.
    at: Timestamp,
    /// The sender; that of the instance if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    sender: Option<String>,
    /// The step at which it failed, if it did: `resolve`, `connect`, `greeting`, `ehlo`, `starttls`, `certificate`,
    /// `auth`, `mail`, `rcpt`, `data` or `accepted`, which is after all was sent: it may have been delivered. No
    /// relay was asked where it is `known`, since one refused the address for good before, or `limit`, since the
    /// address had too many messages of late, or `complained`, since its owner complained of one and did not ask for
    /// this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    /// The code of the relay's answer (RFC 5321).
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u32>,
    /// Its enhanced code (RFC 3463).
    #[serde(skip_serializing_if = "Option::is_none")]
    enhanced: Option<String>,
    /// The relay's words, or what went wrong without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    /// Whether it left by TLS.
    tls: bool,
    /// How long it took.
    milliseconds: u32,
}

/// What became of a message.
#[derive(Debug, Enum, Serialize)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum MessageState {
    /// It waits for its first attempt, or its turn.
    Queued,
    /// A relay is being told.
    Sending,
    /// It was not taken this time, and waits for another.
    Deferred,
    /// The relay took it.
    Sent,
    /// It was not sent, but kept to be read here.
    Kept,
    /// It will not be sent.
    Failed,
    /// Somebody decided that it is not to be sent.
    Cancelled,
    /// It was not sent: nobody waited for it any more, its address had too many of late, or its owner complained.
    Dropped,
    /// The relay took it, and it came back.
    Bounced,
    /// It arrived, and whoever got it complains of it.
    Complained,
}

page_object!(
    /// One page of messages.
    MessageList of Message
);

/// What senders are called. One that is gone is called by its id.
pub(super) type Names = HashMap<SenderId, String>;

fn name_of(names: &Names, id: Option<SenderId>) -> Option<String> {
    id.map(|id| names.get(&id).cloned().unwrap_or_else(|| id.to_string()))
}

/// What the senders are called.
pub(super) fn names(senders: &[Sender]) -> Names {
    let named = senders.iter().map(|sender| (sender.id(), sender.name().to_owned()));
    named.collect()
}

impl Message {
    /// As the list shows it.
    pub(super) fn new(from: Delivered, names: &Names) -> Self {
        let Delivered { message, attempts } = from;
        let last = attempts.into_iter().next_back();
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "Message".to_owned(),
            metadata: Metadata::of(&message.id, message.created_at),
            spec: MessageSpec {
                template: sea_orm::ActiveEnum::to_value(&message.template),
                to: message.address,
                language: message.language,
                client_id: message.client_id,
                subject: message.subject,
                text: None,
                html: None,
            },
            status: MessageStatus {
                state: message.state.into(),
                attempts: u32::try_from(message.attempts).unwrap_or_default(),
                sent_at: message.sent_at.map(Into::into),
                last_error: last.filter(|last| last.step.is_some()).and_then(|last| last.answer),
                next_at: message.next_at.map(Into::into),
                sender: name_of(names, message.sender_id),
                relay_answer: message.relay_answer,
                resend_of: message.resend_of,
                cancelled_by: message.cancelled_by,
                bounce: message
                    .bounce_kind
                    .zip(message.bounced_at)
                    .map(|(kind, at)| MessageBounce {
                        kind,
                        status: message.bounce_status,
                        diagnostic: message.bounce_diagnostic,
                        at: at.into(),
                    }),
                delivered_at: message.delivered_at.map(Into::into),
                log: None,
            },
        }
    }

    /// With its attempts, and its text if that was kept.
    pub(super) fn whole(from: Delivered, content: Option<Content>, names: &Names) -> Self {
        let log = from.attempts.iter().map(|attempt| MessageAttempt::new(attempt, names));
        let log = log.collect();
        let mut message = Self::new(from, names);
        (message.spec.text, message.spec.html) = content.map(|content| (content.text, content.html)).unzip();
        message.status.log = Some(log);
        message
    }
}

impl MessageAttempt {
    fn new(row: &super::MessageAttempt, names: &Names) -> Self {
        Self {
            at: row.at.into(),
            sender: name_of(names, row.sender_id),
            step: row.step.clone(),
            code: row.smtp_code.and_then(|code| code.try_into().ok()),
            enhanced: row.enhanced.clone(),
            answer: row.answer.clone(),
            tls: row.tls,
            milliseconds: row.milliseconds.try_into().unwrap_or_default(),
        }
    }
}

impl From<State> for MessageState {
    fn from(state: State) -> Self {
        match state {
            State::Queued => Self::Queued,
            State::Sending => Self::Sending,
            State::Deferred => Self::Deferred,
            State::Sent => Self::Sent,
            State::Kept => Self::Kept,
            State::Failed => Self::Failed,
            State::Cancelled => Self::Cancelled,
            State::Dropped => Self::Dropped,
            State::Bounced => Self::Bounced,
            State::Complained => Self::Complained,
        }
    }
}
