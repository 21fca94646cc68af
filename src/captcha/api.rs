//! `/policies/captcha` of the console group.

use super::{Captcha, Draft};
use crate::{
    access::permission::{PoliciesGet, PoliciesUpdate},
    console::Tag,
    context::Signed,
    extract::Caller,
    kit::{body::Body, error::Result, object::Versioned},
    setting::wire::{self, policy_objects},
};
use poem_openapi::OpenApi;
use tenantry_boxed::boxed;

policy_objects! {
    /// When people have to show that they are people, and how.
    CaptchaPolicy: Captcha,
    /// When people have to show that they are people, and how, from now on.
    UpdateCaptchaPolicyRequest: Draft
}

/// The operations of the policy.
pub struct Api;

#[OpenApi(prefix_path = "/policies", tag = "Tag::Policies")]
#[boxed]
impl Api {
    /// See when people have to show that they are people
    ///
    /// The provider's secret is never shown.
    #[oai(path = "/captcha", method = "get", operation_id = "GetCaptchaPolicy")]
    async fn get(&self, caller: Caller<PoliciesGet>) -> Result<Versioned<CaptchaPolicy>> {
        wire::show(&caller).await
    }

    /// Decide when people have to show that they are people
    ///
    /// Holds from the next request on. Where a CAPTCHA is required, the token of the provider's
    /// widget goes with the request in the header `X-Captcha-Token`; a token is good for one
    /// request. The acts that widgets name are `sign-up`, `send-code`, `reset-password` and
    /// `sign-in`, with `_` for `-` where the provider takes no other. The secrets that providers
    /// publish for tests are accepted only by a server on localhost.
    #[oai(path = "/captcha", method = "put", operation_id = "UpdateCaptchaPolicy")]
    async fn update(
        &self,
        caller: Caller<PoliciesUpdate>,
        new: Body<UpdateCaptchaPolicyRequest, CaptchaPolicy>,
    ) -> Result<Versioned<CaptchaPolicy>> {
        put(&caller, caller.server().captcha.is_development(), new).await
    }
}

/// Makes the policy what a request says.
///
/// # Errors
/// Those of the draft and of [`wire::change`].
pub async fn put(
    caller: &Signed,
    is_development: bool,
    new: Body<UpdateCaptchaPolicyRequest, CaptchaPolicy>,
) -> Result<Versioned<CaptchaPolicy>> {
    let Body(new, as_read) = new;
    let (conditions, draft): (_, Draft) = new.into();
    wire::change(caller, conditions, &as_read, |tx, old| {
        draft.apply(tx, &caller.services.master, is_development, old)
    })
    .await
}
