//! What comes back from a provider: checked in this order, so that nothing is asked of anybody for what was not
//! begun here.

use super::{Errand, Report, State, code_of, linking, metadata, state::mark, trial};
use crate::{
    context::RequestContext,
    kit::{
        db::Tx,
        error::{Code, Error, Result},
        secret,
        text::DisplayName,
    },
    limit::RateLimiter,
    provider::{self, Exchange, Fault, Metadata, Provider, Upstream},
    server::Server,
};
use chrono::TimeDelta;
use futures_util::FutureExt;
use serde_json::{Value, json};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The longest code.
const LONGEST: usize = 2048;
/// A state is not taken again for as long as it could be good.
const USED: TimeDelta = TimeDelta::minutes(15);
/// Ways in which providers say that the person did not want to.
const CANCELLED: &[&str] = &["access_denied", "user_cancelled_login", "user_cancelled_authorize"];

/// What a browser brings back from a provider: each at most once.
#[derive(Clone, Debug, Default)]
pub struct Answer<'a> {
    /// `state`.
    pub state: Option<&'a str>,
    /// `code`.
    pub code: Option<&'a str>,
    /// `error`.
    pub error: Option<&'a str>,
    /// `iss` (RFC 9207).
    pub issuer: Option<&'a str>,
    /// The name of the person as their browser says, for who has no other.
    pub name: Option<DisplayName>,
}

/// What came of it.
pub enum Came {
    /// They are signed in.
    In(Entered),
    /// They are who they say: the code that the application exchanges which asked for tokens.
    Code(String),
    /// Their account is still to be settled: what the browser is to hold meanwhile.
    Waits(Zeroizing<String>),
    /// The identity was added to the account they are signed in to.
    Linked,
    /// They tried the provider: what it says of them.
    Tried(Box<Report>),
    /// They did not want to.
    Cancelled,
}

/// A session that began in the browser of somebody who came back.
pub struct Entered {
    /// Its cookie.
    pub cookie: Zeroizing<String>,
    /// How many seconds it lasts.
    pub lasts: u32,
    /// Whether they must choose a password first.
    pub must_change_password: bool,
    /// The name of the provider.
    pub provider: String,
}

/// The state of an answer, if this browser began it here: `cookie` finds its cookie by its mark.
fn begun<'a>(
    context: &RequestContext,
    answer: &Answer<'_>,
    cookie: impl FnOnce(&str) -> Option<&'a str>,
) -> Option<State> {
    let given = answer.state.filter(|given| secret::is_token(given))?;
    let state = State::open(context, cookie(&mark(given))?)?;
    bool::from(state.state.as_bytes().ct_eq(given.as_bytes())).then_some(state)
}

/// Takes what a browser brings back to this address. Answers the state as well, as far as there is one.
///
/// # Errors
/// [`Code::SignInNotBegun`], [`Code::ProviderNotFound`], [`Code::ProviderMixedUp`], [`Code::ProviderRefused`],
/// [`Code::ProviderUnavailable`], [`Code::ProviderMisconfigured`], [`Code::ProviderAnswerInvalid`],
/// [`Code::ProviderAccountRefused`], [`Code::IdentityTaken`], [`Code::CredentialsInvalid`] of somebody who cannot sign
/// in, [`Code::EmailUnverified`], [`Code::TooManyAttempts`].
pub async fn callback<'a>(
    context: &RequestContext,
    server: &Server,
    redirect_uri: &str,
    answer: &Answer<'_>,
    cookie: impl FnOnce(&str) -> Option<&'a str>,
) -> (Option<State>, Result<Came>) {
    let Some(state) = begun(context, answer, cookie) else {
        return (None, Err(Code::SignInNotBegun.into()));
    };
    if state.redirect_uri != redirect_uri {
        return (Some(state), Err(Code::ProviderNotFound.into()));
    }
    let came = take(context, server, answer, &state).boxed().await;
    (Some(state), came)
}

/// Whether an answer says that it is from this provider, or need not (RFC 9207).
fn is_from(answer: &Answer<'_>, provider: &Provider, metadata: &Metadata) -> bool {
    match answer.issuer {
        // Without metadata nobody knows what it would be; in Microsoft's it is the person's directory.
        Some(_) if !provider.spec.has_metadata() || metadata.issuer.contains("{tenantid}") => true,
        Some(issuer) => issuer == metadata.issuer,
        None => !metadata.names_itself,
    }
}

async fn take(context: &RequestContext, server: &Server, answer: &Answer<'_>, state: &State) -> Result<Came> {
    let read = async |tx: &Tx| provider::find_by_id(tx, state.provider).await;
    let found = context.read(read).await?;
    let is_same = |provider: &Provider| {
        let spec = &provider.spec;
        let is_as_then = spec.client_id == state.client && spec.authority().as_ref() == Some(&state.issuer);
        state.purpose.is_open(provider) && is_as_then
    };
    let provider = found.filter(is_same).ok_or(Code::ProviderNotFound)?;
    let metadata = metadata(context, server, &provider).await?;
    if !is_from(answer, &provider, &metadata) {
        return refused(context, &provider, Code::ProviderMixedUp).await;
    }
    // Committed before anything is fetched: of twins, one goes on.
    let secret = context
        .write_unaudited(async |tx| {
            let limiter = RateLimiter::read(tx, &context.services.master, &context.peer).await?;
            limiter.provider_callback(tx).await?;
            let hash = secret::token_hash(&state.state);
            match provider::use_once(tx, "with", hash, tx.now + USED).await? {
                true => provider.secret(tx, &context.services.master),
                false => Err(Code::SignInNotBegun.into()),
            }
        })
        .await?;
    let code = answer.code.filter(|code| code.len() <= LONGEST);
    let asked = match (answer.error, code) {
        (Some(error), _) if CANCELLED.contains(&error) => return Ok(Came::Cancelled),
        (Some(error), _) => Err(Fault::Denied(format!("the authorization endpoint says {error:.100}"))),
        (None, None) => return Err(Code::SignInNotBegun.into()),
        (None, Some(code)) => {
            let given = Exchange {
                code,
                redirect_uri: &state.redirect_uri,
                verifier: &state.verifier,
                nonce: &state.nonce,
                token_endpoint: &state.token_endpoint,
                name: answer.name.as_ref(),
            };
            let of = (context.tenant.id, context.services.clock.now());
            provider::ask(&server.providers, of, (&provider, &metadata), secret.as_ref(), given).await
        }
    };
    if state.purpose == Errand::Try {
        let report = trial::report(context, state, &provider, asked).await?;
        return Ok(Came::Tried(Box::new(report)));
    }
    match asked.and_then(|(_, accepted)| accepted) {
        Ok(who) => decide(context, &provider, state, &who).await,
        Err(fault) => failed(context, &provider, fault).await,
    }
}

async fn decide(context: &RequestContext, provider: &Provider, state: &State, who: &Upstream) -> Result<Came> {
    context
        .run_keeping_refusal(async |tx| {
            tx.note_counted();
            // What was so before the provider was asked may not be so now.
            let still = provider::find_by_id(tx, provider.id()).await?;
            if !still.is_some_and(|still| still.is_open()) {
                return Ok(Err(Code::ProviderNotFound.into()));
            }
            linking::decide(tx, context, provider, state, who).await
        })
        .await
}

/// Says what went wrong to administrators, and only which kind of it to the person.
async fn failed<T>(context: &RequestContext, provider: &Provider, fault: Fault) -> Result<T> {
    let code = code_of(&fault);
    let is_theirs = matches!(fault, Fault::NotAccepted);
    let what = fault.words();
    if !is_theirs {
        let note = async |tx: &Tx| provider::note_error(tx, provider.id(), &what).await;
        context.write_unaudited(note).await?;
    }
    match code {
        Code::ProviderUnavailable => Err(Error::later(code)),
        code => refused(context, provider, code).await,
    }
}

/// Writes down that a sign-in through a provider was refused.
async fn refused<T>(context: &RequestContext, provider: &Provider, code: Code) -> Result<T> {
    let method = format!("provider/{}", provider.name());
    let refused = context.run_keeping_refusal(async |tx| {
        tx.note_counted();
        tx.changed("sign-in", &method, Value::Null, json!({ "method": method }));
        Ok(Err::<T, _>(code.into()))
    });
    refused.await
}
