//! `/messages` of the console group: the delivery log, and the built-in mailbox.

use super::{
    Delivered, MessageFilter,
    wire::{DeliveryExplanation, Message, MessageList, names},
};
use crate::{
    access::permission::{MessagesCancel, MessagesGet, MessagesList, MessagesResend},
    account,
    console::Tag,
    extract::Caller,
    kit::{
        error::Result,
        id::MessageId,
        json::Written,
        listing::{ListRequest, Listing},
        selector::Values,
        text::Email,
        time::Timestamp,
    },
    sender,
};
use poem_openapi::{
    OpenApi,
    param::{Path, Query},
};
use tenantry_boxed::boxed;

/// A filter for the values that a field may have.
type FilterOf = fn(Values) -> MessageFilter;

impl Listing for Delivered {
    type Field = FilterOf;
    type Order = ();
    const FIELDS: &'static [(&'static str, FilterOf)] = &[
        ("spec.to", MessageFilter::To),
        ("spec.template", MessageFilter::Template),
        ("status.state", MessageFilter::State),
        ("spec.language", MessageFilter::Language),
        ("spec.clientId", MessageFilter::ClientId),
        ("status.sender", MessageFilter::Sender),
    ];
    const ORDERS: &'static [(&'static str, ())] = &[("metadata.creationTimestamp", ())];
}

/// The messages' operations.
pub struct Api;

#[OpenApi(prefix_path = "/messages", tag = "Tag::Messages")]
#[boxed]
impl Api {
    /// List messages
    ///
    /// The delivery log, newest first, unless `sort` says otherwise. `status.sender=` finds what left by the
    /// sender of the instance, or did not leave yet.
    #[oai(path = "/", method = "get", operation_id = "ListMessages")]
    async fn list(
        &self,
        caller: Caller<MessagesList>,
        asked: ListRequest<Delivered>,
        /// Wanted then or later (RFC 3339).
        #[oai(name = "createdAfter")]
        created_after: Query<Option<Timestamp>>,
        /// Wanted before (RFC 3339).
        #[oai(name = "createdBefore")]
        created_before: Query<Option<Timestamp>>,
    ) -> Result<Written<MessageList>> {
        let timeline = asked.timeline();
        let since = created_after.0.map(|since| MessageFilter::Since(since.0));
        let until = created_before.0.map(|until| MessageFilter::Until(until.0));
        let fields = asked.fields.into_iter().map(|given| (given.field)(given.values));
        let filters: Vec<_> = fields.chain(since).chain(until).collect();
        let (listed, senders) = caller
            .run(async |tx| {
                let senders = sender::all(tx).await?;
                Ok((super::list(tx, &filters, &senders, &timeline).await?, senders))
            })
            .await?;
        let names = names(&senders);
        let listed = listed.map(|message| Message::new(message, &names));
        Ok(Written::of(&listed.into()))
    }

    /// See why no mail came
    ///
    /// What would keep the next message from an address, the first obstacle first, and what became of the last ones.
    /// Whether anybody has an account with it is not told.
    #[oai(path = "/-/explain", method = "get", operation_id = "ExplainDelivery")]
    async fn explain(
        &self,
        caller: Caller<MessagesList>,
        /// The address that no mail came to.
        address: Query<Email>,
    ) -> Result<Written<DeliveryExplanation>> {
        let found = account::explain_delivery(&caller, caller.server(), &address.0).await?;
        let senders = caller.read(async |tx| sender::all(tx).await).await?;
        let explained = DeliveryExplanation::new(address.0.address(), found, &names(&senders));
        Ok(Written::of(&explained))
    }

    /// Read a message
    ///
    /// With every attempt to send it, and what relays said. With its text if no SMTP relay is configured: then
    /// messages are kept instead of being sent.
    #[oai(path = "/:name", method = "get", operation_id = "GetMessage")]
    async fn get(
        &self,
        caller: Caller<MessagesGet>,
        /// The message's name.
        name: Path<MessageId>,
    ) -> Result<Written<Message>> {
        let (delivered, senders) = caller
            .run(async |tx| Ok((super::get(tx, name.0).await?, sender::all(tx).await?)))
            .await?;
        let content = super::content(&caller.services.master, caller.tenant.id, &delivered.message)?;
        Ok(Written::of(&Message::whole(delivered, content, &names(&senders))))
    }

    /// Send a message again
    ///
    /// One that failed, came back or was cancelled is sent again as a new message, which is the answer. A code in it is another
    /// one; that of the old message is good no more. It counts in the limits of the address.
    #[oai(path = "/:name/resend", method = "post", operation_id = "ResendMessage")]
    async fn resend(
        &self,
        caller: Caller<MessagesResend>,
        /// The message's name.
        name: Path<MessageId>,
    ) -> Result<Written<Message>> {
        let (delivered, senders) = caller
            .run(async |tx| {
                let message = account::resend_message(tx, &caller.services.master, name.0).await?;
                Ok((message, sender::all(tx).await?))
            })
            .await?;
        Ok(Written::of(&Message::new(delivered, &names(&senders))))
    }

    /// Cancel a message
    ///
    /// One that waits is not sent. Its code or link ends.
    #[oai(path = "/:name/cancel", method = "post", operation_id = "CancelMessage")]
    async fn cancel(
        &self,
        caller: Caller<MessagesCancel>,
        /// The message's name.
        name: Path<MessageId>,
    ) -> Result<Written<Message>> {
        let by = caller.me.name.clone();
        let (cancelled, senders) = caller
            .run(async |tx| Ok((account::cancel_message(tx, name.0, &by).await?, sender::all(tx).await?)))
            .await?;
        Ok(Written::of(&Message::new(cancelled, &names(&senders))))
    }
}
