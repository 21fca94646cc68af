//! `/messages` of the console group: the delivery log, and the built-in mailbox.

use super::{Content, Delivered, MessageFilter, State};
use crate::{
    access::permission::{MessagesGet, MessagesList, MessagesResend},
    console::Tag,
    extract::Caller,
    kit::{
        error::Result,
        id::MessageId,
        json::Written,
        listing::{ListRequest, Listing},
        object::Metadata,
        page::page_object,
        selector::Values,
        time::Timestamp,
    },
};
use poem_openapi::{Enum, Object, OpenApi, param::Path};
use serde::Serialize;

/// A filter for the values that a field may have.
type FilterOf = fn(Values) -> MessageFilter;

impl Listing for Delivered {
    type Field = FilterOf;
    type Order = ();
    const FIELDS: &'static [(&'static str, FilterOf)] = &[
        ("spec.to", MessageFilter::To),
        ("spec.template", MessageFilter::Template),
        ("status.state", MessageFilter::State),
    ];
    const ORDERS: &'static [(&'static str, ())] = &[("metadata.creationTimestamp", ())];
}

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
}

/// What became of a message.
#[derive(Debug, Enum, Serialize)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum MessageState {
    /// It waits, for the first attempt or another one.
    Queued,
    /// The relay took it.
    Sent,
    /// It was not sent, but kept to be read here.
    Kept,
    /// It will not be sent.
    Failed,
    /// Its code was no longer wanted, so it was not sent.
    Dropped,
}

page_object!(
    /// One page of messages.
    MessageList of Message
);

impl Message {
    fn new(from: Delivered, content: Option<Content>) -> Self {
        let Delivered { message, attempts } = from;
        let (text, html) = content.map(|content| (content.text, content.html)).unzip();
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "Message".to_owned(),
            metadata: Metadata::of(&message.id, message.created_at),
            spec: MessageSpec {
                template: sea_orm::ActiveEnum::to_value(&message.template),
                to: message.address,
                language: message.language,
                subject: message.subject,
                text,
                html,
            },
            status: MessageStatus {
                state: message.state.into(),
                attempts: u32::try_from(attempts.len()).unwrap_or(u32::MAX),
                sent_at: message.sent_at.map(Into::into),
                last_error: attempts.into_iter().next_back().and_then(|attempt| attempt.error),
            },
        }
    }
}

impl From<State> for MessageState {
    fn from(state: State) -> Self {
        match state {
            State::Queued => Self::Queued,
            State::Sent => Self::Sent,
            State::Kept => Self::Kept,
            State::Failed => Self::Failed,
            State::Dropped => Self::Dropped,
        }
    }
}

/// The messages' operations.
pub struct Api;

#[OpenApi(prefix_path = "/messages", tag = "Tag::Messages")]
impl Api {
    /// List messages
    ///
    /// The delivery log, newest first, unless `sort` says otherwise.
    #[oai(path = "/", method = "get", operation_id = "ListMessages")]
    async fn list(&self, caller: Caller<MessagesList>, asked: ListRequest<Delivered>) -> Result<Written<MessageList>> {
        let timeline = asked.timeline();
        let fields = asked.fields.into_iter();
        let filters: Vec<_> = fields.map(|given| (given.field)(given.values)).collect();
        let listed = caller
            .run(async |tx| super::list(tx, &filters, &timeline).await)
            .await?;
        let listed = listed.map(|message| Message::new(message, None));
        Ok(Written::of(&listed.into()))
    }

    /// Read a message
    ///
    /// With its text if no SMTP relay is configured: then messages are kept instead of being
    /// sent. Otherwise only what became of it is known.
    #[oai(path = "/:name", method = "get", operation_id = "GetMessage")]
    async fn get(
        &self,
        caller: Caller<MessagesGet>,
        /// The message's name.
        name: Path<MessageId>,
    ) -> Result<Written<Message>> {
        let delivered = caller.run(async |tx| super::get(tx, name.0).await).await?;
        let content = super::content(&caller.services.master, caller.tenant.id, &delivered.message)?;
        Ok(Written::of(&Message::new(delivered, content)))
    }

    /// Send a message again
    ///
    /// One that failed is queued again; one that waits for another attempt is sent at once. A code in it
    /// is another one; if nobody waits for it any more, the message is dropped.
    #[oai(path = "/:name/resend", method = "post", operation_id = "ResendMessage")]
    async fn resend(
        &self,
        caller: Caller<MessagesResend>,
        /// The message's name.
        name: Path<MessageId>,
    ) -> Result<Written<Message>> {
        let delivered = caller.run(async |tx| super::resend(tx, name.0).await).await?;
        Ok(Written::of(&Message::new(delivered, None)))
    }
}
