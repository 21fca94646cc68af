//! The identities of a user, on the wire of the console group.

use super::Linked;
use crate::{
    kit::{
        error::Result,
        listing::{ListRequest, Listing},
        page::page_object,
        time::Timestamp,
    },
    provider::kind::{Kind, LinkedBy},
};
use poem_openapi::Object;
use serde::Serialize;

/// An account elsewhere that a user signs in with.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct UserIdentity {
    /// `v1alpha1`.
    api_version: String,
    /// `UserIdentity`.
    kind: String,
    metadata: UserIdentityMetadata,
    spec: UserIdentitySpec,
    status: UserIdentityStatus,
}

/// Which identity it is.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct UserIdentityMetadata {
    /// The provider's name and the subject, as in its path.
    name: String,
    /// When it was linked.
    creation_timestamp: Timestamp,
}

/// Whom the provider means.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct UserIdentitySpec {
    /// The provider's name.
    provider: String,
    /// What people call the provider.
    provider_name: String,
    /// What it speaks.
    provider_kind: Kind,
    /// What the provider calls the person.
    subject: String,
    /// The issuer when it was linked.
    issuer: String,
    /// What it was called when it was linked, only to be shown.
    display_name: String,
    /// The address it had then, only to be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    /// Whether the provider's word on the address counted.
    email_verified: bool,
}

/// How it is used.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct UserIdentityStatus {
    /// How it came to the account.
    linked_by: LinkedBy,
    /// When they last signed in by it.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Timestamp>,
    /// Whether people may sign in through its provider.
    enabled: bool,
}

page_object!(
    /// One page of identities of a user.
    UserIdentityList of UserIdentity
);

/// What the list can be ordered by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityOrder {
    /// By when it was linked.
    Linked,
    /// By the provider's name and the subject.
    Name,
}

impl Listing for UserIdentity {
    type Field = fn(&Linked) -> &str;
    type Order = IdentityOrder;
    const FIELDS: &'static [(&'static str, Self::Field)] = &[("spec.provider", |of| of.provider.name())];
    const ORDERS: &'static [(&'static str, IdentityOrder)] = &[
        ("metadata.creationTimestamp", IdentityOrder::Linked),
        ("metadata.name", IdentityOrder::Name),
    ];
}

impl UserIdentity {
    pub(super) fn list(all: Vec<Linked>, asked: &ListRequest<Self>) -> Result<UserIdentityList> {
        let is_asked = |of: &Linked| asked.fields.iter().all(|given| given.values.has((given.field)(of)));
        let key = |of: &Linked, order| match order {
            IdentityOrder::Linked => format!("{:020}", of.identity.linked_at.timestamp_micros()),
            IdentityOrder::Name => of.name(),
        };
        let all = all.into_iter().filter(is_asked);
        let listed = asked.of_memory("identities", all, IdentityOrder::Name, key)?;
        Ok(listed.map(Self::from).into())
    }
}

impl From<Linked> for UserIdentity {
    fn from(of: Linked) -> Self {
        let (name, enabled) = (of.name(), of.signs_in());
        let Linked { identity, provider } = of;
        Self {
            api_version: "v1alpha1".to_owned(),
            kind: "UserIdentity".to_owned(),
            metadata: UserIdentityMetadata {
                name,
                creation_timestamp: identity.linked_at.into(),
            },
            status: UserIdentityStatus {
                linked_by: identity.linked_by,
                last_used_at: identity.last_used_at.map(Into::into),
                enabled,
            },
            spec: UserIdentitySpec {
                provider: provider.name().to_owned(),
                provider_name: provider.spec.display_name.to_string(),
                provider_kind: provider.spec.kind,
                subject: identity.subject,
                issuer: identity.issuer,
                display_name: identity.display,
                email: identity.email,
                email_verified: identity.email_verified,
            },
        }
    }
}
