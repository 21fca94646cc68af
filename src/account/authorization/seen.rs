//! Where people were sent on the way to an application, and what they said there: sealed, in the address.

use super::hash;
use crate::{authorization::Granted, context::RequestContext, kit::id::SessionId};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How long people may take on the way.
const HOUR: TimeDelta = TimeDelta::hours(1);
/// The parameter of an authorization request that only we can make.
const SEEN: &str = "seen";

/// What somebody did on the way, when they were sent away by an authorization request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Did {
    /// They were sent to sign in, or to choose whom to be.
    Sent,
    /// They let the application do what it asked for.
    Consented,
    /// They did not.
    Refused,
}

/// That the same request sent somebody away before: without it, a request to sign in again would ask for ever.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Seen {
    /// When.
    pub at: DateTime<Utc>,
    /// What they did.
    pub did: Did,
    /// In which session; none if nobody was signed in.
    pub session: Option<SessionId>,
    /// The session that was begun because this request asked for it.
    pub fresh: Option<SessionId>,
    /// Of which request.
    query: String,
}

/// The pairs of a query but for ours, and what that says.
fn split(query: &str) -> (String, Option<String>) {
    let mut seen = None;
    let mut rest = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if name == SEEN {
            seen = Some(value.into_owned());
        } else {
            rest.append_pair(&name, &value);
        }
    }
    (rest.finish(), seen)
}

fn purpose(context: &RequestContext, of: &str) -> String {
    format!("{of}/{}", context.tenant.id)
}

impl Seen {
    /// What this query says that we said, if it is of this query and not of long ago.
    #[must_use]
    pub fn of(context: &RequestContext, query: &str) -> Option<Self> {
        let (rest, seen) = split(query);
        let sealed = URL_SAFE_NO_PAD.decode(seen?).ok()?;
        let plain = context
            .services
            .master
            .open(&purpose(context, "authorize"), &sealed)
            .ok()?;
        let seen: Self = serde_json::from_slice(&plain).ok()?;
        let now = context.services.clock.now();
        (seen.query == hash(&rest) && (seen.at..seen.at + HOUR).contains(&now)).then_some(seen)
    }

    /// The address of a request, with what somebody was asked for by a page.
    #[must_use]
    pub fn answer(context: &RequestContext, address: &str, did: Did, session: SessionId) -> String {
        let (_, query) = address.split_once('?').unwrap_or((address, ""));
        let fresh = Self::of(context, query).and_then(|seen| seen.fresh);
        Self::mark(context, address, did, (Some(session), fresh))
    }

    /// The address of a request, with what somebody did on the way.
    #[must_use]
    pub fn mark(
        context: &RequestContext,
        address: &str,
        did: Did,
        (session, fresh): (Option<SessionId>, Option<SessionId>),
    ) -> String {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let (rest, _) = split(query);
        let seen = Self {
            at: context.services.clock.now(),
            did,
            session,
            fresh,
            query: hash(&rest),
        };
        let plain = serde_json::to_vec(&seen).expect("times and ids are JSON");
        let sealed = context.services.master.seal(&purpose(context, "authorize"), &plain);
        format!("{path}?{rest}&{SEEN}={}", URL_SAFE_NO_PAD.encode(sealed))
    }
}

/// What somebody is asked to let an application do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ask {
    /// The application's `client_id`.
    pub client_id: String,
    /// Who is asked, in which session.
    pub session: SessionId,
    /// What for.
    pub scopes: BTreeSet<Granted>,
    at: DateTime<Utc>,
}

impl Ask {
    /// A question to the session of somebody.
    #[must_use]
    pub fn seal(context: &RequestContext, client_id: &str, session: SessionId, scopes: BTreeSet<Granted>) -> String {
        let ask = Self {
            client_id: client_id.to_owned(),
            session,
            scopes,
            at: context.services.clock.now(),
        };
        let plain = serde_json::to_vec(&ask).expect("names and ids are JSON");
        URL_SAFE_NO_PAD.encode(context.services.master.seal(&purpose(context, "consent"), &plain))
    }

    /// The question, if it is one of ours to this session and not of long ago.
    #[must_use]
    pub fn open(context: &RequestContext, sealed: &str, session: Option<SessionId>) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let plain = context
            .services
            .master
            .open(&purpose(context, "consent"), &sealed)
            .ok()?;
        let ask: Self = serde_json::from_slice(&plain).ok()?;
        let now = context.services.clock.now();
        (Some(ask.session) == session && (ask.at..ask.at + HOUR).contains(&now)).then_some(ask)
    }
}
