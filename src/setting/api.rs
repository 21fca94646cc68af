//! `/policies` of the console group: what a tenant decides for itself.

use super::{
    Authentication, Branding, CrossOrigin,
    wire::{self, policy_objects},
};
use crate::{
    access::permission::{PoliciesGet, PoliciesUpdate},
    attachment,
    console::Tag,
    extract::Caller,
    kit::{body::Body, error::Result, object::Versioned},
};
use poem_openapi::OpenApi;
use tenantry_boxed::boxed;

policy_objects! {
    /// How people of the tenant may say who they are.
    AuthenticationPolicy: Authentication,
    /// How people of the tenant may say who they are from now on.
    UpdateAuthenticationPolicyRequest: Authentication
}

policy_objects! {
    /// How the tenant and its applications show themselves.
    BrandingPolicy: Branding,
    /// How the tenant and its applications show themselves from now on.
    UpdateBrandingPolicyRequest: Branding
}

policy_objects! {
    /// Which pages of other origins may call the API from a browser.
    CrossOriginPolicy: CrossOrigin,
    /// Which pages of other origins may call the API from a browser from now on.
    UpdateCrossOriginPolicyRequest: CrossOrigin
}

/// The policies' operations.
pub struct Api;

#[OpenApi(prefix_path = "/policies", tag = "Tag::Policies")]
#[boxed]
impl Api {
    /// See how people may say who they are
    ///
    /// What the tenant has chosen, else what a new tenant has.
    #[oai(path = "/authentication", method = "get", operation_id = "GetAuthenticationPolicy")]
    async fn get_authentication(&self, caller: Caller<PoliciesGet>) -> Result<Versioned<AuthenticationPolicy>> {
        wire::show(&caller).await
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
        new: Body<UpdateAuthenticationPolicyRequest, AuthenticationPolicy>,
    ) -> Result<Versioned<AuthenticationPolicy>> {
        wire::put(&caller, new).await
    }

    /// See how the tenant shows itself
    ///
    /// What the tenant has chosen, else what a new tenant has.
    #[oai(path = "/branding", method = "get", operation_id = "GetBrandingPolicy")]
    async fn get_branding(&self, caller: Caller<PoliciesGet>) -> Result<Versioned<BrandingPolicy>> {
        wire::show(&caller).await
    }

    /// Decide how the tenant shows itself
    ///
    /// On its pages and in its mails, and those of applications that are named by the `clientId`
    /// they send.
    #[oai(path = "/branding", method = "put", operation_id = "UpdateBrandingPolicy")]
    async fn update_branding(
        &self,
        caller: Caller<PoliciesUpdate>,
        new: Body<UpdateBrandingPolicyRequest, BrandingPolicy>,
    ) -> Result<Versioned<BrandingPolicy>> {
        wire::put_and(&caller, new, attachment::check_shown).await
    }

    /// See which pages of other origins may call
    ///
    /// What the tenant has chosen, else what a new tenant has: none.
    #[oai(path = "/cross-origin", method = "get", operation_id = "GetCrossOriginPolicy")]
    async fn get_cross_origin(&self, caller: Caller<PoliciesGet>) -> Result<Versioned<CrossOriginPolicy>> {
        wire::show(&caller).await
    }

    /// Decide which pages of other origins may call
    ///
    /// Scripts of these origins may call the operations of all groups from a browser (CORS), with a
    /// token; the session cookie is never taken from them. Browsers learn of a change within 10
    /// minutes.
    #[oai(path = "/cross-origin", method = "put", operation_id = "UpdateCrossOriginPolicy")]
    async fn update_cross_origin(
        &self,
        caller: Caller<PoliciesUpdate>,
        new: Body<UpdateCrossOriginPolicyRequest, CrossOriginPolicy>,
    ) -> Result<Versioned<CrossOriginPolicy>> {
        wire::put(&caller, new).await
    }
}
