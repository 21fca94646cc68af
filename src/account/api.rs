//! `/policies/sign-up` of the console group.

use super::SignUp;
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
    /// Who may sign up.
    SignUpPolicy: SignUp,
    /// Who may sign up from now on.
    UpdateSignUpPolicyRequest: SignUp
}

/// The operations on who may sign up.
pub struct Api;

#[OpenApi(prefix_path = "/policies", tag = "Tag::Policies")]
#[boxed]
impl Api {
    /// See who may sign up
    ///
    /// What the tenant has chosen, else what a new tenant has.
    #[oai(path = "/sign-up", method = "get", operation_id = "GetSignUpPolicy")]
    async fn get_sign_up(&self, caller: Caller<PoliciesGet>) -> Result<Versioned<SignUpPolicy>> {
        wire::show(&caller).await
    }

    /// Decide who may sign up
    ///
    /// Holds from the next request on. Accounts that are there stay.
    #[oai(path = "/sign-up", method = "put", operation_id = "UpdateSignUpPolicy")]
    async fn update_sign_up(
        &self,
        caller: Caller<PoliciesUpdate>,
        new: Body<UpdateSignUpPolicyRequest, SignUpPolicy>,
    ) -> Result<Versioned<SignUpPolicy>> {
        wire::put(&caller, new).await
    }
}
