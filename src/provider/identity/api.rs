//! `/users/{name}/identities` of the console group: the accounts elsewhere that a user signs in with.

use super::wire::{UserIdentity, UserIdentityList};
use crate::{
    access::permission::{UsersIdentitiesDelete, UsersIdentitiesList},
    account,
    console::Tag,
    extract::{Caller, Own},
    kit::{
        error::Result,
        http::NoContent,
        json::Written,
        listing::ListRequest,
        text::{IdentitySubject, ProviderName, UserName},
    },
    user,
};
use poem_openapi::{OpenApi, param::Path};

/// The operations on the identities of users.
pub struct Api;

#[OpenApi(tag = "Tag::Sessions")]
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
        let found = caller.run(async |tx| super::list(tx, caller.user).await).await?;
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
                let which = super::Which::At(&provider, &subject);
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
            .run(async |tx| super::list(tx, user::get(tx, &name).await?.user.id).await)
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
                let which = super::Which::At(&provider, &subject);
                account::provider::unlink(tx, &caller, &user, which).await
            })
            .await?;
        Ok(NoContent::Done)
    }
}
