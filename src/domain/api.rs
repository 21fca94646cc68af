//! `/domains` of the console group.

use super::{
    Filter,
    wire::{CreateDomainRequest, Domain, DomainList, MoveTenantRequest, TenantMove},
};
use crate::{
    access::permission::{DomainsCreate, DomainsDelete, DomainsGet, DomainsList, DomainsMakeCanonical, DomainsVerify},
    account,
    application::wire::placed,
    console::Tag,
    context::Signed,
    extract::Caller,
    kit::{
        body::Body,
        error::Result,
        http::NoContent,
        json::Written,
        listing::{ListRequest, Listing},
        selector::Values,
        text::DomainName,
    },
    tenant,
};
use poem_openapi::{OpenApi, param::Path};
use tenantry_boxed::boxed;

/// A filter for the values that a field may have.
type FilterOf = fn(Values) -> Filter;

impl Listing for super::Domain {
    type Field = FilterOf;
    type Order = ();
    const FIELDS: &'static [(&'static str, FilterOf)] = &[("status.state", Filter::State)];
    const ORDERS: &'static [(&'static str, ())] = &[("metadata.creationTimestamp", ())];
}

/// The domain that the tenant's addresses begin with, as it is written.
async fn canonical(caller: &Signed) -> Result<Option<String>> {
    let find = caller.read_system(async |tx| tenant::get_named(tx, &caller.tenant.name).await);
    Ok(find.await?.domain)
}

async fn answer(caller: &Signed, row: &super::Domain) -> Result<Written<Domain>> {
    let by = (&caller.services.master, &caller.services.urls);
    Ok(Written::of(&Domain::of(row, by, canonical(caller).await?.as_deref())))
}

/// The domains' operations.
pub struct Api;

#[OpenApi(prefix_path = "/domains", tag = "Tag::Domains")]
#[boxed]
impl Api {
    /// List domains
    ///
    /// Those that the tenant has claimed, newest first, unless `sort` says otherwise.
    #[oai(path = "/", method = "get", operation_id = "ListDomains")]
    async fn list(
        &self,
        caller: Caller<DomainsList>,
        asked: ListRequest<super::Domain>,
    ) -> Result<Written<DomainList>> {
        let timeline = asked.timeline();
        let states = asked.fields.into_iter().map(|given| (given.field)(given.values));
        let filters: Vec<_> = states.chain([Filter::Tenant(caller.tenant.id)]).collect();
        let canonical = canonical(&caller).await?;
        let listed = caller
            .read_system(async |tx| super::list_page(tx, &filters, &timeline).await)
            .await?;
        let by = (&caller.services.master, &caller.services.urls);
        let listed = listed.map(|row| Domain::of(&row, by, canonical.as_deref()));
        Ok(Written::of(&listed.into()))
    }

    /// Claim a domain
    ///
    /// The answer has the record that proves it. Until that is found, others may claim the same.
    #[oai(path = "/", method = "post", operation_id = "CreateDomain")]
    async fn create(&self, caller: Caller<DomainsCreate>, new: Body<CreateDomainRequest>) -> Result<Written<Domain>> {
        let claimed = account::claim_domain(&caller, &new.0.metadata.name).await;
        answer(&caller, &claimed.map_err(placed)?).await
    }

    /// See a domain
    ///
    /// Whether it is proven, and by which record.
    #[oai(path = "/:name", method = "get", operation_id = "GetDomain")]
    async fn get(
        &self,
        caller: Caller<DomainsGet>,
        /// The domain.
        name: Path<DomainName>,
    ) -> Result<Written<Domain>> {
        let find = caller.read_system(async |tx| super::get(tx, caller.tenant.id, &name).await);
        answer(&caller, &find.await?).await
    }

    /// Prove a domain
    ///
    /// The name servers of its zone are asked for the record: two of them, if there are two, must have it. From then on
    /// the tenant is reached by it. It is looked for every day, and ten times an hour when asked to.
    #[oai(path = "/:name/verify", method = "post", operation_id = "VerifyDomain")]
    async fn verify(
        &self,
        caller: Caller<DomainsVerify>,
        /// The domain.
        name: Path<DomainName>,
    ) -> Result<Written<Domain>> {
        let proven = account::verify_domain(&caller, caller.server(), &name).await?;
        answer(&caller, &proven).await
    }

    /// Have the tenant's addresses begin with a domain
    ///
    /// The address of a tenant is the issuer of its tokens: unless `confirm` is `true`, nothing is done, and the answer
    /// says what depends on it. Then links, pages and tokens have the new address; who comes to the one before is sent
    /// on, and tokens that name it are taken for their time.
    #[oai(
        path = "/:name/make-canonical",
        method = "post",
        operation_id = "MakeDomainCanonical"
    )]
    async fn make_canonical(
        &self,
        caller: Caller<DomainsMakeCanonical>,
        /// The domain.
        name: Path<DomainName>,
        how: Body<MoveTenantRequest>,
    ) -> Result<Written<TenantMove>> {
        let told = account::move_tenant(&caller, &name, (true, how.confirm)).await?;
        Ok(Written::of(&TenantMove::of(told, how.confirm)))
    }

    /// Have the tenant's addresses begin with a domain no more
    ///
    /// They begin with that of the instance again; the tenant is still reached by the domain. Unless `confirm` is `true`,
    /// nothing is done, and the answer says what depends on it.
    #[oai(path = "/:name/make-alias", method = "post", operation_id = "MakeDomainAlias")]
    async fn make_alias(
        &self,
        caller: Caller<DomainsMakeCanonical>,
        /// The domain.
        name: Path<DomainName>,
        how: Body<MoveTenantRequest>,
    ) -> Result<Written<TenantMove>> {
        let told = account::move_tenant(&caller, &name, (false, how.confirm)).await?;
        Ok(Written::of(&TenantMove::of(told, how.confirm)))
    }

    /// Give a domain up
    ///
    /// The tenant is not reached by it any more. One that its addresses begin with is not given up.
    #[oai(path = "/:name", method = "delete", operation_id = "DeleteDomain")]
    async fn delete(
        &self,
        caller: Caller<DomainsDelete>,
        /// The domain.
        name: Path<DomainName>,
    ) -> Result<NoContent> {
        account::give_up_domain(&caller, &name).await?;
        Ok(NoContent::Done)
    }
}
