//! `/undeliverable-addresses` of the console group.

use super::AddressHealth;
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
use poem_openapi::{Object, OpenApi, param::Path};
use serde::Serialize;

/// An address that mail is not sent to, since a relay refused it for good.
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
    /// Since when it is refused.
    since: Timestamp,
    /// Until when mail to it fails at once.
    until: Timestamp,
    /// The relay's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostic: Option<String>,
    /// The message that was refused. Messages are kept 30 days.
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<MessageId>,
}

page_object!(
    /// One page of the addresses that mail is not sent to.
    UndeliverableAddressList of UndeliverableAddress
);

impl Listing for AddressHealth {
    type Field = ();
    type Order = ();
    const FIELDS: &'static [(&'static str, ())] = &[("metadata.name", ())];
    const ORDERS: &'static [(&'static str, ())] = &[("status.since", ())];
}

impl From<AddressHealth> for UndeliverableAddress {
    fn from(known: AddressHealth) -> Self {
        let since = known.hard_at.unwrap_or(known.changed_at);
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "UndeliverableAddress".to_owned(),
            metadata: Metadata::of(&known.address_key, since),
            status: UndeliverableAddressStatus {
                since: since.into(),
                until: known.undeliverable_until().unwrap_or(since).into(),
                diagnostic: known.diagnostic,
                message: known.message_id,
            },
        }
    }
}

/// The operations on addresses that mail is not sent to.
pub struct Api;

#[OpenApi(prefix_path = "/undeliverable-addresses", tag = "Tag::Messages")]
impl Api {
    /// List undeliverable addresses
    ///
    /// Those that a relay refused for good within 90 days, which mail to them does not ask again. Those of late
    /// first, unless `sort` says otherwise.
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
