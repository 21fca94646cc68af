//! CAPTCHA: whether a person sent the request, as the provider of the tenant's choice tells.
//!
//! A token is good for one request, so it is asked about after everything that costs nothing to
//! check, and before anything that is looked up.

pub mod api;
mod policy;
mod provider;
mod sealed;
mod verifier;

use crate::kit::{
    error::{Code, Error, Result},
    http::Peer,
    id::TenantId,
    secret::{self, MasterKey},
};
pub use policy::{Captcha, Draft, OnOutage, ProviderName, Required, SignInCheck};
pub use provider::Verdict;
use provider::{Expected, Provider, Question, is_test_secret, judge};
use tenantry_core::tenant::Tenant;
pub use verifier::Verifier;
use zeroize::Zeroizing;

/// Seconds after which it makes sense to ask a provider again that did not answer.
const RETRY_AFTER: u32 = 10;

/// An act of a person that may need a CAPTCHA. A token solved for one act is not good for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Make an account.
    SignUp,
    /// Have a code mailed.
    SendCode,
    /// Have a way to a new password mailed.
    ResetPassword,
    /// Sign in.
    SignIn,
}

impl Action {
    /// Every act.
    pub const ALL: &[Self] = &[Self::SignUp, Self::SendCode, Self::ResetPassword, Self::SignIn];

    /// Its name, as pages give it to the provider; [`Widget::action`] has it as the provider writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SignUp => "sign-up",
            Self::SendCode => "send-code",
            Self::ResetPassword => "reset-password",
            Self::SignIn => "sign-in",
        }
    }
}

/// What a page needs to show the provider's widget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Widget {
    /// Which provider it is.
    pub provider: ProviderName,
    /// The site key, for the attribute `data-sitekey`.
    pub site_key: String,
    /// The address of the script that fills the widget.
    pub script: &'static str,
    /// The class of the element that becomes the widget.
    pub class: &'static str,
    /// The form field that the widget adds, with the token.
    pub field: &'static str,
    /// What a content security policy has to permit.
    pub sources: Sources,
}

/// What a content security policy has to permit for a widget, directive by directive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sources {
    /// For `script-src`.
    pub script: &'static [&'static str],
    /// For `frame-src`.
    pub frame: &'static [&'static str],
    /// For `connect-src`.
    pub connect: &'static [&'static str],
    /// For `style-src`.
    pub style: &'static [&'static str],
}

impl Widget {
    /// The act as this provider writes it, for the attribute `data-action`.
    #[must_use]
    pub fn action(&self, action: Action) -> String {
        let provider = self.provider.provider();
        provider.map_or_else(String::new, |provider| provider.action(action))
    }
}

/// What a page needs to show the tenant's widget; nothing if the tenant has no provider.
#[must_use]
pub fn widget(policy: &Captcha) -> Option<Widget> {
    let provider = policy.provider.provider()?;
    Some(Widget {
        provider: policy.provider,
        site_key: policy.site_key.clone(),
        script: provider.script(),
        class: provider.class(),
        field: provider.field(),
        sources: provider.sources(),
    })
}

/// A request with a token.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The token.
    pub token: &'a str,
    /// The act it is for.
    pub action: Action,
    /// Its sender.
    pub peer: &'a Peer,
    /// Its tenant.
    pub tenant: &'a Tenant,
    /// Where people reach the tenant.
    pub tenant_url: &'a str,
}

/// The token that this policy asks of a request, if one `is_asked` for; nothing without a provider.
///
/// # Errors
/// [`Code::CaptchaRequired`] without a token.
pub fn token<'a>(policy: &Captcha, is_asked: bool, peer: &'a Peer) -> Result<Option<&'a str>> {
    if !policy.has_provider() || !is_asked {
        return Ok(None);
    }
    let token = peer.captcha_token.as_deref().filter(|token| !token.is_empty());
    Ok(Some(token.ok_or(Code::CaptchaRequired)?))
}

/// Asks the provider about a token.
pub async fn verify(verifier: &Verifier, master: &MasterKey, policy: &Captcha, request: Request<'_>) -> Verdict {
    let Some(provider) = policy.provider.provider() else {
        return Verdict::Passed;
    };
    if request.token.len() > provider.longest_token() {
        return Verdict::Failed("the token is too long".to_owned());
    }
    let secret = match usable_secret(verifier, master, request.tenant.id, policy) {
        Ok(secret) => secret,
        Err(why) => return Verdict::Misconfigured(why.to_owned()),
    };
    let question = Question {
        secret: &secret,
        token: request.token,
        remote_ip: &request.peer.ip.to_string(),
        site_key: &policy.site_key,
        idempotency_key: &uuid::Builder::from_random_bytes(secret::random())
            .into_uuid()
            .to_string(),
    };
    let answer = match verifier.ask(provider, &question).await {
        Ok(answer) => answer,
        Err(verdict) => return verdict,
    };
    let own = [host(request.tenant_url)];
    let hostnames = match policy.hostnames.is_empty() {
        true => &own,
        false => &policy.hostnames[..],
    };
    let expected = Expected {
        action: request.action,
        hostnames,
        min_score: policy.min_score,
        // Test secrets answer with hosts and acts of nobody.
        placeholders: is_test_secret(&secret),
    };
    judge(provider, &answer, &expected)
}

/// The secret in the clear, if it protects anything.
fn usable_secret(
    verifier: &Verifier,
    master: &MasterKey,
    tenant: TenantId,
    policy: &Captcha,
) -> Result<Zeroizing<String>, &'static str> {
    let secret = policy
        .secret
        .open(master, tenant)
        .ok_or("there is no secret that this server can open")?;
    if is_test_secret(&secret) && !verifier.is_development() {
        return Err("the secret is a public test secret, which lets everybody pass");
    }
    Ok(secret)
}

fn host(url: &str) -> String {
    let url = url::Url::parse(url).ok();
    url.and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Lets a request pass or refuses it, by the verdict. The log tells the operator what they have to mend.
///
/// # Errors
/// [`Code::CaptchaFailed`] if the token is not good for this, [`Code::CaptchaUnavailable`] if that
/// cannot be found out.
pub fn conclude(policy: &Captcha, tenant: &Tenant, verdict: Verdict) -> Result<()> {
    let provider = policy.provider.provider().map_or("none", Provider::name);
    let (tenant, on_outage) = (&*tenant.name, policy.on_outage);
    match verdict {
        Verdict::Passed => Ok(()),
        Verdict::Failed(why) => {
            tracing::info!(tenant, provider, why, "a CAPTCHA failed");
            Err(Code::CaptchaFailed.into())
        }
        Verdict::Misconfigured(why) => {
            tracing::error!(tenant, provider, why, "the CAPTCHA policy does not work");
            Err(Code::CaptchaUnavailable.into())
        }
        Verdict::Outage(why) => {
            tracing::warn!(tenant, provider, why, ?on_outage, "no CAPTCHA could be checked");
            match on_outage {
                OnOutage::Allow => Ok(()),
                OnOutage::Refuse => Err(Error::Later {
                    code: Code::CaptchaUnavailable,
                    retry_after: RETRY_AFTER,
                }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_permits_the_sources_of_a_widget_loads_its_script() {
        assert_eq!(widget(&Captcha::default()), None);
        for provider in [ProviderName::Turnstile, ProviderName::Hcaptcha, ProviderName::Recaptcha] {
            let policy = Captcha {
                provider,
                ..Captcha::default()
            };
            let widget = widget(&policy).unwrap();
            let permits = |source: &str| match source.split_once("*.") {
                Some((_, domain)) => host(widget.script).ends_with(domain),
                None => widget.script.starts_with(source),
            };
            assert!(widget.sources.script.iter().any(|source| permits(source)), "{widget:?}");
            assert!(!widget.action(Action::SignUp).is_empty());
        }
    }
}
