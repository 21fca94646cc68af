//! `/users/{name}/identities` of the console group: the accounts elsewhere that a user signs in with.

use super::{
    identity::{self, Linked, Which},
    kind::{Kind, LinkedBy},
};
use crate::{
    access::permission::{UsersIdentitiesDelete, UsersIdentitiesList},
    account,
    console::Tag,
    extract::{Caller, Own},
    kit::{
        error::Result,
        http::NoContent,
        json::Written,
        listing::{ListRequest, Listing},
        page::page_object,
        text::{IdentitySubject, ProviderName, UserName},
        time::Timestamp,
    },
    user,
};
use poem_openapi::{Object, OpenApi, param::Path};
use serde::Serialize;
use tenantry_boxed::boxed;

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
    fn list(all: Vec<Linked>, asked: &ListRequest<Self>) -> Result<UserIdentityList> {
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

/// The operations on the identities of users.
pub struct Api;

#[OpenApi(tag = "Tag::Sessions")]
#[boxed]
impl Api {
    /// List the accounts elsewhere that one signs in with
    ///
    /// By the provider's name and what it calls them, unless `sort` says otherwise.
    #[oai(
        path = "/users/-/identities",
        method = "get",
        operation_id = "ListCurrentUserIdentities"
    )]
    async fn list_own(
        &self,
        caller: Own<UsersIdentitiesList>,
        asked: ListRequest<UserIdentity>,
    ) -> Result<Written<UserIdentityList>> {
        let found = caller.run(async |tx| identity::list(tx, caller.user).await).await?;
        Ok(Written::of(&UserIdentity::list(found, &asked)?))
    }

    /// Remove an account elsewhere that one signs in with
    ///
    /// It gets nobody into the account any more; sessions that are there go on. It takes a sign-in of at most five
    /// minutes ago, and another way into the account: a password, or an identity at another provider that is enabled.
    /// The owner of the account's address is told.
    #[oai(
        path = "/users/-/identities/:provider/:subject",
        method = "delete",
        operation_id = "DeleteCurrentUserIdentity"
    )]
    async fn delete_own(
        &self,
        caller: Own<UsersIdentitiesDelete>,
        /// The provider's name.
        provider: Path<ProviderName>,
        /// What the provider calls them.
        subject: Path<IdentitySubject>,
    ) -> Result<NoContent> {
        caller
            .run(async |tx| {
                let which = Which::At(&provider, &subject);
                account::provider::unlink_own(tx, &caller, &caller.me, which).await
            })
            .await?;
        Ok(NoContent::Done)
    }

    /// List the accounts elsewhere that a user signs in with
    ///
    /// By the provider's name and what it calls them, unless `sort` says otherwise.
    #[oai(
        path = "/users/:name/identities",
        method = "get",
        operation_id = "ListUserIdentities"
    )]
    async fn list(
        &self,
        caller: Caller<UsersIdentitiesList>,
        /// The user's name.
        name: Path<UserName>,
        asked: ListRequest<UserIdentity>,
    ) -> Result<Written<UserIdentityList>> {
        let found = caller
            .run(async |tx| identity::list(tx, user::get(tx, &name).await?.user.id).await)
            .await?;
        Ok(Written::of(&UserIdentity::list(found, &asked)?))
    }

    /// Remove an account elsewhere that a user signs in with
    ///
    /// It gets nobody into the account any more, also if it was the only way in; sessions that are there go on. The
    /// owner of the account's address is told.
    #[oai(
        path = "/users/:name/identities/:provider/:subject",
        method = "delete",
        operation_id = "DeleteUserIdentity"
    )]
    async fn delete(
        &self,
        caller: Caller<UsersIdentitiesDelete>,
        /// The user's name.
        name: Path<UserName>,
        /// The provider's name.
        provider: Path<ProviderName>,
        /// What the provider calls them.
        subject: Path<IdentitySubject>,
    ) -> Result<NoContent> {
        caller
            .act(async |tx, authority| {
                let user = user::get_managed(tx, &authority, &name).await?;
                let which = Which::At(&provider, &subject);
                account::provider::unlink(tx, &caller, &user, which).await
            })
            .await?;
        Ok(NoContent::Done)
    }
}
