//! `/policies/limits` of the console group.

use super::Limits;
use crate::{
    access::permission::{PoliciesGet, PoliciesUpdate},
    console::Tag,
    extract::Caller,
    kit::{body::Body, error::Result, object::Versioned},
    setting::wire::{self, policy_objects},
};
use poem_openapi::OpenApi;
use tenantry_boxed::boxed;

policy_objects! {
    /// How often things may be tried.
    LimitPolicy: Limits,
    /// How often things may be tried from now on.
    UpdateLimitPolicyRequest: Limits
}

/// The operations on limits.
pub struct Api;

#[OpenApi(prefix_path = "/policies", tag = "Tag::Policies")]
#[boxed]
impl Api {
    /// See how often things may be tried
    ///
    /// What the tenant has chosen, else what a new tenant has.
    #[oai(path = "/limits", method = "get", operation_id = "GetLimitPolicy")]
    async fn get_limits(&self, caller: Caller<PoliciesGet>) -> Result<Versioned<LimitPolicy>> {
        wire::show(&caller).await
    }

    /// Decide how often things may be tried
    ///
    /// Holds from the next try on; what was counted stays counted.
    #[oai(path = "/limits", method = "put", operation_id = "UpdateLimitPolicy")]
    async fn update_limits(
        &self,
        caller: Caller<PoliciesUpdate>,
        new: Body<UpdateLimitPolicyRequest, LimitPolicy>,
    ) -> Result<Versioned<LimitPolicy>> {
        wire::put(&caller, new).await
    }
}
