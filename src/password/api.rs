//! `/policies/password` of the console group: what the tenant asks of passwords.

use super::wire::{PasswordPolicy, UpdatePasswordPolicyRequest};
use crate::{
    access::permission::{PoliciesGet, PoliciesUpdate},
    console::Tag,
    extract::Caller,
    kit::{error::Result, http::Body, object::Versioned},
    setting::wire,
};
use poem_openapi::{OpenApi, param::Header};

/// The operations on the password policy.
pub struct Api;

#[OpenApi(prefix_path = "/policies", tag = "Tag::Policies")]
impl Api {
    /// See what is asked of passwords
    ///
    /// The rules in force, spelled out, and whether they meet what NIST and OWASP publish.
    #[oai(path = "/password", method = "get", operation_id = "GetPasswordPolicy")]
    async fn get(&self, caller: Caller<PoliciesGet>) -> Result<Versioned<PasswordPolicy>> {
        wire::show(&caller).await
    }

    /// Decide what is asked of passwords
    ///
    /// Holds for every password that is set from now on; those that are set already stay good.
    #[oai(path = "/password", method = "put", operation_id = "UpdatePasswordPolicy")]
    async fn update(
        &self,
        caller: Caller<PoliciesUpdate>,
        /// The version the change is meant for, as an entity tag.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        new: Body<UpdatePasswordPolicyRequest>,
    ) -> Result<Versioned<PasswordPolicy>> {
        let UpdatePasswordPolicyRequest { metadata, spec } = new.0;
        wire::put(&caller, if_match, (metadata, spec.try_into()?)).await
    }
}
