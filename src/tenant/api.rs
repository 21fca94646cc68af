//! `/tenant`: what anybody may know of the tenant they are at.

use crate::{
    access::{Guest, permission::TenantGet},
    groups::Tag,
    kit::error::Result,
};
use poem_openapi::{Object, OpenApi, payload::Json};

/// What anybody may know of a tenant.
#[derive(Object)]
#[oai(rename_all = "camelCase")]
pub struct PublicTenant {
    /// Its stable handle.
    name: String,
    /// What people call it.
    display_name: String,
    /// Whether mail is kept here to be read instead of being sent.
    mailbox: bool,
}

/// The tenant's own operations.
pub struct Api;

#[OpenApi(tag = "Tag::Tenant")]
impl Api {
    /// See the tenant's name
    ///
    /// Which tenant this address belongs to, and whether its mail is sent or kept in the built-in
    /// mailbox.
    #[oai(path = "/tenant", method = "get", operation_id = "GetTenant")]
    async fn get(&self, guest: Guest<TenantGet>) -> Result<Json<PublicTenant>> {
        Ok(Json(PublicTenant {
            name: guest.tenant.name.clone(),
            display_name: guest.tenant.display_name.clone(),
            mailbox: guest.app.mailer.keeps(),
        }))
    }
}
