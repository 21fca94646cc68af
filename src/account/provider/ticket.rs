//! The code that an application exchanges for tokens which does not speak `OpenID` Connect: it is worth nothing without
//! the verifier, which never leaves the application (as in RFC 7636).

use crate::{
    account::{
        authorization::proves,
        sign_in::{Proven, begin_application},
    },
    context::RequestContext,
    kit::{
        db::Tx,
        error::{Code, Result},
        id::UserId,
        secret,
    },
    provider::{self, Provider},
    session::{Granted, Sessions},
    setting,
    user::{self, Detailed},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How long a code is good.
const LASTS: TimeDelta = TimeDelta::seconds(60);

/// An application that gets tokens of its own, and no session in the browser.
#[derive(Clone, Debug)]
pub struct ForTokens {
    /// The application.
    pub client_id: String,
    /// SHA-256 of what it will show, in base64url.
    pub challenge: String,
}

/// What is sealed in a code: of whom, by which provider, for whom, and when.
#[derive(Serialize, Deserialize)]
struct Ticket {
    user: UserId,
    provider: String,
    client_id: String,
    challenge: String,
    at: DateTime<Utc>,
}

fn purpose(context: &RequestContext) -> String {
    format!("tokens/{}", context.tenant.id)
}

/// A code for who has just come back from this provider.
pub(super) fn issue(tx: &Tx, context: &RequestContext, of: &Provider, user: UserId, wanted: &ForTokens) -> String {
    let ticket = Ticket {
        user,
        provider: of.name().to_owned(),
        client_id: wanted.client_id.clone(),
        challenge: wanted.challenge.clone(),
        at: tx.now,
    };
    let plain = serde_json::to_vec(&ticket).expect("times and texts are JSON");
    URL_SAFE_NO_PAD.encode(context.services.master.seal(&purpose(context), &plain))
}

fn open(context: &RequestContext, code: &str) -> Option<Ticket> {
    let sealed = URL_SAFE_NO_PAD.decode(code).ok()?;
    let plain = context.services.master.open(&purpose(context), &sealed).ok()?;
    serde_json::from_slice(&plain).ok()
}

/// Begins a session of the application that shows the verifier of this code.
///
/// # Errors
/// [`Code::CredentialsInvalid`] for one that is wrong, used, too old, or of somebody who cannot sign in any more.
pub async fn exchange(context: &RequestContext, code: &str, verifier: &str) -> Result<(Granted, Detailed)> {
    let ticket = open(context, code).ok_or(Code::CredentialsInvalid)?;
    let act = async |tx: &Tx| {
        // The sign-in at the provider was.
        tx.note_counted();
        let name = user::name_of(tx, ticket.user).await?.unwrap_or_default();
        let method = format!("provider/{}", ticket.provider);
        tx.changed("sign-in", &name, Value::Null, json!({ "method": method }));
        let until = ticket.at + LASTS;
        // Before anything is used up: who took it on its way has no verifier, and spoils nothing.
        if !proves(&ticket.challenge, verifier) || !(ticket.at..until).contains(&tx.now) {
            return Ok(Err(Code::CredentialsInvalid.into()));
        }
        if !provider::use_once(tx, "tokens", secret::token_hash(code), until).await? {
            return Ok(Err(Code::CredentialsInvalid.into()));
        }
        if user::can_sign_in(tx, Some(ticket.user)).await?.is_none() {
            return Ok(Err(Code::CredentialsInvalid.into()));
        }
        let (sessions, _) = setting::read::<Sessions>(tx).await?;
        let proven = Proven::by_provider(ticket.user, sessions);
        let client_id = Some(ticket.client_id.clone());
        Ok(Ok(begin_application(tx, context, &proven, client_id).await?))
    };
    context.run_keeping_refusal(act).boxed().await
}
