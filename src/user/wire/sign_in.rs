//! Whether a user can sign in, on the wire of the console group.

use crate::{
    account::{Obstacle, SignInState},
    audit,
    kit::{json::Written, text::Email, time::Timestamp},
    limit::Wait,
    session::device_name,
    verification::Issued,
};
use poem_openapi::Object;
use serde::Serialize;

/// Whether a user can sign in, and why not.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct UserSignIn {
    /// Whether nothing keeps them out wherever they are. They may have to wait all the same: see `waits`.
    allowed: bool,
    /// What keeps them out.
    #[oai(validator(max_items = 4))]
    reasons: Vec<Obstacle>,
    /// Whether they have to choose another password when they sign in.
    must_change_password: bool,
    /// What they have to wait for, the longest wait first. Of networks, those are known from which a sign-in was
    /// refused within a day.
    waits: Vec<SignInWait>,
    /// When they last signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_sign_in_at: Option<Timestamp>,
    /// Their last sign-ins that were refused, the latest first, as the audit trail has them.
    #[oai(validator(max_items = 10))]
    failures: Vec<SignInFailure>,
}

/// Something a user has to wait for.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase", skip_serializing_if_is_none)]
#[serde(rename_all = "camelCase")]
pub struct SignInWait {
    /// The limit, as `RateLimit-Policy` calls it: `sign-in-pair` for wrong passwords from one network, `sign-in-account`
    /// for those from all networks that the user never signed in from, `try-address` for wrong codes,
    /// `sign-in-network` for everybody in one network.
    limit: String,
    /// The name or address that was tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    login: Option<String>,
    /// The network it holds for: an IPv4 address, or an IPv6 /64.
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<String>,
    /// Wrong tries that are counted.
    tries: u32,
    /// Since when.
    since: Timestamp,
    /// Until when.
    until: Timestamp,
    /// Whether it is lifted with the account's: not if it holds for others as well.
    liftable: bool,
}

/// A sign-in that was refused.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct SignInFailure {
    /// When.
    at: Timestamp,
    /// The code of the refusal.
    code: String,
    /// The address it came from.
    ip_address: String,
    /// The program and the system it ran on, as far as it says.
    device_name: String,
    /// The id of the request.
    request_id: String,
}

/// A mail that was sent to a user.
#[derive(Debug, Object, Serialize)]
#[oai(rename_all = "camelCase")]
#[serde(rename_all = "camelCase")]
pub struct SentMail {
    /// The address it goes to.
    email: String,
    /// Seconds until another one can be sent.
    resend_after: u32,
}

impl From<SignInState> for UserSignIn {
    fn from(from: SignInState) -> Self {
        Self {
            allowed: from.obstacles.is_empty(),
            reasons: from.obstacles,
            must_change_password: from.must_change_password,
            waits: from.waits.into_iter().map(Into::into).collect(),
            last_sign_in_at: from.last_sign_in_at.map(Into::into),
            failures: from.failures.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Wait> for SignInWait {
    fn from(from: Wait) -> Self {
        Self {
            limit: from.limit.to_owned(),
            login: from.login,
            network: from.network,
            tries: from.tries,
            since: from.since.into(),
            until: from.until.into(),
            liftable: !from.is_shared,
        }
    }
}

impl From<audit::Event> for SignInFailure {
    fn from(from: audit::Event) -> Self {
        Self {
            at: from.at.into(),
            code: from.code.unwrap_or_default(),
            ip_address: from.ip_address,
            device_name: device_name(&from.user_agent),
            request_id: from.request_id,
        }
    }
}

impl SentMail {
    /// The answer to a mail that was sent.
    pub(in crate::user) fn answer((email, issued): (Email, Issued)) -> Written<Self> {
        Written::of(&Self {
            email: email.address().to_owned(),
            resend_after: issued.resend_after,
        })
    }
}
