//! Asking for a CAPTCHA: the rules of `captcha` around an answer that comes from elsewhere, while no
//! transaction is open.

use crate::{
    captcha::{self, Action, Captcha, SignInCheck, Verdict, Verifier},
    context::RequestContext,
    kit::error::Result,
    limit::RateLimiter,
    setting,
};

/// Whether a person is about to do this, if the tenant asks for proof. The token comes with the
/// request; see [`crate::kit::http::Peer`].
///
/// # Errors
/// `captcha_required` without a token, `captcha_failed` if it is not good for this,
/// `captcha_unavailable` if that cannot be found out, `too_many_attempts` if too many of this
/// network were not.
pub(super) async fn check(context: &RequestContext, verifier: &Verifier, action: Action) -> Result<()> {
    let (policy, _) = context.read(async |tx| setting::read::<Captcha>(tx).await).await?;
    let is_asked = policy.required.asks(action, false);
    check_by(context, verifier, &policy, action, is_asked).await.map(drop)
}

/// As [`check`] for signing in by this policy; `failed` tells whether there were tries that failed, and is only
/// asked where that matters. Answers whether somebody has shown that they are a person.
///
/// # Errors
/// As [`check`], and those of `failed`.
pub(super) async fn check_sign_in(
    context: &RequestContext,
    verifier: &Verifier,
    policy: &Captcha,
    failed: impl AsyncFnOnce() -> Result<bool>,
) -> Result<bool> {
    let failures = policy.at_sign_in() == SignInCheck::AfterFailures && failed().await?;
    let is_asked = policy.required.asks(Action::SignIn, failures);
    check_by(context, verifier, policy, Action::SignIn, is_asked).await
}

/// As [`check`] for signing in, whatever the policy asks for.
///
/// # Errors
/// As [`check`].
pub(super) async fn check_person(context: &RequestContext, verifier: &Verifier, policy: &Captcha) -> Result<()> {
    check_by(context, verifier, policy, Action::SignIn, true)
        .await
        .map(drop)
}

async fn check_by(
    context: &RequestContext,
    verifier: &Verifier,
    policy: &Captcha,
    action: Action,
    is_asked: bool,
) -> Result<bool> {
    let (master, peer) = (&context.services.master, &context.peer);
    let Some(token) = captcha::token(policy, is_asked, peer)? else {
        return Ok(false);
    };
    let tried = context
        .write_unaudited(async |tx| RateLimiter::read(tx, master, peer).await?.captcha(tx).await)
        .await?;
    let request = captcha::Request {
        token,
        action,
        peer,
        tenant: &context.tenant,
        tenant_url: &context.tenant_url(),
    };
    let verdict = captcha::verify(verifier, master, policy, request).await;
    if !matches!(verdict, Verdict::Failed(_)) {
        context.write_unaudited(async |tx| tried.forgive(tx).await).await?;
    }
    captcha::conclude(policy, &context.tenant, verdict).map(|()| true)
}
