//! Making an account, and asking for codes without one.

use super::{SignUp, accept_password, address, captcha, recovery::ignore_limit};
use crate::{
    captcha::Action,
    context::RequestContext,
    email,
    kit::{
        db::Tx,
        error::Result,
        id::UserId,
        secret,
        text::{DisplayName, Email, NewPassword, UserName},
    },
    limit::RateLimiter,
    message::MailOptions,
    password::Words,
    server::Server,
    setting,
    user::{self, Detailed, NewUser},
    verification::{self, ChallengeRef, Issued, NewChallenge, Purpose, Recipient},
};

/// Somebody who signs up.
#[derive(Debug)]
pub struct Newcomer<'a> {
    /// The name they sign in with; made of their address if they give none.
    pub name: Option<UserName>,
    /// Their address.
    pub email: &'a Email,
    /// Their password, and the field it came in.
    pub password: (&'static str, &'a NewPassword),
    /// What people see.
    pub display_name: Option<DisplayName>,
    /// The proof that was mailed to the address: a code, a link's token, or an invitation.
    pub proof: Option<(ChallengeRef, &'a str)>,
    /// How a code is mailed to a person who brings none.
    pub options: MailOptions<'a>,
}

/// The purpose that an anonymous caller asks a code for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeFor {
    /// To sign up.
    SignUp,
    /// To prove the address of an account.
    Proof,
    /// To sign up where anybody may, else to prove the address of an account.
    Either,
}

/// Mails a code and a link to an anonymous caller. The answer does not tell whether there is an
/// account.
///
/// # Errors
/// `sign_up_closed`, `email_domain_refused`, `too_many_codes`, and those of a CAPTCHA.
pub async fn send_code(
    context: &RequestContext,
    server: &Server,
    wanted: CodeFor,
    email: &Email,
    options: MailOptions<'_>,
) -> Result<Issued> {
    captcha::check(context, &server.captcha, Action::SendCode).await?;
    context
        .run(async |tx| {
            let claimant = email::claimant(tx, email).await?;
            let (policy, _) = setting::read::<SignUp>(tx).await?;
            let admitted = policy.admit(email, false);
            let (purpose, to) = match (wanted, claimant) {
                // A person who may sign up asks for that: a user who already claims the address is somebody else.
                (CodeFor::Either, _) if admitted.is_ok() => (Purpose::Register, Recipient::Newcomer),
                (CodeFor::Proof | CodeFor::Either, Some(user)) => (Purpose::VerifyEmail, Recipient::User(user)),
                // A refusal would tell that nobody waits to prove this address.
                (CodeFor::Proof | CodeFor::Either, None) => (Purpose::VerifyEmail, Recipient::Nobody),
                (CodeFor::SignUp, _) => (Purpose::Register, Recipient::Newcomer),
            };
            if wanted == CodeFor::SignUp {
                admitted?;
            }
            let ask = NewChallenge {
                purpose,
                to,
                email,
                options,
                roles: vec![],
            };
            verification::begin(tx, &context.services.master, &context.peer, ask).await
        })
        .await
}

/// Whether an address has an account, if the tenant tells; else always no.
///
/// # Errors
/// `too_many_attempts`.
pub async fn is_taken(context: &RequestContext, email: &Email) -> Result<bool> {
    context
        .write_unaudited(async |tx| {
            RateLimiter::read(tx, &context.services.master, &context.peer)
                .await?
                .look_up(tx)
                .await?;
            let (policy, _) = setting::read::<SignUp>(tx).await?;
            Ok(email::is_claimed(tx, email).await? && policy.addresses_told)
        })
        .await
}

/// Makes an account for an anonymous caller, as far as the tenant lets. Without a proof of the
/// address one is asked for by mail.
///
/// Anybody may give any address: only proof makes it theirs, so the answer does not tell whether
/// it has an account.
///
/// # Errors
/// `sign_up_closed`, `email_domain_refused`, `too_many_attempts`, `code_invalid`,
/// `user_name_taken`, and those of a password.
pub async fn sign_up(context: &RequestContext, server: &Server, new: Newcomer<'_>) -> Result<Detailed> {
    let (policy, _) = context.read(async |tx| setting::read::<SignUp>(tx).await).await?;
    policy.admit(new.email, new.proof.is_some())?;
    let (field, password) = new.password;
    let name = new.name.as_ref().map(ToString::to_string).unwrap_or_default();
    let shown = new.display_name.as_ref().map(ToString::to_string).unwrap_or_default();
    let about = Words::of([name.as_str(), new.email.address(), &shown]);
    let accepted = accept_password(context, field, password, &about).await?;
    captcha::check(context, &server.captcha, Action::SignUp).await?;
    // Counted before the hash is made, for which there has to be room.
    let slot = server.passwords.reserve()?;
    context
        .write_unaudited(async |tx| {
            RateLimiter::read(tx, &context.services.master, &context.peer)
                .await?
                .sign_up(tx)
                .await
        })
        .await?;
    if let Some(twin) = find_twin(context, server, &new).await? {
        return repeat(context, twin, new).await;
    }
    let hash = slot.hash(&accepted).await?;
    context
        .run_keeping_refusal(async |tx| create(tx, context, &policy, new, hash).await)
        .await
}

/// The account that the same sign-up made before: of somebody without a name of their own, with the same
/// address, display name and password, who has proven nothing yet. With another password it is somebody
/// else, who would get into what is made here.
async fn find_twin(context: &RequestContext, server: &Server, new: &Newcomer<'_>) -> Result<Option<UserId>> {
    if new.name.is_some() || new.proof.is_some() {
        return Ok(None);
    }
    let shown = shown_name(new.display_name.clone(), new.email);
    let shown = shown.map(|name| name.to_string()).unwrap_or_default();
    let found = context
        .read(async |tx| user::last_newcomer(tx, new.email, &shown).await)
        .await?;
    let Some(twin) = found else { return Ok(None) };
    let Ok(password) = new.password.1.expose().parse() else {
        return Ok(None);
    };
    let verdict = server
        .passwords
        .verify(&password, twin.password_hash.as_deref())
        .await?;
    Ok(verdict.right.then_some(twin.id))
}

/// What people see of somebody who says no name: a part of their address.
pub(super) fn shown_name(given: Option<DisplayName>, email: &Email) -> Option<DisplayName> {
    let local = email.address().split('@').next().unwrap_or_default();
    given.or_else(|| local.parse().ok())
}

/// The same sign-up again: mails another code, as far as the limits let.
async fn repeat(context: &RequestContext, twin: UserId, new: Newcomer<'_>) -> Result<Detailed> {
    context
        .run(async |tx| {
            let user = user::get_for_update(tx, twin).await?;
            ignore_limit(address::request_proof(tx, context, twin, new.email, new.options).await)?;
            Ok(user)
        })
        .await
}

async fn create(
    tx: &Tx,
    context: &RequestContext,
    policy: &SignUp,
    new: Newcomer<'_>,
    hash: String,
) -> Result<Result<Detailed>> {
    let proven = new.proof.is_some();
    let mut roles = vec![];
    if let Some((which, code)) = new.proof {
        let challenge =
            verification::redeem_for_sign_up(tx, &context.services.master, &context.peer, which, new.email, code)
                .await?;
        let accepted = challenge.and_then(|challenge| {
            policy.accept(new.email, challenge.purpose)?;
            Ok(challenge.roles.map(|roles| roles.0).unwrap_or_default())
        });
        match accepted {
            Ok(invited_as) => roles = invited_as,
            Err(refusal) => return Ok(Err(refusal)),
        }
    }
    let shown = match &new.name {
        Some(_) => new.display_name,
        // A name that was made to be free would tell which ones are not.
        None => shown_name(new.display_name, new.email),
    };
    let user = named(tx, policy, new.name, new.email).await?;
    let user = NewUser {
        proven,
        display_name: shown,
        password_hash: Some(hash),
        roles,
        ..user
    };
    let user = add(tx, context, policy, user).await?;
    if !proven {
        // The account is made all the same; a code can be asked for when the limit allows.
        ignore_limit(address::request_proof(tx, context, user.user.id, new.email, new.options).await)?;
    }
    Ok(Ok(user))
}

/// Somebody who signs up, by the name that they ask for, else one like their address.
///
/// # Errors
/// `user_name_taken` if nobody who signs up may have it.
pub(super) async fn named(tx: &Tx, policy: &SignUp, name: Option<UserName>, email: &Email) -> Result<NewUser> {
    let name = match name {
        Some(name) => {
            policy.check_name(&name)?;
            name
        }
        None => free_name(tx, policy, email).await?,
    };
    Ok(NewUser::new(name, email.clone()))
}

/// Adds somebody who signs up, with the role that the tenant gives such people and with those that they were invited
/// to, as far as there still are such roles.
///
/// # Errors
/// Those of [`user::create`].
pub(super) async fn add(tx: &Tx, context: &RequestContext, policy: &SignUp, mut new: NewUser) -> Result<Detailed> {
    new.roles.extend(policy.default_role.as_ref().map(ToString::to_string));
    if !new.roles.is_empty() {
        let roles = context.services.policies.current(tx).await?;
        new.roles.retain(|role| roles.role(role).is_some());
    }
    user::create(tx, new).await
}

/// A name nobody has, which looks like the address.
async fn free_name(tx: &Tx, policy: &SignUp, email: &Email) -> Result<UserName> {
    let local = email.key().split('@').next().unwrap_or_default();
    let plain: String = local
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let plain: String = plain.trim_matches('-').chars().take(40).collect();
    let plain = plain.trim_matches('-');
    if let Ok(name) = plain.parse::<UserName>()
        && policy.check_name(&name).is_ok()
        && !user::is_taken(tx, &name).await?
    {
        return Ok(name);
    }
    let tail = u32::from_be_bytes(secret::random());
    let name = format!("{}-{tail:08x}", if plain.is_empty() { "user" } else { plain });
    name.parse()
        .map_err(|why| anyhow::anyhow!("a name made of an address {why}").into())
}
