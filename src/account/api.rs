//! `/policies/sign-up` of the console group.

use super::{SignUp, SignUpMode};
use crate::{
    access::{
        Caller,
        permission::{PoliciesGet, PoliciesUpdate},
    },
    groups::Tag,
    kit::{
        error::Result,
        http::Body,
        object::{Expected, Versioned},
        text::DomainRule,
    },
    setting::wire::{self, policy_objects},
};
use poem_openapi::{Enum, Object, OpenApi, param::Header};

policy_objects! {
    /// Who may sign up.
    SignUpPolicy,
    /// Who may sign up from now on.
    UpdateSignUpPolicyRequest: SignUpSpec of SignUp
}

/// Who may sign up, and what they must show.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct SignUpSpec {
    /// Who may.
    mode: Mode,
    /// Domains of addresses that are taken; all if none is named. With a dot in front, also what
    /// is below it.
    #[oai(default, validator(max_items = 200))]
    allowed_domains: Vec<DomainRule>,
    /// Domains of addresses that are not taken.
    #[oai(default, validator(max_items = 200))]
    blocked_domains: Vec<DomainRule>,
    /// Whether nobody signs in before they have proven their address.
    #[oai(default)]
    verify_before_sign_in: bool,
    /// Whether anybody may ask if an address has an account, with `POST /api/email-check/validate`.
    #[oai(default)]
    addresses_told: bool,
}

/// Who may sign up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[oai(rename_all = "lowercase")]
pub enum Mode {
    /// Anybody.
    Open,
    /// Who was invited.
    Invited,
    /// Nobody.
    Closed,
}

impl From<SignUpMode> for Mode {
    fn from(mode: SignUpMode) -> Self {
        match mode {
            SignUpMode::Open => Self::Open,
            SignUpMode::Invited => Self::Invited,
            SignUpMode::Closed => Self::Closed,
        }
    }
}

impl From<Mode> for SignUpMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Open => Self::Open,
            Mode::Invited => Self::Invited,
            Mode::Closed => Self::Closed,
        }
    }
}

impl From<&SignUp> for SignUpSpec {
    fn from(policy: &SignUp) -> Self {
        Self {
            mode: policy.mode.into(),
            allowed_domains: policy.allowed_domains.clone(),
            blocked_domains: policy.blocked_domains.clone(),
            verify_before_sign_in: policy.verify_before_sign_in,
            addresses_told: policy.addresses_told,
        }
    }
}

impl From<SignUpSpec> for SignUp {
    fn from(spec: SignUpSpec) -> Self {
        Self {
            mode: spec.mode.into(),
            allowed_domains: spec.allowed_domains,
            blocked_domains: spec.blocked_domains,
            verify_before_sign_in: spec.verify_before_sign_in,
            addresses_told: spec.addresses_told,
        }
    }
}

/// The operations on who may sign up.
pub struct Api;

#[OpenApi(prefix_path = "/policies", tag = "Tag::Policies")]
impl Api {
    /// See who may sign up
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
        /// The version the change is meant for, as an entity tag.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        new: Body<UpdateSignUpPolicyRequest>,
    ) -> Result<Versioned<SignUpPolicy>> {
        let UpdateSignUpPolicyRequest { metadata, spec } = new.0;
        wire::put(&caller, Expected::new(if_match, metadata), spec).await
    }
}
