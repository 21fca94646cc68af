//! The first sign-in of somebody who signs up: in the browser in which they chose their password, and in no other.
//!
//! Whoever proves an address is not always who chose the password: links are opened on other devices and by programs
//! that look at mail, and anybody may begin to sign up with an address that is not theirs. So a proof signs nobody in by
//! itself. The browser of the sign-up holds a ticket, which is worth no more than the password that was chosen there.

use super::sign_in::{Proven, begin_browser, is_unproven};
use crate::{
    context::RequestContext,
    kit::{
        db::Tx,
        error::{Code, Result},
        id::UserId,
        secret,
    },
    session::Sessions,
    setting,
    user::{self, Detailed},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zeroize::Zeroizing;

/// Seconds for which a browser is remembered: a few codes may be asked for until one arrives.
pub const SIGN_UP_SECONDS: u32 = 3600;
/// The longest address that people go on at: browsers keep no cookie beyond 4 KiB.
const LONGEST: usize = 1500;

/// What the browser of a sign-up holds, sealed.
#[derive(Serialize, Deserialize)]
pub struct SignUpTicket {
    /// Who signed up.
    pub user: UserId,
    /// What the hash of the password is known by: with another one, it is not the browser's any more.
    password: String,
    /// Where they go on afterwards.
    pub return_to: Option<String>,
    /// The application it is for, as it names itself.
    pub client_id: Option<String>,
    made_at: DateTime<Utc>,
}

fn purpose(context: &RequestContext) -> String {
    format!("sign-up/{}", context.tenant.id)
}

fn mark_of(hash: &str) -> String {
    URL_SAFE_NO_PAD.encode(secret::token_hash(hash))
}

impl SignUpTicket {
    /// The ticket of somebody who has just signed up and goes on there, for this application.
    #[must_use]
    pub fn new(context: &RequestContext, made: &Detailed, return_to: Option<&str>, client_id: Option<&str>) -> Self {
        let kept = |text: Option<&str>, longest| text.filter(|text| text.len() <= longest).map(str::to_owned);
        Self {
            user: made.user.id,
            password: mark_of(made.user.password_hash.as_deref().unwrap_or_default()),
            return_to: kept(return_to, LONGEST),
            client_id: kept(client_id, 200),
            made_at: context.services.clock.now(),
        }
    }

    /// As a cookie holds it.
    #[must_use]
    pub fn seal(&self, context: &RequestContext) -> String {
        let plain = serde_json::to_vec(self).expect("times and texts are JSON");
        URL_SAFE_NO_PAD.encode(context.services.master.seal(&purpose(context), &plain))
    }

    /// The ticket in a cookie, if this tenant sealed it and not too long ago.
    #[must_use]
    pub fn open(context: &RequestContext, sealed: &str) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let plain = context.services.master.open(&purpose(context), &sealed).ok()?;
        let ticket: Self = serde_json::from_slice(&plain).ok()?;
        let until = ticket.made_at + TimeDelta::seconds(SIGN_UP_SECONDS.into());
        (ticket.made_at..until)
            .contains(&context.services.clock.now())
            .then_some(ticket)
    }
}

/// Begins the session of the browser that holds this ticket and returns its cookie, once, how many seconds it lasts, and
/// who it is.
///
/// # Errors
/// [`Code::EmailUnverified`] as long as the address is not proven; [`Code::CredentialsInvalid`] if the user was disabled,
/// deleted or given another password meanwhile.
pub async fn begin_first(
    tx: &Tx,
    context: &RequestContext,
    ticket: &SignUpTicket,
) -> Result<(Zeroizing<String>, u32, Detailed)> {
    let hash = user::password_hash(tx, ticket.user).await?;
    let hash = hash.filter(|hash| mark_of(hash) == ticket.password);
    let hash = hash.ok_or(Code::CredentialsInvalid)?;
    if is_unproven(tx, Some(ticket.user)).await? {
        return Err(Code::EmailUnverified.into());
    }
    let (sessions, _) = setting::read::<Sessions>(tx).await?;
    let proven = Proven::by_sign_up(ticket.user, hash, sessions);
    let begun = begin_browser(tx, context, &proven).await?;
    let name = &begun.2.user.name;
    tx.changed("sign-in", name, Value::Null, json!({ "method": "sign-up" }));
    Ok(begun)
}
