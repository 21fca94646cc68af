//! Signing in through a provider: how it begins, what comes back, and whose account it is.

mod callback;
mod linking;
mod settle;
mod state;
mod ticket;
mod trial;
mod unlink;

pub use callback::{Answer, Came, Entered, callback};
pub use settle::{Choice, Settled, Stage, settle, stage};
pub use state::{STATE_SECONDS, State};
pub use ticket::{ForTokens, exchange};
pub use trial::{Fate, Report, look, look_at, tried};
pub use unlink::{unlink, unlink_own};

use crate::{
    context::RequestContext,
    kit::{
        db::Tx,
        error::{Code, Error, Result},
        id::SessionId,
    },
    limit::RateLimiter,
    provider::{self, Begin, Fault, Metadata, Provider},
    server::Server,
    session,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How long ago somebody may have signed in who adds an identity to their account.
const RECENT: TimeDelta = TimeDelta::minutes(5);

/// What somebody goes to a provider for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Errand {
    /// To sign in.
    SignIn,
    /// To have it added to the account they are signed in to.
    Link,
    /// To see what it says of them.
    Try,
}

/// How somebody goes to a provider.
#[derive(Clone, Debug)]
pub struct Going<'a> {
    /// The name of the provider.
    pub provider: &'a str,
    /// Where they come back to.
    pub redirect_uri: String,
    /// What for.
    pub purpose: Errand,
    /// Where they go on afterwards.
    pub return_to: Option<&'a str>,
    /// The application it is for, as it names itself.
    pub client_id: Option<&'a str>,
    /// What the application will prove that it began this, if it wants tokens of its own.
    pub challenge: Option<&'a str>,
    /// The language they have chosen.
    pub language: Option<&'a str>,
}

impl Errand {
    /// Whether a provider is there for it. It is tried before people are let in.
    fn is_open(self, provider: &Provider) -> bool {
        match self {
            Self::SignIn => provider.is_open() && provider.spec.sign_in,
            Self::Link => provider.is_open(),
            Self::Try => provider.missing().is_empty(),
        }
    }
}

/// Where a browser is sent, and what it is to hold.
#[derive(Debug)]
pub struct Begun {
    /// The address at the provider.
    pub location: String,
    /// Names the cookie: two tabs do not take one another's.
    pub mark: String,
    /// The sealed state.
    pub sealed: String,
}

/// What a fault of a provider is to people.
fn code_of(fault: &Fault) -> Code {
    match fault {
        Fault::Refused(_) | Fault::Unavailable(_) => Code::ProviderUnavailable,
        Fault::Misconfigured(_) => Code::ProviderMisconfigured,
        Fault::Denied(_) => Code::ProviderRefused,
        Fault::Invalid(_) => Code::ProviderAnswerInvalid,
        Fault::NotAccepted => Code::ProviderAccountRefused,
    }
}

/// The provider of this name, as people see it; for pages.
pub async fn name_of_provider(context: &RequestContext, name: &str) -> Result<Option<String>> {
    let read = async |tx: &Tx| provider::find(tx, name).await;
    let found = context.read(read).await?;
    Ok(found.map(|provider| provider.spec.display_name.to_string()))
}

/// The metadata of a provider that is set up. What is wrong with them is kept for administrators.
async fn metadata(context: &RequestContext, server: &Server, of: &Provider) -> Result<Arc<Metadata>> {
    let now = context.services.clock.now();
    match server.providers.metadata(context.tenant.id, &of.spec, now).await {
        Ok(metadata) => Ok(metadata),
        Err(fault) => {
            let what = fault.words();
            let note = async |tx: &Tx| provider::note_error(tx, of.id(), &what).await;
            context.write_unaudited(note).await?;
            Err(Error::later(Code::ProviderUnavailable))
        }
    }
}

/// Begins a sign-in at a provider. Nothing of it is kept here: the browser holds all of it, sealed.
///
/// # Errors
/// [`Code::ProviderNotFound`] also if it is disabled; [`Code::TooManyAttempts`], [`Code::ProviderUnavailable`].
pub async fn begin(context: &RequestContext, server: &Server, going: Going<'_>) -> Result<Begun> {
    let found = context
        .write_unaudited(async |tx| {
            let limiter = RateLimiter::read(tx, &context.services.master, &context.peer).await?;
            limiter.provider_begin(tx).await?;
            let found = provider::find(tx, going.provider).await?;
            Ok(found.filter(|provider| going.purpose.is_open(provider)))
        })
        .await?;
    let provider = found.ok_or(Code::ProviderNotFound)?;
    let metadata = metadata(context, server, &provider).await?;
    let state = State::new(context, (&provider, &metadata), &going);
    let challenge = URL_SAFE_NO_PAD.encode(crate::kit::secret::token_hash(&state.verifier));
    let begin = Begin {
        redirect_uri: &state.redirect_uri,
        state: &state.state,
        nonce: &state.nonce,
        challenge: &challenge,
    };
    let location = provider::authorization_url(&provider.spec, &metadata, begin);
    let location = location.map_err(|fault| anyhow::anyhow!("{}", fault.words()))?;
    Ok(Begun {
        location: location.into(),
        mark: state.mark(),
        sealed: state.seal(context),
    })
}

/// Whether somebody signed in a moment ago, as who adds an identity to their account must have.
pub async fn is_recent(context: &RequestContext) -> Result<bool> {
    let Some(id) = context.who.as_ref().and_then(|who| who.session) else {
        return Ok(false);
    };
    context.read(async |tx| began_now(tx, id).await).await
}

/// Whether this session lives, and its sign-in was a moment ago.
pub(super) async fn began_now(tx: &Tx, session: SessionId) -> Result<bool> {
    let found = session::find_living(tx, session).await?;
    let is_recent =
        |session: session::Session| tx.now < session.authenticated_at.unwrap_or(session.created_at) + RECENT;
    Ok(found.is_some_and(is_recent))
}

/// The origin that a browser is sent to which goes to this provider, for the policy of a page with a form.
///
/// # Errors
/// [`Code::ProviderNotFound`], [`Code::ProviderUnavailable`].
pub async fn leads_to(context: &RequestContext, server: &Server, name: &str) -> Result<(String, String)> {
    let found = context.read(async |tx| provider::find(tx, name).await).await?;
    let provider = found.filter(Provider::is_open).ok_or(Code::ProviderNotFound)?;
    let metadata = metadata(context, server, &provider).await?;
    let shown = provider.spec.display_name.to_string();
    Ok((shown, metadata.authorization_endpoint.clone()))
}
