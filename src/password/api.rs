//! `/policies/password` of the console group: what the tenant asks of passwords.

use super::{
    Policy,
    wire::{PasswordPolicy, UpdatePasswordPolicyRequest},
};
use crate::{
    access::permission::{PoliciesGet, PoliciesUpdate},
    console::Tag,
    context::Signed,
    extract::Caller,
    kit::{body::Body, error::Result, object::Versioned},
    setting::wire::{self, Conditions},
};
use poem_openapi::OpenApi;
use tenantry_boxed::boxed;

/// The operations on the password policy.
pub struct Api;

#[OpenApi(prefix_path = "/policies", tag = "Tag::Policies")]
#[boxed]
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
        new: Body<UpdatePasswordPolicyRequest, PasswordPolicy>,
    ) -> Result<Versioned<PasswordPolicy>> {
        put(&caller, new).await
    }
}

/// Makes the policy what a request says.
///
/// # Errors
/// Those of the rules it names and of [`wire::put`].
pub async fn put(
    caller: &Signed,
    new: Body<UpdatePasswordPolicyRequest, PasswordPolicy>,
) -> Result<Versioned<PasswordPolicy>> {
    let Body(UpdatePasswordPolicyRequest { metadata, spec, pinned }, as_read) = new;
    let new: (_, Policy) = (Conditions::new(metadata, pinned), spec.try_into()?);
    wire::put(caller, Body(new, as_read)).await
}
