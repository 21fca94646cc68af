//! Acts of people and administrators on the addresses of accounts: ask for a proof, give it, change
//! one, take a change back.

use super::SignUp;
use crate::{
    access::Managed,
    context::RequestContext,
    email::{self, Address, Addresses},
    kit::{
        db::Tx,
        error::{Code, Result},
        id::UserId,
        text::Email,
    },
    message::MailOptions,
    session, setting,
    user::{self, Detailed},
    verification::{self, Challenge, ChallengeRef, Issued, NewChallenge, Purpose, Recipient},
};

/// Gives a user an address without their proof, which an administrator may. An address that waits
/// for proof is dropped, and what was mailed to the one before is worth nothing any more.
///
/// # Errors
/// [`Code::EmailTaken`] if another user has proven it.
pub async fn override_address(tx: &Tx, old: Managed<Detailed>, email: &Email, verified: bool) -> Result<Detailed> {
    let id = old.user.id;
    let mut new = Detailed::clone(&old);
    new.addresses.primary = email::set(tx, id, &old.addresses.primary, email, verified).await?;
    email::drop_pending(tx, &old.addresses).await?;
    new.addresses.pending = None;
    verification::end_all(tx, id).await?;
    user::save(tx, &old, new).await
}

/// Sends the user a code for an address: the present one, or one that is to take its place and
/// until then changes nothing.
///
/// # Errors
/// [`Code::EmailAlreadyVerified`], [`Code::EmailDomainRefused`], [`Code::TooManyCodes`].
pub async fn request_proof(
    tx: &Tx,
    context: &RequestContext,
    user: UserId,
    email: &Email,
    options: MailOptions<'_>,
) -> Result<Issued> {
    tx.lock(&format!("addresses/{user}")).await?;
    let addresses = email::of_user(tx, user).await?;
    if addresses.primary.address_key == email.key() {
        if addresses.primary.verified_at.is_some() {
            return Err(Code::EmailAlreadyVerified.into());
        }
        email::drop_pending(tx, &addresses).await?;
    } else if addresses
        .pending
        .as_ref()
        .is_none_or(|pending| pending.address_key != email.key())
    {
        let (policy, _) = setting::read::<SignUp>(tx).await?;
        policy.check_domain(email)?;
        let old = user::get_for_update(tx, user).await?;
        email::drop_pending(tx, &old.addresses).await?;
        let mut new = old.clone();
        new.addresses.pending = Some(email::insert(tx, user, email, false, false).await?);
        save(tx, &old, new).await?;
    }
    verification::begin(
        tx,
        &context.services.master,
        &context.peer,
        proof_of(user, email, options),
    )
    .await
}

/// Sends the user a code for another address than the present one.
///
/// # Errors
/// [`Code::EmailNotChanged`], [`Code::TooManyCodes`].
pub async fn request_change(
    tx: &Tx,
    context: &RequestContext,
    user: UserId,
    email: &Email,
    options: MailOptions<'_>,
) -> Result<Issued> {
    if email::of_user(tx, user).await?.primary.address_key == email.key() {
        return Err(Code::EmailNotChanged.into());
    }
    request_proof(tx, context, user, email, options).await
}

/// Sends the code once more, to the address that waits for proof.
///
/// # Errors
/// [`Code::EmailAlreadyVerified`] if none does, [`Code::TooManyCodes`].
pub async fn resend_proof(
    tx: &Tx,
    context: &RequestContext,
    addresses: &Addresses,
    options: MailOptions<'_>,
) -> Result<Issued> {
    let waiting = addresses.pending.as_ref().unwrap_or(&addresses.primary);
    if waiting.verified_at.is_some() {
        return Err(Code::EmailAlreadyVerified.into());
    }
    let email = email::parse(&waiting.address)?;
    verification::begin(
        tx,
        &context.services.master,
        &context.peer,
        proof_of(waiting.user_id, &email, options),
    )
    .await
}

fn proof_of<'a>(user: UserId, email: &'a Email, options: MailOptions<'a>) -> NewChallenge<'a> {
    NewChallenge {
        purpose: Purpose::VerifyEmail,
        to: Recipient::User(user),
        email,
        options,
        roles: vec![],
    }
}

/// Takes one try at the code of the address of this user that waits for proof; see [`prove`].
///
/// # Errors
/// Inner: as [`prove`], or [`Code::EmailNotPending`] if no address waits.
pub async fn prove_own(tx: &Tx, context: &RequestContext, user: UserId, code: &str) -> Result<Result<Detailed>> {
    let addresses = email::of_user(tx, user).await?;
    if addresses.pending.is_none() && addresses.primary.verified_at.is_some() {
        return Ok(Err(Code::EmailNotPending.into()));
    }
    match verification::attempt(
        tx,
        &context.services.master,
        &context.peer,
        ChallengeRef::User(user),
        code,
    )
    .await?
    {
        Ok(challenge) => mark_met(tx, context, &challenge, false).await,
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Takes one try at a code and, if it is right, marks the address as proven and answers whose it is. The inner
/// result is the verdict and must be committed either way.
///
/// An address that takes the place of the present one is proven by a signed-in user, by the link, or
/// with the id of the challenge: an address alone does not say which account it belongs to.
///
/// A code for signing up or for another password proves nothing yet: it is only found right, and
/// used when the account is made or the password chosen.
///
/// # Errors
/// Inner: [`Code::CodeInvalid`], or [`Code::EmailTaken`] if somebody else proved it meanwhile.
pub async fn prove(
    tx: &Tx,
    context: &RequestContext,
    which: ChallengeRef,
    code: &str,
) -> Result<Result<Option<UserId>>> {
    let by_address = matches!(which, ChallengeRef::Address(..));
    Ok(
        match verification::attempt(tx, &context.services.master, &context.peer, which, code).await? {
            Ok(challenge) if matches!(challenge.purpose, Purpose::Register | Purpose::ResetPassword) => Ok(None),
            Ok(challenge) if challenge.purpose == Purpose::VerifyEmail => {
                let met = mark_met(tx, context, &challenge, by_address).await?;
                met.map(|proven| Some(proven.user.id))
            }
            Ok(_) => Err(Code::CodeInvalid.into()),
            Err(refusal) => Err(refusal),
        },
    )
}

/// Marks the address of a challenge that was met as proven, and ends the challenge.
async fn mark_met(
    tx: &Tx,
    context: &RequestContext,
    challenge: &Challenge,
    by_address: bool,
) -> Result<Result<Detailed>> {
    let Some(user) = challenge.user_id else {
        return Ok(Err(Code::CodeInvalid.into()));
    };
    let old = user::get_for_update(tx, user).await?;
    let addresses = &old.addresses;
    let is_change = addresses.primary.address_key != challenge.address_key;
    let is_theirs = context.who.as_ref().is_some_and(|who| who.who.user() == Some(user));
    // The owner of a mailbox who types a code does not know which account it changes; its mail says.
    if by_address && is_change && !is_theirs {
        return Ok(Err(Code::CodeInvalid.into()));
    }
    verification::consume(tx, challenge).await?;
    if is_of_another(tx, user, &challenge.address_key).await? {
        return Ok(Err(Code::EmailTaken.into()));
    }
    let same = |row: &&Address| row.address_key == challenge.address_key;
    let Some(proven) = [Some(&addresses.primary), addresses.pending.as_ref()]
        .into_iter()
        .flatten()
        .find(same)
    else {
        // The address was changed again since the code was sent.
        return Ok(Err(Code::CodeInvalid.into()));
    };
    if !proven.is_primary {
        replace_primary(tx, context, &addresses.primary).await?;
    }
    let mut new = old.clone();
    new.addresses = Addresses {
        primary: email::mark_proven(tx, proven.clone()).await?,
        // Another address that was pending still waits.
        pending: addresses.pending.clone().filter(|pending| pending.id != proven.id),
    };
    Ok(Ok(save(tx, &old, new).await?))
}

/// Whether another user has proven this address; nobody proves it until this transaction ends.
async fn is_of_another(tx: &Tx, user: UserId, key: &str) -> Result<bool> {
    tx.lock(&format!("email/{key}")).await?;
    Ok(email::owner(tx, key).await?.is_some_and(|owner| owner != user))
}

/// Writes what became of a user's addresses, and says it to the audit trail.
async fn save(tx: &Tx, old: &Detailed, new: Detailed) -> Result<Detailed> {
    let new = user::write(tx, old, new).await?;
    tx.changed(
        "email",
        &new.user.name,
        old.addresses.audit_view(),
        new.addresses.audit_view(),
    );
    Ok(new)
}

/// Removes the address in force for another one. Its owner is told by mail, and can take the
/// change back; what was mailed to it before is worth nothing any more.
async fn replace_primary(tx: &Tx, context: &RequestContext, old: &Address) -> Result<()> {
    email::remove(tx, old).await?;
    verification::end_of_user(tx, old.user_id).await?;
    if old.verified_at.is_none() {
        return Ok(());
    }
    let ask = NewChallenge {
        purpose: Purpose::UndoEmail,
        to: Recipient::User(old.user_id),
        email: &email::parse(&old.address)?,
        options: MailOptions::of(&context.peer),
        roles: vec![],
    };
    verification::issue(tx, ask).await.map(drop)
}

/// Takes back the change of an address by the link that was mailed to the one before: it is in
/// force again, and all sessions end. The inner result must be committed
/// either way.
///
/// # Errors
/// Inner: [`Code::CodeInvalid`], or [`Code::EmailTaken`] if somebody else proved it meanwhile.
pub async fn undo_change(tx: &Tx, context: &RequestContext, token: &str) -> Result<Result<UserId>> {
    let challenge = match verification::attempt(
        tx,
        &context.services.master,
        &context.peer,
        ChallengeRef::Link(Purpose::UndoEmail),
        token,
    )
    .await?
    {
        Ok(challenge) => challenge,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(user) = challenge.user_id else {
        return Ok(Err(Code::CodeInvalid.into()));
    };
    verification::consume(tx, &challenge).await?;
    if is_of_another(tx, user, &challenge.address_key).await? {
        return Ok(Err(Code::EmailTaken.into()));
    }
    let old = user::get_for_update(tx, user).await?;
    email::clear(tx, user).await?;
    let mut new = old.clone();
    new.addresses = Addresses {
        primary: email::insert(tx, user, &email::parse(&challenge.address)?, true, true).await?,
        pending: None,
    };
    verification::end_since(tx, user, challenge.created_at).await?;
    // The user's row before their sessions, as signing in does it.
    save(tx, &old, new).await?;
    session::end_all(tx, user).await?;
    Ok(Ok(user))
}

/// Marks the address in force as proven, for a user who has shown otherwise that they read its mail.
///
/// # Errors
/// [`Code::EmailTaken`] if somebody else proved it meanwhile.
pub async fn prove_primary(tx: &Tx, user: UserId, key: &str) -> Result<()> {
    tx.lock(&format!("email/{key}")).await?;
    let old = user::get_for_update(tx, user).await?;
    let primary = &old.addresses.primary;
    if primary.verified_at.is_some() || primary.address_key != key {
        return Ok(());
    }
    if email::owner(tx, key).await?.is_some() {
        return Err(Code::EmailTaken.into());
    }
    let mut new = old.clone();
    new.addresses.primary = email::mark_proven(tx, primary.clone()).await?;
    save(tx, &old, new).await.map(drop)
}
