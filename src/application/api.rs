//! `/applications` of the console group.

use super::{
    ApplicationFilter,
    delivery::{LogoutDelivery, LogoutDeliveryList},
    wire::{
        Application, ApplicationList, ClientSecretList, CreateApplicationRequest, CreateSecretRequest, NewClientSecret,
        PatchApplicationRequest, placed,
    },
};
use crate::{
    access::permission::{
        ApplicationsCreate, ApplicationsDelete, ApplicationsGet, ApplicationsList, ApplicationsSecretsCreate,
        ApplicationsSecretsDelete, ApplicationsUpdate,
    },
    console::Tag,
    extract::Caller,
    kit::{
        body::{Body, Patch},
        error::Result,
        http::NoContent,
        id::SecretId,
        json::Written,
        listing::{ListRequest, Listing},
        object::Versioned,
        selector::Values,
        text::ClientId,
    },
    resource_server,
};
use futures_util::FutureExt;
use poem_openapi::{OpenApi, param::Path};
use tenantry_boxed::boxed;

/// A filter for the values that a field may have.
type FilterOf = fn(Values) -> ApplicationFilter;

impl Listing for super::Application {
    type Field = FilterOf;
    type Order = ();
    const FIELDS: &'static [(&'static str, FilterOf)] = &[
        ("metadata.name", ApplicationFilter::Name),
        ("status.preset", ApplicationFilter::Preset),
        ("status.origin", ApplicationFilter::Origin),
    ];
    const ORDERS: &'static [(&'static str, ())] = &[("metadata.creationTimestamp", ())];
}

impl Listing for LogoutDelivery {
    type Field = ();
    type Order = ();
    const FIELDS: &'static [(&'static str, ())] = &[("status.state", ())];
    const ORDERS: &'static [(&'static str, ())] = &[("metadata.creationTimestamp", ())];
}

fn answer(application: &super::Application) -> Versioned<Application> {
    let shown = Application::from(application);
    Versioned::with_others(&shown, application.version())
}

/// The applications' operations.
pub struct Api;

#[OpenApi(prefix_path = "/applications", tag = "Tag::Applications")]
#[boxed]
impl Api {
    /// List applications
    ///
    /// Newest first, unless `sort` says otherwise.
    #[oai(path = "/", method = "get", operation_id = "ListApplications")]
    async fn list(
        &self,
        caller: Caller<ApplicationsList>,
        asked: ListRequest<super::Application>,
    ) -> Result<Written<ApplicationList>> {
        let timeline = asked.timeline();
        let fields = asked.fields.into_iter();
        let filters: Vec<_> = fields.map(|given| (given.field)(given.values)).collect();
        let listed = caller
            .run(async |tx| super::list(tx, &filters, &timeline).await)
            .await?;
        Ok(Written::of(
            &listed.map(|application| Application::from(&application)).into(),
        ))
    }

    /// Make an application
    ///
    /// It begins as its preset has it, but for what the request says. It may do no more than the caller: its
    /// roles and the permissions among its scopes are ones that the caller has, and the scope `api` is the
    /// owner's to give. A secret is made by `CreateApplicationSecret`.
    #[oai(path = "/", method = "post", operation_id = "CreateApplication")]
    async fn create(
        &self,
        caller: Caller<ApplicationsCreate>,
        new: Body<CreateApplicationRequest>,
    ) -> Result<Versioned<Application>> {
        let preset = new.0.preset;
        let (name, spec) = new.0.accept()?;
        let made = caller
            .act(async |tx, authority| {
                let apis = resource_server::audiences(tx).await?;
                super::create(tx, &authority, (&name, preset), spec, &apis).await
            })
            .await
            .map_err(placed)?;
        Ok(answer(&made))
    }

    /// See an application
    ///
    /// Without its secrets, which are shown only when they are made.
    #[oai(path = "/:name", method = "get", operation_id = "GetApplication")]
    async fn get(
        &self,
        caller: Caller<ApplicationsGet>,
        /// The application's name: its `client_id`.
        name: Path<ClientId>,
    ) -> Result<Versioned<Application>> {
        Ok(answer(&caller.run(async |tx| super::get(tx, &name).await).await?))
    }

    /// Change a part of an application
    ///
    /// What is absent stays as it is; lists are replaced whole. Neither before nor after may it do what the
    /// caller may not: who has the address that people come back to is the application.
    #[oai(path = "/:name", method = "patch", operation_id = "PatchApplication")]
    async fn patch(
        &self,
        caller: Caller<ApplicationsUpdate>,
        /// The application's name: its `client_id`.
        name: Path<ClientId>,
        new: Patch<PatchApplicationRequest, Application>,
    ) -> Result<Versioned<Application>> {
        let Patch(new, as_read) = new;
        let expected = new.expected();
        let changed = |old: &super::Application| {
            as_read.check(|| old.into())?;
            Ok(new.accept(old))
        };
        let written = caller
            .act(async |tx, authority| {
                let old = super::get_own(tx, &authority, &name).await?;
                let apis = resource_server::audiences(tx).await?;
                super::update(tx, &authority, old, (expected, &apis), changed)
                    .boxed()
                    .await
            })
            .await
            .map_err(placed)?;
        Ok(answer(&written))
    }

    /// Delete an application
    ///
    /// Its secrets are not taken any more.
    #[oai(path = "/:name", method = "delete", operation_id = "DeleteApplication")]
    async fn delete(
        &self,
        caller: Caller<ApplicationsDelete>,
        /// The application's name: its `client_id`.
        name: Path<ClientId>,
    ) -> Result<NoContent> {
        caller
            .act(async |tx, authority| {
                let old = super::get_own(tx, &authority, &name).await?;
                super::remove(tx, old).await
            })
            .await?;
        Ok(NoContent::Done)
    }

    /// Disable an application
    ///
    /// Nobody signs in to it, and it calls nothing, from this moment on. Also one that is built in.
    #[oai(path = "/:name/disable", method = "post", operation_id = "DisableApplication")]
    async fn disable(
        &self,
        caller: Caller<ApplicationsUpdate>,
        /// The application's name: its `client_id`.
        name: Path<ClientId>,
    ) -> Result<Versioned<Application>> {
        set_disabled(&caller, &name, true).await
    }

    /// Enable an application
    ///
    /// It may authenticate again, with the secrets that it had.
    #[oai(path = "/:name/enable", method = "post", operation_id = "EnableApplication")]
    async fn enable(
        &self,
        caller: Caller<ApplicationsUpdate>,
        /// The application's name: its `client_id`.
        name: Path<ClientId>,
    ) -> Result<Versioned<Application>> {
        set_disabled(&caller, &name, false).await
    }

    /// List an application's secrets
    ///
    /// Those that are good, the oldest first: which one was used when, and its last four characters.
    #[oai(path = "/:name/secrets", method = "get", operation_id = "ListApplicationSecrets")]
    async fn list_secrets(
        &self,
        caller: Caller<ApplicationsGet>,
        /// The application's name: its `client_id`.
        name: Path<ClientId>,
    ) -> Result<Written<ClientSecretList>> {
        let rows = caller
            .run(async |tx| super::secrets(tx, super::get(tx, &name).await?.id()).await)
            .await?;
        Ok(Written::of(&ClientSecretList::of(rows.iter().map(Into::into))))
    }

    /// List what an application was told of sessions that ended
    ///
    /// Logout tokens to its `spec.backchannelLogoutUri` of the last 30 days, and those that wait, with the attempts to
    /// deliver each: newest first, unless `sort` says otherwise.
    #[oai(
        path = "/:name/logout-deliveries",
        method = "get",
        operation_id = "ListApplicationLogoutDeliveries"
    )]
    async fn list_logout_deliveries(
        &self,
        caller: Caller<ApplicationsGet>,
        /// The application's name: its `client_id`.
        name: Path<ClientId>,
        asked: ListRequest<LogoutDelivery>,
    ) -> Result<Written<LogoutDeliveryList>> {
        let timeline = asked.timeline();
        let states: Vec<_> = asked.fields.into_iter().map(|given| given.values).collect();
        let listed = caller
            .run(async |tx| {
                let of = super::get(tx, &name).await?.id();
                super::deliveries(tx, of, &states, &timeline).await
            })
            .await?;
        Ok(Written::of(&listed.map(LogoutDelivery::from).into()))
    }

    /// Make a secret
    ///
    /// The answer has it, and nothing else ever does. An application has up to two that are good, so that one
    /// takes the place of the other without a break.
    #[oai(path = "/:name/secrets", method = "post", operation_id = "CreateApplicationSecret")]
    async fn create_secret(
        &self,
        caller: Caller<ApplicationsSecretsCreate>,
        /// The application's name: its `client_id`.
        name: Path<ClientId>,
        new: Body<CreateSecretRequest>,
    ) -> Result<Written<NewClientSecret>> {
        let expires_at = new.0.expires_at();
        let made = caller
            .act(async |tx, authority| {
                let of = super::get_own(tx, &authority, &name).await?;
                super::add_secret(tx, &of, expires_at).await
            })
            .await
            .map_err(placed)?;
        Ok(Written::of(&(&made).into()))
    }

    /// Delete a secret
    ///
    /// Whoever has it is the application no more, from this moment on.
    #[oai(
        path = "/:name/secrets/:secret",
        method = "delete",
        operation_id = "DeleteApplicationSecret"
    )]
    async fn delete_secret(
        &self,
        caller: Caller<ApplicationsSecretsDelete>,
        /// The application's name: its `client_id`.
        name: Path<ClientId>,
        /// The secret's name.
        secret: Path<SecretId>,
    ) -> Result<NoContent> {
        caller
            .act(async |tx, authority| {
                let of = super::get_own(tx, &authority, &name).await?;
                super::remove_secret(tx, &of, secret.0).await
            })
            .await?;
        Ok(NoContent::Done)
    }
}

async fn set_disabled(
    caller: &Caller<ApplicationsUpdate>,
    name: &ClientId,
    disabled: bool,
) -> Result<Versioned<Application>> {
    let written = caller
        .act(async |tx, authority| {
            let old = super::get_managed(tx, &authority, name).await?;
            super::set_disabled(tx, old, disabled).await
        })
        .await?;
    Ok(answer(&written))
}
