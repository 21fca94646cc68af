//! `/resource-servers` of the console group.

use super::{
    ResourceServerFilter,
    wire::{CreateResourceServerRequest, PatchResourceServerRequest, ResourceServer, ResourceServerList},
};
use crate::{
    access::permission::{
        ResourceServersCreate, ResourceServersDelete, ResourceServersGet, ResourceServersList,
        ResourceServersSecretsCreate, ResourceServersSecretsDelete, ResourceServersUpdate,
    },
    application::wire::{ClientSecretList, CreateSecretRequest, NewClientSecret, placed},
    console::Tag,
    extract::Caller,
    kit::{
        body::{Body, Patch},
        error::Result,
        http::NoContent,
        id::{ResourceServerId, SecretId},
        json::Written,
        listing::{ListRequest, Listing},
        object::Versioned,
        selector::Values,
    },
};
use poem_openapi::{OpenApi, param::Path};
use tenantry_boxed::boxed;

/// A filter for the values that a field may have.
type FilterOf = fn(Values) -> ResourceServerFilter;

impl Listing for super::ResourceServer {
    type Field = FilterOf;
    type Order = ();
    const FIELDS: &'static [(&'static str, FilterOf)] = &[("spec.audience", ResourceServerFilter::Audience)];
    const ORDERS: &'static [(&'static str, ())] = &[("metadata.creationTimestamp", ())];
}

fn answer(api: &super::ResourceServer) -> Versioned<ResourceServer> {
    Versioned::new(&api.into(), api.version())
}

/// The APIs' operations.
pub struct Api;

#[OpenApi(prefix_path = "/resource-servers", tag = "Tag::Applications")]
#[boxed]
impl Api {
    /// List APIs
    ///
    /// Newest first, unless `sort` says otherwise.
    #[oai(path = "/", method = "get", operation_id = "ListResourceServers")]
    async fn list(
        &self,
        caller: Caller<ResourceServersList>,
        asked: ListRequest<super::ResourceServer>,
    ) -> Result<Written<ResourceServerList>> {
        let timeline = asked.timeline();
        let fields = asked.fields.into_iter();
        let filters: Vec<_> = fields.map(|given| (given.field)(given.values)).collect();
        let listed = caller
            .run(async |tx| super::list(tx, &filters, &timeline).await)
            .await?;
        Ok(Written::of(&listed.map(|api| ResourceServer::from(&api)).into()))
    }

    /// Register an API
    ///
    /// With the audience that its tokens have, and the scopes that applications may be given.
    #[oai(path = "/", method = "post", operation_id = "CreateResourceServer")]
    async fn create(
        &self,
        caller: Caller<ResourceServersCreate>,
        new: Body<CreateResourceServerRequest>,
    ) -> Result<Versioned<ResourceServer>> {
        let issuer = caller.tenant_url();
        let made = caller
            .run(async |tx| super::create(tx, new.0.into(), &issuer).await)
            .await
            .map_err(placed)?;
        Ok(answer(&made))
    }

    /// See an API
    ///
    /// With its scopes, and how long tokens for it last.
    #[oai(path = "/:name", method = "get", operation_id = "GetResourceServer")]
    async fn get(
        &self,
        caller: Caller<ResourceServersGet>,
        /// The API's name.
        name: Path<ResourceServerId>,
    ) -> Result<Versioned<ResourceServer>> {
        Ok(answer(&caller.run(async |tx| super::get(tx, name.0).await).await?))
    }

    /// Change a part of an API
    ///
    /// What is absent stays as it is; lists are replaced whole. Applications lose the scopes that go.
    #[oai(path = "/:name", method = "patch", operation_id = "PatchResourceServer")]
    async fn patch(
        &self,
        caller: Caller<ResourceServersUpdate>,
        /// The API's name.
        name: Path<ResourceServerId>,
        new: Patch<PatchResourceServerRequest, ResourceServer>,
    ) -> Result<Versioned<ResourceServer>> {
        let Patch(new, as_read) = new;
        let (expected, issuer) = (new.expected(), caller.tenant_url());
        let changed = |old: &super::ResourceServer| {
            as_read.check(|| old.into())?;
            Ok(new.accept(old))
        };
        let written = caller
            .run(async |tx| {
                let old = super::get_for_update(tx, name.0).await?;
                super::update(tx, old, (expected, &issuer), changed).await
            })
            .await
            .map_err(placed)?;
        Ok(answer(&written))
    }

    /// Delete an API
    ///
    /// No application can ask for its tokens any more; those that are out stay good for their time.
    #[oai(path = "/:name", method = "delete", operation_id = "DeleteResourceServer")]
    async fn delete(
        &self,
        caller: Caller<ResourceServersDelete>,
        /// The API's name.
        name: Path<ResourceServerId>,
    ) -> Result<NoContent> {
        caller
            .run(async |tx| super::remove(tx, super::get_for_update(tx, name.0).await?).await)
            .await?;
        Ok(NoContent::Done)
    }

    /// List an API's secrets
    ///
    /// Those that are good, the oldest first: which one was used when, and its last four characters.
    #[oai(path = "/:name/secrets", method = "get", operation_id = "ListResourceServerSecrets")]
    async fn list_secrets(
        &self,
        caller: Caller<ResourceServersGet>,
        /// The API's name.
        name: Path<ResourceServerId>,
    ) -> Result<Written<ClientSecretList>> {
        let rows = caller
            .run(async |tx| super::secrets(tx, super::get(tx, name.0).await?.id()).await)
            .await?;
        Ok(Written::of(&ClientSecretList::of(rows.iter().map(Into::into))))
    }

    /// Make a secret of an API
    ///
    /// To ask about tokens with. The answer has it, and nothing else ever does. An API has up to two that are
    /// good, so that one takes the place of the other without a break.
    #[oai(
        path = "/:name/secrets",
        method = "post",
        operation_id = "CreateResourceServerSecret"
    )]
    async fn create_secret(
        &self,
        caller: Caller<ResourceServersSecretsCreate>,
        /// The API's name.
        name: Path<ResourceServerId>,
        new: Body<CreateSecretRequest>,
    ) -> Result<Written<NewClientSecret>> {
        let expires_at = new.0.expires_at();
        let made = caller
            .run(async |tx| {
                let of = super::get_for_update(tx, name.0).await?;
                super::add_secret(tx, &of, expires_at).await
            })
            .await
            .map_err(placed)?;
        Ok(Written::of(&(&made).into()))
    }

    /// Delete a secret of an API
    ///
    /// It is not taken any more.
    #[oai(
        path = "/:name/secrets/:secret",
        method = "delete",
        operation_id = "DeleteResourceServerSecret"
    )]
    async fn delete_secret(
        &self,
        caller: Caller<ResourceServersSecretsDelete>,
        /// The API's name.
        name: Path<ResourceServerId>,
        /// The secret's name.
        secret: Path<SecretId>,
    ) -> Result<NoContent> {
        caller
            .run(async |tx| {
                let of = super::get_for_update(tx, name.0).await?;
                super::remove_secret(tx, &of, secret.0).await
            })
            .await?;
        Ok(NoContent::Done)
    }
}
