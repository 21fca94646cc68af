//! `/auth-providers` and `/auth-provider-configs` of the console group.

use super::{
    identity,
    spec::Spec,
    wire::{
        AuthProvider, AuthProviderConfig, AuthProviderConfigList, AuthProviderTrial, CreateAuthProviderConfigRequest,
        PatchAuthProviderConfigRequest, UpdateAuthProviderConfigRequest, placed,
    },
};
use crate::{
    access::permission::{
        AuthProviderConfigsCreate, AuthProviderConfigsDelete, AuthProviderConfigsGet, AuthProviderConfigsList,
        AuthProviderConfigsTest, AuthProviderConfigsUpdate, AuthProvidersDisable, AuthProvidersEnable,
        AuthProvidersList, Permission,
    },
    account,
    console::Tag,
    context::RequestContext,
    extract::{Caller, Own},
    kit::{
        body::{Body, Patch},
        error::Result,
        http::NoContent,
        json::Written,
        listing::ListRequest,
        object::Versioned,
        text::ProviderName,
    },
    server::Server,
};
use poem_openapi::{
    Enum, OpenApi,
    param::{Path, Query},
};
use tenantry_boxed::boxed;

/// What becomes of the identities of a provider that is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename = "ProviderIdentities", rename_all = "lowercase")]
pub enum Identities {
    /// The provider is not deleted as long as there are any.
    Keep,
    /// They are removed with it.
    Remove,
}

fn answer(context: &RequestContext, of: &super::Provider) -> Versioned<AuthProviderConfig> {
    Versioned::with_others(&AuthProviderConfig::new(of, &context.tenant_url()), of.version())
}

async fn check_place(context: &RequestContext, server: &Server, spec: Option<&Spec>) -> Result<()> {
    let of = (context.tenant.id, context.services.clock.now());
    super::check_place(&server.providers, of, spec).await
}

/// The operations on ways to sign in.
pub struct Api;

#[OpenApi(tag = "Tag::Policies")]
#[boxed]
impl Api {
    /// List the ways to sign in
    ///
    /// In the order in which people see them, and whether the caller's account is linked there. Only who may list all
    /// of them sees those that are disabled.
    #[oai(path = "/auth-providers", method = "get", operation_id = "ListAuthProviders")]
    async fn list(&self, caller: Own<AuthProvidersList>) -> Result<Written<Vec<AuthProvider>>> {
        let base = caller.tenant_url();
        let sees_all = caller.policy.permits(&caller.me.roles, AuthProvidersList::DEF, "*");
        let (all, bound) = caller
            .run(async |tx| Ok((super::all(tx).await?, identity::of_user(tx, caller.user).await?)))
            .await?;
        let is_bound = |of: &super::Provider| bound.iter().any(|identity| identity.provider_id == of.id());
        let shown = all.iter().filter(|of| sees_all || of.is_open());
        let others = shown.map(|of| AuthProvider::new(of, &base, is_bound(of)));
        Ok(Written::of(
            &[AuthProvider::local(&base)].into_iter().chain(others).collect(),
        ))
    }

    /// Let people sign in through a provider
    ///
    /// Doing it twice is doing it once.
    #[oai(
        path = "/auth-providers/:name/enable",
        method = "put",
        operation_id = "EnableAuthProvider"
    )]
    async fn enable(
        &self,
        caller: Caller<AuthProvidersEnable>,
        /// The provider's name.
        name: Path<ProviderName>,
    ) -> Result<Versioned<AuthProviderConfig>> {
        let enabled = caller
            .act(async |tx, authority| super::enable(tx, super::get_switched(tx, &authority, &name).await?).await)
            .await?;
        Ok(answer(&caller, &enabled))
    }

    /// Keep people from signing in through a provider
    ///
    /// Also those who began to. Sessions that are there go on. Doing it twice is doing it once.
    #[oai(
        path = "/auth-providers/:name/disable",
        method = "put",
        operation_id = "DisableAuthProvider"
    )]
    async fn disable(
        &self,
        caller: Caller<AuthProvidersDisable>,
        /// The provider's name.
        name: Path<ProviderName>,
        /// Whether it is meant although some people sign in by nothing else.
        confirm: Query<Option<bool>>,
    ) -> Result<Versioned<AuthProviderConfig>> {
        let confirmed = confirm.0.unwrap_or_default();
        let disabled = caller
            .act(async |tx, authority| {
                let old = super::get_switched(tx, &authority, &name).await?;
                super::disable(tx, &authority, old, confirmed).await
            })
            .await?;
        Ok(answer(&caller, &disabled))
    }

    /// List providers
    ///
    /// As they are set up, without their secrets; by name, unless `sort` says otherwise.
    #[oai(
        path = "/auth-provider-configs",
        method = "get",
        operation_id = "ListAuthProviderConfigs"
    )]
    async fn list_configs(
        &self,
        caller: Caller<AuthProviderConfigsList>,
        asked: ListRequest<AuthProviderConfig>,
    ) -> Result<Written<AuthProviderConfigList>> {
        let all = caller.run(async |tx| super::all(tx).await).await?;
        Ok(Written::of(&AuthProviderConfig::list(
            all,
            &asked,
            &caller.tenant_url(),
        )?))
    }

    /// Set up a provider
    ///
    /// It is disabled at first. Its issuer's metadata are read at once. A provider whose word on addresses counts, or
    /// whose identities are linked by themselves, is set up only by who may set addresses and passwords of users
    /// themself.
    #[oai(
        path = "/auth-provider-configs",
        method = "post",
        operation_id = "CreateAuthProviderConfig"
    )]
    async fn create(
        &self,
        caller: Caller<AuthProviderConfigsCreate>,
        new: Body<CreateAuthProviderConfigRequest>,
    ) -> Result<Versioned<AuthProviderConfig>> {
        let master = &caller.services.master;
        let (name, spec, secret) = new.0.accept();
        check_place(&caller, caller.server(), Some(&spec)).await?;
        let made = caller
            .act(async |tx, authority| super::create(tx, (&authority, master), &name, spec, secret.as_ref()).await)
            .await
            .map_err(placed)?;
        Ok(answer(&caller, &made))
    }

    /// See a provider
    ///
    /// As it is set up, without its secret.
    #[oai(
        path = "/auth-provider-configs/:name",
        method = "get",
        operation_id = "GetAuthProviderConfig"
    )]
    async fn get(
        &self,
        caller: Caller<AuthProviderConfigsGet>,
        /// The provider's name.
        name: Path<ProviderName>,
    ) -> Result<Versioned<AuthProviderConfig>> {
        let found = caller.run(async |tx| super::get(tx, &name).await).await?;
        Ok(answer(&caller, &found))
    }

    /// Replace a provider
    ///
    /// Its kind cannot change, nor its issuer as long as accounts are linked there. The secret stays if it is absent; it
    /// has to come again with another client id or issuer.
    #[oai(
        path = "/auth-provider-configs/:name",
        method = "put",
        operation_id = "UpdateAuthProviderConfig"
    )]
    async fn update(
        &self,
        caller: Caller<AuthProviderConfigsUpdate>,
        /// The provider's name.
        name: Path<ProviderName>,
        new: Body<UpdateAuthProviderConfigRequest>,
    ) -> Result<Versioned<AuthProviderConfig>> {
        let (expected, spec, secret) = new.0.accept();
        let master = &caller.services.master;
        let old = caller.read(async |tx| super::get(tx, &name).await).await?;
        old.check_preconditions(&caller.peer)?;
        let place = Some(&spec).filter(|spec| spec.is_elsewhere(&old.spec));
        check_place(&caller, caller.server(), place).await?;
        let written = caller
            .act(async |tx, authority| {
                let old = super::get_managed(tx, &authority, &name).await?;
                super::update(tx, (&authority, master), old, expected, |_| Ok((spec, secret))).await
            })
            .await
            .map_err(placed)?;
        Ok(answer(&caller, &written))
    }

    /// Change a part of a provider
    ///
    /// What is absent stays as it is; lists are replaced whole. The issuer stays as long as accounts are linked there:
    /// what it calls somebody would mean somebody else.
    #[oai(
        path = "/auth-provider-configs/:name",
        method = "patch",
        operation_id = "PatchAuthProviderConfig"
    )]
    async fn patch(
        &self,
        caller: Caller<AuthProviderConfigsUpdate>,
        /// The provider's name.
        name: Path<ProviderName>,
        new: Patch<PatchAuthProviderConfigRequest, AuthProviderConfig>,
    ) -> Result<Versioned<AuthProviderConfig>> {
        let Patch(new, as_read) = new;
        let (expected, master, base) = (new.expected(), &caller.services.master, caller.tenant_url());
        let old = caller.read(async |tx| super::get(tx, &name).await).await?;
        old.check_preconditions(&caller.peer)?;
        check_place(&caller, caller.server(), new.place(&old).as_ref()).await?;
        let changed = |old: &super::Provider| {
            as_read.check(|| AuthProviderConfig::new(old, &base))?;
            Ok(new.accept(old))
        };
        let written = caller
            .act(async |tx, authority| {
                let old = super::get_managed(tx, &authority, &name).await?;
                super::update(tx, (&authority, master), old, expected, changed).await
            })
            .await
            .map_err(placed)?;
        Ok(answer(&caller, &written))
    }

    /// Try a provider
    ///
    /// Looks at its metadata, its keys, and whether it knows the client ID and the secret; nobody signs in. `dryRunUrl`
    /// is for a browser in which the caller is signed in: there they sign in at the provider, and see what it says of
    /// them and what would become of somebody like that. Ten in a minute.
    #[oai(
        path = "/auth-provider-configs/:name/test",
        method = "post",
        operation_id = "TestAuthProviderConfig"
    )]
    async fn test(
        &self,
        caller: Caller<AuthProviderConfigsTest>,
        /// The provider's name.
        name: Path<ProviderName>,
    ) -> Result<Written<AuthProviderTrial>> {
        let looked = account::provider::look(&caller, caller.server(), &name).await?;
        Ok(Written::of(&AuthProviderTrial::new(
            looked,
            &caller.tenant_url(),
            &name,
        )))
    }

    /// Delete a provider
    ///
    /// Nobody signs in through it any more.
    #[oai(
        path = "/auth-provider-configs/:name",
        method = "delete",
        operation_id = "DeleteAuthProviderConfig"
    )]
    async fn delete(
        &self,
        caller: Caller<AuthProviderConfigsDelete>,
        /// The provider's name.
        name: Path<ProviderName>,
        /// What becomes of the identities that accounts have there.
        identities: Query<Option<Identities>>,
    ) -> Result<NoContent> {
        let with_identities = identities.0 == Some(Identities::Remove);
        caller
            .act(async |tx, authority| {
                let old = super::get_managed(tx, &authority, &name).await?;
                super::remove(tx, &authority, old, with_identities).await
            })
            .await?;
        Ok(NoContent::Done)
    }
}
