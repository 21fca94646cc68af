//! `/undeliverable-addresses` of the console group.

use super::{AddressHealth, Reason};
use crate::{
    access::permission::{MessagesList, MessagesResend},
    console::Tag,
    extract::Caller,
    kit::{
        error::Result,
        http::NoContent,
        id::MessageId,
        json::Written,
        listing::{ListRequest, Listing},
        object::Metadata,
        page::page_object,
        text::{Email, address_key},
        time::Timestamp,
    },
};
use poem_openapi::{Enum, Object, OpenApi, param::Path};
use serde::Serialize;
use tenantry_boxed::boxed;

/// An address that mail is kept from.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct UndeliverableAddress {
    /// `v1alpha1`.
    api_version: String,
    /// `UndeliverableAddress`.
    kind: String,
    metadata: Metadata,
    status: UndeliverableAddressStatus,
}

/// Why mail is not sent to an address.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct UndeliverableAddressStatus {
    reason: UndeliverableReason,
    /// Since when.
    since: Timestamp,
    /// Until when.
    until: Timestamp,
    /// When its owner complained, if they did.
    #[serde(skip_serializing_if = "Option::is_none")]
    complained_at: Option<Timestamp>,
    /// The words of the relay, or of whoever reported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostic: Option<String>,
    /// The message that was refused or came back. Messages are kept 30 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<MessageId>,
}

/// Why mail is kept from an address.
#[derive(Clone, Copy, Debug, Enum, Serialize)]
#[oai(rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum UndeliverableReason {
    /// A relay refused it for good.
    Refused,
    /// Mail to it came back.
    Bounced,
    /// Five messages did not arrive within seven days; it gets none for as long.
    Unavailable,
    /// Its owner complained: they get only what they ask for.
    Complained,
}

page_object!(
    /// One page of the addresses that mail is not sent to.
    UndeliverableAddressList of UndeliverableAddress
);

impl Listing for AddressHealth {
    type Field = ();
    type Order = ();
    const FIELDS: &'static [(&'static str, ())] = &[("metadata.name", ())];
    const ORDERS: &'static [(&'static str, ())] = &[("status.changedAt", ())];
}

impl From<AddressHealth> for UndeliverableAddress {
    fn from(known: AddressHealth) -> Self {
        let (since, until) = known.span().unwrap_or((known.changed_at, known.changed_at));
        let reason = match (known.hard_at, known.reason) {
            (None, _) => UndeliverableReason::Complained,
            (_, Reason::Refused) => UndeliverableReason::Refused,
            (_, Reason::Bounced) => UndeliverableReason::Bounced,
            (_, Reason::Unavailable) => UndeliverableReason::Unavailable,
        };
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "UndeliverableAddress".to_owned(),
            metadata: Metadata::of(&known.address_key, since),
            status: UndeliverableAddressStatus {
                reason,
                since: since.into(),
                until: until.into(),
                complained_at: known.complaint_at.map(Into::into),
                diagnostic: known.diagnostic,
                message: known.message_id,
            },
        }
    }
}

/// The operations on addresses that mail is not sent to.
pub struct Api;

#[OpenApi(prefix_path = "/undeliverable-addresses", tag = "Tag::Messages")]
#[boxed]
impl Api {
    /// List undeliverable addresses
    ///
    /// Those that a relay refused for good, or mail came back from, within 90 days, which mail to them does not ask
    /// again; those that five messages did not reach within seven days, for seven days; and those whose owners
    /// complained, who get only what they ask for. Those of late first, unless `sort` says otherwise.
    #[oai(path = "/", method = "get", operation_id = "ListUndeliverableAddresses")]
    async fn list(
        &self,
        caller: Caller<MessagesList>,
        asked: ListRequest<AddressHealth>,
    ) -> Result<Written<UndeliverableAddressList>> {
        let timeline = asked.timeline();
        let fields = asked.fields.into_iter();
        let of: Vec<_> = fields.map(|given| given.values.mapped(address_key)).collect();
        let listed = caller.run(async |tx| super::list(tx, &of, &timeline).await).await?;
        Ok(Written::of(&listed.map(Into::into).into()))
    }

    /// Send mail to an undeliverable address again
    ///
    /// The next message to it asks a relay.
    #[oai(path = "/:address", method = "delete", operation_id = "DeleteUndeliverableAddress")]
    async fn delete(
        &self,
        caller: Caller<MessagesResend>,
        /// The address.
        address: Path<Email>,
    ) -> Result<NoContent> {
        caller.run(async |tx| super::remove(tx, address.0.key()).await).await?;
        Ok(NoContent::Done)
    }
}
