//! Signing in to the console: by the code flow as any application does, but the code is exchanged within the server.
//! The browser has its session already, so no token is made, and none reaches a script (ASVS 10.1.1).

use super::authorization::{Redeem, check_entry, hash, invalid, use_up};
use crate::{
    application::{self, CONSOLE, CONSOLE_CALLBACK},
    context::RequestContext,
    kit::{db::Tx, error::Result, secret},
    user,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use subtle::ConstantTimeEq;

/// Seconds people may take to sign in.
pub const ENTRY_SECONDS: u32 = 3600;

/// The `state` of a request of the console, sealed: nobody else can make one, or have people go on elsewhere.
#[derive(Serialize, Deserialize)]
struct State {
    at: DateTime<Utc>,
    /// The hash of the secret of the browser in which it began.
    browser: String,
    /// Makes the verifier of this request another one than those of the browser's other tabs.
    once: String,
    /// Where people go on.
    next: String,
}

/// The parts of a request of the console that are made anew for each.
pub struct EntryRequest {
    /// `state`.
    pub state: String,
    /// `code_challenge`.
    pub challenge: String,
}

/// What the browser brings back.
#[derive(Clone, Copy)]
pub struct Return<'a> {
    /// `code`.
    pub code: &'a str,
    /// `state`.
    pub state: &'a str,
    /// Who says that it answers (RFC 9207).
    pub issuer: &'a str,
    /// The secret that this browser was given when it began.
    pub browser: &'a str,
}

fn purpose(context: &RequestContext) -> String {
    format!("console-entry/{}", context.tenant.id)
}

/// The verifier (RFC 7636), which only this server can make, and only with the secret of the browser.
fn verifier(context: &RequestContext, browser: &str, once: &str) -> String {
    let made = context
        .services
        .master
        .hash(&purpose(context), &format!("{browser}.{once}"));
    URL_SAFE_NO_PAD.encode(made)
}

/// Where the authorization endpoint sends people back to.
#[must_use]
pub fn entry_uri(context: &RequestContext) -> String {
    context.tenant_url() + CONSOLE_CALLBACK
}

/// Begins a request of the console in the browser with this secret, after which people go on at `next`.
#[must_use]
pub fn begin_entry(context: &RequestContext, browser: &str, next: String) -> EntryRequest {
    let once = URL_SAFE_NO_PAD.encode(secret::random::<16>());
    let challenge = hash(&verifier(context, browser, &once));
    let state = State {
        at: context.services.clock.now(),
        browser: hash(browser),
        once,
        next,
    };
    let plain = serde_json::to_vec(&state).expect("times and texts are JSON");
    let sealed = context.services.master.seal(&purpose(context), &plain);
    EntryRequest {
        state: URL_SAFE_NO_PAD.encode(sealed),
        challenge,
    }
}

/// The state, if this browser began it here and not long ago.
fn open(context: &RequestContext, given: &Return<'_>) -> Option<State> {
    let sealed = URL_SAFE_NO_PAD.decode(given.state).ok()?;
    let plain = context.services.master.open(&purpose(context), &sealed).ok()?;
    let state: State = serde_json::from_slice(&plain).ok()?;
    let now = context.services.clock.now();
    let is_fresh = (state.at..state.at + TimeDelta::seconds(ENTRY_SECONDS.into())).contains(&now);
    let is_its = state.browser.as_bytes().ct_eq(hash(given.browser).as_bytes());
    (is_fresh && is_its.into()).then_some(state)
}

/// Ends a request of the console, and answers where people go on. The code is used up, whatever comes of it.
///
/// # Errors
/// [`Code::GrantInvalid`](crate::kit::error::Code::GrantInvalid) if this browser did not begin the request, another
/// server answers, or the code is not that of whoever is signed in here: by a code of their own, somebody could sign
/// others in as themselves.
pub async fn enter(context: &RequestContext, given: Return<'_>) -> Result<String> {
    let Some(state) = open(context, &given) else {
        return invalid("this browser did not begin the sign-in, or did so too long ago");
    };
    if given.issuer != context.tenant_url() {
        return invalid("another server answers");
    }
    let here = context.who.as_ref().and_then(|who| who.session);
    let (uri, verifier) = (entry_uri(context), verifier(context, given.browser, &state.once));
    let enter = async |tx: &Tx| {
        let console = application::find(tx, CONSOLE).await?;
        let Some(console) = console.filter(|console| !console.is_disabled()) else {
            return Ok(invalid("the console is disabled"));
        };
        let redeem = Redeem {
            code: given.code,
            redirect_uri: Some(&uri),
            verifier: Some(&verifier),
            resources: vec![],
        };
        let (code, root) = match use_up(tx, &console, &redeem).await? {
            Ok(found) => found,
            Err(error) => return Ok(Err(error)),
        };
        if here != Some(root.id) {
            return Ok(invalid("somebody else is signed in in this browser"));
        }
        let user = user::get_by_id(tx, code.user_id).await?;
        if let Err(error) = check_entry(tx, context, &console, &user).await {
            return Ok(Err(error));
        }
        tx.changed("session", &root.id, Value::Null, json!({ "clientId": CONSOLE }));
        Ok(Ok(()))
    };
    context.run_keeping_refusal(enter).await?;
    Ok(state.next)
}
