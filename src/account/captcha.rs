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
    check_by(context, verifier, &policy, action, false).await
}

/// As [`check`] for signing in by this policy; `failed` tells whether there were tries that failed, and is only
/// asked where that matters.
///
/// # Errors
/// As [`check`], and those of `failed`.
pub(super) async fn check_sign_in(
    context: &RequestContext,
    verifier: &Verifier,
    policy: &Captcha,
    failed: impl AsyncFnOnce() -> Result<bool>,
) -> Result<()> {
    let failures = policy.at_sign_in() == SignInCheck::AfterFailures && failed().await?;
    check_by(context, verifier, policy, Action::SignIn, failures).await
}

async fn check_by(
    context: &RequestContext,
    verifier: &Verifier,
    policy: &Captcha,
    action: Action,
    failures: bool,
) -> Result<()> {
    let (master, peer) = (&context.services.master, &context.peer);
    let Some(token) = captcha::token(policy, action, failures, peer)? else {
        return Ok(());
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
    captcha::conclude(policy, &context.tenant, verdict)
}
