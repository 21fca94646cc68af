//! What is done for somebody who cannot sign in: say why, let them in at once, mail them the means.
//!
//! Nothing here gives whoever does it a part in the account: mails go to the user's own address, and a wait that is
//! lifted leaves the password what it is. It holds to the escalation rule all the same: waits are what keeps the
//! passwords of those who may do more from being guessed.

use super::{SignUp, address::resend_proof, recovery::begin_reset};
use crate::{
    access::{
        Authority, Managed, Who,
        permission::{Permission, SessionsCreate},
    },
    audit::{self, Event, History},
    context::RequestContext,
    email,
    kit::{
        db::Tx,
        error::{Code, Result},
        limiter::network,
        secret::MasterKey,
        text::{Email, Language, UserName},
    },
    limit::{self, Account, Wait},
    message::MailOptions,
    provider::identity,
    setting,
    user::{self, Detailed},
    verification::{Issued, Recipient},
};
use chrono::{DateTime, TimeDelta, Utc};
use poem_openapi::Enum;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Failures that are told.
const FAILURES: u32 = 10;
/// How far back refusals are looked through for the networks they came from: as long as wrong passwords count.
const MEMORY: TimeDelta = TimeDelta::days(1);
/// Networks that are looked at, the latest.
const NETWORKS: u64 = 100;

/// Why somebody cannot sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[oai(rename = "SignInReason", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// They were disabled.
    Disabled,
    /// They have to prove their address first.
    EmailUnverified,
    /// Their password was chosen by somebody else, too long ago.
    PasswordExpired,
    /// They have neither a password nor an account elsewhere to sign in with.
    NoSignInMethod,
}

/// Whether somebody can sign in.
#[derive(Debug)]
pub struct SignInState {
    /// What keeps them out, wherever they are.
    pub obstacles: Vec<Obstacle>,
    /// Whether they have to choose another password when they do.
    pub must_change_password: bool,
    /// What they have to wait for.
    pub waits: Vec<Wait>,
    /// When they last did.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// Their last sign-ins that were refused, the latest first.
    pub failures: Vec<Event>,
}

/// Whether the user of this name can sign in, and why not.
///
/// # Errors
/// [`Code::UserNotFound`].
pub async fn sign_in_state(tx: &Tx, master: &MasterKey, name: &UserName) -> Result<SignInState> {
    let user = user::get(tx, name).await?;
    let names = user::names_of(tx, &user.user).await?;
    let failures = History {
        object: &names,
        actions: &[SessionsCreate::DEF.id],
        outcome: "refused",
        after: None,
        is_ascending: false,
        limit: FAILURES,
    };
    let failures = audit::history(tx, failures).await?;
    Ok(SignInState {
        obstacles: obstacles(tx, &user).await?,
        must_change_password: user.user.must_change_password,
        waits: limit::waits(tx, master, &account_of(tx, &user).await?).await?,
        last_sign_in_at: user.user.last_sign_in_at,
        failures,
    })
}

async fn obstacles(tx: &Tx, user: &Detailed) -> Result<Vec<Obstacle>> {
    let (sign_up, _) = setting::read::<SignUp>(tx).await?;
    let has_password = user.user.password_hash.is_some();
    let is_unproven = sign_up.verify_before_sign_in && user.addresses.primary.verified_at.is_none();
    let is_expired = user.user.password_expires_at.is_some_and(|until| until <= tx.now);
    let has_method = has_password || !identity::of_user(tx, user.user.id).await?.is_empty();
    let each = [
        (user.user.disabled, Obstacle::Disabled),
        (is_unproven, Obstacle::EmailUnverified),
        (has_password && is_expired, Obstacle::PasswordExpired),
        (!has_method, Obstacle::NoSignInMethod),
    ];
    Ok(each.into_iter().filter(|(is, _)| *is).map(|(_, what)| what).collect())
}

/// A user's account, with what its counts go by.
async fn account_of(tx: &Tx, user: &Detailed) -> Result<Account> {
    let from = audit::refused_from(tx, &user.user.name, tx.now - MEMORY, NETWORKS).await?;
    let networks: BTreeSet<_> = from.iter().filter_map(|ip| Some(network(ip.parse().ok()?))).collect();
    let addresses = [Some(&user.addresses.primary), user.addresses.pending.as_ref()];
    let keys = addresses
        .into_iter()
        .flatten()
        .map(|address| address.address_key.clone());
    Ok(Account {
        user: user.user.id,
        logins: vec![user.user.name.clone(), user.addresses.primary.address.clone()],
        addresses: keys.collect(),
        networks: networks.into_iter().collect(),
    })
}

/// Lets a user try to sign in at once: forgets the wrong passwords and codes at their account. Doing it twice is doing
/// it once.
///
/// # Errors
/// [`Code::OwnAccount`]: whoever has somebody else's session could guess the password as often as they like.
pub async fn unlock(tx: &Tx, master: &MasterKey, authority: &Authority, user: Managed<Detailed>) -> Result<()> {
    if authority.me == Some(Who::User(user.user.id)) {
        return Err(Code::OwnAccount.into());
    }
    let account = account_of(tx, &user).await?;
    let waits = limit::waits(tx, master, &account).await?;
    if !limit::lift(tx, master, &account).await? {
        tx.unchanged();
        return Ok(());
    }
    let waits = waits.iter().filter(|wait| !wait.is_shared);
    let waits: Vec<_> = waits
        .map(|wait| json!({ "limit": wait.limit, "until": wait.until }))
        .collect();
    tx.changed("sign-in", &user.user.name, json!({ "waits": waits }), Value::Null);
    Ok(())
}

/// Mails a user the means to choose another password, as the page for a forgotten password does: to their address, as
/// often as the limits let.
///
/// # Errors
/// [`Code::UserDisabled`], [`Code::EmailTaken`] where the address stands for somebody else, [`Code::TooManyCodes`].
pub async fn send_reset(tx: &Tx, context: &RequestContext, user: Managed<Detailed>) -> Result<(Email, Issued)> {
    let email = address_of(&user, &user.addresses.primary.address)?;
    if email::holder(tx, &email).await? != Some(user.user.id) {
        return Err(Code::EmailTaken.into());
    }
    let to = Recipient::User(user.user.id);
    let issued = begin_reset(tx, context, to, &email, options(context, &user)).await?;
    Ok((email, issued))
}

/// Mails a user the code for their address that waits for proof.
///
/// # Errors
/// [`Code::UserDisabled`], [`Code::EmailAlreadyVerified`] if none waits, [`Code::EmailTaken`] where somebody else has
/// proven it, [`Code::TooManyCodes`].
pub async fn send_proof(tx: &Tx, context: &RequestContext, user: Managed<Detailed>) -> Result<(Email, Issued)> {
    let waiting = user.addresses.pending.as_ref().unwrap_or(&user.addresses.primary);
    let email = address_of(&user, &waiting.address)?;
    let owner = email::owner(tx, email.key()).await?;
    if owner.is_some_and(|owner| owner != user.user.id) {
        return Err(Code::EmailTaken.into());
    }
    let issued = resend_proof(tx, context, &user.addresses, options(context, &user)).await?;
    Ok((email, issued))
}

/// An address of a user who can sign in.
fn address_of(user: &Detailed, address: &str) -> Result<Email> {
    match user.user.disabled {
        true => Err(Code::UserDisabled.into()),
        false => email::parse(address),
    }
}

/// In the language that the user likes best, else in that of the request.
fn options(context: &RequestContext, user: &Detailed) -> MailOptions<'static> {
    let language = user.user.language.as_deref().and_then(Language::of);
    MailOptions {
        language: language.or(context.peer.language),
        client_id: None,
    }
}
