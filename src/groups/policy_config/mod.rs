//! `/policies/{name}/configs/{group}` of the console group: policies by their name alone, as Halo has them.

mod each;

use crate::{
    access::permission::{PoliciesConfigsGet, PoliciesConfigsUpdate},
    console::Tag,
    extract::Caller,
    kit::{
        body::Body,
        error::Result,
        http::NoContent,
        object::Versioned,
        text::{PolicyGroup, PolicyName},
    },
    setting::wire::out_of_spec,
};
use poem_openapi::{OpenApi, param::Path, types::Any};
use serde_json::Value;
use std::collections::BTreeMap;
use tenantry_boxed::boxed;

/// Members by name.
type AnyMembers = BTreeMap<String, Any<Value>>;

/// The operations on policies by their name.
pub(super) struct Api;

#[OpenApi(prefix_path = "/policies", tag = "Tag::Policies")]
#[boxed]
impl Api {
    /// See the members of a policy
    ///
    /// The `spec` that the policy of this name has, alone: what the tenant has chosen, else what a new tenant has.
    #[oai(
        path = "/:name/configs/:group",
        method = "get",
        operation_id = "GetPolicyConfigByGroup"
    )]
    async fn get(
        &self,
        caller: Caller<PoliciesConfigsGet>,
        /// The policy.
        name: Path<PolicyName>,
        /// The group of its members: `default`.
        group: Path<PolicyGroup>,
    ) -> Result<Versioned<Any<Value>>> {
        each::check_group(group.as_str())?;
        let (spec, version) = each::get(&caller, name.as_str()).await?;
        Ok(Versioned::by_tree(&Any(spec), version))
    }

    /// Replace the members of a policy
    ///
    /// As the operation that updates the policy does, with its `spec` alone.
    #[oai(
        path = "/:name/configs/:group",
        method = "put",
        operation_id = "UpdatePolicyConfigByGroup"
    )]
    async fn put(
        &self,
        caller: Caller<PoliciesConfigsUpdate>,
        /// The policy.
        name: Path<PolicyName>,
        /// The group of its members: `default`.
        group: Path<PolicyGroup>,
        new: Body<AnyMembers>,
    ) -> Result<NoContent> {
        each::check_group(group.as_str())?;
        let members = new.0.into_iter().map(|(name, Any(value))| (name, value)).collect();
        let is_development = caller.server().captcha.is_development();
        let set = Box::pin(each::set(&caller, is_development, name.as_str(), members));
        set.await.map_err(out_of_spec)?;
        Ok(NoContent::Done)
    }
}
