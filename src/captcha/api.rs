//! `/policies/captcha` of the console group.

use super::{Captcha, Draft, OnOutage, ProviderName, Required};
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
    setting::wire::{self, PolicyMetadata, PolicyObject},
};
use poem_openapi::{Object, OpenApi, param::Header};
use zeroize::Zeroizing;

/// When people have to show that they are people, and how.
#[derive(Debug, Object)]
pub struct CaptchaPolicy {
    metadata: PolicyMetadata,
    spec: CaptchaSpec,
}

/// When people have to show that they are people, and how.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct CaptchaSpec {
    /// Who tells people from programs.
    provider: ProviderName,
    /// The public key of the widget.
    site_key: String,
    /// Whether there is a secret. It is never shown.
    secret_set: bool,
    /// Hosts of pages whose widgets are believed; if there are none, the tenant's own.
    hostnames: Vec<String>,
    /// The least score that passes, from 0 to 1 for surely a person, where the provider gives one.
    min_score: f64,
    /// What takes a CAPTCHA.
    required: Required,
    /// What happens while the provider cannot be asked.
    on_outage: OnOutage,
}

/// When people have to show that they are people, and how, from now on.
#[derive(Debug, Object)]
pub struct UpdateCaptchaPolicyRequest {
    metadata: Option<ExpectedMetadata>,
    spec: UpdateCaptchaSpec,
}

/// When people have to show that they are people, and how. What is absent is as by default.
#[derive(Debug, Object)]
#[oai(rename_all = "camelCase")]
pub struct UpdateCaptchaSpec {
    /// Who tells people from programs; `none` forgets the secret.
    provider: ProviderName,
    /// The public key of the widget; required with a provider.
    #[oai(default, validator(max_length = 200))]
    site_key: String,
    /// The secret of the widget; required with another provider than before. If it is absent, the
    /// old one stays.
    #[oai(validator(min_length = 1, max_length = 200))]
    secret: Option<String>,
    /// Hosts of pages whose widgets are believed; if there are none, the tenant's own.
    #[oai(default, validator(max_items = 50))]
    hostnames: Vec<String>,
    /// The least score that passes, from 0 to 1 for surely a person, where the provider gives one:
    /// reCAPTCHA v3, and hCaptcha Enterprise, whose scores count the other way and are turned
    /// round.
    #[oai(default = "least_score")]
    min_score: f64,
    /// What takes a CAPTCHA.
    #[oai(default)]
    required: Required,
    /// What happens while the provider cannot be asked.
    #[oai(default)]
    on_outage: OnOutage,
}

fn least_score() -> f64 {
    Captcha::default().min_score
}

impl From<UpdateCaptchaSpec> for Draft {
    fn from(spec: UpdateCaptchaSpec) -> Self {
        Self {
            provider: spec.provider,
            site_key: spec.site_key,
            secret: spec.secret.map(Zeroizing::new),
            hostnames: spec.hostnames,
            min_score: spec.min_score,
            required: spec.required,
            on_outage: spec.on_outage,
        }
    }
}

impl PolicyObject for CaptchaPolicy {
    type Setting = Captcha;

    fn new(policy: &Captcha, version: i64) -> Self {
        Self {
            metadata: PolicyMetadata::of::<Captcha>(version),
            spec: CaptchaSpec {
                provider: policy.provider,
                site_key: policy.site_key.clone(),
                secret_set: policy.secret_set(),
                hostnames: policy.hostnames.clone(),
                min_score: policy.min_score,
                required: policy.required,
                on_outage: policy.on_outage,
            },
        }
    }
}

/// The operations of the policy.
pub struct Api;

#[OpenApi(prefix_path = "/policies", tag = "Tag::Policies")]
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
        /// The version the change is meant for, as an entity tag.
        #[oai(name = "If-Match")]
        if_match: Header<Option<String>>,
        new: Body<UpdateCaptchaPolicyRequest>,
    ) -> Result<Versioned<CaptchaPolicy>> {
        let UpdateCaptchaPolicyRequest { metadata, spec } = new.0;
        let expected = Expected::new(if_match, metadata);
        let (policy, version) = caller
            .run(async |tx| super::update(tx, &caller.app, expected, spec.into()).await)
            .await?;
        Ok(Versioned::new(CaptchaPolicy::new(&policy, version), version))
    }
}
