//! `/quotas` of the console group.

use super::{Quota, wire::TenantQuotas};
use crate::{
    access::permission::QuotasGet,
    account,
    console::Tag,
    domain,
    extract::Caller,
    kit::{error::Result, object::Versioned},
    tenant,
};
use poem_openapi::OpenApi;
use tenantry_boxed::boxed;

/// The quotas' operations.
pub struct Api;

#[OpenApi(tag = "Tag::Tenant")]
#[boxed]
impl Api {
    /// See what the tenant may have at most
    ///
    /// And how much of it there is. The operator of the instance decides it.
    #[oai(path = "/quotas", method = "get", operation_id = "GetQuotas")]
    async fn get(&self, caller: Caller<QuotasGet>) -> Result<Versioned<TenantQuotas>> {
        let (quotas, mut used) = caller
            .run(async |tx| Ok((super::all(tx).await?, account::usage(tx).await?)))
            .await?;
        let (row, domains) = caller
            .read_system(async |tx| {
                let row = tenant::get_named(tx, &caller.tenant.name).await?;
                Ok((row, domain::count(tx, caller.tenant.id).await?))
            })
            .await?;
        used.insert(Quota::Domains, domains);
        let object = TenantQuotas::new(&row, &quotas, &used);
        Ok(Versioned::with_others(&object, object.version()))
    }
}
