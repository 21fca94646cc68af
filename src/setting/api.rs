//! `/policies` of the console group: what a tenant decides for itself.

use super::{Authentication, wire::PolicyMetadata};
use crate::{
    access::{
        Caller,
        permission::{PoliciesGet, PoliciesUpdate},
    },
    groups::Tag,
    kit::{
        error::Result,
        http::Body,
        object::{Expected, ExpectedMetadata, Versioned},
    },
};
use poem_openapi::{Object, OpenApi, param::Header};

/// How people of the tenant may say who they are.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct AuthenticationPolicy {
    metadata: PolicyMetadata,
    spec: AuthenticationSpec,
}

/// How people may say who they are.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct AuthenticationSpec {
    /// Whether a request may bring name and password itself (HTTP Basic, RFC 7617). Each such
    /// request costs a password hash.
    basic_auth: bool,
}

/// How people of the tenant may say who they are from now on.
#[derive(Debug, Object)]
pub struct UpdateAuthenticationPolicyRequest {
    metadata: Option<ExpectedMetadata>,
    spec: AuthenticationSpec,
}

fn answer(policy: &Authentication, version: i64) -> Versioned<AuthenticationPolicy> {
    let object = AuthenticationPolicy {
        metadata: PolicyMetadata::of::<Authentication>(version),
        spec: AuthenticationSpec {
            basic_auth: policy.basic,
        },
    };
    Versioned::new(object, version)
}

/// The policies' operations.
pub struct Api;

#[OpenApi(prefix_path = "/policies", tag = "Tag::Policies")]
impl Api {
    /// See how people may say who they are
    #[oai(path = "/authentication", method = "get", operation_id = "GetAuthenticationPolicy")]
    async fn get_authentication(&self, caller: Caller<PoliciesGet>) -> Result<Versioned<AuthenticationPolicy>> {
        let (policy, version) = caller.run(async |tx| super::read(tx).await).await?;
        Ok(answer(&policy, version))
    }

    /// Decide how people may say who they are
    ///
    /// Holds from the next request on.
    #[oai(
        path = "/authentication",
        method = "put",
        operation_id = "UpdateAuthenticationPolicy"
    )]
    async fn update_authentication(
        &self,
        caller: Caller<PoliciesUpdate>,
        /// The version the change is meant for, as an entity tag.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        new: Body<UpdateAuthenticationPolicyRequest>,
    ) -> Result<Versioned<AuthenticationPolicy>> {
        let UpdateAuthenticationPolicyRequest { metadata, spec } = new.0;
        let policy = Authentication { basic: spec.basic_auth };
        let expected = Expected::new(if_match, metadata);
        let version = caller.run(async |tx| super::write(tx, expected, &policy).await).await?;
        Ok(answer(&policy, version))
    }
}
