//! The system group: `/tenants` and `/domains`.

mod settings;

pub use settings::Settings;

use super::wire::{
    CreateTenantRequest, InviteOwnerRequest, PatchTenantRequest, SuspendTenantRequest, Tenant, TenantDomain,
    TenantDomainList, TenantList,
};
use crate::{
    access::permission::{
        TenantsCreate, TenantsDelete, TenantsDomainsList, TenantsDomainsRelease, TenantsGet, TenantsInvite,
        TenantsList, TenantsQuotasUpdate, TenantsResume, TenantsSuspend, TenantsUndelete, TenantsUpdate,
    },
    account::{self, Tenancy},
    application::wire::placed,
    context::{Operator, Signed},
    domain,
    extract::Caller,
    kit::{
        body::{Body, Patch},
        db::Tx,
        error::{Error, Result},
        http::NoContent,
        json::Written,
        listing::{ListRequest, Listing},
        object::Versioned,
        selector::Values,
        text::{DomainName, Keyword, TenantName},
    },
    quota::{
        self, Quota, Quotas,
        wire::{TenantQuotas, UpdateTenantQuotasRequest},
    },
    tenant::{self, Filter, TenantRow},
};
use poem_openapi::{
    OpenApi, Tags,
    param::{Path, Query},
};
use tenantry_boxed::boxed;

/// The path of the system group.
pub const BASE: &str = "/apis/system/v1alpha1";

/// What an operation is about.
#[derive(Tags)]
pub enum Tag {
    /// The tenants of the instance.
    Tenants,
    /// What tenants may have at most.
    Quotas,
    /// The domains of tenants.
    Domains,
    /// What the instance decides for all tenants.
    Settings,
}

/// A filter for the values that a field may have.
type FilterOf = fn(Values) -> Filter;

impl Listing for TenantRow {
    type Field = FilterOf;
    type Order = ();
    const FIELDS: &'static [(&'static str, FilterOf)] = &[("status.state", Filter::State)];
    const ORDERS: &'static [(&'static str, ())] = &[("metadata.creationTimestamp", ())];
}

fn answer(caller: &Signed, row: &TenantRow) -> Versioned<Tenant> {
    Versioned::new(&Tenant::of(row, &caller.services.urls), row.version)
}

/// Makes of the tenant of this name what `change` says, and does what follows from it.
async fn change(
    caller: &Signed,
    which: (&TenantName, Option<i64>),
    change: impl FnOnce(TenantRow) -> Result<TenantRow>,
    follow: impl AsyncFnOnce(&Tx, &TenantRow) -> Result<()>,
) -> Result<Versioned<Tenant>> {
    let changed = account::change_tenant(caller, which, change, follow).await?;
    Ok(answer(caller, &changed))
}

/// What a tenant may have at most, and has.
async fn read_quotas(caller: &Signed, row: &TenantRow) -> Result<TenantQuotas> {
    let there = Operator::new(&caller.services, row.id);
    let read = async |tx: &Tx| Ok((quota::all(tx).await?, account::usage(tx).await?));
    let (quotas, mut used): (Quotas, Quotas) = there.read(read).await?;
    let domains = caller.read_system(async |system| domain::count(system, row.id).await);
    used.insert(Quota::Domains, domains.await?);
    Ok(TenantQuotas::new(row, &quotas, &used))
}

async fn quotas_of(caller: &Signed, row: &TenantRow) -> Result<Versioned<TenantQuotas>> {
    let quotas = read_quotas(caller, row).await?;
    Ok(Versioned::with_others(&quotas, quotas.version()))
}

/// The operations on tenants.
pub struct Api;

#[OpenApi(prefix_path = "/tenants")]
#[boxed]
impl Api {
    /// List tenants
    ///
    /// Newest first, unless `sort` says otherwise.
    #[oai(path = "/", method = "get", operation_id = "ListTenants", tag = "Tag::Tenants")]
    async fn list(
        &self,
        caller: Caller<TenantsList>,
        asked: ListRequest<TenantRow>,
        /// What the name or the display name has in it, in any case.
        keyword: Query<Option<Keyword>>,
    ) -> Result<Written<TenantList>> {
        let timeline = asked.timeline();
        let states = asked.fields.into_iter().map(|given| (given.field)(given.values));
        let keyword = keyword.0.map(|word| Filter::Keyword(word.to_string()));
        let filters: Vec<_> = states.chain(keyword).collect();
        let listed = caller
            .read_system(async |tx| tenant::list_page(tx, &filters, &timeline).await)
            .await?;
        let listed = listed.map(|row| Tenant::of(&row, &caller.services.urls));
        Ok(Written::of(&listed.into()))
    }

    /// Found a tenant
    ///
    /// It answers at once. Its first owner is invited by mail, good for 7 days, and chooses name and password: no
    /// password passes anybody else's hands.
    #[oai(path = "/", method = "post", operation_id = "CreateTenant", tag = "Tag::Tenants")]
    async fn create(&self, caller: Caller<TenantsCreate>, new: Body<CreateTenantRequest>) -> Result<Versioned<Tenant>> {
        let new = new.0.accept(caller.peer.language);
        let made = account::found_tenant(&caller, new).await;
        Ok(answer(&caller, &made.map_err(placed)?))
    }

    /// See a tenant
    ///
    /// What it is called, whether it answers, and where.
    #[oai(path = "/:name", method = "get", operation_id = "GetTenant", tag = "Tag::Tenants")]
    async fn get(
        &self,
        caller: Caller<TenantsGet>,
        /// The tenant's name.
        name: Path<TenantName>,
    ) -> Result<Versioned<Tenant>> {
        let found = caller.read_system(async |tx| tenant::get_named(tx, name.as_str()).await);
        Ok(answer(&caller, &found.await?))
    }

    /// Change what a tenant is called
    ///
    /// What is absent stays as it is. The name stays for ever.
    #[oai(
        path = "/:name",
        method = "patch",
        operation_id = "PatchTenant",
        tag = "Tag::Tenants"
    )]
    async fn patch(
        &self,
        caller: Caller<TenantsUpdate>,
        /// The tenant's name.
        name: Path<TenantName>,
        new: Patch<PatchTenantRequest, Tenant>,
    ) -> Result<Versioned<Tenant>> {
        let Patch(new, as_read) = new;
        let expected = new.expected();
        let changed = |old: TenantRow| {
            as_read.check(|| Tenant::of(&old, &caller.services.urls))?;
            Ok(new.accept(old))
        };
        change(&caller, (&name, expected), changed, async |_, _| Ok(())).await
    }

    /// Suspend a tenant
    ///
    /// It is refused within a second, with `tenant_suspended`; its jobs wait. Nothing is lost, and the keys of tokens
    /// that are out can still be read.
    #[oai(
        path = "/:name/suspend",
        method = "post",
        operation_id = "SuspendTenant",
        tag = "Tag::Tenants"
    )]
    async fn suspend(
        &self,
        caller: Caller<TenantsSuspend>,
        /// The tenant's name.
        name: Path<TenantName>,
        why: Body<SuspendTenantRequest>,
    ) -> Result<Versioned<Tenant>> {
        let suspended = |old: TenantRow| old.suspended(Some(why.0.reason));
        change(&caller, (&name, None), suspended, async |_, _| Ok(())).await
    }

    /// Resume a tenant
    ///
    /// It answers again within a second.
    #[oai(
        path = "/:name/resume",
        method = "post",
        operation_id = "ResumeTenant",
        tag = "Tag::Tenants"
    )]
    async fn resume(
        &self,
        caller: Caller<TenantsResume>,
        /// The tenant's name.
        name: Path<TenantName>,
    ) -> Result<Versioned<Tenant>> {
        change(&caller, (&name, None), TenantRow::resumed, async |_, _| Ok(())).await
    }

    /// Delete a tenant
    ///
    /// It answers no more. After 7 days, or as many as the instance has it, all of it is removed: users, files, backups
    /// and domains. Until then it can be kept. For 90 days more nobody gets its name.
    #[oai(
        path = "/:name",
        method = "delete",
        operation_id = "DeleteTenant",
        tag = "Tag::Tenants"
    )]
    async fn delete(
        &self,
        caller: Caller<TenantsDelete>,
        /// The tenant's name.
        name: Path<TenantName>,
        /// The tenant's name once more: there is no way back in the end.
        confirm: Query<TenantName>,
    ) -> Result<Versioned<Tenant>> {
        let at = caller.services.clock.now() + Tenancy::read(&caller.services).await?.grace();
        let deleted = |old: TenantRow| match confirm.0 == name.0 {
            true => old.deleted(at),
            false => Err(Error::field("confirm", "value", "must be the name of the tenant")),
        };
        let remove = async |tx: &Tx, row: &TenantRow| tenant::schedule_removal(tx, row.id, at).await;
        change(&caller, (&name, None), deleted, remove).await
    }

    /// Keep a tenant that is to be deleted
    ///
    /// It is as it was before it was deleted.
    #[oai(
        path = "/:name/undelete",
        method = "post",
        operation_id = "UndeleteTenant",
        tag = "Tag::Tenants"
    )]
    async fn undelete(
        &self,
        caller: Caller<TenantsUndelete>,
        /// The tenant's name.
        name: Path<TenantName>,
    ) -> Result<Versioned<Tenant>> {
        let kept = |old: TenantRow| Ok(old.kept());
        change(&caller, (&name, None), kept, async |_, _| Ok(())).await
    }

    /// Invite the first owner of a tenant
    ///
    /// Of one that has none yet, such as where the first invitation ran out. Whoever else is to have a part in a tenant
    /// is invited by its owners.
    #[oai(
        path = "/:name/invite-owner",
        method = "post",
        operation_id = "InviteTenantOwner",
        tag = "Tag::Tenants"
    )]
    async fn invite(
        &self,
        caller: Caller<TenantsInvite>,
        /// The tenant's name.
        name: Path<TenantName>,
        whom: Body<InviteOwnerRequest>,
    ) -> Result<NoContent> {
        let language = whom.0.language.or(caller.peer.language);
        account::invite_owner(&caller, &name, &whom.0.email, language).await?;
        Ok(NoContent::Done)
    }

    /// See what a tenant may have at most
    ///
    /// And how much of it there is.
    #[oai(
        path = "/:name/quotas",
        method = "get",
        operation_id = "GetTenantQuotas",
        tag = "Tag::Quotas"
    )]
    async fn quotas(
        &self,
        caller: Caller<TenantsGet>,
        /// The tenant's name.
        name: Path<TenantName>,
    ) -> Result<Versioned<TenantQuotas>> {
        let found = caller.read_system(async |tx| tenant::get_named(tx, name.as_str()).await);
        quotas_of(&caller, &found.await?).await
    }

    /// Decide what a tenant may have at most
    ///
    /// What is absent is as the server has it. A tenant that has more already keeps it, and gets no more.
    #[oai(
        path = "/:name/quotas",
        method = "put",
        operation_id = "UpdateTenantQuotas",
        tag = "Tag::Quotas"
    )]
    async fn update_quotas(
        &self,
        caller: Caller<TenantsQuotasUpdate>,
        /// The tenant's name.
        name: Path<TenantName>,
        new: Body<UpdateTenantQuotasRequest, TenantQuotas>,
    ) -> Result<Versioned<TenantQuotas>> {
        let Body(new, as_read) = new;
        let find = caller.read_system(async |tx| tenant::get_named(tx, name.as_str()).await);
        let now = read_quotas(&caller, &find.await?).await?;
        as_read.check(|| now)?;
        let (expected, spec) = new.into_parts();
        let limited = account::limit_tenant(&caller, (&name, expected), (&spec.quotas(), spec.rate())).await?;
        quotas_of(&caller, &limited).await
    }
}

/// The operations on the domains of all tenants.
pub struct Domains;

#[OpenApi(tag = "Tag::Domains")]
#[boxed]
impl Domains {
    /// List the domains of all tenants
    ///
    /// Newest first, unless `sort` says otherwise. Of those that are not proven, several tenants may claim the same.
    #[oai(path = "/domains", method = "get", operation_id = "ListTenantDomains")]
    async fn list(
        &self,
        caller: Caller<TenantsDomainsList>,
        asked: ListRequest<domain::Domain>,
        /// What the domain has in it, in any case.
        keyword: Query<Option<Keyword>>,
        /// The name of the tenant whose they are.
        tenant: Query<Option<TenantName>>,
    ) -> Result<Written<TenantDomainList>> {
        let timeline = asked.timeline();
        let states = asked.fields.into_iter().map(|given| (given.field)(given.values));
        let keyword = keyword.0.map(|word| domain::Filter::Keyword(word.to_string()));
        let mut filters: Vec<_> = states.chain(keyword).collect();
        let (listed, tenants) = caller
            .read_system(async |tx| {
                filters.extend(domain::Filter::of_tenant(tx, tenant.0.as_ref()).await?);
                let listed = domain::list_page(tx, &filters, &timeline).await?;
                let ids = listed.items.iter().map(|row| row.tenant_id).collect();
                Ok((listed, tenant::of_ids(tx, ids).await?))
            })
            .await?;
        let listed = listed.map(|row| TenantDomain::of(&row, tenants.get(&row.tenant_id), &caller.services.urls));
        Ok(Written::of(&listed.into()))
    }

    /// Take a domain from a tenant
    ///
    /// It is not reached by it any more, and its addresses do not begin with it. It may claim it again.
    #[oai(
        path = "/tenants/:name/domains/:domain/release",
        method = "post",
        operation_id = "ReleaseTenantDomain"
    )]
    async fn release(
        &self,
        caller: Caller<TenantsDomainsRelease>,
        /// The tenant's name.
        name: Path<TenantName>,
        /// The domain.
        domain: Path<DomainName>,
    ) -> Result<NoContent> {
        account::release_domain(&caller, name.as_str(), &domain).await?;
        Ok(NoContent::Done)
    }
}
