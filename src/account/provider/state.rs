//! A sign-in that was begun at a provider, sealed into a cookie of the browser it began in.

use super::{Errand, ForTokens, Going};
use crate::{
    context::RequestContext,
    kit::{
        id::{ProviderId, SessionId},
        secret,
    },
    provider::{Metadata, Provider},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Seconds for which somebody may be at a provider.
pub const STATE_SECONDS: u32 = 600;
/// The longest address that people go on at: browsers keep no cookie beyond 4 KiB.
const LONGEST: usize = 1500;

/// What was begun.
#[derive(Clone, Serialize, Deserialize)]
pub struct State {
    /// `state`.
    pub state: String,
    pub(super) provider: ProviderId,
    pub(super) client: String,
    pub(super) issuer: String,
    pub(super) token_endpoint: String,
    pub(super) redirect_uri: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) purpose: Errand,
    /// The session of who adds it to their account, or tries it.
    pub(super) session: Option<SessionId>,
    /// Where they go on afterwards.
    pub return_to: Option<String>,
    /// The application it is for, as it names itself.
    pub client_id: Option<String>,
    /// What the application will prove that it began this, if it wants tokens of its own.
    pub challenge: Option<String>,
    /// The language they have chosen.
    pub language: Option<String>,
    /// When it began.
    pub begun_at: DateTime<Utc>,
}

fn purpose(context: &RequestContext) -> String {
    format!("with/{}", context.tenant.id)
}

/// What names the cookie of this `state`.
pub(super) fn mark(state: &str) -> String {
    let hash = URL_SAFE_NO_PAD.encode(secret::token_hash(state));
    hash.chars().take(8).collect()
}

impl State {
    /// What names the cookie that it is in.
    #[must_use]
    pub fn mark(&self) -> String {
        mark(&self.state)
    }

    pub(super) fn new(
        context: &RequestContext,
        (provider, metadata): (&Provider, &Metadata),
        going: &Going<'_>,
    ) -> Self {
        let token = || secret::new_token().0.to_string();
        let kept = |text: Option<&str>, longest| text.filter(|text| text.len() <= longest).map(str::to_owned);
        Self {
            state: token(),
            provider: provider.id(),
            client: provider.spec.client_id.clone(),
            issuer: metadata.authority.clone(),
            token_endpoint: metadata.token_endpoint.clone(),
            redirect_uri: going.redirect_uri.clone(),
            nonce: token(),
            verifier: token(),
            purpose: going.purpose,
            session: match going.purpose {
                Errand::SignIn => None,
                Errand::Link | Errand::Try => context.who.as_ref().and_then(|who| who.session),
            },
            return_to: kept(going.return_to, LONGEST),
            client_id: kept(going.client_id, 200),
            challenge: kept(going.challenge, 43),
            language: kept(going.language, 20),
            begun_at: context.services.clock.now(),
        }
    }

    /// The application that gets tokens of its own, if one does.
    pub(super) fn for_tokens(&self) -> Option<ForTokens> {
        Some(ForTokens {
            client_id: self.client_id.clone()?,
            challenge: self.challenge.clone()?,
        })
    }

    pub(super) fn seal(&self, context: &RequestContext) -> String {
        let plain = serde_json::to_vec(self).expect("times and texts are JSON");
        URL_SAFE_NO_PAD.encode(context.services.master.seal(&purpose(context), &plain))
    }

    /// The state in a cookie, if this tenant sealed it and not too long ago.
    #[must_use]
    pub fn open(context: &RequestContext, sealed: &str) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let plain = context.services.master.open(&purpose(context), &sealed).ok()?;
        let state: Self = serde_json::from_slice(&plain).ok()?;
        let now = context.services.clock.now();
        let until = state.begun_at + TimeDelta::seconds(STATE_SECONDS.into());
        (state.begun_at..until).contains(&now).then_some(state)
    }
}
